package advise

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
	"time"

	"socketlabs/lab04_compare/rule"
)

//go:embed snippets
var files embed.FS

// snippet is how settings are written somewhere, and what our tests do with it.
type snippet struct{ where, tested, text string }

// What our tests do with several of them.
const (
	readBackFromSocket = "run by our tests: the socket has these options"
	compiled           = "compiled by our tests"
)

// places are where settings are written, what our tests do with that, and the template for each.
var places = []struct{ where, tested, file string }{
	{"Go, a client", readBackFromSocket, "client.go.tmpl"},
	{"Go, a server", readBackFromSocket, "server.go.tmpl"},
	{"Go, an http.Client", compiled, "http.go.tmpl"},
	{"Python", readBackFromSocket, "python.py.tmpl"},
	{"C", readBackFromSocket, "c.c.tmpl"},
	{"Java", compiled, "Java.java.tmpl"},
	{"Node.js", "run by our tests: it connects", "node.js.tmpl"},
	{"Rust, with the crate socket2", readBackFromSocket, "rust.rs.tmpl"},
	{"sysctl, for programs that turn keepalive on and set nothing", "run by our tests: the kernel has these settings", "sysctl.conf.tmpl"},
	{"nginx, to its upstream", "read by nginx -t in our tests", "nginx.conf.tmpl"},
	{"PostgreSQL, the server", "read by postgres -C in our tests", "postgresql.conf.tmpl"},
	{"PostgreSQL, libpq", "run by our tests: psql connects with it", "libpq.txt.tmpl"},
	{"Kubernetes, client-go, and a pod's system settings", "not run: our tests read the pod's settings, and ask no cluster", "kubernetes.txt.tmpl"},
	{"gRPC-Go", readBackFromSocket, "grpc.txt.tmpl"},
}

// snippetsOf are the settings, as they are written everywhere.
func snippetsOf(set rule.Settings) (all []snippet, err error) {
	for _, place := range places {
		text, err := render(place.file, set)
		if err != nil {
			return nil, err
		}
		all = append(all, snippet{place.where, place.tested, text})
	}
	return all, nil
}

// render fills in a template.
func render(file string, set rule.Settings) (string, error) {
	t, err := template.New(file).Funcs(template.FuncMap{
		"s":      func(d time.Duration) int64 { return int64(d / time.Second) },
		"up":     func(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) },
		"ms":     time.Duration.Milliseconds,
		"f":      func(d time.Duration) string { return fmt.Sprint(d.Seconds()) },
		"go":     inGo,
		"pinged": func(every time.Duration) string { return inGo(max(every, leastOfGRPC)) },
	}).ParseFS(files, "snippets/"+file)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = t.ExecuteTemplate(&text, file, set)
	return text.String(), err
}

// leastOfGRPC is the shortest time between the pings of a gRPC-Go client: keepalive.ClientParameters.
const leastOfGRPC = 10 * time.Second

// inGo is a time as Go's programs write it.
func inGo(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%d * time.Second", d/time.Second)
	}
	return fmt.Sprintf("%d * time.Millisecond", d.Milliseconds())
}
