package try

import (
	"errors"
	"fmt"
	"io"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/picture"
	"socketlabs/labs/internal/wholefile"
)

// checkPicture fails if the picture can't be written. It is called before anything is measured.
func (t *trying) checkPicture() error {
	switch {
	case t.picture == "":
		return nil
	case t.show == "":
		return errors.New("-o is for the picture of one failure: choose it with --show")
	default:
		return wholefile.CanReplace(t.picture)
	}
}

// writePicture writes the picture of the one failure that was measured.
func (t *trying) writePicture(s *cli.Session, r *report) error {
	for _, test := range t.results.Experiments {
		for _, o := range test.All() {
			if len(o.Story) == 0 {
				continue
			}
			title := fmt.Sprintf("%s; our side: %s", r.Results[0].Failure, r.Settings)
			size, err := wholefile.Replace(t.picture, func(w io.Writer) error {
				_, err := io.WriteString(w, picture.File(title, story.Record{Test: o.Test, Events: o.Story}))
				return err
			})
			if err == nil {
				fmt.Fprintf(s.Screen, "\n%s: the picture, %d kB\n", t.picture, (size+999)/1000)
			}
			return err
		}
	}
	return fmt.Errorf("nothing was measured, so there is no picture to write to %s", t.picture)
}
