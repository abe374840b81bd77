package find

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

const (
	ipv4 = `\b\d{1,3}(?:\.\d{1,3}){3}\b`
	ipv6 = `\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?\]|\b[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*`
	port = `(?::\d+)?`
)

// logged are parts of a line of a log, and what is left of them: when it was written, who spoke with whom, and how a program
// says what others call by another name.
var logged = []struct {
	part  *regexp.Regexp
	leave string
}{
	{regexp.MustCompile(`\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S*`), " "},
	{regexp.MustCompile(`\b[a-z][a-z+]*://[^\s"'<>)]+`), " "},
	{regexp.MustCompile(`\b0x[0-9a-f]+`), " "},
	// Go: both ends of a connection, one end, a name and the server that was asked for its addresses.
	{regexp.MustCompile(`\S+->\S+`), " "},
	{regexp.MustCompile(`\b(tcp|udp)[46]? \S*:\d+`), "$1"},
	{regexp.MustCompile(`\blookup \S+(?: on \S+)?`), "lookup"},
	// nginx, PostgreSQL, Redis, curl and ssh.
	{regexp.MustCompile(`, client: \S+, server: .*`), " "},
	{regexp.MustCompile(`\bconnection to server at "[^"]*"(?: \([^)]*\))?, port \d+ failed`), "connect"},
	{regexp.MustCompile(`(?i)\bcould not connect to \w+`), "connect"},
	{regexp.MustCompile(`\bto (?:host )?\S+ port \d+(?: after \d+ ms)?`), " "},
	// Python's urllib3.
	{regexp.MustCompile(`\bHTTPS?ConnectionPool\([^)]*\)`), " "},
	{regexp.MustCompile(`\bMax retries exceeded with url: \S+`), " "},
	{regexp.MustCompile(`<\S+ object at\s*>: Failed to establish a new connection`), "connect"},
	// Java and Node.js; bind() of nginx.
	{regexp.MustCompile(`\b[\w.-]+/` + ipv4 + port), " "},
	{regexp.MustCompile(`\bsocket hang up\b`), "EOF"},
	{regexp.MustCompile(`(\bE[A-Z]+|\bin use:?|\bto) \(?'?(?:` + ipv4 + `|:)\S*`), "$1"},
}

var address = regexp.MustCompile(`(` + ipv4 + `|` + ipv6 + `)` + port)

// withoutPlaces is a text without what a log says beside an error: addresses, ports, hosts, URLs and times. They say nothing
// of the error. The wildcard and the loopback are left, if no error is beside them, or if there are several of them: then
// they may be what is asked.
func withoutPlaces(text string) string {
	for _, l := range logged {
		text = l.part.ReplaceAllString(text, l.leave)
	}
	meant := make(map[netip.Addr]bool)
	for _, found := range address.FindAllStringSubmatch(text, -1) {
		if ip, err := netip.ParseAddr(strings.Trim(found[1], "[]")); err == nil && (ip.IsLoopback() || ip.IsUnspecified()) {
			meant[ip] = true
		}
	}
	if len(meant) == 1 && slices.ContainsFunc(meanings(stemsIn(text)), func(t term) bool { return isError()[t.key] }) {
		clear(meant)
	}
	return address.ReplaceAllStringFunc(text, func(found string) string {
		ip, err := netip.ParseAddr(strings.Trim(address.FindStringSubmatch(found)[1], "[]"))
		if err == nil && meant[ip] {
			return found
		}
		return " "
	})
}
