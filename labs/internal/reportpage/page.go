package reportpage

import (
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/kept"
)

// page is the contents of the page.
type page struct {
	file
	Legend    *legend // nil if the example did not run
	Runs      []run
	Skips     []skipReason
	Claims    []claim
	Decisions *decisionTable // nil if it was not measured
	Lateness  *latenessPlot  // nil if it was not measured
	Timers    *timersPlot    // nil if none was measured
	Labs      []lab
	Filters   []filter
}

// lab is a lab and its experiments.
type lab struct {
	catalog.Lab
	Experiments []experiment
}

func newPage(root string, runs []kept.Run) (*page, error) {
	cataloged, err := catalog.Load(root)
	if len(cataloged) == 0 && err != nil {
		return nil, err
	}
	stated, err := catalog.Claims(cataloged)
	if err != nil {
		return nil, err
	}
	experiments := make([]experiment, len(cataloged))
	for i, e := range cataloged {
		if experiments[i], err = newExperiment(root, e, runs); err != nil {
			return nil, err
		}
	}

	p := &page{
		file:      newFile(),
		Legend:    newLegend(experiments),
		Runs:      newRuns(runs, experiments),
		Skips:     newSkips(experiments),
		Claims:    newClaims(stated, experiments),
		Decisions: newDecisionTable(runs),
		Lateness:  newLatenessPlot(runs),
		Timers:    newTimersPlot(runs, experiments),
		Filters:   newFilters(experiments),
	}
	for _, l := range catalog.Labs(root, cataloged) {
		of := lab{Lab: l}
		for _, e := range experiments {
			if e.Lab == l.Name {
				of.Experiments = append(of.Experiments, e)
			}
		}
		p.Labs = append(p.Labs, of)
	}
	return p, nil
}
