package catalog

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNameAsWords(t *testing.T) {
	for name, want := range map[string]string{
		"TestTwoHoursPass":              "two hours pass",
		"TestUDPSocketsShareAPort":      "UDP sockets share a port",
		"TestOnlySignOfLossOverUDP":     "only sign of loss over UDP",
		"TestWithoutTimeWaitFINIsReset": "without time wait FIN is reset",
		"TestWhatGoLeavesAlone":         "what Go leaves alone",
		"TestOrphanInFinWait2Lasts":     "orphan in fin wait2 lasts",
		"TestLinearSYNsLengthenConnect": "linear SYNs lengthen connect",
		"Example_wholeConversation":     "example whole conversation",
	} {
		assert.Equal(t, want, Experiment{Test: name}.Words())
	}
}
