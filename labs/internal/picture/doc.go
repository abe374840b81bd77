// Package picture draws a timeline as SVG: client, wire and server as lanes, and time down the side.
//
//	picture.go   the parts of a picture, and their order
//	row.go       what is drawn for a moment: words, an arrow, or a count of segments
//	segment.go   the arrow of a segment, and its label
//	scale.go     where moments are: to scale, stretched if much happens at once, cut if nothing happens for long
//	wait.go      calls that wait, as bars, and times that were compared, as brackets
//	text.go      text that fits into its place in any font
//	svg.go       elements, and text that is safe in them
//	picture.css  colors, light and dark
//	picture.js   the fields of a segment, shown when a reader points at it or moves to it by keys
//	file.go      a picture as a file of its own
package picture
