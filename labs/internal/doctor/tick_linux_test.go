package doctor

import "socketlabs/harness"

func clockTick() string { return harness.Tick().String() }
