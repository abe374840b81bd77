package grade

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/timemachine"
)

// A guest has the same results as this machine: for exercises that are not begun, for right and wrong ones, and for hostile code.
func TestGuestGradesAsThisMachineDoes(t *testing.T) {
	skip.UnlessChecking(t, "grades in QEMU")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	kernels, err := timemachine.Kernels(t.Context())
	if len(kernels) == 0 {
		skip.Needs(t, "a kernel", err.Error())
	}
	root, err := catalog.Root(".")
	require.NoError(t, err)
	all, err := catalog.Exercises(root)
	require.NoError(t, err)
	var chosen []catalog.Exercise
	for _, e := range all {
		if e.Name == "AskWithin" || e.Name == "SendAll" || e.Name == "PatientConn" {
			chosen = append(chosen, e)
		}
	}
	require.Len(t, chosen, 3)
	for name, sendAll := range map[string]string{
		"gives up too early":   "patience /= 2",
		"prints without end":   `for { fmt.Println("more") }`,
		"looks for the grader": `if _, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid())); err == nil { panic("it can be read") }`,
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			writeStudent(t, folder, fmt.Sprintf(student, sendAll))
			task := Task{Root: root, Student: folder, Exercises: chosen, Limits: Limits{Time: 20 * time.Second, Output: 1 << 20, Memory: 512 << 20}}
			graded := func() (found []string) {
				results, err := task.Do(t.Context(), func(Result) {})
				require.NoError(t, err)
				for _, r := range results {
					text := r.FullName() + " " + r.Result
					if r.Finding != nil {
						text += ": " + r.Finding.Sentence + ", " + r.Finding.Mistake
					}
					found = append(found, text)
				}
				return found
			}
			here := graded()
			task.Guest = &kernels[len(kernels)-1]
			assert.Equal(t, here, graded())
		})
	}
}
