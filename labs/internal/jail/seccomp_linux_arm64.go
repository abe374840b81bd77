package jail

// refusedHere is empty: arm64 has no older forms of the system calls in refused.
var refusedHere []uint32
