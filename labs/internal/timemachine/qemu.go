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

// machine is a kind of machine that QEMU emulates.
type machine struct {
	qemu    string // the name of the program, or its path
	args    []string
	console string // the kernel's name of its first serial line
	words   string // added to the kernel's command line on this kind of machine
}

var machines = map[string]machine{
	"amd64": {qemu: "qemu-system-x86_64", console: "ttyS0", words: pcWords},
	"arm64": {qemu: "qemu-system-aarch64", console: "ttyAMA0",
		args: []string{"-machine", "virt", "-cpu", "cortex-a57"}},
}

// The clock advances a nanosecond for each instruction, however busy the host is, and jumps while
// there are none to compute.
const virtualTime = "shift=0,sleep=off"

// kernelWords is the kernel's command line. It tells the kernel to print little, to restart when it panics (-no-reboot
// makes QEMU exit instead), and to leave out what only takes time. Self-tests of its cryptography and the list of trace
// events take half of the boot; the others wake it up every second, for hours.
const kernelWords = "quiet panic=-1 cryptomgr.notests initcall_blacklist=trace_eval_init nowatchdog transparent_hugepage=never " +
	"sysctl.vm.compaction_proactiveness=0 sysctl.vm.stat_interval=3600 console="

// pcWords makes a PC's kernel skip what takes longest in an emulator: a loop that measures the speed of the local APIC's timer,
// although there is another timer; and replacing instructions that matter only with several processors.
const pcWords = " tsc=reliable nolapic_timer noreplace-smp"

// findQEMU finds the QEMU that emulates a machine with such a processor.
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

// Missing says in one line why QEMU can't emulate this kind of processor here, and what would help. It is empty if it can.
func Missing() string {
	if _, err := findQEMU(runtime.GOARCH); err != nil {
		return err.Error()
	}
	return ""
}

func noMachine(arch string) error {
	return fmt.Errorf("the time machine is for amd64 and arm64, and this is %s", arch)
}

// boot boots the kernel with the archive, hands the guest's serial line to receive, and returns when the machine
// is off. It never leaves a QEMU behind. If the line ended too early, the error is the machine's last words; otherwise
// it is the error of receive.
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

// lastWord matches the messages on the console of a kernel that panics, and of the guest's program.
var lastWord = regexp.MustCompile(`(?m)(Kernel panic - not syncing: .*?|guest: .*?)\r?$`)

// lastWords say why a machine went off too early.
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
