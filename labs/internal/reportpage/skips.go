package reportpage

import "slices"

// skipReason is a reason why tests were skipped.
type skipReason struct {
	Reason string
	Tests  []skippedTest
}

type skippedTest struct{ ID, Name string }

// newSkips returns each reason once.
func newSkips(experiments []experiment) []skipReason {
	var skips []skipReason
	for _, e := range experiments {
		for _, whole := range e.Tests {
			if whole == nil {
				continue
			}
			for _, t := range whole.Leaves() {
				if t.Result != skipped {
					continue
				}
				i := slices.IndexFunc(skips, func(s skipReason) bool { return s.Reason == t.Says })
				if i < 0 {
					i = len(skips)
					skips = append(skips, skipReason{Reason: t.Says})
				}
				name := e.Heading()
				if t != whole {
					name += ": " + t.Name
				}
				skips[i].Tests = append(skips[i].Tests, skippedTest{t.ID, name})
			}
		}
	}
	return skips
}
