// Package siteserver serves the files of the site, as any static host does. It is not part of the command labs, because net/http
// takes long to compile.
package siteserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"socketlabs/labs/internal/site"
)

// Serve serves the site in a folder on the loopback until ctx ends. It calls tell with its address.
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

// Handler serves the files in a folder, as any static host does. Every response has the policy in a header, because a script in
// a Worker has no page that could set it.
func Handler(dir string) http.Handler {
	files := http.FileServer(http.Dir(dir))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", site.Policy)
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
