package lab02_reuseaddr

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestProxyMustForwardHalfClose: a proxy that closes both connections at the first EOF loses the answer to a client that
// ends its request with CloseWrite. A proxy that forwards the EOF with CloseWrite delivers the answer.
//
// Claim: Beyond the chapter.
//
// Predict: a proxy closes both connections at the first EOF; a client sends a request, and calls CloseWrite; what does the client read?
//   - [ ] the answer, then io.EOF
//   - [x] io.EOF, and nothing of the answer
//   - [ ] nothing: its read waits forever
func TestProxyMustForwardHalfClose(t *testing.T) {
	x := harness.Start(t)
	const question, answer = "what is 6 times 7?", "42"
	server := peer.Serve(x, func(_ context.Context, conn *net.TCPConn) {
		defer conn.Close()
		if asked, err := io.ReadAll(conn); err == nil && string(asked) == question {
			io.WriteString(conn, answer)
		}
	})

	for _, proxy := range []struct {
		name string
		join func(client, server *net.TCPConn)
		want string
	}{
		{"closes both connections at the first EOF", closeBothAtFirstEOF, ""},
		{"forwards each EOF", forwardEOF, answer},
	} {
		x.Step("a client asks through a proxy that %s, and ends its request with CloseWrite", proxy.name)
		between := peer.Serve(x, func(_ context.Context, fromClient *net.TCPConn) {
			toServer, err := net.Dial("tcp", server)
			if err != nil {
				return // and the client will miss its answer
			}
			proxy.join(fromClient, toServer.(*net.TCPConn))
		})
		client := peer.DialNoKeepalive(x, between)
		_, err := io.WriteString(client, question)
		require.NoError(t, err)
		require.NoError(t, client.CloseWrite())
		got, err := io.ReadAll(client)
		x.Outcome(harness.Client, "read %q, %v", got, err)
		assert.NoError(t, err, proxy.name)
		assert.Equal(t, proxy.want, string(got), proxy.name)
	}
}

// closeBothAtFirstEOF is the proxy that people write first.
func closeBothAtFirstEOF(client, server *net.TCPConn) {
	var once sync.Once
	closeBoth := func() { client.Close(); server.Close() }
	var copying sync.WaitGroup
	copying.Go(func() { io.Copy(server, client); once.Do(closeBoth) })
	copying.Go(func() { io.Copy(client, server); once.Do(closeBoth) })
	copying.Wait()
}

// forwardEOF is the proxy that TCP needs: each direction ends on its own, and the proxy closes its connections when both
// directions have ended.
func forwardEOF(client, server *net.TCPConn) {
	var copying sync.WaitGroup
	copying.Go(func() { io.Copy(server, client); server.CloseWrite() })
	copying.Go(func() { io.Copy(client, server); client.CloseWrite() })
	copying.Wait()
	client.Close()
	server.Close()
}
