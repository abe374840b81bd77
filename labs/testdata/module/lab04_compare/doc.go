// Package lab04_compare asks: what sees what?
package lab04_compare
