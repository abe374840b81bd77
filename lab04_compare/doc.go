// Package lab04_compare asks: which defense finds which failure, and which one kills what is healthy?
//
// The experiments are tests. Read them in this order:
//
//	01_two_questions_linux_test.go    what a timeout answers, what keepalive answers, and what neither answers
//	02_two_watchers_linux_test.go     how keepalive and TCP_USER_TIMEOUT cover each other
//	03_decision_table_linux_test.go   fifteen failures, seven defenses: the table, and the test that measures it
//	03_failures_linux_test.go         its rows: what happens to the other side, and what we do meanwhile
//	03_defenses_linux_test.go         its columns: the socket calls of each defense
//	03_judgment_linux_test.go        when an outcome is right, blind, or a false alarm
//	03_your_settings_linux_test.go    your own settings, against all the failures of the table
//	03_random_settings_linux_test.go  random ones, against the kernel's rule: in seconds, and in hours of kernel time
//	04_robust_server_linux_test.go    the server to take home, among clients that fail in every way
//	04_siege_linux_test.go            those clients
//	04_server_process_linux_test.go   that server as a process, and what it has in use
//	common_linux_test.go              a server that answers, in its own process
//	main_test.go                      runs the tests on a private loopback
//	elsewhere_test.go                 generated: what is skipped on systems other than Linux
//
// The server itself is in robust/server.go, and what an error means in robust/meaning.go. Copy that folder into a module
// of your own to use it: it needs nothing else of the labs.
//
// What the kernel does with settings, and when, is in rule/ as code, with its sources.
// Your own settings are tried against all failures of the table: see below, and labs/docs/try.md.
//
// Run the lab with
//
//	go test ./lab04_compare
//
// and your own settings with
//
//	go test -v ./lab04_compare -run TestYourSettings -args -keepalive 2s,1s,3 -user-timeout 4s -answer-timeout 5s
//
// Say first what you expect. Before a row that takes more than 50 s, set LABS_LONG=on, or let
// "go run ./labs try" measure it in virtual time.
//
// You will see that no single defense finds every failure; that a timeout is right about calls and
// wrong about idle connections; that keepalive sends no probes while data is in flight; that only a
// heartbeat tells an application that hangs while idle from a healthy one; and that the defenses together find
// every failure here.
//
// The lab does not show how long each defense should wait: that depends on the network and on what
// waiting costs. All defenses here give up after three seconds, so they differ only in what they see.
package lab04_compare
