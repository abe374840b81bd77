package robust

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"syscall"
	"time"
)

type acceptor interface {
	AcceptTCP() (*net.TCPConn, error)
}

// accept waits for the next client. After a temporary error it tries again, with growing pauses, as net/http does.
// Meanwhile the clients wait in the kernel's queue. Any other error is final: accept returns this error with the reason.
func accept(ctx context.Context, listener acceptor) (*net.TCPConn, error) {
	const shortest, longest = 5 * time.Millisecond, 1 * time.Second
	for pause := shortest; ; pause = min(2*pause, longest) {
		conn, err := listener.AcceptTCP()
		if err == nil {
			return conn, nil
		}
		if !slices.ContainsFunc(passing, func(target error) bool { return errors.Is(err, target) }) {
			return nil, fmt.Errorf("%s: %w", whyFinal(err), err)
		}
		slog.Warn("robust: accept fails, and is tried again", "error", err, "after", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// whyFinal says what has happened to the listener. The error itself says only "i/o timeout" or "invalid argument".
func whyFinal(err error) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "the listener has a deadline, and it has passed"
	case errors.Is(err, syscall.EINVAL): // shutdown(2)
		return "the listener was shut down"
	case errors.Is(err, net.ErrClosed):
		return "the listener was closed"
	default:
		return "the listener has failed"
	}
}
