package story

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Record is the story of a finished experiment, as a file keeps it.
type Record struct {
	Test   string    `json:"test"`
	Began  time.Time `json:"began"`
	Result string    `json:"result"` // pass, fail or skip
	Events []Event   `json:"events"`
}

// Failures returns the failures among the events, each once, sorted by name.
func Failures(events []Event) (made []Failure) {
	for _, e := range events {
		if e.Kind == Struck {
			made = append(made, e.Failure)
		}
	}
	slices.Sort(made)
	return slices.Compact(made)
}

// WriteJSON writes the record, indented for people.
func (r Record) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("story: write: %w", err)
	}
	return nil
}

// Limits that none of our experiments comes near. A picture of more would be of no use.
const (
	mostEvents = 10_000
	mostTime   = 30 * 24 * time.Hour
)

// ReadJSON reads a record that WriteJSON wrote.
func ReadJSON(r io.Reader) (Record, error) {
	var rec Record
	if err := json.NewDecoder(r).Decode(&rec); err != nil {
		return Record{}, fmt.Errorf("story: read: %w", err)
	}
	if len(rec.Events) > mostEvents {
		return Record{}, fmt.Errorf("story: read: there are %d events, and should be %d at most", len(rec.Events), mostEvents)
	}
	before := time.Duration(0)
	for _, e := range rec.Events {
		if e.At < before || e.At > mostTime {
			return Record{}, fmt.Errorf("story: read: an event at %s, after one at %s, which is not a time of an experiment", Exactly(e.At), Exactly(before))
		}
		before = e.At
	}
	for _, e := range rec.Events {
		if e.Segment != nil {
			e.Segment.At = e.At
		}
	}
	return rec, nil
}
