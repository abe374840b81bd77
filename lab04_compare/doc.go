// Package lab04_compare asks: which defense finds which failure, and which one ends healthy connections?
//
// The experiments are tests. Read them in this order:
//
//	01_two_questions_linux_test.go    what a timeout tells you, what keepalive tells you, and what neither tells you
//	02_two_watchers_linux_test.go     how keepalive and TCP_USER_TIMEOUT complement each other
//	03_decision_table_linux_test.go   the table: what each defense does in each situation, measured
//	03_random_settings_linux_test.go  random settings, short and long ones; each outcome is compared with package rule
//	03_your_settings_linux_test.go    your own settings, in all situations of the table
//	04_robust_server_linux_test.go    a server for you to copy, and clients that fail in seven ways
//
// The other files are not experiments:
//
//	03_defenses_linux_test.go         the columns of the table: the socket calls of each defense
//	03_failures_linux_test.go         the rows of the table: what happens to the other side, and which call of ours waits
//	03_judgment_linux_test.go         when a defense is right, is blind to a failure, or ends a healthy connection
//	04_server_process_linux_test.go   the server to copy, as a process, and the resources that it uses
//	04_siege_linux_test.go            the clients that fail
//	common_linux_test.go              a server that answers, in its own process
//	elsewhere_test.go                 generated: what is skipped on systems other than Linux
//	main_test.go                      runs the tests on a private loopback
//	robust/                           the server to copy (server.go), and what an error means (meaning.go)
//	rule/                             the kernel's rule as code: it computes how a call ends, and when; doc.go there names the sources
//	exercise/                         the exercises, and their graders
//
// To use the server, copy the folder robust into a module of your own: it needs nothing else from the labs.
//
// Run the lab with
//
//	go test ./lab04_compare
//
// and try your own settings with
//
//	go test -v ./lab04_compare -run TestYourSettings -args -keepalive 2s,1s,3 -user-timeout 4s -answer-timeout 5s
//
// Before you run it, write down what you expect. If a situation takes more than 50 s with your settings, set LABS_LONG=on, or let
// "go run ./labs try" measure it in virtual time: see labs/docs/try.md.
//
// You will see:
//
//   - No single defense is right in every situation.
//   - A timeout is right for calls that wait for a reply, and wrong for idle connections.
//   - Keepalive sends no probe while data is in flight.
//   - Only a heartbeat can distinguish an application that hangs while idle from a healthy one.
//   - Together, the defenses find every failure of the table.
//
// The lab does not show how long each defense should wait: that depends on the network, and on what waiting costs. All
// defenses of the table time out after three seconds, so they differ only in what they see.
package lab04_compare
