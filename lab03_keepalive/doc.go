// Package lab03_keepalive asks: how does TCP find out that a silent peer is gone, and what does it
// miss?
package lab03_keepalive
