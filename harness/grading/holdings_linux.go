package grading

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// openAndStarted are the descriptors of the student's process and its child processes, in /proc: proc(5).
func (g *Grader) openAndStarted() (descriptors map[string]string, children []string) {
	descriptors = make(map[string]string)
	self := strconv.Itoa(g.student.Pid())
	children = descendants(self)
	for _, pid := range append(children, self) {
		folder := filepath.Join("/proc", pid, "fd")
		entries, err := os.ReadDir(folder)
		for _, entry := range entries {
			var link string
			link, err = os.Readlink(filepath.Join(folder, entry.Name()))
			if err == nil && !strings.HasPrefix(link, "anon_inode:") { // not the runtime's own: anon_inode:[eventpoll]
				descriptors["descriptor "+entry.Name()+" of process "+pid] = link
			}
			if errors.Is(err, fs.ErrPermission) {
				break
			}
		}
		// After prctl(2) with PR_SET_DUMPABLE: a root without rights can list them all the same, and not read them.
		if errors.Is(err, fs.ErrPermission) {
			descriptors["descriptors of process "+pid] = hidden
		}
	}
	return descriptors, children
}

// descendants are the processes below one.
func descendants(of string) (pids []string) {
	childrenOf := make(map[string][]string)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // over by now
		}
		// The name may have spaces and parentheses: "12 (a b) S 1 …", where 1 is the parent.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) > 1 {
			childrenOf[fields[1]] = append(childrenOf[fields[1]], filepath.Base(filepath.Dir(path)))
		}
	}
	for left := []string{of}; len(left) > 0; {
		below := childrenOf[left[0]]
		pids, left = append(pids, below...), append(left[1:], below...)
	}
	return pids
}
