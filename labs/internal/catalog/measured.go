package catalog

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

// measured.json holds how long each experiment took when "make generate" ran all of them, in seconds. It
// is waiting, mostly, for timers of the kernel: other machines need about as long.
//
//go:embed measured.json
var measuredJSON []byte

var measured = sync.OnceValue(func() map[string]float64 {
	seconds := make(map[string]float64)
	if err := json.Unmarshal(measuredJSON, &seconds); err != nil {
		panic("catalog: measured.json: " + err.Error())
	}
	return seconds
})

// KernelTime says how long the experiment takes, as far as that is known.
func (e Experiment) KernelTime() string {
	seconds, known := measured()[e.Name()]
	switch {
	case e.Long:
		return "minutes"
	case !known:
		return ""
	case seconds < 0.1:
		return "< 0.1 s"
	default:
		return fmt.Sprintf("%.1f s", seconds)
	}
}
