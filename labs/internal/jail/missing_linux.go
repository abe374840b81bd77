package jail

import (
	"context"
	"os"
	"os/exec"
	"strings"
)

// Missing says what a jail lacks on this machine. It is empty if the jail has walls.
func Missing(ctx context.Context) (lacks string) {
	self, err := os.Executable()
	if err != nil {
		return "it can't start itself: " + err.Error()
	}
	why := try(ctx, Plan{Walls: true}, self, nothing)
	switch {
	case why == "":
		return ""
	case rulesVersion() >= withScopes:
		return "no namespaces (" + why + "), only Landlock's rules"
	default:
		return "no namespaces (" + why + ")"
	}
}

// try runs a program in a jail. If that fails, it says why.
func try(ctx context.Context, p Plan, program ...string) (why string) {
	line, err := p.Line()
	if err != nil {
		return err.Error()
	}
	line = append(line, program...)
	out, err := exec.CommandContext(ctx, line[0], line[1:]...).CombinedOutput()
	if err == nil {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(string(out), "jail: "), "\n")
	if first == "" {
		first = err.Error()
	}
	return first
}
