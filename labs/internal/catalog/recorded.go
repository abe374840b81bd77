package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"socketlabs/harness/story"
)

// RecordFile records what a run of all experiments found, by their names. "make generate" writes it.
const RecordFile = "labs/internal/catalog/recorded.json"

// Recorded is the record of one experiment.
type Recorded struct {
	Seconds  *float64 `json:"seconds,omitempty"` // how long it took; nil if it takes minutes or hours
	Needs    []string `json:"needs"`
	Failures []string `json:"failures"`
}

// readRecord reads the record of the module at root, if it has one.
func readRecord(root string) (record map[string]Recorded, err error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(RecordFile)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &record)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", RecordFile, err)
	}
	return record, nil
}

// IsLong reports whether the experiment waits for long timers of the kernel: a quarter of a minute, or hours.
func (r Recorded) IsLong() bool { return slices.Contains(r.Needs, longTimers) }

// add adds the record of the experiment. It is empty for a reader's own test.
func (e *Experiment) add(r Recorded) {
	e.Seconds = r.Seconds
	e.Needs = append([]string{}, r.Needs...)
	e.Failures = append([]string{}, r.Failures...)
	e.Long = r.IsLong()
}

// KernelTime says how long the experiment takes; it is empty if that is not known. Most of that time the experiment waits
// for timers of the kernel, so it takes about as long on other machines.
func (e Experiment) KernelTime() string {
	switch {
	case e.Long:
		return "long"
	case e.Seconds == nil:
		return ""
	case *e.Seconds < 0.1:
		return "< 0.1 s"
	}
	return story.Tenths(time.Duration(*e.Seconds * float64(time.Second)))
}
