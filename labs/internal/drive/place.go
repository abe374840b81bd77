package drive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"socketlabs/harness/netns"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/timemachine"
)

// systemVar makes the command believe that it runs on another system, as Go names it. It is for tests.
const systemVar = "LABS_SYSTEM"

func system() string { return cmp.Or(os.Getenv(systemVar), runtime.GOOS) }

// ofNamespace are the needs that a process has met only in a network namespace of its own, or with rights that few have.
var ofNamespace = []string{"Capture", "Namespaces", "PrivateLoopback", "ReuseDelay", "SystemSettings"}

// Choose decides where the session's tests run: in the place that was asked for, or else here, if this machine can show
// all of the experiments that were chosen, or else in the guest, if there can be one. What was not asked for it says.
func Choose(ctx context.Context, s *cli.Session, place string, chosen []catalog.Experiment) error {
	missing := ""
	if place == "" {
		if missing = lacking(chosen); missing == "" {
			return nil
		}
	}
	if place == cli.OnMachine {
		return nil
	}
	kernel, err := NewestKernel(ctx, s)
	switch {
	case err == nil:
		s.Guest = &kernel
	case place == cli.OnGuest || ctx.Err() != nil:
		return err
	}
	if missing != "" {
		tell(missing, kernel, err)
	}
	return nil
}

// tell says in one line where the experiments run, and why.
func tell(missing string, kernel timemachine.Kernel, noGuest error) {
	if noGuest != nil {
		fmt.Fprintf(os.Stderr, "labs: %s: some experiments are skipped. A Linux kernel in QEMU would run them: %v. A browser can do it, too: labs/docs/site.md\n", missing, noGuest)
		return
	}
	fmt.Fprintf(os.Stderr, "labs: %s: the experiments run on Linux %s, in QEMU, in virtual time\n", missing, kernel.Name())
}

// NewestKernel is the newest kernel that there is for the guest. The error says why there is none, or no machine for it.
func NewestKernel(ctx context.Context, s *cli.Session) (kernel timemachine.Kernel, err error) {
	if missing := timemachine.Missing(); missing != "" {
		return kernel, errors.New(missing)
	}
	err = Await(s, "getting a Linux kernel", func() error {
		kernels, err := timemachine.Kernels(ctx)
		if len(kernels) == 0 {
			return err
		}
		kernel = kernels[len(kernels)-1]
		return ctx.Err()
	})
	return kernel, err
}

// lacking says in a few words what this machine lacks for one of the experiments. It is empty if nothing is known to be
// lacking.
func lacking(chosen []catalog.Experiment) string {
	if name := system(); name != "linux" {
		if slices.ContainsFunc(chosen, isLinuxOnly) {
			return "this is " + cmp.Or(map[string]string{"darwin": "macOS", "windows": "Windows", "freebsd": "FreeBSD"}[name], name)
		}
		return ""
	}
	needsNamespace := func(e catalog.Experiment) bool {
		return slices.ContainsFunc(e.Needs, func(need string) bool { return slices.Contains(ofNamespace, need) })
	}
	if os.Getenv("LABS_SANDBOX") == "off" || !slices.ContainsFunc(chosen, needsNamespace) {
		return ""
	}
	if netns.Allowed() != nil {
		return "this user may not make network namespaces here"
	}
	return ""
}

// isLinuxOnly reports whether an experiment may be one that other systems can't show.
func isLinuxOnly(e catalog.Experiment) bool {
	return len(e.Needs) > 0 || strings.HasSuffix(e.File, "_linux_test.go")
}
