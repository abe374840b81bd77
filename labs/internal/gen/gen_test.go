package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

const root = "../../.."

// Everything that is generated from the source must be current. What comes from a run is not compared here.
func TestGeneratedIsCurrent(t *testing.T) {
	p := loaded(t)
	files, err := p.files(t.Context())
	require.NoError(t, err)
	for _, f := range files {
		if f.path != sums { // a reader may have other files beside the graders: see catalog.CheckGraders
			assert.NoError(t, p.isCurrent([]file{f}))
		}
	}
}

func TestRecordedIsCurrent(t *testing.T) {
	skip.UnlessChecking(t, "runs all experiments")
	p := loaded(t)
	runsAsPagesShow(t)
	require.NoError(t, ableTo(t, p.listen(t.Context())))
	assert.NoError(t, p.isAsTold())
}

func runsAsPagesShow(t *testing.T) {
	t.Helper()
	for name, value := range settings {
		t.Setenv(name, value)
	}
}

// ableTo skips the test if this machine can't make what the pages show. It fails the test on any other error.
func ableTo(t *testing.T, err error) error {
	t.Helper()
	if lacks := new(errLacking); errors.As(err, lacks) {
		skip.Needs(t, "all that the pages show", lacks.Error())
	}
	return err
}

func loaded(t *testing.T) *project {
	t.Helper()
	p, err := load(root)
	require.NoError(t, err)
	return p
}
