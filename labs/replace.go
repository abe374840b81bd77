package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/moby/sys/atomicwriter"
)

// pageMode lets everybody read the page.
const pageMode = 0o644

// canReplace tries to write the file, and leaves it as it is.
func canReplace(file string) error {
	attempt, err := atomicwriter.New(file, pageMode)
	if err == nil {
		err = attempt.Close() // nothing was written to it
	}
	if err != nil {
		return fmt.Errorf("%s can't be written: %w", file, err)
	}
	return nil
}

// replace writes the file, new or in place of an old one: whole, or not at all.
func replace(file string, write func(io.Writer) error) (size int, err error) {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return 0, err
	}
	if err := atomicwriter.WriteFile(file, text.Bytes(), pageMode); err != nil {
		return 0, fmt.Errorf("%s can't be written: %w", file, err)
	}
	return text.Len(), nil
}
