// Package lab01_works asks: does it work?
package lab01_works
