// Package pauses tests that no experiment depends on being quick. On a busy machine, a program may pause for a moment at any
// place. It does so here on purpose: between setting a short timeout and the call that the timeout bounds.
package pauses
