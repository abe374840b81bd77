package main

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// tiny is a job in a module with some options that its tests notice, and some that they don't.
func tiny(t *testing.T, only string) job {
	t.Helper()
	skip.UnlessChecking(t, "compiles and runs mutants")
	dir, err := filepath.Abs("testdata/tiny")
	require.NoError(t, err)
	return job{
		dir: dir, packages: []string{"."}, list: filepath.Join(dir, "explained.txt"),
		only: regexp.MustCompile(only), limit: 2 * time.Second, parallel: 4,
	}
}

func TestOptionsThatNobodyLooksAtAreFound(t *testing.T) {
	t.Parallel()
	var out, progress bytes.Buffer
	err := tiny(t, "").run(t.Context(), &out, &progress)
	require.ErrorIs(t, err, errFound, "%s%s", &out, &progress)
	want := []string{
		"survived: dial.go: Dial: net.Dialer{Timeout: time.Minute}",
		"survived: dial.go: Dial: net.Dialer{KeepAlive: -1}",
		"survived: tiny_test.go: configs: net.ListenConfig{KeepAlive: time.Second}",
		"survived: tiny_test.go: configs: net.ListenConfig{Control: (func(string, string, syscall.RawConn) error literal)}",
		"explained, but killed: tiny_test.go: expire: conn.SetWriteDeadline(past)",
		"survived: tiny_test.go: TestNoticed: client.SetWriteDeadline(time.Time{})",
		"not run: tiny_test.go: TestSkipped: pair(t).SetReadDeadline(past)",
		"survived: tiny_test.go: TestNobodyLooks: client.SetDeadline(time.Now()) #2",
		"explained, but gone: tiny_test.go: TestGone: client.SetDeadline(past)",
	}
	assert.Empty(t, cmp.Diff(want, strings.Split(strings.TrimSpace(out.String()), "\n")), "(-want +got)")
	for _, told := range []string{
		"/11 hung: tiny_test.go: TestHangs: client.SetReadDeadline(time.Now().Add(100 * time.Millisecond))\n",
		"/11 killed: tiny_test.go: BenchmarkNoticed: client.SetReadDeadline(past)\n",
	} {
		assert.Contains(t, progress.String(), told)
	}
}

func TestMutantsThatWereNotAskedForAreNoComplaint(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := tiny(t, "TestHangs").run(t.Context(), &out, io.Discard)
	require.ErrorIs(t, err, errFound)
	assert.Equal(t, "explained, but gone: tiny_test.go: TestGone: client.SetDeadline(past)\n", out.String())
}

// interrupter is a progress writer that interrupts the job as soon as a mutant is killed.
type interrupter struct{ interrupt func() }

func (i interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("killed")) {
		i.interrupt()
	}
	return len(p), nil
}

func TestNothingIsLeftAfterAnInterrupt(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	j := tiny(t, "TestHangs|expire")
	j.limit = time.Minute
	require.ErrorIs(t, j.run(ctx, io.Discard, interrupter{interrupt}), context.Canceled)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestTestsMustPassWithNoMutant(t *testing.T) {
	t.Parallel()
	j := tiny(t, "")
	j.limit = time.Millisecond
	assert.ErrorContains(t, j.run(t.Context(), io.Discard, io.Discard), "tiny does not pass as it is: not over after 1 ms")
}

func TestOptionsAreKnownByTheirNames(t *testing.T) {
	for source, want := range map[string][]string{
		`conn.SetReadDeadline(t)`:                  {"conn.SetReadDeadline(t)"},
		`conn.SetReader(t)`:                        nil,
		`SetDeadline(t)`:                           nil,
		`unix.SetsockoptInt(fd, 1, 2, 3)`:          {"unix.SetsockoptInt(fd, 1, 2, 3)"},
		`unix.GetsockoptInt(fd, 1, 2)`:             nil,
		`net.DialTimeout("tcp", a, d)`:             {`net.DialTimeout("tcp", a, d)`},
		`net.KeepAliveConfig{Enable: false}`:       nil,
		`&http.Server{Handler: h, ReadTimeout: d}`: {"http.Server{ReadTimeout: d}"},
		`[]*net.Dialer{{Deadline: d}}`:             {"net.Dialer{Deadline: d}"},
		`map[string]net.Dialer{"a": {Timeout: d}}`: {"net.Dialer{Timeout: d}"},
		`[][]net.Dialer{{{Timeout: d}}}`:           {"net.Dialer{Timeout: d}"},
		`mine{Timeout: d}`:                         nil,
		`func() { dialer.Control = f }`:            {"dialer.Control = f"},
		`func() { a.Timeout = b }`:                 nil,
		// Only the call inside is a mutant: without it, the Control does nothing.
		`net.Dialer{Control: func() { c.SetLinger(0) }}`: {"c.SetLinger(0)"},
	} {
		expression, err := parser.ParseExpr(source)
		require.NoError(t, err, source)
		var got []string
		for _, o := range optionsOf(expression) {
			got = append(got, o.text)
		}
		assert.Equal(t, want, got, source)
	}
}

func TestListSaysWhy(t *testing.T) {
	for list, want := range map[string]string{
		"a: b: c":               "explained.txt:1: write: file: function: call — why it may survive",
		"a: b: c — ":            "explained.txt:1: write: file: function: call — why it may survive",
		"# x\na — why\na — why": "explained.txt:3: a is explained twice",
	} {
		path := filepath.Join(t.TempDir(), "explained.txt")
		require.NoError(t, os.WriteFile(path, []byte(list), 0o666))
		_, err := readExplained(path)
		assert.ErrorContains(t, err, want)
	}
}

func TestEveryTestThatGetsThereIsRun(t *testing.T) {
	r := make(reach)
	for name, body := range map[string]string{
		"TestA": "f()", "TestB": "TestA", "TestMain": "started()", "f": "g()", "BenchmarkC": "g()", "started": "h()", "Testing": "g()",
	} {
		expression, err := parser.ParseExpr(body)
		require.NoError(t, err)
		r.add(declaration{[]string{name}, expression})
	}
	of := func(name string) []string { return r.testsOf(declaration{[]string{name}, (*ast.Ident)(nil)}) }
	assert.Equal(t, []string{"BenchmarkC", "TestA"}, of("g"))
	assert.Equal(t, []string{"TestA"}, of("TestA"))
	assert.Empty(t, of("h"), "TestMain gets there: all")
	assert.Empty(t, of("nobody"))
}
