package grading

import (
	"encoding/json"
	"sync"

	"socketlabs/harness/grading/student"
)

// Func is a function of a driver: the grader calls it, and it runs in the student's process. It is the project's own
// code, and calls the student's. Its argument A and its result R are sent as JSON.
type Func[A, R any] struct{ name string }

// exported has the functions of a driver, by name.
var exported = make(map[string]func(json.RawMessage) any)

// Export makes f callable by the grader. Assign its result to a variable of the test package, so that both processes
// have it:
//
//	var askWithin = grading.Export("AskWithin", func(q question) answer { … exercise.AskWithin(…) … })
func Export[A, R any](name string, f func(A) R) Func[A, R] {
	if exported[name] != nil {
		panic("exported twice: " + name)
	}
	exported[name] = func(body json.RawMessage) any { return f(student.Decode[A](body)) }
	return Func[A, R]{name}
}

// On calls the function in the student's process, and waits for its result. If the function panics, or the process ends,
// On panics; [Grader.Call] and [Grader.Go] turn that into a finding.
func (f Func[A, R]) On(g *Grader, arg A) R { return student.Decode[R](g.student.Call(f.name, arg)) }

// Callback is a function in the grader's process that the driver can call, for example when the student's code does.
type Callback[A, R any] struct{ Number uint64 }

// NewCallback makes f callable from the student's process. f runs on a goroutine of its own. It may note what it is told,
// but must not call [Grader.Expect].
func NewCallback[A, R any](g *Grader, f func(A) R) Callback[A, R] {
	return Callback[A, R]{g.kept.add(func(body json.RawMessage) any { return f(student.Decode[A](body)) })}
}

// Call calls the grader, from the student's process.
func (c Callback[A, R]) Call(arg A) R {
	return student.Decode[R](toGrader.Call(callBack, callingBack{c.Number, student.Encode(arg)}))
}

// carryOut carries out a call from the student's process, in the grader's process.
func (g *Grader) carryOut(name string, body json.RawMessage) (result any, f *student.Fault) {
	defer func() {
		if _, over := recover().(student.Gone); over {
			result = nil // the body of the call can't be decoded
		}
	}()
	switch name {
	case callConn:
		return g.kept.carryOut(body), nil
	case callBack:
		called := student.Decode[callingBack](body)
		if f, ok := g.kept.get(called.Number).(func(json.RawMessage) any); ok {
			return f(called.Body), nil
		}
	}
	return nil, nil
}

const callBack = "grading.Callback"

type callingBack struct {
	Number uint64
	Body   json.RawMessage
}

// Handle names a value that a driver keeps in the student's process between two calls.
type Handle[T any] struct{ Number uint64 }

// Keep keeps a value in the student's process.
func Keep[T any](value T) Handle[T] { return Handle[T]{own.add(value)} }

// Get returns the value. It is called in the student's process.
func (h Handle[T]) Get() T { return own.get(h.Number).(T) }

// Drop forgets the value. It is called in the student's process.
func (h Handle[T]) Drop() { own.drop(h.Number) }

// table holds what one process keeps for the other.
type table struct {
	mu     sync.Mutex
	last   uint64
	values map[uint64]any
}

// own is the table of the student's process.
var own table

func (t *table) add(value any) (number uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.values == nil {
		t.values = make(map[uint64]any)
	}
	t.last++
	t.values[t.last] = value
	return t.last
}

func (t *table) get(number uint64) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.values[number]
}

func (t *table) drop(number uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.values, number)
}

// empty drops all values, and returns them.
func (t *table) empty() (values []any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, value := range t.values {
		values = append(values, value)
	}
	t.values = nil
	return values
}
