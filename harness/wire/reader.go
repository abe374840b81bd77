package wire

import "socketlabs/harness/timeline"

// Reader puts the frames of one experiment together to connections, and numbers these in the order
// in which they begin.
type Reader struct {
	// Unheard reports whether a frame comes to a host that has vanished.
	Unheard func(Frame, Header) bool

	latest map[Ends]*Connection
	count  int
}

// Read takes the next frame.
func (r *Reader) Read(f Frame) (timeline.Segment, error) {
	h, err := ReadHeader(f)
	if err != nil {
		return timeline.Segment{}, err
	}
	c := r.latest[h.Ends]
	if c == nil || c.BeginsAnother(h) {
		r.count++
		c = NewConnection(r.count, h)
		if r.latest == nil {
			r.latest = map[Ends]*Connection{}
		}
		r.latest[h.Ends], r.latest[h.Reversed()] = c, c
	}
	return c.Read(h, r.Unheard(f, h)), nil
}
