// Package lab03_broken asks: does it compile?
package lab03_broken
