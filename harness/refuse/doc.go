// Package refuse makes system calls of one thread fail, or tells the test that they were made, with seccomp(2). So a test can show how a
// program reacts to the failure of a call that hardly ever fails.
package refuse
