package picture

import (
	"strings"

	"socketlabs/harness/story"
)

// File draws the story as a file of its own, which contains its style sheet.
func File(title string, r story.Record) string {
	const begin = "<svg "
	tag, rest, _ := strings.Cut(Draw(title, r), ">")
	return begin + `xmlns="http://www.w3.org/2000/svg" ` + strings.TrimPrefix(tag, begin) + ">\n<style>\n" + CSS + "svg { background: var(--paper); }\n</style>\n" + rest + "\n"
}
