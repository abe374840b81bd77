package names

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		"ReadDeadline":                   {"TestReadDeadline"}, // all of a name, rather than a part of another
		"readdead":                       {"TestReadDeadline", "TestReadDeadlineOverUDP"},
		"example":                        {"Example"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := Experiments(t.TempDir(), some, []string{name})
			require.NoError(t, err)
			var got []string
			for _, e := range found {
				got = append(got, e.Test)
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestUnknownLabsGetTheLabs(t *testing.T) {
	for _, name := range []string{"lab07", "Lab7", "7", "07", "lab", "lab0", "lab9x", "lab7_what", "lab07/", "lab07/ReadDeadline"} {
		_, err := Experiments(t.TempDir(), some, []string{name})
		assert.ErrorContains(t, err, "the labs: lab01_timeout, lab03_keepalive", name)
	}
}

func TestUnknownNamesGetTheNearest(t *testing.T) {
	for name, want := range map[string]string{
		"vanishd":             "KeepaliveFindsVanishedPeer",
		"lab03/KeepAlifFinds": "KeepaliveFindsVanishedPeer",
		"lab09/udq":           "ReadDeadlineOverUDP",
		"exampel":             "Example",
	} {
		_, err := Experiments(t.TempDir(), some, []string{name})
		assert.Error(t, err)
		assert.Equal(t, want, nearest(name, some)[0], name)
	}
}
