package lab01_works

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"socketlabs/harness"
)

func TestMain(m *testing.M) {
	if os.Getenv("LABS_TEST_SETTING") == "bad" {
		fmt.Fprintln(os.Stderr, "harness: LABS_TEST_SETTING=bad: set it to good")
		os.Exit(2)
	}
	os.Exit(m.Run())
}

func tell(t *testing.T, at time.Duration, lane, text string) {
	t.Attr("story", fmt.Sprintf(`{"at_ns": %d, "lane": %q, "text": %q}`, at, lane, text))
}

// TestReadIsAnswered: a read is answered.
//
// Claim: T1.
// Verdict: holds if one waits.
// Claim: T2.
// Verdict: holds.
//
// Predict: what does the client read?
//   - [ ] nothing
//   - [x] five bytes
//   - [ ] an error
func TestReadIsAnswered(t *testing.T) {
	t.Parallel()
	tell(t, time.Millisecond, "story", "the client reads")
	tell(t, 2*time.Millisecond, "wire", "5 bytes of data")
	tell(t, 2*time.Millisecond, "client", "Read: 5 bytes, no error")
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "story.json"), []byte("{}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Run("in part", func(t *testing.T) {
		tell(t, 3*time.Millisecond, "server", "closed")
	})
}

// TestReadFlies: a read that flies.
//
// Claim: Beyond the chapter.
//
// Predict: where does it fly to?
//   - [ ] the north
//   - [ ] the east
//   - [ ] the west
//   - [x] the south
func TestReadFlies(t *testing.T) {
	harness.Start(t, harness.Wings)
	t.Skip("needs Wings: this machine has none; fit some")
}

// TestReadTakesMinutes: a read takes minutes.
//
// Claim: T1.
// Verdict: does not hold: it takes minutes. It ends when it is interrupted.
func TestReadTakesMinutes(t *testing.T) {
	t.Parallel()
	harness.Start(t, harness.LongTimers)
	pidFile := os.Getenv("LABS_TEST_PID_FILE")
	if pidFile == "" {
		t.Skip("needs LongTimers: it takes minutes; set LABS_LONG=on")
	}
	if err := os.WriteFile(pidFile, fmt.Append(nil, os.Getpid()), 0o666); err != nil {
		t.Fatal(err)
	}
	for range time.Tick(10 * time.Millisecond) {
		t.Log("it still reads") // go test reports an earlier result when it gets the next line
	}
}

func BenchmarkReadLateness(b *testing.B) {
	b.Run("10ms", func(b *testing.B) {
		if err := os.WriteFile(filepath.Join(b.ArtifactDir(), "lateness.json"), []byte("[1000, 2000]\n"), 0o666); err != nil {
			b.Fatal(err)
		}
	})
}
