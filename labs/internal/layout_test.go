// Package internal tests the layout of the project.
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

// rows are the packages of the command, from general ones to its verbs. A package may import only packages of the
// rows above its own.
var rows = [][]string{
	// The instruments: each does one thing that does not depend on the command.
	{"catalog", "fields", "gotest", "highlight", "jail", "natural", "picture", "processgroup", "sanitize", "sentence", "term", "timemachine/protocol", "wholefile"},
	{"chromium", "find", "suites", "toolchain", "worksheet"},
	{"decisions", "kept", "names", "submissions", "term/termtest", "textpicture", "timemachine", "timemachine/guest"},
	// What verbs share.
	{"cli", "display", "grade", "kept/kepttest", "pagemachine", "reportpage", "results"},
	{"gradebook", "live", "site", "view"},
	{"classroom", "drive", "siteserver"},
	{"measure"},
	// The verbs. None imports another.
	{"advise", "browse", "doctor", "exercises", "matrix", "quiz", "report", "run", "scaffold", "studentsfolder", "travel", "try"},
	// Programs and tests of their own.
	{"gen", "inpage", "machinetest", "mutants", "pauses", "siteserver/main", "solutions"},
}

const (
	module = "socketlabs/"
	ours   = module + "labs/internal/"
)

// Imports go one way: no package imports a package that is built on it.
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
		case p.ImportPath == module+"labs": // main may import everything
		case isOurs:
			row, isListed := rowOf[name]
			assert.True(t, isListed, "%s is in none of the rows", name)
			for _, imported := range p.Imports {
				if other, isOurs := strings.CutPrefix(imported, ours); isOurs {
					assert.Less(t, rowOf[other], row, "%s imports %s", name, other)
				}
			}
		case p.ImportPath == module+"harness/story": // data, which everything may import
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

// A folder has so few files that a reader can see them at a glance. The labs' folders may have more, because each of their
// files is an experiment. Folders of exercises have up to five graders, with a few files each.
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

// listedFile matches a line of a package comment that lists a file.
var listedFile = regexp.MustCompile(`(?m)^\t([\w-]+\.\w+)\s+\S`)

// A package comment that lists files lists all files of the package, and no others. Package catalog tests the comments of the
// labs, where a reader may have other files.
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

// isLab reports whether a package is a lab itself, not a folder below it.
func isLab(p *build.Package) bool {
	return strings.HasPrefix(p.ImportPath, module+"lab0") && path.Dir(p.ImportPath) == strings.TrimSuffix(module, "/")
}

// forAnySystem is the name of a file without its system, so that variants for several systems count once.
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

// packages are the packages of the module.
func packages(t *testing.T) (all []*build.Package) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	reader := build.Default
	reader.UseAllFiles = true // also files for other systems
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
