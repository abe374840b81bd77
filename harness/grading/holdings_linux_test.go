package grading

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The process gives the number of a descriptor that it closes to the next one, also while we look at its threads.
func TestReusedNumberIsNoDescriptorOfThread(t *testing.T) {
	over := make(chan struct{})
	ended := make(chan error)
	go func() {
		for {
			select {
			case <-over:
				ended <- nil
				return
			default:
			}
			for _, name := range []string{os.DevNull, "/dev/zero"} {
				file, err := os.Open(name)
				if err != nil {
					ended <- err
					return
				}
				file.Close()
			}
		}
	}()
	for range 300 {
		open, err := openIn(strconv.Itoa(os.Getpid()))
		require.NoError(t, err)
		for name, link := range open {
			require.NotContains(t, name, "of thread", link)
		}
	}
	close(over)
	require.NoError(t, <-ended)
}
