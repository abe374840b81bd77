// The site server serves the site in a folder on the loopback. It prints its address, and ends at an interrupt, or when the
// process that has started it ends.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"socketlabs/labs/internal/siteserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	err := siteserver.Serve(ctx, os.Args[1], func(address string) { fmt.Println(address) })
	if ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "siteserver:", err)
		os.Exit(1)
	}
}
