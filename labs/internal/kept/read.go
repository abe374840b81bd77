package kept

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/natural"
)

// What runs leave is far less than that. A page about more would be of use to nobody.
const (
	mostOfFile = 4 << 20  // bytes
	mostOfAll  = 32 << 20 // bytes
	mostFiles  = 20_000   // and folders
	mostEvents = 100_000  // and timers of benchmarks
	deepest    = 20       // folders below each other
)

// Read reads what runs have left in a folder: that on the machine itself first, then those of kernels.
func Read(dir string) ([]Run, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	r := &reader{dir: dir, files: root.FS(), runs: make(map[string]*Run)}
	if err := r.all(); err != nil {
		return nil, err
	}
	if len(r.runs) == 0 {
		return nil, fmt.Errorf(`%s holds nothing that "labs run --keep" has left`, dir)
	}
	var runs []Run
	for _, kernel := range slices.SortedFunc(maps.Keys(r.runs), natural.Compare) {
		run := r.runs[kernel]
		inOrder(run.Tests)
		slices.SortFunc(run.Lateness, func(a, b Lateness) int {
			return natural.Compare(a.Lab+"/"+a.Benchmark, b.Lab+"/"+b.Benchmark)
		})
		runs = append(runs, *run)
	}
	return runs, nil
}

// reader reads the files of a folder, and of nothing outside of it.
type reader struct {
	dir   string
	files fs.FS
	runs  map[string]*Run // by kernel

	bytes         int64 // read so far
	count, events int   // files and folders, and events and timers in them
}

// all reads the folder, and those below.
func (r *reader) all() error {
	return fs.WalkDir(r.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", r.dir, err)
		}
		if !entry.IsDir() {
			return nil
		}
		return r.folder(name)
	})
}

// folder reads what a test has left in its folder, if it is one of a test. What the files say of its name
// does not count.
func (r *reader) folder(name string) error {
	kernel, lab, test, ok := testOf(name)
	if !ok {
		if strings.Count(name, "/") >= 2 { // DIR/kernel/lab/test is as deep as it may be
			return fs.SkipDir
		}
		return nil
	}
	if r.count++; r.count > mostFiles || strings.Count(name, "/") >= deepest {
		return r.tooMuch()
	}
	if strings.HasPrefix(test, benchmark) {
		l := Lateness{Lab: lab, Benchmark: test}
		found, err := r.read(path.Join(name, latenessFile), asJSON(&l.Late))
		if !found {
			return err
		}
		run := r.run(kernel)
		run.Lateness = append(run.Lateness, l)
		return r.addEvents(len(l.Late))
	}
	var t Test
	hasOutcome, err := r.read(path.Join(name, outcomeFile), asJSON(&t.Outcome))
	if err != nil {
		return err
	}
	hasStory, err := r.read(path.Join(name, storyFile), func(text io.Reader) error {
		record, err := story.ReadJSON(text)
		t.Story = &record
		return err
	})
	if err != nil || !hasOutcome && !hasStory {
		return err
	}
	if !hasOutcome {
		t.Outcome = outcomeOf(*t.Story)
	}
	t.Lab, t.Test = lab, test
	run := r.run(kernel)
	run.Tests = append(run.Tests, t)
	if hasStory {
		return r.addEvents(len(t.Story.Events))
	}
	return nil
}

func (r *reader) addEvents(n int) error {
	if r.events += n; r.events > mostEvents {
		return r.tooMuch()
	}
	return nil
}

func (r *reader) run(kernel string) *Run {
	if r.runs[kernel] == nil {
		r.runs[kernel] = &Run{Kernel: kernel}
	}
	return r.runs[kernel]
}

// read has the text of a file decoded, if there is such a file.
func (r *reader) read(name string, decode func(io.Reader) error) (found bool, err error) {
	info, err := fs.Stat(r.files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		r.bytes, r.count = r.bytes+info.Size(), r.count+1
		if r.bytes > mostOfAll || r.count > mostFiles {
			return false, r.tooMuch()
		}
	}
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("this is not a file")
	case info.Size() > mostOfFile:
		err = fmt.Errorf("it is larger than %d MiB", mostOfFile>>20)
	default:
		err = r.decode(name, decode)
	}
	if err != nil {
		err = fmt.Errorf("%s can't be read; run its test again, or remove it: %w", filepath.Join(r.dir, filepath.FromSlash(name)), err)
	}
	return err == nil, err
}

func (r *reader) tooMuch() error {
	return fmt.Errorf("%s holds more than a page can show, which is %d MiB, %d files and folders, "+
		"%d events and timers, %d folders below each other: remove some folders", r.dir, mostOfAll>>20, mostFiles, mostEvents, deepest)
}

// decode reads no more of the file than it may have: it may grow meanwhile.
func (r *reader) decode(name string, decode func(io.Reader) error) error {
	file, err := r.files.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return decode(io.LimitReader(file, mostOfFile))
}

func asJSON(into any) func(io.Reader) error {
	return func(text io.Reader) error { return json.NewDecoder(text).Decode(into) }
}

// outcomeOf is what the timeline says of the outcome.
func outcomeOf(r story.Record) Outcome {
	o := Outcome{Result: r.Result, Began: r.Began}
	if len(r.Events) > 0 {
		o.Took = r.Events[len(r.Events)-1].At.Seconds()
	}
	return o
}

// inOrder sorts tests by labs, and then by when they began. Parts follow what they are parts of.
func inOrder(tests []Test) {
	began := make(map[string]time.Time) // of a test, or the first of its parts
	for _, t := range tests {
		name := t.Lab
		for part := range strings.SplitSeq(t.Test, "/") {
			name += "/" + part
			if first, known := began[name]; !known || t.Began.Before(first) {
				began[name] = t.Began
			}
		}
	}
	slices.SortFunc(tests, func(a, b Test) int {
		if a.Lab != b.Lab {
			return natural.Compare(a.Lab, b.Lab)
		}
		nameA, nameB := a.Lab, b.Lab
		partsA, partsB := strings.Split(a.Test, "/"), strings.Split(b.Test, "/")
		for i := range min(len(partsA), len(partsB)) {
			nameA, nameB = nameA+"/"+partsA[i], nameB+"/"+partsB[i]
			if nameA == nameB {
				continue
			}
			if c := began[nameA].Compare(began[nameB]); c != 0 {
				return c
			}
			return natural.Compare(nameA, nameB)
		}
		return len(partsA) - len(partsB)
	})
}
