package exercise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// AskWithin has a context for its budget, and ends the connection's calls when that ends.
func AskWithin(address string, question []byte, budget time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), budget)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", errors.Join(err, ctx.Err()))
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	var reply bytes.Buffer
	if _, err = conn.Write(question); err == nil {
		_, err = reply.ReadFrom(conn)
	}
	if err != nil {
		err = fmt.Errorf("asking: %w", errors.Join(ctx.Err(), err))
	}
	return reply.Bytes(), err
}
