package travel

import (
	"fmt"
	"strings"

	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
)

// ownTrip is what LABS_LONG=on labs run --keep has left of this machine: there the timers took the time that they say.
func ownTrip(dir string) (*trip, error) {
	runs, err := kept.Read(dir)
	if err != nil {
		return nil, err
	}
	t := &trip{own: make(map[string]measured)}
	for _, test := range runs[0].Tests { // the first is that of the machine
		if test.Test == drive.MachineTest {
			t.release = releaseIn(test.Attributes["is/kernel"]) + ", in real time"
		}
		m := measured{result: test.Result, says: test.Reason()}
		if test.Story != nil {
			for _, e := range test.Story.Events {
				if e.Span != nil {
					m.nominal, m.after = e.Span.Least, e.Span.Took
				}
			}
		}
		if m.result != gotest.Skip {
			t.own[test.Lab+"/"+test.Test] = m
		}
	}
	if runs[0].Kernel != "" || t.release == "" {
		return nil, fmt.Errorf("%s has nothing of this machine; LABS_LONG=on labs run --keep DIR leaves it", dir)
	}
	return t, nil
}

// releaseIn is the release in what the machine test says of the kernel, "Linux 6.1.2-name x86_64", without the builder's name.
func releaseIn(kernel string) string {
	release, _, _ := strings.Cut(strings.TrimPrefix(kernel, "Linux "), " ")
	release, _, _ = strings.Cut(release, "-")
	return release
}
