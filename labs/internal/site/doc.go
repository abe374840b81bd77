// Package site writes the labs as a static web site. Each experiment has a page, which can run it on the machine of package
// pagemachine.
//
//	site.go     writes all files of the site
//	pages.go    its pages, and their contents
//	weight.go   how much a page loads, which it says before it does
//	assets.go   scripts, the style sheet, and the program in WebAssembly
//	files.go    the list of files, for use without a network
//	offline.js  the script that keeps the site for use without a network
//	replace.go  which folders the site may replace
//
//	pages/      templates
//	assets/     site.js sets up a page: run.js an experiment's panel, settings.js, search.js and score.js what their names say.
//	            guest.js gives the page's orders to the machine, which machine-worker-use-scheduling-api.js runs in a Worker, by the
//	            clock of clock.js. go.js asks lab.js, in another Worker, for what is written in Go. visit.js registers offline.js.
package site
