package doctor

import "testing"

func TestMachine(t *testing.T) {
	t.Attr("is/clock_tick", "4ms")
	t.Attr("can/LongTimers", "")
	t.Attr("can/Wings", "this machine has none; fit some")
}
