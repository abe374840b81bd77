package toolchain

import (
	"os"
	"runtime"
	"slices"
)

// asked are the go command's settings that a build takes over from the person who grades: folders, and where modules come from.
var asked = []string{"GOROOT", "GOCACHE", "GOMODCACHE", "GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GOINSECURE", "GOVCS", "GOAUTH"}

// ofC are the settings for C. On most systems, the race detector needs a C compiler.
var ofC = []string{"CGO_ENABLED", "CC"}

const flags = "-buildvcs=false"

// fixed are settings that are the same for everybody. A build uses no version control system, and without the race detector, no C
// compiler (no cgo).
var fixed = []string{
	"GOENV=off", "GOFLAGS=" + flags, "GOTOOLCHAIN=local", "GOWORK=off", "GOTELEMETRY=off", "CGO_ENABLED=0",
	"GOARCH=" + runtime.GOARCH,
}

// allowed are the environment variables that a build gets unchanged. It gets no others of the user's.
var allowed = []string{"PATH", "SYSTEMROOT", "LOCALAPPDATA", "PATHEXT", "COMSPEC"}

// Fetching is the environment of a build of the project's own code, which may download modules.
func (t *Toolchain) Fetching() []string {
	return slices.Concat(os.Environ(), t.settings, fixed, t.own())
}

// environment is the environment of a build with a student's code. It has no secrets, and such a build downloads no modules.
func (t *Toolchain) environment() []string {
	env := []string{"HOME=" + t.scratch, "USERPROFILE=" + t.scratch}
	for _, name := range allowed {
		if value, isSet := os.LookupEnv(name); isSet {
			env = append(env, name+"="+value)
		}
	}
	return slices.Concat(env, t.settings, fixed, t.own(), []string{"GOPROXY=off"})
}

// own are the settings that only this toolchain has.
func (t *Toolchain) own() []string {
	own := []string{"GOOS=" + t.system, "GOTMPDIR=" + t.scratch, "TMPDIR=" + t.scratch, "TMP=" + t.scratch, "TEMP=" + t.scratch}
	return append(own, t.racing...)
}
