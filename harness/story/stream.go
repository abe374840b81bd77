package story

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A test reports an event as an attribute of the test (testing.T.Attr), which "go test -json" passes on. Go's own
// converter cuts a line at 4 KiB, so a long event is split into several attributes.
const (
	AttrKey     = "story"      // the key of an event, or of its last part
	AttrKeyMore = "story.more" // the key of a part that others follow

	longest = 3 << 10
)

// Encode returns the event as attributes: pairs of key and value, in order.
func (e Event) Encode() (attributes [][2]string) {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // every type in an event has a JSON form
	}
	rest := string(text)
	for len(rest) > longest {
		end := longest
		for rest[end-1] == ' ' || rest[end] == ' ' { // the converter trims spaces at both ends
			end--
		}
		attributes = append(attributes, [2]string{AttrKeyMore, rest[:end]})
		rest = rest[end:]
	}
	return append(attributes, [2]string{AttrKey, rest})
}

// Decoder restores events from the attributes of one test.
type Decoder struct{ parts strings.Builder }

// Attribute takes the next attribute. If that completes an event, Attribute returns the event, and done is true.
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
