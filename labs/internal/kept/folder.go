package kept

import (
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// The files of a test.
const (
	outcomeFile  = "outcome.json"
	storyFile    = "story.json"
	wireFile     = "wire.pcapng"
	latenessFile = "lateness.json"
)

// benchmark is the beginning of a benchmark's name.
const benchmark = "Benchmark"

// escape replaces what some systems don't allow in file names, so that a folder can be copied to them. It
// escapes as in URLs.
var escape = strings.NewReplacer("%", "%25", ":", "%3A", `\`, "%5C", "*", "%2A", "?", "%3F", `"`, "%22",
	"<", "%3C", ">", "%3E", "|", "%7C")

// folderOf is the folder of a test, relative to the folder of its run.
func folderOf(lab, test string) (string, error) {
	folder, err := filepath.Localize(lab + "/" + escape.Replace(test))
	if err != nil {
		return "", fmt.Errorf("%s/%s can't be kept: no folder can have this name", lab, test)
	}
	return folder, nil
}

// place matches the folder of a test. Folders of kernels and labs may have almost any name, but not a name of
// the folder in which go test puts artifacts. Names of tests begin with one of the words that go test runs.
var place = regexp.MustCompile(`^(?:([^/._][^/]*)/)??([^/]+)/((?:Test|Example|` + benchmark + `).*)$`)

// testOf is the test that the folder belongs to. It is not ok if that is not the folder of a test.
func testOf(folder string) (kernel, lab, test string, ok bool) {
	part := place.FindStringSubmatch(folder)
	if part == nil {
		return "", "", "", false
	}
	test, err := url.PathUnescape(part[3])
	return part[1], part[2], test, err == nil && fs.ValidPath(test)
}
