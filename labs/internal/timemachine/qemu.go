package timemachine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"socketlabs/harness/story"
)

// machine is the kind of machine that QEMU is to be.
type machine struct {
	qemu    string // its name, or its path
	args    []string
	console string // as the kernel calls its first serial line
	words   string // what this kind's kernel is told beside the others
}

var machines = map[string]machine{
	"amd64": {qemu: "qemu-system-x86_64", console: "ttyS0", words: pcWords},
	"arm64": {qemu: "qemu-system-aarch64", console: "ttyAMA0",
		args: []string{"-machine", "virt", "-cpu", "cortex-a57"}},
}

// The clock ticks a nanosecond for each instruction, whatever the host is doing meanwhile, and
// jumps while there is none to be computed.
const virtualTime = "shift=0,sleep=off"

// kernelWords are what the kernel is told: to say little, to restart when it panics, which -no-reboot turns
// into an end, and to leave out what only takes time. Its tests of its own cryptography and its list of what can be traced
// take half of the start; the others wake it up every second, for hours.
const kernelWords = "quiet panic=-1 cryptomgr.notests initcall_blacklist=trace_eval_init nowatchdog transparent_hugepage=never " +
	"sysctl.vm.compaction_proactiveness=0 sysctl.vm.stat_interval=3600 console="

// pcWords spare a PC's kernel what takes longest when a program computes its instructions: to find out how fast the local
// APIC's timer runs, in a loop, when it has another timer; and to replace instructions that matter on several processors.
const pcWords = " tsc=reliable nolapic_timer noreplace-smp"

// findQEMU looks for the QEMU that can be a machine with such a processor.
func findQEMU(arch string) (machine, error) {
	m, known := machines[arch]
	if !known {
		return m, noMachine(arch)
	}
	path, err := exec.LookPath(m.qemu)
	if err != nil {
		return m, fmt.Errorf("there is no %s on the PATH: install QEMU (%s)", m.qemu, installing(runtime.GOOS, arch))
	}
	m.qemu = path
	return m, nil
}

// Missing says in one line why there is no machine for this kind of processor here, and what would help. It is empty if
// there is one.
func Missing() string {
	if _, err := findQEMU(runtime.GOARCH); err != nil {
		return err.Error()
	}
	return ""
}

func noMachine(arch string) error {
	return fmt.Errorf("the time machine is for amd64 and arm64, and this is %s", arch)
}

// boot starts the kernel with an archive in dir, gives what comes over the guest's own line to receive,
// and returns when the machine is off. Whatever happens, no QEMU is left behind. The error is that of
// receive, if the machine did not tell of a reason for it.
func (m machine) boot(ctx context.Context, kernel Kernel, archive, dir string, limit time.Duration, receive func(io.Reader) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(limit, func() {
		cancel(fmt.Errorf("Linux %s: the guest was not done within %s, and was stopped", kernel.Name(), story.Duration(limit)))
	})
	defer late.Stop()

	console := filepath.Join(dir, "console")
	cmd := exec.CommandContext(ctx, m.qemu, append(m.args, "-nodefaults", "-no-user-config", "-display", "none",
		"-no-reboot", "-m", "1024", "-icount", virtualTime, "-kernel", kernel.File, "-initrd", archive,
		"-append", kernelWords+m.console+m.words, "-chardev", "file,id=console,path="+console, "-serial", "chardev:console",
		"-chardev", "stdio,id=home,signal=off", "-device", "pci-serial,chardev=home")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second // QEMU has no children that could hold its output open
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithUs(cmd)
	home, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	received := receive(readAhead(home))
	if received != nil && !errors.Is(received, io.ErrUnexpectedEOF) {
		cancel(received)
	}
	ended := cmd.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if received == nil {
		return nil
	}
	return fmt.Errorf("Linux %s: %s", kernel.Name(), lastWords(console, stderr.String(), ended))
}

// What is told on the console by a kernel that can't go on, and by the guest's program.
var lastWord = regexp.MustCompile(`(?m)(Kernel panic - not syncing: .*?|guest: .*?)\r?$`)

// lastWords say why a machine went off that had more to do.
func lastWords(console, qemu string, ended error) string {
	said, err := os.ReadFile(console)
	switch found := lastWord.Find(said); {
	case found != nil:
		return strings.TrimSpace(string(found))
	case ended != nil && qemu != "":
		line, _, _ := strings.Cut(qemu, "\n")
		return line
	case err != nil:
		return err.Error()
	default:
		lines := strings.Split(strings.TrimSpace(string(said)), "\n")
		return fmt.Sprintf("the machine went off and did not say why; on its console: %q", lines[len(lines)-1])
	}
}
