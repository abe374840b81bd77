package robust

import (
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// childEndings need a process of their own: they use up its descriptors, or need rights over its network.
var childEndings = []ending{
	{"no descriptor is left", inChild(nil, syscall.EMFILE, noDescriptorLeft), Exhausted},
	{"the network is down", inChild(ownNetwork, syscall.ENETDOWN, interfaceDown), Lost},
	{"a router has no route to the network", inChild(ownNetwork, syscall.ENETUNREACH, rejected(0)), Lost},
	{"a router has no route to the host", inChild(ownNetwork, syscall.EHOSTUNREACH, rejected(1)), Lost},
	{"a router does not know the host", inChild(ownNetwork, syscall.EHOSTDOWN, rejected(7)), Lost},
}

// ownNetwork is a network namespace, in which the child is root: user_namespaces(7).
var ownNetwork = &syscall.SysProcAttr{
	Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
	UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
	GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
}

// inChild runs the test again in a child process, which makes the call. The error itself stays in the child; the parent
// returns its errno.
func inChild(attributes *syscall.SysProcAttr, errno syscall.Errno, call func(*testing.T) error) func(*testing.T) error {
	const isChild = "ROBUST_CHILD"
	return func(t *testing.T) error {
		if os.Getenv(isChild) != "" {
			err := call(t)
			require.ErrorIs(t, err, errno)
			return err
		}
		name := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
		child := exec.Command("/proc/self/exe", "-test.run="+name, "-test.v")
		child.Env = append(os.Environ(), isChild+"=yes")
		child.SysProcAttr = attributes
		output, err := child.CombinedOutput()
		if child.Process == nil {
			skipWithoutRights(t, err)
		}
		require.NoError(t, err, "%s", output)
		if strings.Contains(string(output), "--- SKIP: "+t.Name()) {
			skipWithoutRights(t, syscall.EPERM)
		}
		require.Contains(t, string(output), "--- PASS: "+t.Name())
		return errno
	}
}

func skipWithoutRights(t *testing.T, err error) {
	skip(t, "Namespaces", "this user may not use them here ("+err.Error()+"); run it as root, or allow user namespaces")
}

func noDescriptorLeft(t *testing.T) error {
	address := silent(t)
	defer exhaustDescriptors(t)()
	_, err := net.Dial("tcp", address)
	return err
}

// interfaceDown sends on the loopback, which is down in a new namespace. A packet socket reports that the network is down: packet(7).
func interfaceDown(t *testing.T) error {
	lo, err := net.InterfaceByName("lo")
	require.NoError(t, err)
	fd := privilegedSocket(t, unix.AF_PACKET, unix.SOCK_DGRAM, 0)
	to := unix.SockaddrLinklayer{Ifindex: lo.Index, Protocol: unix.ETH_P_IP, Halen: 6}
	return os.NewSyscallError("sendto", unix.Sendto(fd, []byte("!"), 0, &to))
}

// rejected makes a dial that a router rejects with an ICMP message: "destination unreachable", with the given code
// (RFC 792). The kernel finds the socket by the beginning of the segment, which the message quotes.
func rejected(code byte) func(*testing.T) error {
	return func(t *testing.T) error {
		bringLoopbackUp(t)
		listener := deafListener(t)
		segments, icmp := rawSocket(t, unix.IPPROTO_TCP), rawSocket(t, unix.IPPROTO_ICMP)
		dialed := make(chan error, 1)
		go func() {
			_, err := net.DialTimeout("tcp4", listener.Addr().String(), guard)
			dialed <- err
		}()
		const quoted = 20 + 8 // the IP header, and TCP's ports and sequence number
		segment := make([]byte, 128)
		n, err := unix.Read(segments, segment)
		require.NoError(t, err)
		require.Greater(t, n, quoted)
		message := append([]byte{3, code, 0, 0, 0, 0, 0, 0}, segment[:quoted]...)
		binary.BigEndian.PutUint16(message[2:], checksum(message))
		require.NoError(t, unix.Sendto(icmp, message, 0, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
		return <-dialed
	}
}

func rawSocket(t *testing.T, protocol int) (fd int) {
	t.Helper()
	return privilegedSocket(t, unix.AF_INET, unix.SOCK_RAW, protocol)
}

// privilegedSocket needs CAP_NET_RAW: capabilities(7). A system may allow the namespace, but give no rights in it.
func privilegedSocket(t *testing.T, domain, kind, protocol int) (fd int) {
	t.Helper()
	fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC, protocol)
	if err == unix.EPERM {
		skipWithoutRights(t, err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// checksum is the Internet checksum: RFC 1071.
func checksum(data []byte) uint16 {
	var sum uint32
	for i := 0; i < len(data); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(data[i:]))
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

func bringLoopbackUp(t *testing.T) {
	t.Helper()
	fd := rawSocket(t, unix.IPPROTO_ICMP)
	lo, err := unix.NewIfreq("lo")
	require.NoError(t, err)
	lo.SetUint16(unix.IFF_UP)
	require.NoError(t, unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo))
}
