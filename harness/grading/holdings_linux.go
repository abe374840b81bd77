package grading

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// openAndStarted returns the descriptors of the student's process and of its descendants, and these descendants. It reads
// /proc: proc(5).
func (g *Grader) openAndStarted() (descriptors map[string]string, children []string) {
	descriptors = make(map[string]string)
	self := strconv.Itoa(g.student.Pid())
	children = descendants(self)
	for _, pid := range append(children, self) {
		folder := filepath.Join("/proc", pid, "fd")
		entries, err := os.ReadDir(folder)
		runtimes := maps.Clone(ofRuntime)
		for _, entry := range entries {
			var link string
			link, err = os.Readlink(filepath.Join(folder, entry.Name()))
			if runtimes[link] > 0 {
				runtimes[link]--
			} else if err == nil && !strings.HasPrefix(link, "anon_inode:seccomp") { // not what the harness notices system calls with
				descriptors["descriptor "+entry.Name()+" of process "+pid] = link
			}
			if errors.Is(err, fs.ErrPermission) {
				break
			}
		}
		// A process can hide its descriptors: prctl(2), PR_SET_DUMPABLE. A root without capabilities can then list
		// them, but can't read them.
		if errors.Is(err, fs.ErrPermission) {
			descriptors["descriptors of process "+pid] = hidden
		}
	}
	return descriptors, children
}

// ofRuntime has how many descriptors of each kind Go's runtime keeps open for itself.
var ofRuntime = map[string]int{"anon_inode:[eventpoll]": 1, "anon_inode:[eventfd]": 1}

// descendants returns the children of a process, their children, and so on.
func descendants(of string) (pids []string) {
	childrenOf := make(map[string][]string)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // the process has ended
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
