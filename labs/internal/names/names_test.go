package names

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socketlabs/labs/internal/catalog"
)

var some = []catalog.Experiment{
	{Lab: "lab01_timeout", Test: "Example"},
	{Lab: "lab01_timeout", Test: "TestReadDeadline"},
	{Lab: "lab01_timeout", Test: "TestReadDeadlineOverUDP"},
	{Lab: "lab03_keepalive", Test: "TestKeepaliveFindsVanishedPeer"},
	{Lab: "lab03_keepalive", Test: "TestTimeoutsAreNoKeepalive"},
}

func TestNamesAsAPersonGivesThem(t *testing.T) {
	for name, want := range map[string][]string{
		"lab03": {"TestKeepaliveFindsVanishedPeer", "TestTimeoutsAreNoKeepalive"},
		"Lab3":  {"TestKeepaliveFindsVanishedPeer", "TestTimeoutsAreNoKeepalive"},
		"3":     {"TestKeepaliveFindsVanishedPeer", "TestTimeoutsAreNoKeepalive"},

		"lab03_keepalive/":               {"TestKeepaliveFindsVanishedPeer", "TestTimeoutsAreNoKeepalive"},
		"keepalive":                      {"TestKeepaliveFindsVanishedPeer", "TestTimeoutsAreNoKeepalive"}, // the lab, not the names
		"vanished":                       {"TestKeepaliveFindsVanishedPeer"},
		"lab03/KeepaliveFindsVanished":   {"TestKeepaliveFindsVanishedPeer"},
		"keepalive finds vanished peer":  {"TestKeepaliveFindsVanishedPeer"},
		"TestKeepaliveFindsVanishedPeer": {"TestKeepaliveFindsVanishedPeer"},
		"ReadDeadline":                   {"TestReadDeadline"}, // a whole name has precedence over a part of another
		"readdead":                       {"TestReadDeadline", "TestReadDeadlineOverUDP"},
		"example":                        {"Example"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := Experiments(t.TempDir(), some, []string{name})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range found {
				got = append(got, e.Test)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnknownLabsGetTheLabs(t *testing.T) {
	for _, name := range []string{"lab07", "Lab7", "7", "07", "lab", "lab0", "lab9x", "lab7_what", "lab07/", "lab07/ReadDeadline"} {
		_, err := Experiments(t.TempDir(), some, []string{name})
		if err == nil || !strings.Contains(err.Error(), "the labs: lab01_timeout, lab03_keepalive") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestUnknownNamesGetTheNearest(t *testing.T) {
	for name, want := range map[string]string{
		"vanishd":             "KeepaliveFindsVanishedPeer",
		"lab03/KeepAlifFinds": "KeepaliveFindsVanishedPeer",
		"lab09/udq":           "ReadDeadlineOverUDP",
		"exampel":             "Example",
	} {
		if found, err := Experiments(t.TempDir(), some, []string{name}); err == nil {
			t.Errorf("%q is %v", name, found)
		}
		if got := nearest(name, some)[0]; got != want {
			t.Errorf("the nearest to %q is %s, and not %s", name, got, want)
		}
	}
}

func TestExerciseNamedTwiceIsOne(t *testing.T) {
	all := []catalog.Exercise{{Lab: "lab01_timeout", Name: "SendAll"}, {Lab: "lab01_timeout", Name: "AskWithin"}}
	for _, names := range [][]string{{"SendAll", "lab01/SendAll", "AskWithin"}, {"lab01", "SendAll"}} {
		found, err := Exercises(all, names)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, found); diff != "" {
			t.Errorf("%q (-want +got)\n%s", names, diff)
		}
	}
}
