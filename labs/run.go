package main
import "github.com/spf13/cobra"
func newRunCommand(l *labs) *cobra.Command { return &cobra.Command{Use:"run"} }
