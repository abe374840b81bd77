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

// snippet is how settings are written somewhere.
type snippet struct{ where, text string }

// places are where settings are written, and the template for each.
var places = []struct{ where, file string }{
	{"Go, a client", "client.go.tmpl"},
	{"Go, a server", "server.go.tmpl"},
	{"Go, an http.Client", "http.go.tmpl"},
	{"Python", "python.py.tmpl"},
	{"C", "c.c.tmpl"},
	{"Java", "Java.java.tmpl"},
	{"Node.js", "node.js.tmpl"},
	{"Rust, with the crate socket2", "rust.rs.tmpl"},
	{"sysctl, for programs that turn keepalive on and set nothing", "sysctl.conf.tmpl"},
	{"nginx, to its upstream", "nginx.conf.tmpl"},
	{"PostgreSQL, the server", "postgresql.conf.tmpl"},
	{"PostgreSQL, libpq", "libpq.txt.tmpl"},
	{"Kubernetes, client-go, and a pod's system settings", "kubernetes.txt.tmpl"},
	{"gRPC-Go", "grpc.txt.tmpl"},
}

// Snippets are the settings, as they are written everywhere.
func snippetsOf(set rule.Settings) (all []snippet, err error) {
	for _, place := range places {
		text, err := render(place.file, set)
		if err != nil {
			return nil, err
		}
		all = append(all, snippet{place.where, text})
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
