package submissions

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"socketlabs/labs/internal/sanitize"
)

// group is an entry of the class's folder: a folder, an archive, or a file.
type group struct {
	name  string
	files []file // the folder's files, with paths relative to it; for an archive or a file, itself
	isDir bool
}

// grouped groups files by the first part of their path, in the order in which they come.
func grouped(files []file) (groups []group) {
	at := make(map[string]int)
	for _, one := range files {
		name, rest, isBelow := strings.Cut(one.path, "/")
		i, again := at[name]
		if !again {
			i = len(groups)
			at[name] = i
			groups = append(groups, group{name: name, isDir: isBelow || one.kind.IsDir()})
		}
		if isBelow {
			one = one.as(rest)
		}
		if isBelow || !one.kind.IsDir() {
			groups[i].files = append(groups[i].files, one)
		}
	}
	return groups
}

// content lists the files of a folder or an archive.
func (g group) content() ([]file, error) {
	switch {
	case g.isDir && len(g.files) > mostFiles:
		return nil, errManyFiles()
	case g.isDir:
		return g.files, nil
	case g.files[0].isArchive():
		return g.files[0].opened(file.read)
	case g.files[0].err != nil:
		return nil, g.files[0].unread(g.files[0].err)
	case !g.files[0].kind.IsRegular():
		return nil, fmt.Errorf("it is a link, and is not followed")
	}
	return nil, errNoFolder
}

// isAside reports whether it is a file that platforms and teachers put beside the submissions.
func (g group) isAside() bool {
	about := []string{".yml", ".yaml", ".csv", ".html", ".json", ".txt", ".md", ".pdf", ".xlsx"}
	isMoodles := whose(g.name, g.isDir).file != ""
	return !g.isDir && !isMoodles && g.files[0].kind.IsRegular() && slices.Contains(about, strings.ToLower(path.Ext(g.name)))
}

// who is a student or a group.
type who struct {
	name, id string
	file     string // if Moodle put the student's name before the file's: the file's own name
}

// The names that Moodle gives: to folders, and to files if it makes no folders. The student chooses the last part of a file's name,
// and perhaps the first part of both. Each may look like the name of another student's file.
var (
	moodlesFolder = regexp.MustCompile(`^(.+)_(\d+)_assignsubmission_(?:file|onlinetext)_?()$`)
	moodlesFile   = regexp.MustCompile(`^(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)_?(.*)$`)
)

// whose reads a student's name from the name of a folder, or of a file.
func whose(name string, isFolder bool) who {
	moodles := moodlesFile
	if isFolder {
		moodles = moodlesFolder
	}
	if part := moodles.FindStringSubmatch(name); part != nil {
		return who{name: part[1], id: part[2], file: part[3]}
	}
	if strings.EqualFold(path.Ext(name), ".zip") {
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	return who{name: name}
}

// ofGradescope is the name of a submission's folder in Gradescope's export.
var ofGradescope = regexp.MustCompile(`^submission_\d+$`)

// listOfGradescope reads the students of each folder, from the list in Gradescope's export.
func listOfGradescope(files []file) map[string]who {
	i := slices.IndexFunc(files, func(one file) bool { return one.path == "submission_metadata.yml" })
	if i < 0 {
		return nil
	}
	text, err := files[i].read(mostArchive)
	if err != nil {
		return nil
	}
	var list map[string]struct {
		Submitters []struct {
			Name string `yaml:":name"`
			ID   string `yaml:":sid"`
		} `yaml:":submitters"`
	}
	if text = submitters(text); len(text) > mostText || yaml.Unmarshal(text, &list) != nil {
		return nil // then the folders' names have to do
	}
	listed := make(map[string]who)
	for folder, of := range list {
		var names, ids []string
		for _, s := range of.Submitters {
			names, ids = append(names, s.Name), append(ids, s.ID)
		}
		if names != nil && ofGradescope.MatchString(folder) {
			listed[folder] = who{name: strings.Join(names, " & "), id: strings.Trim(strings.Join(ids, " & "), " &")}
		}
	}
	return listed
}

// submitters is the part of Gradescope's list that says who has handed in what. The other parts are large, and would take a hundred
// times as much memory: all that a grader has said is in them.
func submitters(list []byte) (part []byte) {
	isIn := false
	for line := range bytes.Lines(list) {
		key := bytes.TrimLeft(line, " ")
		switch indent := len(line) - len(key); {
		case len(bytes.TrimSpace(key)) == 0: // perhaps in a text
		case indent == 0:
			isIn = true
		case indent == 2 && !bytes.HasPrefix(key, []byte("- ")):
			isIn = bytes.HasPrefix(key, []byte(":submitters:"))
		}
		if isIn {
			part = append(part, line...)
		}
	}
	return part
}

// readable is a name as one harmless line.
func readable(name string) string { return strings.ReplaceAll(sanitize.Text(name), "\n", `\n`) }
