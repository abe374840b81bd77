package toolchain

import (
	"os"
	"runtime"
	"slices"
)

// asked are the settings of the one who grades that a build needs: where things are, and where modules come from.
var asked = []string{"GOROOT", "GOCACHE", "GOMODCACHE", "GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GOINSECURE", "GOVCS", "GOAUTH"}

// fixed are settings that are the same for all. Without cgo, no C compiler decides; a version control system has no part
// in it either.
var fixed = []string{
	"GOENV=off", "GOFLAGS=-buildvcs=false", "GOTOOLCHAIN=local", "GOWORK=off", "GOTELEMETRY=off", "CGO_ENABLED=0",
	"GOARCH=" + runtime.GOARCH,
}

// allowed are the variables of the environment that a build gets as they are; the rest are the user's own business.
var allowed = []string{"PATH", "SYSTEMROOT", "LOCALAPPDATA", "PATHEXT", "COMSPEC"}

// Fetching is the environment of a build of the project's own code, which may download modules.
func (t *Toolchain) Fetching() []string {
	return slices.Concat(os.Environ(), t.settings, fixed, t.own())
}

// environment is that of a build which has a student's code: it sees no secret, and no network.
func (t *Toolchain) environment() []string {
	env := []string{"HOME=" + t.scratch, "USERPROFILE=" + t.scratch}
	for _, name := range allowed {
		if value, isSet := os.LookupEnv(name); isSet {
			env = append(env, name+"="+value)
		}
	}
	return slices.Concat(env, t.settings, fixed, t.own(), []string{"GOPROXY=off"})
}

// own are the settings of this toolchain alone.
func (t *Toolchain) own() []string {
	return []string{"GOOS=" + t.system, "GOTMPDIR=" + t.scratch, "TMPDIR=" + t.scratch, "TMP=" + t.scratch, "TEMP=" + t.scratch}
}
