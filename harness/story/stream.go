package story

import (
	"encoding/json"
	"fmt"
	"strings"
)

// An event goes to whoever runs the test as an attribute of the test (testing.T.Attr), which "go test -json"
// hands on. Go's own converter cuts a line at 4 KiB, so a long event goes in several.
const (
	AttrKey     = "story"      // of an event, or its last part
	AttrKeyMore = "story.more" // of a part that others follow

	longest = 3 << 10
)

// Encode returns the event as attributes: keys and values, in their order.
func (e Event) Encode() (attributes [][2]string) {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // nothing in an event is of a type that has no JSON
	}
	rest := string(text)
	for len(rest) > longest {
		end := longest
		for rest[end-1] == ' ' || rest[end] == ' ' { // which the converter takes away at either end
			end--
		}
		attributes = append(attributes, [2]string{AttrKeyMore, rest[:end]})
		rest = rest[end:]
	}
	return append(attributes, [2]string{AttrKey, rest})
}

// Decoder puts events together again from the attributes of one test.
type Decoder struct{ parts strings.Builder }

// Attribute takes the next attribute. It is done once an event is whole.
func (d *Decoder) Attribute(key, value string) (e Event, done bool, err error) {
	if key != AttrKey && key != AttrKeyMore {
		return Event{}, false, nil
	}
	d.parts.WriteString(value)
	if key == AttrKeyMore {
		return Event{}, false, nil
	}
	text := d.parts.String()
	d.parts.Reset()
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return Event{}, false, fmt.Errorf("story: %w", err)
	}
	if e.Segment != nil {
		e.Segment.At = e.At
	}
	return e, true, nil
}
