package exercise_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab01_timeout/exercise"
)

// TestPatientConn: each read waits for its timeout at most, and the caller's deadlines stay as they were
// set.
//
// Points: 10
// Read: TestReadDeadlineFreesReader, TestDeadlineSetOnceEndsConversation, TestReceiveTimeoutIsForEachCall, TestPastDeadlineFreesBlockedRead
// Hint: Go's deadline is a moment, and the timeout is a duration: at the beginning of a read, now + Timeout
// is the moment.
// Hint: The moment stays in force when the read has returned. And you can't ask a net.Conn which deadline
// it has: what SetReadDeadline is given, you must remember in a field.
// Hint: Before the read, give the Conn the earlier of two moments: the end of the timeout and the caller's
// deadline, if there is one. After the read, give it the caller's. SetReadDeadline does both: it remembers,
// and it tells the Conn, because a read may be waiting. So a mutex guards the field.
func TestPatientConn(t *testing.T) {
	g := grading.Start(t)
	eachReadHasItsTime(t, g)
	nothingIsLeftBehind(t, g)
	callersDeadlineCounts(t, g)
	pastDeadlineFreesRead(t, g)
	writesAreNotDisturbed(t, g)
}

func eachReadHasItsTime(t *testing.T, g *grading.Grader) {
	client, server := peer.PairNoKeepalive(g.Experiment)
	conn := &exercise.PatientConn{Conn: client}
	for _, which := range []string{"the first read", "the next read"} {
		conn.Timeout = grading.Between(150*time.Millisecond, 300*time.Millisecond)
		g.Step("%s from a silent server, with a timeout of %v", which, conn.Timeout)
		got := read(g, conn, conn.Timeout, grading.Finding{
			Mistake:  which + " has no timeout",
			Expected: "it returns when the time is over",
			Read:     "lab01_timeout/TestReadDeadlineFreesReader",
		})
		g.Expect(got.isTimeout(), grading.Finding{
			Mistake:  "a timeout is not reported as one",
			Expected: "no bytes, and an error by which errors.Is finds os.ErrDeadlineExceeded",
			Seen:     got.String(),
			Read:     "lab01_timeout/TestReadDeadlineFreesReader",
		})
		g.Expect(got.took >= conn.Timeout, grading.Finding{
			Mistake:  which + " does not have the whole timeout",
			Expected: "it waits for " + story.Duration(conn.Timeout),
			Seen:     got.String(),
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		})
	}

	late := grading.Text(12)
	g.Step("now the server sends %q", late)
	_, err := server.Write([]byte(late))
	require.NoError(t, err)
	conn.Timeout = time.Minute
	got := read(g, conn, 0, grading.Finding{
		Mistake:  "what comes after a timeout is lost",
		Expected: fmt.Sprintf("the next read returns %q", late),
		Read:     "lab01_timeout/TestTimedOutReadLosesNothing",
	})
	g.Expect(got.text == late && got.err == nil, grading.Finding{
		Mistake:  "what comes after a timeout is lost",
		Expected: fmt.Sprintf("the next read returns %q", late),
		Seen:     got.String(),
		Read:     "lab01_timeout/TestTimedOutReadLosesNothing",
	})
}

