package find

import (
	"embed"
	"fmt"
	"path"
	"strings"
	"sync"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/fields"
)

// The symptoms are text: a file for each lab, with a paragraph for each symptom. Package fields describes the paragraphs.
//
//go:embed symptoms/*.txt
var symptomFiles embed.FS

// Symptom is what a person sees, what it means, and what to do. Each part can be read alone.
type Symptom struct {
	Sees    string   `json:"sees"`
	Error   string   `json:"error,omitempty"` // the error's text, as an experiment has produced it
	Means   string   `json:"means"`
	ShownBy []string `json:"shown_by"` // tests; the first shows it best
	Do      string   `json:"do"`
	Also    string   `json:"-"`   // other words that people use for it; they are searched, but not shown
	Lab     string   `json:"lab"` // the lab of the first test
}

// Symptoms are all symptoms, lab by lab.
var Symptoms = sync.OnceValue(func() (all []Symptom) {
	files, err := symptomFiles.ReadDir("symptoms")
	if err != nil {
		panic(err) // the files are embedded, so this is a bug
	}
	for _, file := range files {
		name := path.Join("symptoms", file.Name())
		text, err := symptomFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		found, err := readSymptoms(string(text))
		if err != nil {
			panic(fmt.Sprintf("%s: %v", name, err))
		}
		for _, s := range found {
			s.Lab = strings.TrimSuffix(file.Name(), ".txt")
			all = append(all, s)
		}
	}
	return all
})

// plainest is the first symptom that no experiment shows better than this one.
func plainest(e catalog.Experiment) *Symptom {
	for _, s := range Symptoms() {
		if s.ShownBy[0] == e.Test {
			return &s
		}
	}
	return nil
}

func readSymptoms(text string) (all []Symptom, err error) {
	rows, err := fields.Read(text, []string{"Sees", "Means", "Shown by", "Do"}, []string{"Error", "Also"})
	for _, row := range rows {
		all = append(all, Symptom{
			Sees: row["Sees"], Error: row["Error"], Means: row["Means"], Do: row["Do"], Also: row["Also"],
			ShownBy: strings.Split(row["Shown by"], ", "),
		})
	}
	return all, err
}
