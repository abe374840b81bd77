// Package site writes the labs as a web site, with no server behind it: a page for each experiment, which can run it there
// on the machine of package pagemachine.
//
//	site.go     writes all files of the site
//	pages.go    its pages, and what stands on each
//	weight.go   what a page loads, which it says before
//	assets.go   scripts, style sheet, and what is compiled to WebAssembly
//	files.go    the list of files, for the page that is used without a network
//	offline.js  the script that keeps the site for that
//	replace.go  which folders it may replace
//
//	pages/      templates
//	assets/     site.js sets up a page: run.js an experiment's panel, settings.js, search.js and score.js what their names say.
//	            guest.js gives the page's orders to the machine, which machine-worker-use-scheduling-api.js runs in a Worker, by the
//	            clock of clock.js. go.js asks lab.js, in another Worker, for what is written in Go. visit.js registers offline.js.
package site
