package reportpage

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestClaimsSayWhichExperimentsDidNotPass(t *testing.T) {
	claims := with(t, written(t), "id", "claims")
	says := make(map[string]string)
	for _, item := range all(claims, "li") {
		says[attribute(all(item, "a")[0], "href")] = text(item)
	}
	assert.Regexp(t, `^Vanished peer`, says["#"+lab3+"/"+vanished])
	assert.Regexp(t, `^✗ failed Decision table`, says["#"+lab4+"/"+table])
	assert.Regexp(t, `^– not run Read waits for silent peer`, says["#lab01_timeout/TestReadWaitsForSilentPeer"])
}
