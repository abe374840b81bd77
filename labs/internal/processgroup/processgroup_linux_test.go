package processgroup

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A command may take much memory because of what a student's code does. Then it is ended, and not another program of the teacher's.
func TestLimitedCommandIsEndedBeforeOthers(t *testing.T) {
	var said bytes.Buffer
	cmd := Limited(t.Context(), 1<<30, 1<<20, "/bin/cat", "/proc/self/oom_score_adj", "/proc/self/limits")
	cmd.Stdout = &said
	require.NoError(t, Run(cmd))
	score, limits, _ := strings.Cut(said.String(), "\n")
	points, err := strconv.Atoi(score)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, points, 500)
	assert.Regexp(t, `(?m)^Max data size +1073741824 +1073741824 +bytes`, limits)
	assert.Regexp(t, `(?m)^Max file size +1048576 +1048576 +bytes`, limits)
}
