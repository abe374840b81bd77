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

// The most that Read reads. Runs leave far less, and a page about more would be useless.
const (
	mostOfFile = 4 << 20  // bytes
	mostOfAll  = 32 << 20 // bytes
	mostFiles  = 20_000   // files and folders
	mostEvents = 100_000  // events, and timers of benchmarks
	deepest    = 20       // nested folders
)

// Read reads the runs in a folder: first the run on the machine itself, then those on kernels of the time machine.
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

// reader reads the files of a folder, and no files outside of it.
type reader struct {
	dir   string
	files fs.FS
	runs  map[string]*Run // by kernel

	bytes         int64 // size of the files so far
	count, events int   // number of files and folders so far, and of events and timers in them
}

// all reads the folder and all folders below it.
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

// folder reads a folder if it is the folder of a test. The name of the folder counts, not the name in the
// files.
func (r *reader) folder(name string) error {
	kernel, lab, test, ok := testOf(name)
	if !ok {
		if strings.Count(name, "/") >= 2 { // the folder of a test is at most as deep as DIR/kernel/lab/test
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

// read decodes the text of a file, if the file exists.
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
		"%d events and timers, %d nested folders: remove some folders", r.dir, mostOfAll>>20, mostFiles, mostEvents, deepest)
}

// decode reads at most mostOfFile bytes, because the file may have grown.
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

// outcomeOf is the outcome of a test that has only a story.
func outcomeOf(r story.Record) Outcome {
	o := Outcome{Result: r.Result, Began: r.Began}
	if len(r.Events) > 0 {
		o.Took = r.Events[len(r.Events)-1].At.Seconds()
	}
	return o
}

// inOrder sorts tests by lab, and then by when they began. A subtest follows its test.
func inOrder(tests []Test) {
	began := make(map[string]time.Time) // when a test, or the first of its subtests, began
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
