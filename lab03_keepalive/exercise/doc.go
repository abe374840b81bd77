// Package exercise is what you do in Lab 3. The functions to write are in exercise.go.
package exercise
