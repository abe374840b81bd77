package harness

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// keepsArtifacts reports whether go test was given -artifacts.
func keepsArtifacts() bool { return flag.Lookup("test.artifacts").Value.String() == "true" }

// keep writes a file to the test's artifact directory.
func keep(t testing.TB, name string, write func(io.Writer) error) {
	file, err := os.Create(filepath.Join(t.ArtifactDir(), name))
	if err == nil {
		err = errors.Join(write(file), file.Close())
	}
	if err != nil {
		os.Remove(filepath.Join(t.ArtifactDir(), name)) // a partial file would look complete
		t.Errorf("keep %s: %v", name, err)
	}
}
