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

// benchmark begins the names of benchmarks.
const benchmark = "Benchmark"

// escape takes out of a test's name what some systems don't allow in names of files, so that a folder can
// be carried to them. What stands for it is what stands for it in URLs.
var escape = strings.NewReplacer("%", "%25", ":", "%3A", `\`, "%5C", "*", "%2A", "?", "%3F", `"`, "%22",
	"<", "%3C", ">", "%3E", "|", "%7C")

// folderOf is the folder of a test, within that of its run.
func folderOf(lab, test string) (string, error) {
	folder, err := filepath.Localize(lab + "/" + escape.Replace(test))
	if err != nil {
		return "", fmt.Errorf("%s/%s can't be kept: no folder can have this name", lab, test)
	}
	return folder, nil
}

// place is a folder of a test. Those of kernels and labs may have many names, but not that in which go test
// itself puts artifacts; and it runs functions whose names begin with one of these words.
var place = regexp.MustCompile(`^(?:([^/._][^/]*)/)??([^/]+)/((?:Test|Example|` + benchmark + `).*)$`)

// testOf is the test that left what is in the folder. It is not ok if none did.
func testOf(folder string) (kernel, lab, test string, ok bool) {
	part := place.FindStringSubmatch(folder)
	if part == nil {
		return "", "", "", false
	}
	test, err := url.PathUnescape(part[3])
	return part[1], part[2], test, err == nil && fs.ValidPath(test)
}
