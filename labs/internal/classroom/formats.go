package classroom

import (
	"errors"
	"io"
	"strings"

	"socketlabs/labs/internal/wholefile"
)

// formats are the formats of the results, by the extension of the file's name.
var formats = map[string]func(io.Writer, *Class) error{
	".csv":  writeCSV,
	".json": writeJSON,
	".html": writePage,
}

// writeTo writes the results to a file. If that would be too large, because some students' code prints as much as it can, the file
// has less of each text: it must not depend on any student whether a class gets its results.
func (c *Class) writeTo(file string, write func(io.Writer, *Class) error) error {
	for longest := 16 << 10; ; longest /= 4 {
		_, err := wholefile.Replace(file, func(w io.Writer) error { return write(w, c) })
		if !errors.Is(err, wholefile.ErrLarge) || longest == 0 {
			return err
		}
		c.shorten(longest)
	}
}

// shorten keeps the beginning of each text of the results that a student's code may have made long.
func (c *Class) shorten(longest int) {
	for _, s := range c.Students {
		for i := range s.Results {
			r := &s.Results[i]
			texts := []*string{&r.Output, &r.Printed, &r.Reason, &r.Step}
			if r.Finding != nil {
				texts = append(texts, &r.Finding.Mistake, &r.Finding.Expected, &r.Finding.Seen)
			}
			for _, text := range texts {
				if len(*text) > longest {
					*text = strings.ToValidUTF8((*text)[:longest], "") + "…"
				}
			}
		}
	}
}
