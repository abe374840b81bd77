// Package siteserver serves the files of the site, as any static host does. The command itself does without: net/http takes long
// to compile.
package siteserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"socketlabs/labs/internal/site"
)

// Serve shows the site in a folder on the loopback until ctx ends. It calls tell with its address.
func Serve(ctx context.Context, dir string, tell func(address string)) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: Handler(dir), ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	tell("http://" + listener.Addr().String() + "/")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return context.Cause(ctx)
}

// Handler serves the files in a folder, as any static host does. The policy goes with all of them: scripts that run in a Worker
// have no page that says it.
func Handler(dir string) http.Handler {
	files := http.FileServer(http.Dir(dir))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", site.Policy)
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
