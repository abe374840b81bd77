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
		open, err := openIn(pid)
		runtimes := maps.Clone(ofRuntime)
		for fd, link := range open {
			if runtimes[link] > 0 {
				runtimes[link]--
			} else if !strings.HasPrefix(link, "anon_inode:seccomp") { // not what the harness notices system calls with
				descriptors["descriptor "+fd+" of process "+pid] = link
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

// openIn returns what the descriptors of a process are. A thread may have descriptors of its own: unshare(2), CLONE_FILES. And if the
// first thread has ended, the process itself seems to have none.
func openIn(pid string) (open map[string]string, err error) {
	process := filepath.Join("/proc", pid)
	open, err = linksOf(process)
	threads, _ := filepath.Glob(filepath.Join(process, "task", "[0-9]*"))
	for _, thread := range threads {
		links, unread := ownLinksOf(thread, process)
		for fd, link := range links {
			if known, isKnown := open[fd]; isKnown && known != link {
				fd += " of thread " + filepath.Base(thread)
			}
			open[fd] = link
		}
		err = errors.Join(err, unread)
	}
	return open, err
}

// ownLinksOf returns what the thread's descriptors are that the process doesn't have. A thread that shares its process's seems to
// have others if one was closed meanwhile, and its number given to the next: only what is seen often is its own.
func ownLinksOf(thread, process string) (own map[string]string, err error) {
	const often = 10
	for range often {
		before, unreadBefore := linksOf(process)
		links, unread := linksOf(thread)
		after, unreadAfter := linksOf(process)
		maps.DeleteFunc(links, func(fd, link string) bool {
			return before[fd] == link || after[fd] == link || own != nil && own[fd] != link
		})
		own, err = links, errors.Join(unreadBefore, unread, unreadAfter)
		if len(own) == 0 || err != nil {
			break
		}
	}
	return own, err
}

// linksOf returns what the descriptors of a process or thread are. It reports only that it may not look.
func linksOf(of string) (links map[string]string, err error) {
	links = make(map[string]string)
	folder := filepath.Join(of, "fd")
	entries, unlisted := os.ReadDir(folder)
	if errors.Is(unlisted, fs.ErrPermission) {
		return links, unlisted
	}
	for _, entry := range entries {
		link, unread := os.Readlink(filepath.Join(folder, entry.Name()))
		switch {
		case unread == nil:
			links[entry.Name()] = link
		case errors.Is(unread, fs.ErrPermission):
			return links, unread
		}
	}
	return links, nil
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
