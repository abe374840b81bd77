package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"socketlabs/labs/internal/timemachine/protocol"
)

// prepare mounts the file systems that programs expect, loads kernel modules and brings the loopback up.
func prepare() error {
	for _, fs := range []struct{ kind, at string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}, {"tmpfs", protocol.Artifacts},
	} {
		if err := os.MkdirAll(fs.at, 0o777); err != nil {
			return err
		}
		if err := unix.Mount(fs.kind, fs.at, fs.kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", fs.at, err)
		}
	}
	if err := loadModules(); err != nil {
		complain(err) // experiments that need the modules are skipped, and say so
	}
	return bringLoopbackUp()
}

func loadModules() error {
	names, err := filepath.Glob(filepath.Join(protocol.Modules, "*"))
	for _, name := range names {
		err = errors.Join(err, loadModule(name))
	}
	return err
}

// moduleIsCompressed is MODULE_INIT_COMPRESSED_FILE of init_module(2).
const moduleIsCompressed = 4

func loadModule(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	flags := 0
	if !strings.HasSuffix(name, ".ko") {
		flags = moduleIsCompressed
	}
	if err := unix.FinitModule(int(file.Fd()), "", flags); err != nil && err != unix.EEXIST {
		return fmt.Errorf("load %s: %w", name, err)
	}
	return nil
}

// bringLoopbackUp sets IFF_UP on lo: netdevice(7).
func bringLoopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("bring the loopback up: %w", err)
	}
	return nil
}
