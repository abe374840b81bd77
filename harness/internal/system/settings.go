// Package system says what this process runs on, and which settings the user has chosen.
package system

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// The environment variables that a user may set, and their values; the first is the default.
var settings = map[string][]string{
	"LABS_SANDBOX": {"on", "off"},    // off: use the machine's own loopback, for example for a debugger
	"LABS_IP":      {"4", "6"},       // 6: run the experiments over ::1
	"LABS_LONG":    {"off", "on"},    // on: run the experiments that take minutes of kernel time too
	"LABS_STORY":   {"text", "data"}, // data: tell the story as attributes of the test, for a program
}

// Setting returns the value of one of our environment variables. Experiments read it while they
// run: go test notes which variables a test reads, and uses no cached result if one of them has changed.
func Setting(name string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return settings[name][0]
}

// CheckSettings returns an error if the user has given a variable a value that it can't have.
func CheckSettings() error {
	var errs []error
	for name, values := range settings {
		if value := Setting(name); !slices.Contains(values, value) {
			errs = append(errs, fmt.Errorf("harness: %s=%s: set it to %s", name, value, strings.Join(values, " or ")))
		}
	}
	return errors.Join(errs...)
}

// IPv6 reports whether experiments run over ::1.
func IPv6() bool { return Setting("LABS_IP") == "6" }
