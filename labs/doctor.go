package main
import "github.com/spf13/cobra"
func newDoctorCommand(l *labs) *cobra.Command { return &cobra.Command{Use:"doctor"} }
