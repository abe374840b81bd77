package sanitize

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func TestTextIsHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"two lines,\n\tone with a tab":              "two lines,\n\tone with a tab",
		"größer, 大きい, ✓":                            "größer, 大きい, ✓",
		"a Windows line\r\nand another":             "a Windows line\nand another",
		"over\rwritten":                             `over\x0dwritten`,
		"\x1b[2J\x1b[H✓ passed":                     `\x1b[2J\x1b[H✓ passed`,
		"\x1b]52;c;cm0gLXJm\a":                      `\x1b]52;c;cm0gLXJm\x07`,
		"C1: \u009b31m and \x9b31m":                 `C1: \x9b31m and \x9b31m`,
		"NUL \x00, DEL \x7f, backspace \b":          `NUL \x00, DEL \x7f, backspace \x08`,
		"bidi \u202e\u2066\u200f\u061c":             `bidi \u202e\u2066\u200f\u061c`,
		"nothing \u200b\ufeff\u00ad\U000e0041":      `nothing \u200b\ufeff\xad\U000e0041`,
		"separated\u2028\u2029\u0085":               `separated\u2028\u2029\x85`,
		"hidden \u3164\u115f\ufe0e\U000e0100\u2800": `hidden \u3164\u115f\ufe0e\U000e0100\u2800`,
		"marks a\u0301\u0302\u0303\u0304, e\u0301":  "marks a\u0301\u0302\u0303\u0304, e\u0301",
		"piled a" + strings.Repeat("\u0301", 6):     "piled a" + strings.Repeat("\u0301", 4) + `\u0301\u0301`,
		strings.Repeat("\u0301", 5) + "\na\u0301":   strings.Repeat("\u0301", 4) + `\u0301` + "\na\u0301",
		"::add-mask::secret":                        ": :add-mask::secret",
		"  ::error file=a.go,line=1::gotcha":        "  : :error file=a.go,line=1::gotcha",
		"text ::stop-commands::x":                   "text : :stop-commands::x",
		"##[group]a ##vso[task.x]b ##teamcity[c]d":  "# #[group]a # #vso[task.x]b # #teamcity[c]d",
		"##VSO[task.x]b":                            "# #VSO[task.x]b",
		"## A heading":                              "## A heading",
		"[::1]:80 → [::1]:81, ::ffff:127.0.0.1":     "[::1]:80 → [::1]:81, ::ffff:127.0.0.1",
		"std::vector":                               "std::vector",
		strings.Repeat("x", 1000):                   strings.Repeat("x", 1000),
		strings.Repeat("ä", 1001):                   strings.Repeat("ä", 1000) + " … (2002 bytes in all)",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q becomes %q, and not %q", text, got, want)
		}
		if len(text) < longest { // a cut line says its length, so the text would change if it were cut again
			if got := Text(Text(text)); got != want {
				t.Errorf("%q, once more, becomes %q, and not %q", text, got, want)
			}
		}
	}
}

// The beginning of a long text is kept, and how many lines it has.
func TestTextIsLimited(t *testing.T) {
	for line, kept := range map[string]int{"": mostLines, "x": mostLines, strings.Repeat("\x7f", longest): 9} {
		const lines = 4096
		got := Text(strings.Repeat(line+"\n", lines-1))
		if want := strings.Repeat(Text(line)+"\n", kept) + "… (4096 lines in all)"; got != want {
			t.Errorf("%q: %d bytes, %d lines", line, len(got), strings.Count(got, "\n"))
		}
	}
}

// Whatever the bytes are, all characters of the result are printable.
func FuzzTextIsHarmless(f *testing.F) {
	f.Add("\x1b[2J\u202e\x00::add-mask::x")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range Text(text) {
			if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
				t.Errorf("%q leaves %q", text, r)
			}
		}
		if command.MatchString(Text(text)) || hashes.MatchString(Text(text)) {
			t.Errorf("%q leaves a command", text)
		}
	})
}

func TestAllStringsAreMadeHarmless(t *testing.T) {
	type part struct{ Text string }
	type whole struct {
		Name   string
		N      int
		One    *part
		None   *part
		Many   []part
		Inside part
		Words  []string
	}
	const bad, good = "\x1b", `\x1b`
	value := whole{bad, 1, &part{bad}, nil, []part{{bad}}, part{bad}, []string{bad}}
	In(&value)
	want := whole{good, 1, &part{good}, nil, []part{{good}}, part{good}, []string{good}}
	if diff := cmp.Diff(want, value); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
