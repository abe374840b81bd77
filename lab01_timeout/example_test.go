package lab01_timeout

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"socketlabs/harness"
)

// Example: the chapter's sample in Go: connect, send a GET and receive, each within a time; a
// time-out is told from every other error, and the connection is closed whatever happens.
//
// Claim: T9.
// Verdict: holds if one does not conclude too much: a time-out does not mean that the server does not
// respond, and one receive may get a part of the answer only.
func Example() {
	const (
		generous = 10 * time.Second // the sample's own
		short    = 50 * time.Millisecond
	)
	listen := func() net.Listener {
		listener, err := net.Listen("tcp", harness.Loopback())
		if err != nil {
			log.Fatal(err)
		}
		return listener
	}
	web, silent := listen(), listen()
	defer web.Close()
	defer silent.Close()
	go http.Serve(web, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(short) // a slow server, though not too slow
		io.WriteString(w, "hello")
	}))
	// A port that is taken, and on which nobody listens: our own end of a connection.
	conn, err := net.Dial("tcp", silent.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	for _, server := range []struct {
		name, address string
		timeout       time.Duration
	}{
		{"slow", web.Addr().String(), generous},
		{"silent", silent.Addr().String(), short},
		{"absent", conn.LocalAddr().String(), generous},
	} {
		answer, err := fetch(server.address, server.timeout)
		status, _, _ := strings.Cut(answer, "\r\n")
		netErr, isNet := errors.AsType[net.Error](err)
		switch {
		case err == nil:
			fmt.Printf("%s server: %s\n", server.name, status)
		case isNet && netErr.Timeout():
			fmt.Printf("%s server: no answer within %v\n", server.name, server.timeout)
		default:
			fmt.Printf("%s server: an error that is no time-out\n", server.name)
		}
	}
	// Output:
	// slow server: HTTP/1.1 200 OK
	// silent server: no answer within 50ms
	// absent server: an error that is no time-out
}

// fetch connects, sends a request and receives, each within the time-out, as the chapter's sample
// does; like there, one receive may get less than the whole answer.
func fetch(address string, timeout time.Duration) (answer string, err error) {
	conn, err := net.DialTimeout("tcp", address, timeout)
	if err != nil {
		return "", err
	}
	defer conn.Close()

	// Go's deadlines are moments. To give each call its full time, set one before each.
	if err := conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return "", err
	}
	if err := conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	return string(buf[:n]), err
}
