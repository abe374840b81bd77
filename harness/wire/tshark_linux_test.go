package wire_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// seen is what tshark says about a segment, or what we say. tshark names two things differently:
//
//   - It also calls Linux's window probes "Keep-Alive", because they look like keepalive probes. In these
//     experiments keepalive is off when a window closes, so they are window probes.
//   - It does not call an answer with a closed window "Keep-Alive ACK".
type seen struct {
	Connection, Flags, Seq, Ack, Length, Window                       string
	KeepAlive, KeepAliveACK, Retransmission, ZeroWindow, WindowUpdate bool
}

var fields = []string{"tcp.stream", "tcp.flags", "tcp.seq", "tcp.ack", "tcp.len", "tcp.window_size",
	"tcp.analysis.keep_alive", "tcp.analysis.keep_alive_ack", "tcp.analysis.retransmission",
	"tcp.analysis.zero_window", "tcp.analysis.window_update"}

func TestTsharkReadsTheSameSegments(t *testing.T) {
	skip.UnlessChecking(t, "starts tshark, and shows segments of every meaning")
	if _, err := exec.LookPath("tshark"); err != nil {
		skip.Needs(t, "tshark", "it reads what the capture has left; install it (on Debian, apt-get install tshark)")
	}
	kept := t.TempDir()
	wireChild(t, "TestChildMakesSegments", "-test.artifacts", "-test.outputdir="+kept)
	meanings := map[story.Meaning]int{}
	for _, capture := range child.FilesNamed(t, "wire.pcapng", kept) {
		ours := child.Segments(t, filepath.Join(filepath.Dir(capture), "story.json"))
		for _, s := range ours {
			meanings[s.Meaning]++
		}
		assert.Empty(t, cmp.Diff(fromTshark(t, capture), fromUs(ours)), "%s (-tshark +ours)", capture)
	}
	for _, meaning := range []story.Meaning{wire.SYN, wire.SYNACK, wire.ACK, wire.Data, wire.FIN, wire.RST,
		wire.KeepaliveProbe, wire.ProbeAnswer, wire.Retransmission, wire.ZeroWindow, wire.WindowProbe, wire.WindowUpdate} {
		assert.Positive(t, meanings[meaning], "the experiments should show a segment that means %q", meaning)
	}
}

// TestChildMakesSegments runs only to leave artifacts: together, its experiments show segments of every meaning.
func TestChildMakesSegments(t *testing.T) {
	const second = 1 * time.Second
	probing := net.KeepAliveConfig{Enable: true, Idle: second, Interval: second, Count: 1}
	read := func(conn net.Conn) error {
		_, err := conn.Read(make([]byte, 1))
		return err
	}

	t.Run("answered", func(t *testing.T) {
		x := harness.Start(t, wire.Capture)
		client, server := peer.PairNoKeepalive(x)
		_, err := client.Write([]byte("hello"))
		require.NoError(t, err)
		require.NoError(t, client.SetKeepAliveConfig(probing))
		wire.AwaitSegments(x, client, 1, wire.ProbeAnswer)
		require.NoError(t, server.CloseWrite())
		wire.AwaitSegments(x, client, 1, wire.FIN)
	})
	t.Run("unanswered", func(t *testing.T) {
		x := harness.Start(t, wire.Capture, link.VanishingPeers)
		client, server := peer.PairNoKeepalive(x)
		link.Vanish(x, server)
		require.NoError(t, client.SetKeepAliveConfig(probing))
		assert.ErrorIs(t, read(client), syscall.ETIMEDOUT)
	})
	t.Run("sent again, and refused", func(t *testing.T) {
		x := harness.Start(t, wire.Capture, link.VanishingPeers)
		client, server := peer.PairNoKeepalive(x)
		link.Vanish(x, server)
		_, err := client.Write([]byte("hello"))
		require.NoError(t, err)
		wire.AwaitSegments(x, client, 1, wire.Retransmission)
		_, err = net.Dial("tcp", peer.Absent(x))
		assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	})
	t.Run("window closes and opens", func(t *testing.T) {
		x := harness.Start(t, wire.Capture)
		reader := peer.Stalled(x)
		client := peer.DialNoKeepalive(x, reader.Address)
		write := x.Begin(harness.Client, "Write", func() error {
			if _, err := client.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
			return client.CloseWrite()
		})
		wire.AwaitSegments(x, client, 1, wire.WindowProbe)
		reader.ReadAll()
		assert.NoError(t, write.Wait())
	})
}

func fromUs(segments []story.Segment) (rows []seen) {
	for _, s := range segments {
		rows = append(rows, seen{
			Connection: strconv.Itoa(s.Connection),
			Flags:      s.Flags,
			Seq:        strconv.FormatUint(uint64(s.Seq), 10),
			Ack:        strconv.FormatUint(uint64(s.Ack), 10),
			Length:     strconv.Itoa(s.Length),
			Window:     strconv.Itoa(s.Window),

			KeepAlive:      s.Meaning == wire.KeepaliveProbe || s.Meaning == wire.WindowProbe,
			KeepAliveACK:   s.Meaning == wire.ProbeAnswer && s.Window > 0,
			Retransmission: s.Meaning == wire.Retransmission,
			ZeroWindow:     s.Window == 0 && !s.Has("S") && !s.Has("F") && !s.Has("R"),
			WindowUpdate:   s.Meaning == wire.WindowUpdate,
		})
	}
	return rows
}

func fromTshark(t *testing.T, path string) (rows []seen) {
	t.Helper()
	args := []string{"-r", path, "-T", "fields", "-E", "separator=,"}
	for _, field := range fields {
		args = append(args, "-e", field)
	}
	tshark := exec.CommandContext(t.Context(), "tshark", args...)
	tshark.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+t.TempDir()) // not the user's own settings
	out, err := tshark.Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ",")
		require.Len(t, f, len(fields), line)
		stream, err := strconv.Atoi(f[0])
		require.NoError(t, err)
		bits, err := strconv.ParseUint(f[1], 0, 16)
		require.NoError(t, err)
		rows = append(rows, seen{strconv.Itoa(stream + 1), letters(bits), f[2], f[3], f[4], f[5],
			f[6] != "", f[7] != "", f[8] != "", f[9] != "", f[10] != ""})
	}
	return rows
}

// letters writes the flags of a TCP header (RFC 9293, section 3.1) as tcpdump does.
func letters(bits uint64) (text string) {
	for _, flag := range []struct {
		bit    uint64
		letter string
	}{{0x02, "S"}, {0x01, "F"}, {0x04, "R"}, {0x08, "P"}, {0x10, "."}} {
		if bits&flag.bit != 0 {
			text += flag.letter
		}
	}
	return text
}
