package classroom

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/picture"
)

//go:embed class.html
var markup string

//go:embed class.css
var ownStyle string

var style = picture.CSS + ownStyle

var page = template.Must(template.New("").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(style) },
	"policy": policy,
	"count":  story.Count,
	"took":   func(d time.Duration) string { return story.KeepUnits(story.Tenths(d)) },
	"mark":   markOf,
	"join":   strings.Join,
	"parts":  func(name string) []string { return word.FindAllString(name, -1) },
	"total":  totalOf,
}).Parse(markup))

// word is a part of a name; a line may break after it.
var word = regexp.MustCompile(`[A-Z]?[^A-Z]+|[A-Z]`)

// writePage writes a page for teachers: a single file, which loads nothing and runs no scripts.
func writePage(w io.Writer, c *Class) error { return page.Execute(w, c) }

func policy() string {
	sum := sha256.Sum256([]byte(style))
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'", base64.StdEncoding.EncodeToString(sum[:]))
}

func totalOf(s Student) string {
	earned, points := s.Total()
	return fmt.Sprintf("%d of %d", earned, points)
}

// mark is a result as a sign, which a class of the style sheet colors, and in words.
type mark struct{ Class, Sign, Words string }

func markOf(r grade.Result) mark {
	switch r.Result {
	case report.Passed:
		return mark{"good", "✓", "passed"}
	case report.NotBegun:
		return mark{"neutral", "–", "not begun"}
	case report.Impossible, report.Broken:
		return mark{"neutral", "?", "could not be graded"}
	}
	return mark{"bad", "✗", "failed"}
}
