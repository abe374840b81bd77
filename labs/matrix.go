package main
import "github.com/spf13/cobra"
func newMatrixCommand(l *labs) *cobra.Command { return &cobra.Command{Use:"matrix"} }
