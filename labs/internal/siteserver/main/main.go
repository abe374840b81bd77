// The site server shows the site in a folder on the loopback. It says its address, and ends at an interrupt, or when the one
// who has started it is gone.
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
