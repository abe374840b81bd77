package robust

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync"
)

// Listen returns a listener for Serve that speaks plain TCP. Since Go 1.24, net.Listen speaks Multipath TCP on Linux. If the
// client speaks Multipath TCP, too, the connection refuses TCP_USER_TIMEOUT. If you give Serve such a listener, Serve itself
// asks the kernel, after the same time, whether answers are still unacknowledged.
func Listen(ctx context.Context, address string) (*net.TCPListener, error) {
	config := net.ListenConfig{}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("robust: %w", err)
	}
	return listener.(*net.TCPListener), nil
}

// Serve answers each line of each client with the same line. When ctx ends, Serve closes the listener and the connections
// of idle clients, and finishes the requests that have begun, each within its limits. Serve returns nil when the clients
// have got their answers and left, or when the time limit for that has passed.
//
// Serve returns an error only if the listener fails for good, or if no client can be served with the limits. In each case,
// Serve closes the listener.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer listener.Close()
	context.AfterFunc(ctx, func() { listener.Close() })
	if err := limits.check(); err != nil {
		return fmt.Errorf("robust: %w", err)
	}

	places := make(chan struct{}, limits.Clients)
	for {
		places <- struct{}{} // when ctx ends, clients leave, and free their places
		conn, err := accept(ctx, listener)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("robust: %w", err)
		}
		clients.Go(func() {
			defer func() { <-places }()
			c := client{conn: conn, limits: limits, requests: bufio.NewReaderSize(conn, limits.Line)}
			c.serve(ctx)
		})
	}
}
