// Package refuse makes system calls of one thread fail, or reports them, with seccomp(2). So a test can show how a
// program reacts to the failure of a call that hardly ever fails.
package refuse
