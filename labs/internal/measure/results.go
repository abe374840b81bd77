package measure

import (
	"encoding/json"

	"socketlabs/lab04_compare/rule"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/view"
)

// Results are the rows that have been measured.
type Results struct {
	rows map[[2]string]rule.Result // by settings and failure
}

// Add takes an event of go test.
func (m *Results) Add(e gotest.Event) {
	var r rule.Result
	if e.Action != gotest.Attr || e.Key != rule.AttrKey || json.Unmarshal([]byte(e.Value), &r) != nil {
		return
	}
	if m.rows == nil {
		m.rows = make(map[[2]string]rule.Result)
	}
	m.rows[[2]string{r.Settings, r.Failure}] = r
}

// Of are the planned rows, with what has been measured so far, in the order of the table.
func (m *Results) Of(p Plan) (results []rule.Result) {
	planned := p.All()
	for _, f := range rule.Failures {
		for _, r := range planned {
			if r.Failure == f.Name {
				if got, is := m.rows[[2]string{r.Settings, r.Failure}]; is {
					r = got
				}
				results = append(results, r)
			}
		}
	}
	return results
}

// Noted is the view, which then also adds to the results what is measured.
func (m *Results) Noted(v view.View) view.View { return noted{v, m} }

type noted struct {
	view.View
	measured *Results
}

func (n noted) Event(e gotest.Event) {
	n.View.Event(e)
	n.measured.Add(e)
}
