package rule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// The measured times are from experiments, in seconds.
func TestUnacknowledgedDataIsGivenUp(t *testing.T) {
	for _, of := range []struct {
		userTimeout time.Duration
		measured    float64
	}{{500 * time.Millisecond, 0.91}, {1000 * time.Millisecond, 1.42}, {3000 * time.Millisecond, 3.42}, {0, 938}} {
		got := Predict(Settings{UserTimeout: of.userTimeout}, Default(), failure(t, "host vanishes, request pending"))
		measured := time.Duration(of.measured * float64(time.Second))
		assert.NotNil(t, got.Fits(TimedOut, measured, 0), "%v: %+v", of.userTimeout, got)
		assert.LessOrEqual(t, measured, notAfter(t, got), "%v: %+v", of.userTimeout, got)
	}
}

// A write of more than the buffers hold waits for as long as the kernel retransmits, if no setting ends the write.
func TestSendingToVanishedHostIsGivenUp(t *testing.T) {
	sending := failure(t, "host vanishes, sending")
	for _, of := range []struct {
		set   Settings
		by    string
		after time.Duration
	}{
		{Settings{}, ByRetries2, 924800 * time.Millisecond},
		{Settings{Keepalive: Keepalive{1 * second, 1 * second, 1}}, ByRetries2, 924800 * time.Millisecond},
		{Settings{ReadTimeout: 1 * second, AnswerTimeout: 1 * second}, ByRetries2, 924800 * time.Millisecond},
		{Settings{UserTimeout: 3 * second}, ByUserTimeout, 3200 * time.Millisecond},
		{Settings{WriteTimeout: 3 * second}, ByWriteTimeout, 3 * second},
		{Settings{Heartbeat: Heartbeat{1 * second, 3 * second}}, ByHeartbeat, 3 * second},
	} {
		first := Predict(of.set, Default(), sending).Events[0]
		assert.Equal(t, of.by, first.By, "%+v", of.set)
		assert.Equal(t, of.after, first.After, "%+v", of.set)
	}
	measured := 3224 * time.Millisecond // with TCP_USER_TIMEOUT = 3 s
	got := Predict(Settings{UserTimeout: 3 * second}, Default(), sending)
	assert.NotNil(t, got.Fits(TimedOut, measured, 0), "%+v", got)
	assert.LessOrEqual(t, measured, notAfter(t, got))
}

// A client that sends more than the buffers hold, and waits for the answers to pings, has two calls that wait.
func TestReadTimeoutEndsSendingOnlyWithAHeartbeat(t *testing.T) {
	sending := failure(t, "peer stops reading")
	set := Settings{ReadTimeout: 2 * second}
	assert.Equal(t, Waiting, Predict(set, Default(), sending).Outcome())
	set.Heartbeat = Heartbeat{1 * second, 3 * second}
	assert.Equal(t, ByReadTimeout, Predict(set, Default(), sending).Events[0].By)
}

func TestRetriesBecomeATime(t *testing.T) {
	s := Default()
	for retries, want := range map[int]time.Duration{3: 3 * second, 8: 102200 * time.Millisecond, 15: 924600 * time.Millisecond} {
		assert.Equal(t, want, modelTimeout(retries, s.RTOMin, s.RTOMax), retries)
	}
	// Measured with tcp_retries2 from 2 to 6, from when the data was sent: 3.13, 6.56, 6.54, 13.2 and 26.5 s.
	for retries, want := range map[int]time.Duration{2: 2800 * time.Millisecond, 3: 6 * second, 4: 6200 * time.Millisecond,
		5: 12600 * time.Millisecond, 6: 25400 * time.Millisecond, 8: 102200 * time.Millisecond, 15: 924600 * time.Millisecond} {
		assert.Equal(t, want, s.nominally(modelTimeout(retries, s.RTOMin, s.RTOMax)), retries)
	}
	s.RTOMax = 1 * second // TCP_RTO_MAX_MS
	assert.NotNil(t, Prediction{Events: []Event{unacknowledgedGivesUp(0, firstRetransmission(s), s)}}.Fits(TimedOut, 15*second, 0))
}

// tcp_retries2 does not end a connection to a slow reader, but it ends a connection to a vanished host, whether the window
// is open or closed. When the times below were measured, the window was closed.
func TestRetriesTellVanishedHostFromSlowReader(t *testing.T) {
	for within, want := range map[time.Duration]int{time.Second: 0, 4 * second: 2, 10 * second: 3, 60 * second: 5, 20 * time.Minute: 9, time.Hour: 15} {
		s := Default()
		got := RetriesFor(within, s)
		assert.Equal(t, want, got, within)
		if s.Retries2 = got; got > 0 {
			assert.LessOrEqual(t, notAfter(t, Predict(Settings{}, s, failure(t, "host vanishes, sending"))), within)
			assert.Equal(t, Waiting, Predict(Settings{}, s, failure(t, "peer stops reading")).Outcome())
		}
	}
	for retries, measured := range map[int]time.Duration{3: 6808 * time.Millisecond, 5: 32835 * time.Millisecond} {
		s := Default()
		s.Retries2 = retries
		assert.LessOrEqual(t, measured, unansweredProbesGiveUp(s).NotAfter, retries)
	}
}
