package submissions

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// candidate is a file that may be an exercise.go.
type candidate struct {
	path    string
	text    []byte
	lab     string
	isInLab bool // its path is LAB/exercise/exercise.go
}

// place finds the exercise.go of each lab among a student's files, in any folder, and even if it was renamed. If it can't
// decide, it leaves a file out, and the problem says so.
func (f *finder) place(files []file) (found map[string][]byte, problem string) {
	read := ofOneSubmission()
	files, err := unpacked(files, read, 1)
	if err != nil {
		return nil, err.Error()
	}
	all, err := f.candidates(files, read)
	if err != nil {
		return nil, err.Error()
	}
	found = make(map[string][]byte)
	var problems []string
	for _, lab := range slices.Sorted(maps.Keys(f.byLab)) {
		of := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return c.lab != lab })
		if inLab := slices.DeleteFunc(slices.Clone(of), func(c candidate) bool { return !c.isInLab }); len(inLab) == 1 {
			of = inLab
		}
		of = slices.CompactFunc(of, func(a, b candidate) bool { return bytes.Equal(a.text, b.text) })
		switch len(of) {
		case 0:
		case 1:
			found[lab] = of[0].text
		default:
			problems = append(problems, fmt.Sprintf("which is the one of %s? %s", lab, strings.Join(paths(of), ", ")))
		}
	}
	lost := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return c.lab != "" })
	switch {
	case len(problems) > 0:
	case len(lost) > 0:
		problems = append(problems, "of which lab is this? "+strings.Join(paths(lost), ", "))
	case len(found) == 0:
		problems = append(problems, "no exercise.go is in it")
	}
	return found, strings.Join(problems, "; ")
}

// paths are the paths of the first few candidates.
func paths(of []candidate) (names []string) {
	const most = 10
	for i, c := range of {
		if i == most {
			return append(names, "…")
		}
		names = append(names, readable(c.path))
	}
	return names
}

// candidates are the files with the name exercise.go, or a similar one. If there are none, they are the files with an exercise.
func (f *finder) candidates(files []file, read reader) (all []candidate, err error) {
	for _, isOne := range []func(string) bool{isCalledExercise, isSource} {
		for _, one := range files {
			if !isOne(path.Base(one.path)) {
				continue
			}
			text, err := read(one, mostText)
			if err != nil {
				return nil, err
			}
			c := candidate{path: one.path, text: text}
			c.lab, c.isInLab = f.labOf(c)
			if c.lab != "" || isCalledExercise(path.Base(one.path)) {
				all = append(all, c)
			}
		}
		if len(all) > 0 {
			return all, nil
		}
	}
	return nil, nil
}

// calledExercise also matches the names that browsers and platforms give: "exercise (1).go", "exercise copy.go",
// "12-exercise.go".
var calledExercise = regexp.MustCompile(`(?i)^(\d+[-_ ])?exercise([\W_].*|\d+)?\.go$`)

func isCalledExercise(name string) bool { return calledExercise.MatchString(name) && isSource(name) }

func isSource(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), ".go") && !strings.HasSuffix(name, "_test.go")
}

// labOf finds the lab of a file: the lab whose exercises it has, or else the lab that its folder names.
func (f *finder) labOf(c candidate) (lab string, isInLab bool) {
	inFolder := ""
	folders := strings.Split(path.Dir(c.path), "/")
	for _, folder := range folders {
		if named := f.labNamed(folder); named != "" {
			inFolder = named
		}
	}
	most := 0
	names := exercisesIn(c.text)
	for one, exercises := range f.byLab {
		n := 0
		for _, name := range exercises {
			if slices.Contains(names, name) {
				n++
			}
		}
		switch {
		case n > most || n == most && n > 0 && one == inFolder:
			lab, most = one, n
		case n == most && lab != inFolder:
			lab = "" // two labs match equally well
		}
	}
	if most == 0 {
		lab = inFolder
	}
	return lab, lab != "" && strings.HasSuffix(c.path, lab+"/exercise/exercise.go")
}

var numberOfLab = regexp.MustCompile(`(?i)^lab[ _-]?0*(\d+)($|\D)`)

// labNamed is the lab that a folder's name means: lab01_timeout, lab1, "Lab 1".
func (f *finder) labNamed(folder string) string {
	part := numberOfLab.FindStringSubmatch(folder)
	if part == nil {
		return ""
	}
	for lab := range f.byLab {
		if own := numberOfLab.FindStringSubmatch(lab); own != nil && own[1] == part[1] {
			return lab
		}
	}
	return ""
}

// exercisesIn are the names that a file of package exercise declares, as far as it parses.
func exercisesIn(text []byte) (names []string) {
	parsed, _ := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if parsed == nil || parsed.Name == nil || parsed.Name.Name != "exercise" {
		return nil
	}
	for _, decl := range parsed.Decls {
		if _, isBad := decl.(*ast.BadDecl); !isBad {
			names = append(names, catalog.NamesOf(decl)...)
		}
	}
	return names
}
