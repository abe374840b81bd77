package timemachine

import (
	"bytes"
	"cmp"
	"io"
	"sync"
)

// ahead is what has come from the guest and was not asked for yet. It takes any amount, and at once: a guest that waits for us to
// read computes nothing meanwhile, so its clock jumps to its next timer, and to the one after that. What can't be late there
// would be late.
type ahead struct {
	mu    sync.Mutex
	came  *sync.Cond
	bytes bytes.Buffer
	end   error // nil while more may come
}

// readAhead reads all that comes, from now on.
func readAhead(line io.Reader) *ahead {
	a := new(ahead)
	a.came = sync.NewCond(&a.mu)
	go func() {
		_, err := io.Copy(a, line)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.end = cmp.Or(err, io.EOF)
		a.came.Broadcast()
	}()
	return a
}

// Write keeps what has come.
func (a *ahead) Write(text []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.came.Broadcast()
	return a.bytes.Write(text)
}

// Read waits for the next bytes.
func (a *ahead) Read(buf []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.bytes.Len() == 0 && a.end == nil {
		a.came.Wait()
	}
	if a.bytes.Len() == 0 {
		return 0, a.end
	}
	return a.bytes.Read(buf)
}