func nothingIsLeftBehind(t *testing.T, g *grading.Grader) {
	client, server := peer.PairNoKeepalive(g.Experiment)
	conn := &exercise.PatientConn{Conn: client, Timeout: grading.Between(150*time.Millisecond, 300*time.Millisecond)}
	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	g.Step("a read with a timeout of %v is answered at once", conn.Timeout)
	passed := conn.Timeout
	got := read(g, conn, 0, grading.Finding{Mistake: "a read hangs though there is something to read", Expected: `"!"`})
	g.Expect(got.text == "!" && got.err == nil, grading.Finding{
		Mistake:  "a read does not return what has come",
		Expected: `"!", no error`,
		Seen:     got.String(),
	})

	g.Step("then the Conn inside is read, for longer than %v", passed)
	var left result
	plain := g.Go("Read of the Conn inside", func() { left = readNow(client, time.Now()) })
	plain.Waits(passed+100*time.Millisecond, grading.Finding{
		Mistake:  "the timeout leaves a deadline behind",
		Expected: "the Conn inside has no deadline, as before",
		Seen:     "its read ends by a timeout that nobody has given it",
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
	_, err = server.Write([]byte("!"))
	require.NoError(t, err)
	plain.Wait(0, grading.Finding{Mistake: "the connection is broken", Expected: "it can still be read"})

	conn.Timeout = 0
	g.Step("with Timeout 0, a read waits")
	waits := g.Go("Read", func() { left = readNow(conn, time.Now()) })
	waits.Waits(100*time.Millisecond, grading.Finding{
		Mistake:  "a Timeout of 0 is taken for one that is over at once",
		Expected: "with Timeout 0 a read waits as long as it takes",
		Seen:     "it does not wait",
		Read:     "lab01_timeout/TestDefaultsAreNoTimeout",
	})
	_, err = server.Write([]byte("?"))
	require.NoError(t, err)
	waits.Wait(0, grading.Finding{Mistake: "a read hangs though there is something to read", Expected: `"?"`})
	g.Expect(left.text == "?" && left.err == nil, grading.Finding{
		Mistake:  "with Timeout 0 a read does not return what has come",
		Expected: `"?", no error`,
		Seen:     left.String(),
	})
}

func callersDeadlineCounts(t *testing.T, g *grading.Grader) {
	client, server := peer.PairNoKeepalive(g.Experiment)
	conn := &exercise.PatientConn{Conn: client, Timeout: grading.Between(100*time.Millisecond, 200*time.Millisecond)}
	until := conn.Timeout + grading.Between(200*time.Millisecond, 400*time.Millisecond)
	begun := time.Now()
	deadline := begun.Add(until)
	g.Step("the caller sets a deadline in %v, and reads with a timeout of %v", until, conn.Timeout)
	g.Call("SetReadDeadline", 0, grading.Finding{Mistake: "SetReadDeadline hangs", Expected: "it returns"}, func() {
		conn.SetReadDeadline(deadline)
	})
	erased := grading.Finding{
		Mistake:  "a read erases the caller's deadline",
		Expected: "it stays in force until the caller moves it",
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
	}
	got := read(g, conn, conn.Timeout, erased)
	g.Expect(got.isTimeout() && got.took >= conn.Timeout, grading.Finding{
		Mistake:  "with a deadline of the caller's, a read no longer has its timeout",
		Expected: "a timeout after " + story.Duration(conn.Timeout),
		Seen:     got.String(),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})

	conn.Timeout = time.Minute
	g.Step("the next has a minute, but for the deadline")
	got = read(g, conn, until, erased)
	g.Expect(got.isTimeout() && !time.Now().Before(deadline), grading.Finding{
		Mistake:  "a read does not end at the caller's deadline",
		Expected: fmt.Sprintf("a timeout, %s after the deadline was set", story.Duration(until)),
		Seen:     fmt.Sprintf("%v, %s after the deadline was set", got, story.Duration(time.Since(begun))),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})

	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	g.Step("with the deadline over, the server sends; the caller reads, takes the deadline away, and reads again")
	got = read(g, conn, 0, erased)
	g.Expect(got.isTimeout(), grading.Finding{
		Mistake:  "a read overwrites the caller's deadline",
		Expected: "once it is over every read fails, also one that need not wait",
		Seen:     got.String(),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
	conn.SetReadDeadline(time.Time{})
	got = read(g, conn, 0, grading.Finding{Mistake: "a read hangs though there is something to read", Expected: `"!"`})
	g.Expect(got.text == "!" && got.err == nil, grading.Finding{
		Mistake:  "the caller can't take the deadline away",
		Expected: `"!", no error`,
		Seen:     got.String(),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
}

func pastDeadlineFreesRead(t *testing.T, g *grading.Grader) {
	client, _ := peer.PairNoKeepalive(g.Experiment)
	conn := &exercise.PatientConn{Conn: client, Timeout: time.Minute}
	g.Step("a read waits, with a timeout of %v", conn.Timeout)
	var got result
	waiting := g.Go("Read", func() { got = readNow(conn, time.Now()) })
	waiting.Waits(100*time.Millisecond, grading.Finding{
		Mistake:  "a read does not wait",
		Expected: "nothing has come, and it waits",
		Seen:     "it has returned",
	})
	g.Step("another goroutine sets a deadline in the past")
	g.Call("SetReadDeadline", 0, grading.Finding{
		Mistake:  "SetReadDeadline waits for the read",
		Expected: "it can be called while a read waits",
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	}, func() { conn.SetReadDeadline(time.Unix(1, 0)) })
	waiting.Wait(0, grading.Finding{
		Mistake:  "SetReadDeadline does not concern a read that waits already",
		Expected: "the read is freed",
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	})
	g.Expect(got.isTimeout(), grading.Finding{
		Mistake:  "a timeout is not reported as one",
		Expected: "os.ErrDeadlineExceeded",
		Seen:     got.String(),
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	})
}

func writesAreNotDisturbed(t *testing.T, g *grading.Grader) {
	client, server := peer.PairNoKeepalive(g.Experiment)
	conn := &exercise.PatientConn{Conn: client, Timeout: time.Minute}
	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	g.Step("the caller's write deadline has passed; then a read is answered")
	require.NoError(t, conn.SetWriteDeadline(time.Unix(1, 0)))
	read(g, conn, 0, grading.Finding{Mistake: "a write deadline keeps a read from what has come", Expected: `"!"`})
	_, err = conn.Write([]byte("?"))
	g.Expect(errors.Is(err, os.ErrDeadlineExceeded), grading.Finding{
		Mistake:  "a read moves the caller's write deadline",
		Expected: "a write still fails by its deadline",
		Seen:     fmt.Sprintf("Write: %v", err),
		Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
	})
}
