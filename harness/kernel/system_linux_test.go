package kernel_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/kernel"
	"socketlabs/harness/skip"
)

const finTimeout = "ipv4/tcp_fin_timeout"

func TestSystemSettingIsRestoredAndNeverTheMachines(t *testing.T) {
	t.Parallel()
	if missing := kernel.Proc.Missing(); missing != "" {
		skip.Needs(t, kernel.Proc.Name, missing)
	}
	for _, sandbox := range []string{"off", "on"} {
		before := machinesSetting(t)
		out, err := child.Command(t, "TestChildChangesSystemSetting", "LABS_SANDBOX="+sandbox).CombinedOutput()
		assert.NoError(t, err, "%s", out)
		assert.Equal(t, before, machinesSetting(t))
		if sandbox == "on" && strings.Contains(string(out), "harness: skipped ") {
			skip.Needs(t, "SystemSettings", "the private loopback's can't be changed here")
		}
	}
}

func machinesSetting(t *testing.T) string {
	value, err := os.ReadFile("/proc/sys/net/" + finTimeout)
	require.NoError(t, err)
	return strings.TrimSpace(string(value))
}

func TestChildChangesSystemSetting(t *testing.T) {
	var before string
	t.Run("experiment", func(t *testing.T) {
		x := harness.Start(&child.Recorder{TB: t}, kernel.SystemSettings)
		before = kernel.SystemSetting(x, finTimeout)
		kernel.SetSystemSetting(x, finTimeout, "33")
		assert.Equal(t, "33", kernel.SystemSetting(x, finTimeout))
	})
	if before != "" {
		assert.Equal(t, before, kernel.SystemSetting(harness.Start(&child.Recorder{TB: t}), finTimeout))
	}
}
