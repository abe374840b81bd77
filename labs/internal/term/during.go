package term

import "time"

// During calls do, and draws while it runs. A function that do hands to then is called between two drawings.
func (s *Screen) During(draw func(), do func(then func(func())) error) error {
	calls := make(chan func())
	var err error
	go func() {
		defer close(calls)
		err = do(func(call func()) { calls <- call })
	}()
	redraw := time.NewTicker(100 * time.Millisecond)
	defer redraw.Stop()
	for {
		select {
		case call, more := <-calls:
			if !more {
				s.End()
				return err
			}
			call()
		case <-redraw.C:
			draw()
		}
	}
}
