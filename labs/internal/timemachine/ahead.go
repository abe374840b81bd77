package timemachine

import (
	"bytes"
	"cmp"
	"io"
	"sync"
)

// ahead is what has come from the guest and was not read yet. It takes any amount at once, because a guest must never wait for
// us to read. While it waits it computes nothing, so its clock jumps from timer to timer, and everything it does is late.
type ahead struct {
	mu    sync.Mutex
	came  *sync.Cond
	bytes bytes.Buffer
	end   error // nil while more may come
}

// readAhead starts to read everything that comes.
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

// Write appends what has come.
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
