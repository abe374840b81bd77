package exercises

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/cli"
	"socketlabs/labs/internal/term/termtest"
)

const (
	begunWork  = "package exercise\n\nfunc Good() {}\n"
	goodGrader = "package exercise_test\n\n// TestGood: it is right.\n//\n" +
		"// Points: 10\n// Read: TestOurs\n// Hint: a hint.\nfunc TestGood(t *testing.T) {}\n"
)

// watched is a watcher of a module with one exercise, after its first look. put saves the student's file.
func watched(t *testing.T) (w *watcher, file string, put func(string)) {
	t.Helper()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, t.TempDir())
	}
	root := t.TempDir()
	file = filepath.Join(root, "lab01_x", "exercise", "exercise.go")
	put = func(text string) {
		t.Helper()
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(file), "good_test.go"), []byte(goodGrader), 0o666))
	put(begunWork)
	screen, _ := termtest.Screen(t)
	w = &watcher{
		session: &cli.Session{Screen: screen, Root: root}, chosen: []string{"lab01_x/Good"},
		saved: make(map[string]save), graded: make(map[string]string),
	}
	w.read()
	require.Empty(t, w.trouble)
	require.True(t, w.look(), "the first look")
	require.False(t, w.look())
	return w, file, put
}

// waitLong makes the watcher believe that what is missing has been missing for an hour.
func (w *watcher) waitLong() {
	for file, s := range w.saved {
		if !s.missing.IsZero() {
			s.missing = s.missing.Add(-time.Hour)
			w.saved[file] = s
		}
	}
}

// An editor may replace a file while it saves it. If a file stays away, the watcher says so, and goes on when it is back.
func TestWatchSaysThatAFileIsMissing(t *testing.T) {
	for does, misuse := range map[string]func(t *testing.T, file string){
		"removed":  func(t *testing.T, file string) {},
		"a folder": func(t *testing.T, file string) { require.NoError(t, os.Mkdir(file, 0o777)) },
		"huge": func(t *testing.T, file string) {
			require.NoError(t, os.WriteFile(file, make([]byte, catalog.MostSource+1), 0o666))
		},
	} {
		t.Run(does, func(t *testing.T) {
			w, file, save := watched(t)
			require.NoError(t, os.Remove(file))
			misuse(t, file)
			assert.False(t, w.look(), "it may be being saved")
			assert.False(t, w.look())
			w.waitLong()
			assert.True(t, w.look())
			w.read()
			assert.Contains(t, w.why(), "exercise.go")
			assert.Contains(t, w.why(), "labs reset lab01_x puts the file back")
			assert.False(t, w.look(), "that is said once")

			require.NoError(t, os.RemoveAll(file))
			save(begunWork)
			assert.True(t, w.look(), "it is back, with the same text")
			w.read()
			assert.Equal(t, "Good has not passed yet: change lab01_x/exercise/exercise.go, and save", w.why())
		})
	}
}

func TestFileThatIsSavedIsNotMissing(t *testing.T) {
	w, file, save := watched(t)
	require.NoError(t, os.Remove(file))
	assert.False(t, w.look())
	save(begunWork)
	assert.False(t, w.look())
	w.waitLong()
	require.NoError(t, os.Remove(file))
	assert.False(t, w.look(), "it has been there meanwhile")
}

// The whole folder may be deleted, or renamed, while its exercises are graded.
func TestWatchSurvivesItsFolder(t *testing.T) {
	w, _, _ := watched(t)
	away := w.session.Root + ".away"
	require.NoError(t, os.Rename(w.session.Root, away))
	w.read() // after a round
	assert.Equal(t, "the exercises are gone from "+w.session.Root+": put its files back, or leave", w.why())
	w.pressed = 'n'
	w.press()
	w.goOn(new(round))
	w.wait()
	require.NoError(t, os.Rename(away, w.session.Root))
	w.read()
	assert.Empty(t, w.trouble)
}

// If this machine could not grade, the same text is graded when it is saved again.
func TestWhatCouldNotBeGradedIsTriedAgain(t *testing.T) {
	w, file, _ := watched(t)
	saveAgain := func() {
		is, err := os.Stat(file)
		require.NoError(t, err)
		require.NoError(t, os.Chtimes(file, time.Time{}, is.ModTime().Add(time.Second)))
	}
	of := &round{sums: map[string]string{"lab01_x/Good": w.known.sum(w.exercises[0])}, err: os.ErrPermission}
	w.note(of)
	assert.Empty(t, w.graded)
	assert.Equal(t, "nothing could be graded, as said above: mend that, and save lab01_x/exercise/exercise.go again", w.why())
	saveAgain()
	assert.True(t, w.look())
	of.err = nil
	w.note(of)
	assert.Equal(t, of.sums, w.graded)
	saveAgain()
	assert.False(t, w.look())
}

func TestWatchMissesAnExercise(t *testing.T) {
	w, _, save := watched(t)
	save("package exercise\n")
	assert.True(t, w.look())
	w.read()
	assert.Equal(t, "Good is not in lab01_x/exercise/exercise.go any more: "+
		"write it there again, or go run ./labs reset lab01_x/Good puts it back", w.why())
}
