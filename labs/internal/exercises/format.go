package exercises

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"socketlabs/labs/internal/gradebook"
)

// asText is the format for people. It shows each result at once.
const asText = "text"

// formats are the names of what grade can write.
var formats = slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(gradebook.Formats)), asText)))

// formatFlag is the value of a flag that names one of them.
type formatFlag string

func (f *formatFlag) Set(name string) error {
	if !slices.Contains(formats, name) {
		return errors.New("give one of " + strings.Join(formats, ", "))
	}
	*f = formatFlag(name)
	return nil
}

func (f *formatFlag) String() string { return string(*f) }
func (f *formatFlag) Type() string   { return "format" }
