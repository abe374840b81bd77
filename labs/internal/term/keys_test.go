package term

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file that is not a terminal has no keys, and Keys reads nothing from it.
func TestPipeHasNoKeys(t *testing.T) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	defer writer.Close()
	_, err = writer.WriteString("q")
	require.NoError(t, err)
	keys, restore := Keys(reader)
	assert.Nil(t, keys)
	restore()
	left := make([]byte, 1)
	_, err = reader.Read(left)
	require.NoError(t, err)
	assert.Equal(t, "q", string(left))
}
