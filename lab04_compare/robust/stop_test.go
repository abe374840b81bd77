package robust

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStopLetsBegunRequestsEnd(t *testing.T) {
	t.Parallel()
	patient := short
	patient.Request = long
	s := start(t, patient, nil)
	idle, active := s.client(), s.client()
	// The server has read the beginning of the second request together with the first.
	send(t, active, "a first request\nis any")
	answers := bufio.NewReader(active)
	_, err := answers.ReadString('\n')
	require.NoError(t, err)

	s.stop()
	assert.NoError(t, end(idle), "the server should close the idle client's connection")
	log.await(t, idle.LocalAddr(), "meaning=canceled", "error=\"the server stops: context canceled\"")
	require.NoError(t, idle.Close())
	assert.Eventually(t, s.isClosed, guard, time.Millisecond)
	assert.Empty(t, s.ended)

	send(t, active, "body there?\nand who?\n")
	answer, err := io.ReadAll(answers)
	assert.NoError(t, err)
	assert.Contains(t, []string{"is anybody there?\n", "is anybody there?\nand who?\n"}, string(answer))
	require.NoError(t, active.Close())
	assert.NoError(t, s.wait())
}

func TestStopLetsAnswerEnd(t *testing.T) {
	t.Parallel()
	limits := short
	limits.Request, limits.Answer, limits.Idle, limits.Line = long, guard, long, 1<<20
	s := start(t, limits, nil)
	client := s.connect(smallWindow)
	request := strings.Repeat("?", limits.Line-1) + "\n"
	send(t, client, request)
	_, err := io.ReadFull(client, make([]byte, 1))
	require.NoError(t, err)
	s.stop()
	answer, err := io.ReadAll(client)
	assert.NoError(t, err)
	assert.Equal(t, len(request)-1, len(answer))
	require.NoError(t, client.Close())
	assert.NoError(t, s.wait())
}

var dialers = map[string]net.Dialer{"the system's window": {}, "a small window": smallWindow}

// A client that reads EOF has read every answer. A reset would have discarded some answers.
func TestStopLosesNoAnswer(t *testing.T) {
	t.Parallel()
	for name, dialer := range dialers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("read at once", func(t *testing.T) { stopLosesNoAnswer(t, dialer, 0, 0) })
			t.Run("read late and slowly", func(t *testing.T) { stopLosesNoAnswer(t, dialer, 300*time.Millisecond, time.Millisecond) })
		})
	}
}

func stopLosesNoAnswer(t *testing.T, dialer net.Dialer, late, slow time.Duration) {
	t.Parallel()
	const requests = 100_000
	limits := short
	limits.Answer, limits.Idle, limits.Buffer = guard, long, 64<<10
	s := start(t, limits, nil)
	client := s.connect(dialer)
	var all strings.Builder
	for i := range requests {
		fmt.Fprintf(&all, "request %d\n", i)
	}
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(client, all.String())
		sent <- err
	}()
	answers := bufio.NewReaderSize(client, 4<<10)
	_, err := answers.Peek(1)
	require.NoError(t, err)
	s.stop()
	time.Sleep(late)

	n := 0
	for ; ; n++ {
		if n%100 == 0 {
			time.Sleep(slow)
		}
		line, err := answers.ReadString('\n')
		if err == io.EOF && line == "" {
			break
		}
		require.NoError(t, err, "after %d answers", n)
		require.Equal(t, fmt.Sprintf("request %d\n", n), line)
	}
	t.Logf("%d answers", n)
	assert.Less(t, n, requests, "some requests should be unanswered at the stop; otherwise this test shows nothing")
	assert.NoError(t, <-sent)
	require.NoError(t, client.Close())
	assert.NoError(t, s.wait())
}

// When Serve returns, the kernel still has answers that it has not sent. The client reads these answers nevertheless.
func TestAnswersOutliveServer(t *testing.T) {
	unlessChecking(t)
	t.Parallel()
	for name, dialer := range dialers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := short
			limits.Answer, limits.Idle, limits.Buffer = time.Second, long, 64<<10
			s := start(t, limits, nil)
			client := s.connect(dialer)
			send(t, client, twentyQuestions)
			_, err := io.ReadFull(client, make([]byte, 1))
			require.NoError(t, err)
			s.stop()
			require.NoError(t, s.wait())
			answers, err := io.ReadAll(client)
			assert.NoError(t, err)
			assert.True(t, strings.HasPrefix(twentyQuestions[1:], string(answers)))
			assert.True(t, strings.HasSuffix(string(answers), "\n"), "the last answer should be whole")
		})
	}
}

// A client that goes on sending can delay the stop by the limit for one answer, and no longer.
func TestStopIsNotHeldUp(t *testing.T) {
	t.Parallel()
	limits := short
	limits.Idle, limits.Buffer = long, 64<<10
	s := start(t, limits, nil)
	client := s.connect(smallWindow)
	send(t, client, twentyQuestions)
	_, err := client.Read(make([]byte, 1))
	require.NoError(t, err)
	begun := time.Now()
	s.stop()
	log.await(t, client.LocalAddr(), "meaning=canceled")
	go func() {
		for {
			if _, err := io.WriteString(client, strings.Repeat("?\n", 1000)); err != nil {
				return
			}
		}
	}()
	assert.NoError(t, s.wait())
	assertLimit(t, limits.Answer, time.Since(begun))
}
