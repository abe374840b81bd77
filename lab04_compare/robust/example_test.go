package robust

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
)

func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	listener, err := Listen(ctx, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, listener, DefaultLimits) }()

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

	stop()
	_, err = answers.ReadString('\n')
	fmt.Println("goodbye:", err == io.EOF)
	client.Close()
	fmt.Println("served:", <-served)
	// Output:
	// is anybody there?
	// goodbye: true
	// served: <nil>
}

func ExampleLimits() {
	fmt.Printf("%+v\n", DefaultLimits)
	fmt.Println("a failed client is held for", DefaultLimits.GivesBackWithin(), "at most")
	// Output:
	// {Request:10s Answer:10s Idle:15s Interval:5s Count:3 Line:4096 Buffer:65536 Clients:10000}
	// a failed client is held for 34.875s at most
}
