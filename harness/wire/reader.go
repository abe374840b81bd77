package wire

import "socketlabs/harness/story"

// Reader groups the frames of one experiment by connection, and numbers the connections in the order
// in which they begin.
type Reader struct {
	// Unheard reports whether a frame was sent to a host that has vanished.
	Unheard func(Frame) bool

	latest map[Ends]*Connection
	count  int
}

// Read takes the next frame.
func (r *Reader) Read(f Frame) story.Segment {
	c := r.latest[f.Ends]
	if c == nil || c.BeginsAnother(f.Header) {
		r.count++
		c = NewConnection(r.count, f.Header)
		if r.latest == nil {
			r.latest = map[Ends]*Connection{}
		}
		r.latest[f.Ends], r.latest[f.Reversed()] = c, c
	}
	return c.Read(f.Header, r.Unheard(f))
}
