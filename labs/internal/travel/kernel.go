package travel

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/timemachine"
)

// Kernel is the verb kernel.
func Kernel(s *cli.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "kernel",
		Short: "Get a Linux kernel, so that experiments run wherever QEMU does",
		Long: "Gets a Linux kernel for the time machine, as a Go module, from wherever Go gets\n" +
			"modules here. Nothing is installed, no go.mod is changed, and a second time\n" +
			"nothing is downloaded.",
		Args:              cli.Takes(0, 0, "flags only"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var kernel timemachine.Kernel
			err := drive.Await(s, "getting a Linux kernel", func() (err error) {
				kernel, err = timemachine.Download(cmd.Context(), runtime.GOARCH)
				return err
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(s.Screen, "Linux %s for %s\n  file     %s\n  from     the Go module %s\n  license  GPL, version 2: %s\n",
				kernel.Name(), runtime.GOARCH, kernel.File, kernel.Module, kernel.License())
			return nil
		},
	}
}
