package travel

import (
	"fmt"
	"strings"

	"socketlabs/labs/internal/drive"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
)

// ownTrip is the trip of this machine, from the folder that LABS_LONG=on labs run --keep has left: there the timers took real
// time.
func ownTrip(dir string) (*trip, error) {
	runs, err := kept.Read(dir)
	if err != nil {
		return nil, err
	}
	t := &trip{own: make(map[string]measured)}
	for _, test := range runs[0].Tests { // the first run is that of the machine itself
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

// releaseIn is the kernel's release in the machine test's "Linux 6.1.2-name x86_64", without the builder's name.
func releaseIn(kernel string) string {
	release, _, _ := strings.Cut(strings.TrimPrefix(kernel, "Linux "), " ")
	release, _, _ = strings.Cut(release, "-")
	return release
}
