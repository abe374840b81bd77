// Package lab02_fails asks: does it fail?
package lab02_fails
