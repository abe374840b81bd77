package exam

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"socketlabs/labs/internal/grade"
)

// formats are what grade can write.
var formats = map[string]func(io.Writer, []grade.Result) error{
	"text":       nil, // for people, while it grades
	"json":       grade.WriteJSON,
	"junit":      grade.WriteJUnit,
	"gradescope": grade.WriteGradescope,
}

func formatNames() []string { return slices.Sorted(maps.Keys(formats)) }

// formatFlag is the value of a flag that names one of them.
type formatFlag string

func (f *formatFlag) Set(name string) error {
	if _, known := formats[name]; !known {
		return errors.New("give one of " + strings.Join(formatNames(), ", "))
	}
	*f = formatFlag(name)
	return nil
}

func (f *formatFlag) String() string { return string(*f) }
func (f *formatFlag) Type() string   { return "format" }
