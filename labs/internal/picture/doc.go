// Package picture draws a timeline as SVG: client, wire and server as lanes, and time down the side.
//
//	picture.go   the parts of a picture, and their order
//	row.go       what stands beside a moment: words, an arrow, or a count of segments
//	segment.go   the arrow of a segment, and what it says
//	scale.go     where moments are: to scale, stretched where much happens at once, cut where nothing does
//	wait.go      calls that wait, as bars, and times that were compared, as brackets
//	text.go      words that fit into their place, whatever the font
//	svg.go       elements, and nothing in them that is not text
//	picture.css  colors, light and dark
//	picture.js   fields of a segment, for who points at it or goes through the picture by keys
//	file.go      a picture that stands alone
package picture
