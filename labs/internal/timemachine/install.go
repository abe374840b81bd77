package timemachine

import "os/exec"

// managers are the package managers of Linux. Each has its own name for the package with the QEMU for this processor.
var managers = []struct{ program, installs, amd64, arm64 string }{
	{"apt-get", "apt-get install", "qemu-system-x86", "qemu-system-arm"},
	{"dnf", "dnf install", "qemu-system-x86", "qemu-system-aarch64"},
	{"pacman", "pacman -S", "qemu-system-x86", "qemu-system-aarch64"},
	{"zypper", "zypper install", "qemu-x86", "qemu-arm"},
	{"apk", "apk add", "qemu-system-x86_64", "qemu-system-aarch64"},
}

// installing says how to install QEMU on a system: https://www.qemu.org/download/.
func installing(system, arch string) string {
	switch system {
	case "darwin":
		return "brew install qemu"
	case "windows":
		return `winget install SoftwareFreedomConservancy.QEMU, and put its folder on the PATH, usually C:\Program Files\qemu`
	case "freebsd":
		return "pkg install qemu"
	}
	for _, m := range managers {
		if _, err := exec.LookPath(m.program); err != nil {
			continue
		}
		if arch == "arm64" {
			return m.installs + " " + m.arm64
		}
		return m.installs + " " + m.amd64
	}
	return "https://www.qemu.org/download/"
}
