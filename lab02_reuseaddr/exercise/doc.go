// Package exercise is what you do in Lab 2. The functions to write are in exercise.go; what they are
// given is here, and need not be changed.
package exercise
