package robust_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"

	"socketlabs/lab04_compare/robust"
)

func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	listener, err := robust.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- robust.Serve(ctx, listener, robust.DefaultLimits) }()

	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Fprintln(client, "is anybody there?")
	answers := bufio.NewReader(client)
	line, _ := answers.ReadString('\n')
	fmt.Print(line)

	stop() // the client is idle, so there is nothing to wait for
	fmt.Println("served:", <-served)
	_, err = answers.ReadString('\n')
	fmt.Println("goodbye:", err == io.EOF)
	fmt.Println("a failed client is held for", robust.DefaultLimits.GivesBackWithin(), "at most")
	// Output:
	// is anybody there?
	// served: <nil>
	// goodbye: true
	// a failed client is held for 34.875s at most
}
