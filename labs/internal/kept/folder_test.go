package kept

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFoldersLeadBackToTheirTests(t *testing.T) {
	for test, want := range map[string]string{
		"TestX":                "lab01/TestX",
		"TestX/1s+1×1s":        "lab01/TestX/1s+1×1s",
		`TestX/a:b*?"<>|\100%`: "lab01/TestX/a%3Ab%2A%3F%22%3C%3E%7C%5C100%25",
		"Example":              "lab01/Example",
		"BenchmarkX/%2e%2e":    "lab01/BenchmarkX/%252e%252e",
		"TestX/<script>":       "lab01/TestX/%3Cscript%3E",
	} {
		folder, err := folderOf("lab01", test)
		require.NoError(t, err)
		assert.Equal(t, want, folder)
		for _, kernel := range []string{"", "6.1.0-56-cloud-amd64"} {
			if kernel != "" {
				folder = kernel + "/" + folder
			}
			gotKernel, lab, got, ok := testOf(folder)
			assert.True(t, ok, folder)
			assert.Equal(t, []string{kernel, "lab01", test}, []string{gotKernel, lab, got})
		}
	}
}

func TestNamesThatLeadElsewhereAreNone(t *testing.T) {
	for _, test := range []string{"TestX/..", "TestX/../../../etc", "TestX/.", "TestX//part", "TestX/"} {
		_, err := folderOf("lab01", test)
		assert.ErrorContains(t, err, test+" can't be kept")
	}
	for _, folder := range []string{
		"lab01", "lab01/exercise", "TestX", "a/b/c/TestX", "lab01/TestX/%2e%2e/%2e%2e", "lab01/TestX/%2E%2E%2F..",
		"lab01/TestX/%zz", "_artifacts/lab01/TestX", ".new-1/lab01/TestX",
	} {
		_, _, test, ok := testOf(folder)
		assert.False(t, ok, "%s is no folder of %q", folder, test)
	}
}
