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

// systemVar is a variable that makes the command believe that it runs on another system: a GOOS. It is for tests.
const systemVar = "LABS_SYSTEM"

func system() string { return cmp.Or(os.Getenv(systemVar), runtime.GOOS) }

// ofNamespace are the needs that are met only in a network namespace of the process's own, or with privileges that few
// users have.
var ofNamespace = []string{"Capture", "Namespaces", "PrivateLoopback", "ReuseDelay", "SystemSettings"}

// Choose decides where the session's tests run. If no place was asked for, they run on this machine if it can show all of
// the chosen experiments, and otherwise in the guest, if this machine can have one. It tells the user of a place that the
// user did not ask for.
func Choose(ctx context.Context, s *cli.Session, place string, chosen []catalog.Experiment) error {
	missing := ""
	if place == "" {
		missing = lacking(chosen)
	}
	return choose(ctx, s, place, missing, "the experiments run", "some experiments are skipped", ". A browser runs them, too, on a site that somebody has published: labs/docs/site.md")
}

// ChooseForExercises decides in the same way where exercises are graded.
func ChooseForExercises(ctx context.Context, s *cli.Session, place string, chosen []catalog.Exercise) error {
	missing := ""
	if place == "" && system() != "linux" && slices.ContainsFunc(chosen, func(e catalog.Exercise) bool { return e.Linux }) {
		missing = notLinux()
	}
	return choose(ctx, s, place, missing, "exercises are graded", "some exercises can't be graded", "")
}

// choose takes the guest if it was asked for, or if this machine lacks something. If it was not asked for, choose prints one
// line: what runs there, or what is left out because there is no guest.
func choose(ctx context.Context, s *cli.Session, place, missing, there, without, orElse string) error {
	if place == cli.OnMachine || place == "" && missing == "" {
		return nil
	}
	kernel, err := NewestKernel(ctx, s)
	switch {
	case err == nil:
		s.Guest = &kernel
	case place == cli.OnGuest || ctx.Err() != nil:
		return err
	}
	switch {
	case missing == "":
	case err == nil:
		fmt.Fprintf(os.Stderr, "labs: %s: %s on Linux %s, in QEMU, in virtual time\n", missing, there, kernel.Name())
	default:
		fmt.Fprintf(os.Stderr, "labs: %s: %s. A Linux kernel in QEMU would run them: %v%s\n", missing, without, err, orElse)
	}
	return nil
}

// NewestKernel is the newest kernel for the guest. The error says why there is no kernel, or why QEMU can't run one.
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

// lacking says in a few words what this machine lacks for one of the experiments. It is empty if it finds nothing.
func lacking(chosen []catalog.Experiment) string {
	if system() != "linux" {
		if slices.ContainsFunc(chosen, isLinuxOnly) {
			return notLinux()
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

// notLinux says which system this is.
func notLinux() string {
	name := system()
	return "this is " + cmp.Or(map[string]string{"darwin": "macOS", "windows": "Windows", "freebsd": "FreeBSD"}[name], name)
}

// isLinuxOnly reports whether other systems may be unable to show an experiment.
func isLinuxOnly(e catalog.Experiment) bool {
	return len(e.Needs) > 0 || strings.HasSuffix(e.File, "_linux_test.go")
}
