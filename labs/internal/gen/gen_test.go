package main

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/decisions"
)

const root = "../../.."

// What comes from the source alone is compared as it is. What was recorded stays as it was recorded.
func TestGeneratedIsCurrent(t *testing.T) {
	p := loaded(t)
	files, err := p.files()
	require.NoError(t, err)
	for _, f := range files {
		if f.path != sums { // a reader may have files beside the graders: see catalog.CheckGraders
			assert.NoError(t, p.isCurrent([]file{f}))
		}
	}
}

// attempts are how often an experiment may tell its story: on a busy machine, lines of one moment may change places.
const attempts = 3

func TestRecordedIsCurrent(t *testing.T) {
	skip.UnlessChecking(t, "runs all experiments")
	p := loaded(t)
	set(t)
	var tests []string // all of them
	for attempt := 1; ; attempt++ {
		require.NoError(t, ableTo(t, p.record(t.Context(), tests...)))
		files, err := p.files()
		require.NoError(t, err)
		files = slices.DeleteFunc(files, func(f file) bool { return f.path == sums })
		err = p.isCurrent(files)
		if err == nil {
			return
		}
		if attempt == attempts {
			assert.NoError(t, err)
			return
		}
		tests = p.testsOf(slices.DeleteFunc(files, func(f file) bool { return p.isCurrent([]file{f}) == nil }))
		require.NotEmpty(t, tests, err)
		t.Logf("attempt %d: again %v", attempt, tests)
	}
}

func TestOutputsInPagesAreCurrent(t *testing.T) {
	skip.UnlessChecking(t, "runs the commands in the pages")
	p := loaded(t)
	set(t)
	p.commands = &commands{ctx: t.Context(), root: root}
	for attempt := 1; ; attempt++ {
		files, err := p.written()
		require.NoError(t, ableTo(t, err))
		if err = p.isCurrent(files); err == nil || attempt == attempts {
			assert.NoError(t, err)
			break
		}
	}
	assert.NotZero(t, p.commands.ran, "no page has a block that begins with a command")
}

func loaded(t *testing.T) *project {
	t.Helper()
	p, err := load(root)
	require.NoError(t, err)
	return p
}

func set(t *testing.T) {
	t.Helper()
	for name, value := range settings {
		t.Setenv(name, value)
	}
}

// ableTo skips the test if this machine lacks what the pages show, and hands on every other error.
func ableTo(t *testing.T, err error) error {
	t.Helper()
	if lacks := new(errLacking); errors.As(err, lacks) {
		skip.Needs(t, "all that the pages show", lacks.Error())
	}
	return err
}

// testsOf are the experiments that these files show.
func (p *project) testsOf(files []file) (tests []string) {
	for _, e := range p.experiments {
		page, _, _ := strings.Cut(e.Page(), "#")
		for _, f := range files {
			hasTable := f.path == "README.md" || f.path == docs+"/decisions.md"
			if f.path == docs+"/"+page || f.path == pictureOf(e) || hasTable && e.Test == decisions.Test {
				tests = append(tests, e.Test)
			}
		}
	}
	return slices.Compact(tests)
}
