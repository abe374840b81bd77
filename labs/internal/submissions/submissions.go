// Package submissions finds the submissions of a class, in the form that Gradescope, GitHub Classroom, Moodle or a zip of zips
// gives them. Students can't influence where files are written: the package takes only the texts of exercise.go, and writes
// each to the place where the labs have it. It refuses what is too large, a link, or leads out of its archive, and says so.
package submissions

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/natural"
)

// Submission is the submission of a student or a group.
type Submission struct {
	Student string            // the name, from the folder or the platform's list
	ID      string            // the number that the platform gives; often empty
	Where   string            // the folder or the archive, relative to the class
	Files   map[string][]byte // the texts of exercise.go, by lab
	Problem string            // why files may be missing; empty if there is no problem
}

// Lay writes the files to a new folder, each where the labs have it.
func (s Submission) Lay(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for lab, text := range s.Files {
		folder := filepath.Join(dir, lab, "exercise")
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "exercise.go"), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Find reads the submissions in a folder or an archive. They are in the order of the students' names.
func Find(class string, exercises []catalog.Exercise) ([]Submission, error) {
	files, done, err := open(class, ofEach)
	if err != nil {
		return nil, err
	}
	defer done()
	f := &finder{byLab: declared(exercises)}
	if f.isStudents(files) {
		return nil, fmt.Errorf("%s looks like the folder of one student: give --from for one, and for a class the folder above", class)
	}
	if files, err = f.unwrapped(files); err != nil {
		return nil, fmt.Errorf("%s %w", class, err)
	}
	found := f.submissions(files)
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no submissions: it should have a folder or a zip file for each student", class)
	}
	slices.SortStableFunc(found, func(a, b Submission) int {
		return cmp.Or(natural.Compare(strings.ToLower(a.Student), strings.ToLower(b.Student)), natural.Compare(a.Where, b.Where))
	})
	return found, nil
}

// Read reads the submission of one student, a folder or an archive.
func Read(from string, exercises []catalog.Exercise) (Submission, error) {
	s := Submission{Student: readable(filepath.Base(from)), Where: readable(from)}
	if _, err := os.Readlink(filepath.Clean(from)); err == nil {
		return s, fmt.Errorf("%s is a link, and may lead to somebody else's work: name the folder itself", s.Where)
	}
	files, done, err := open(from, ofOne)
	if err != nil {
		return s, err
	}
	defer done()
	f := &finder{byLab: declared(exercises)}
	s.Files, s.Problem = f.place(files)
	return s, nil
}

// finder knows which lab has which exercises.
type finder struct {
	byLab map[string][]string // the names of the exercises
}

func declared(exercises []catalog.Exercise) map[string][]string {
	byLab := make(map[string][]string)
	for _, e := range exercises {
		byLab[e.Lab] = append(byLab[e.Lab], e.Name)
	}
	return byLab
}

// isStudents reports whether the files belong to one student, not to a class.
func (f *finder) isStudents(files []file) bool {
	return slices.ContainsFunc(files, func(one file) bool {
		first, _, isBelow := strings.Cut(one.path, "/")
		return isBelow && f.labNamed(first) != ""
	})
}

// exported is the name of the folder in what Gradescope exports.
var exported = regexp.MustCompile(`^assignment_\d+_export$`)

// unwrapped are the files of a class. If all are in the folder that Gradescope exports, they are the files in that. Any other single
// folder or archive may be a student's, who then chooses the names in it: they must not become the names of students. So unwrapped
// fails if only the teacher can know whether it is a class.
func (f *finder) unwrapped(files []file) ([]file, error) {
	groups := grouped(files)
	if len(groups) != 1 {
		return files, nil
	}
	one := groups[0]
	inner, err := one.files, error(nil)
	if !one.isDir {
		inner, err = one.content()
	}
	switch {
	case err != nil, whose(one.name, one.isDir).id != "", !f.isClass(inner):
		return files, nil
	case one.isDir && exported.MatchString(one.name):
		return inner, nil
	}
	return nil, fmt.Errorf("holds only %s. If that is a class, give it to --class; if it is the work of one student, to --from",
		readable(one.name))
}

// isClass reports whether files look like those of a class: there are several folders or archives, or some as platforms name them.
func (f *finder) isClass(files []file) bool {
	if f.isStudents(files) {
		return false
	}
	groups := grouped(files)
	if len(groups) == 1 && groups[0].isDir {
		return exported.MatchString(groups[0].name) || f.isClass(groups[0].files)
	}
	n := 0
	for _, g := range groups {
		switch {
		case ofGradescope.MatchString(g.name), whose(g.name, g.isDir).id != "":
			return true
		case g.isDir, g.files[0].isArchive():
			n++
		}
	}
	return n > 1
}

// part is a folder, an archive or a file of a student. Most students have one.
type part struct {
	group
	file string // the name that the student gave it, if it is a file from Moodle
}

// submissions splits the files of a class into submissions.
func (f *finder) submissions(files []file) (found []Submission) {
	listed := listOfGradescope(files)
	at := make(map[who]int) // index in found
	var parts [][]part
	for _, g := range grouped(files) {
		if g.isAside() {
			continue
		}
		by := whose(g.name, g.isDir)
		name, isListed := listed[g.name]
		if isListed {
			by = name
		}
		key := who{name: by.name, id: by.id}
		if by.id == "" || isListed {
			key.file = g.name // two students with the same name: on Gradescope, students may change their name and number
		}
		i, again := at[key]
		if !again {
			i = len(found)
			at[key] = i
			found = append(found, Submission{Student: readable(by.name), ID: readable(by.id), Where: readable(g.name)})
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], part{g, by.file})
	}
	for i := range found {
		found[i].Files, found[i].Problem = f.taken(parts[i])
	}
	return found
}

// taken finds the exercise.go of each lab in a student's parts. Archives are read only here, so that those of one student are in
// memory, and not those of a class.
func (f *finder) taken(parts []part) (found map[string][]byte, problem string) {
	var files []file
	for _, p := range parts {
		inner, err := p.content()
		if errors.Is(err, errNoFolder) && p.file != "" { // without a folder
			inner, err = []file{p.files[0].as(p.file)}, nil
		}
		if err != nil {
			return nil, err.Error()
		}
		files = append(files, inner...)
	}
	return f.place(files)
}
