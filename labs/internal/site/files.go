package site

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
)

// file is a file of the site.
type file struct {
	name string
	sum  [sha256.Size]byte
	size int
}

func (w *writer) add(name string, text []byte) {
	w.files = append(w.files, file{name, sha256.Sum256(text), len(text)})
}

// Mark is a file that only folders of a site have: the script that keeps the site for use without a network. It must be in
// the site's top folder, because such a script can only keep files below its own folder. It is written last.
const Mark = "worker.js"

//go:embed offline.js
var offlineScript string

// worker writes the Mark, with a list of the files, and a version that changes if any of them changes.
func (w *writer) worker() error {
	version := sha256.New()
	var names []string
	for _, f := range w.files {
		version.Write([]byte(f.name))
		version.Write(f.sum[:])
		names = append(names, f.name)
	}
	list, err := json.Marshal(names)
	if err != nil {
		return err
	}
	text := strings.NewReplacer(`"VERSION"`, `"`+hex.EncodeToString(version.Sum(nil))[:16]+`"`, `"POLICY"`, strconv.Quote(Policy), `["FILES"]`, string(list)).Replace(offlineScript)
	return w.write(Mark, []byte(text))
}
