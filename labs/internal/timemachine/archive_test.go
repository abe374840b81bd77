package timemachine

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cavaliergopher/cpio"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestArchiveHasFoldersBeforeTheirFiles(t *testing.T) {
	var file bytes.Buffer
	a := newArchive(&file)
	for _, name := range []string{"/init", "/tests/a.test", "/tests/b.test", "/a/deep/folder/x"} {
		require.NoError(t, a.add(name, int64(len(name)), strings.NewReader(name)))
	}
	require.NoError(t, a.close())

	var got []string
	for in := cpio.NewReader(&file); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		content, err := io.ReadAll(in)
		require.NoError(t, err)
		assert.EqualValues(t, 0o755, header.Mode.Perm(), header.Name)
		if header.Mode.IsDir() {
			got = append(got, header.Name+"/")
		} else {
			got = append(got, header.Name+" "+string(content))
		}
	}
	want := []string{
		"init /init",
		"tests/", "tests/a.test /tests/a.test", "tests/b.test /tests/b.test",
		"a/", "a/deep/", "a/deep/folder/", "a/deep/folder/x /a/deep/folder/x",
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}

func TestArchiveTakesNoFileOfAnotherSize(t *testing.T) {
	a := newArchive(io.Discard)
	assert.Error(t, a.add("long", 3, strings.NewReader("longer")))
	assert.Error(t, newArchive(io.Discard).addFile("folder", t.TempDir()))
	assert.Error(t, newArchive(io.Discard).addFile("missing", "testdata/missing"))
}
