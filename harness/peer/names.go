package peer

import (
	"context"
	"net"
	"net/netip"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"socketlabs/harness"
)

// Names returns a resolver that resolves every name to the given addresses. It starts a name server, and the resolver
// asks only that server.
func Names(x *harness.Experiment, addresses ...string) *net.Resolver {
	x.T().Helper()
	return NamesFrom(NameServer(x, addresses...))
}

// NamesFrom returns a resolver that asks only the name server at the given address.
func NamesFrom(server string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server)
	}}
}

// NameServer starts a name server that answers every question with the given addresses.
func NameServer(x *harness.Experiment, addresses ...string) (address string) {
	x.T().Helper()
	return NameServerExcept(x, nil, addresses...)
}

// NameServerExcept is a NameServer that leaves a question unanswered if isIgnored is not nil, and returns true for it.
func NameServerExcept(x *harness.Experiment, isIgnored func(question []byte) bool, addresses ...string) (address string) {
	x.T().Helper()
	server, err := net.ListenPacket("udp", harness.Loopback())
	require.NoError(x.T(), err)
	x.Own(server)
	x.Go(func() {
		for question := make([]byte, 512); ; {
			n, client, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			if isIgnored != nil && isIgnored(question[:n]) {
				continue
			}
			answer, err := answerTo(question[:n], addresses)
			if err != nil {
				x.T().Errorf("the name server can't answer: %v", err)
				return
			}
			server.WriteTo(answer, client)
		}
	})
	return server.LocalAddr().String()
}

// answerTo answers with the addresses of the family that the question asks for: RFC 1035, section 4.
func answerTo(question []byte, addresses []string) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(question); err != nil {
		return nil, err
	}
	message.Response, message.Additionals = true, nil
	asked := message.Questions[0]
	for _, address := range addresses {
		var record dnsmessage.ResourceBody
		switch ip := netip.MustParseAddr(address); {
		case ip.Is4() && asked.Type == dnsmessage.TypeA:
			record = &dnsmessage.AResource{A: ip.As4()}
		case ip.Is6() && asked.Type == dnsmessage.TypeAAAA:
			record = &dnsmessage.AAAAResource{AAAA: ip.As16()}
		default:
			continue
		}
		header := dnsmessage.ResourceHeader{Name: asked.Name, Class: asked.Class}
		message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: record})
	}
	return message.Pack()
}
