package machinetest

import "testing"

func TestMachine(t *testing.T) {
	t.Attr("is/clock_tick", "4ms")
	t.Attr("says/LongTimers", "it waits for minutes")
	t.Attr("can/LongTimers", "")
	t.Attr("says/Wings", "it must be able to fly")
	t.Attr("can/Wings", "this machine has none; fit some")
}
