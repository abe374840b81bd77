package report

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

// mostOfPage is what a browser still shows. Ours are a twentieth of it.
const mostOfPage = 64 << 20

// limited is the text of a page, as far as it may go.
type limited struct{ bytes.Buffer }

func (p *limited) Write(text []byte) (int, error) {
	if p.Len()+len(text) > mostOfPage {
		return 0, fmt.Errorf("the page would be larger than %d MiB: keep less in the folder", mostOfPage>>20)
	}
	return p.Buffer.Write(text)
}

// replace writes the file, new or in place of an old one: whole, or not at all.
func replace(file string, write func(io.Writer) error) (size int, err error) {
	var text limited
	if err := write(&text); err != nil {
		return 0, err
	}
	if err := atomicwriter.WriteFile(file, text.Bytes(), pageMode); err != nil {
		return 0, fmt.Errorf("%s can't be written: %w", file, err)
	}
	return text.Len(), nil
}
