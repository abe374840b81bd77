// Package internal has the test of how the project is laid out.
package internal

import (
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rows are the packages of the command, from those that know nothing of it up to its verbs. A package imports
// those of rows above its own line, and no others.
var rows = [][]string{
	// The instruments: each knows one thing that is not the command's.
	{"catalog", "fields", "gotest", "highlight", "jail", "natural", "picture", "processgroup", "sanitize", "sentence", "term", "timemachine/protocol", "wholefile"},
	{"chromium", "find", "suites", "toolchain", "worksheet"},
	{"decisions", "kept", "names", "submissions", "term/termtest", "textpicture", "timemachine", "timemachine/guest"},
	// What the verbs have in common.
	{"cli", "display", "grade", "kept/kepttest", "pagemachine", "reportpage", "results"},
	{"gradebook", "live", "site", "view"},
	{"classroom", "drive", "siteserver"},
	{"measure"},
	// The verbs, which know nothing of each other.
	{"advise", "browse", "doctor", "exercises", "matrix", "quiz", "report", "run", "scaffold", "studentsfolder", "travel", "try"},
	// Programs and tests of their own.
	{"gen", "inpage", "machinetest", "mutants", "siteserver/main", "solutions"},
}

const (
	module = "socketlabs/"
	ours   = module + "labs/internal/"
)

// Nothing leads back up: what is below does not know what is built on it.
func TestArrowsGoOneWay(t *testing.T) {
	rowOf := make(map[string]int)
	for i, row := range rows {
		for _, name := range row {
			rowOf[name] = i
		}
	}
	for _, p := range packages(t) {
		all := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		name, isOurs := strings.CutPrefix(p.ImportPath, ours)
		switch {
		case p.ImportPath == ours[:len(ours)-1], strings.HasPrefix(p.ImportPath, module+".ci"):
		case p.ImportPath == module+"labs": // main, which is above all
		case isOurs:
			row, isListed := rowOf[name]
			assert.True(t, isListed, "%s is in none of the rows", name)
			for _, imported := range p.Imports {
				if other, isOurs := strings.CutPrefix(imported, ours); isOurs {
					assert.Less(t, rowOf[other], row, "%s imports %s", name, other)
				}
			}
		case p.ImportPath == module+"harness/story": // data, for all
			assert.NotContains(t, p.Imports, "testing")
			assert.Empty(t, among(p.Imports, module), p.ImportPath)
		default: // the harness and the labs, with their tests
			assert.Empty(t, among(all, module+"labs"), "%s imports the command", p.ImportPath)
			if strings.HasPrefix(p.ImportPath, module+"harness") {
				assert.Empty(t, among(all, module+"lab0"), "%s imports a lab", p.ImportPath)
			}
		}
	}
}

// A folder can be taken in at a glance. In those of the labs each file is an experiment; those of exercises have up to
// five graders, of a few files each.
func TestFoldersHoldFewFiles(t *testing.T) {
	const enough, enoughOfGraders = 16, 24
	for _, p := range packages(t) {
		if isLab(p) {
			continue
		}
		var files []string
		for _, name := range p.GoFiles {
			files = append(files, forAnySystem(name))
		}
		slices.Sort(files)
		assert.LessOrEqual(t, len(slices.Compact(files)), enough, "%s: files", p.ImportPath)
		most := enough
		if path.Base(p.ImportPath) == "exercise" {
			most = enoughOfGraders
		}
		assert.LessOrEqual(t, len(p.TestGoFiles)+len(p.XTestGoFiles), most, "%s: files of tests", p.ImportPath)
	}
}

// listedFile is a line of a package's comment that says what is in a file.
var listedFile = regexp.MustCompile(`(?m)^\t([\w-]+\.\w+)\s+\S`)

// A comment that lists the files of its package lists each, and none that is not there. Package catalog tests those of the
// labs, where a reader may have files that nobody has listed.
func TestListsOfFilesAreComplete(t *testing.T) {
	lists := 0
	for _, p := range packages(t) {
		if isLab(p) {
			continue
		}
		var listed []string
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			require.NoError(t, err)
			for _, line := range listedFile.FindAllStringSubmatch(file.Doc.Text(), -1) {
				listed = append(listed, line[1])
				assert.FileExists(t, filepath.Join(p.Dir, line[1]), "%s lists it", p.ImportPath)
			}
		}
		if listed == nil {
			continue
		}
		lists++
		for _, name := range p.GoFiles {
			if name != "doc.go" {
				assert.Contains(t, listed, name, "%s lists its files, and not this one", p.ImportPath)
			}
		}
	}
	assert.NotZero(t, lists)
}

// isLab reports whether a package is a lab's own, and not its exercises' or anything else below it.
func isLab(p *build.Package) bool {
	return strings.HasPrefix(p.ImportPath, module+"lab0") && path.Dir(p.ImportPath) == strings.TrimSuffix(module, "/")
}

// forAnySystem is what a file is called without the system that it is for: variants of it count once.
func forAnySystem(name string) string {
	stem := strings.TrimSuffix(name, ".go")
	for _, system := range []string{"_others", "_unix", "_linux", "_windows"} {
		stem = strings.TrimSuffix(stem, system)
	}
	return stem
}

// among are the paths that begin with the prefix.
func among(paths []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !strings.HasPrefix(p, prefix) })
}

// packages are those of the module.
func packages(t *testing.T) (all []*build.Package) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	reader := build.Default
	reader.UseAllFiles = true // also what is for other systems
	require.NoError(t, filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if base := entry.Name(); base == "testdata" || base == "node_modules" || base == ".git" {
			return fs.SkipDir
		}
		p, err := reader.ImportDir(dir, 0)
		if _, isEmpty := err.(*build.NoGoError); isEmpty {
			return nil
		}
		require.NoError(t, err)
		relative, err := filepath.Rel(root, dir)
		require.NoError(t, err)
		p.ImportPath = module + filepath.ToSlash(relative)
		all = append(all, p)
		return nil
	}))
	require.NotEmpty(t, all)
	return all
}
