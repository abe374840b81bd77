// Package refuse makes system calls of one thread fail, or reports them, with seccomp(2). A test can thus show what a
// program does when a call that hardly ever fails does fail.
package refuse
