package picture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
)

// The time that it takes to draw any story, and the size of its picture, are proportional to the story.
func TestPictureOfAnyStoryIsQuick(t *testing.T) {
	skip.UnlessChecking(t, "draws ten thousand events of each kind")
	const many = 10_000
	random := rand.New(rand.NewPCG(1, 2))
	for name, each := range map[string]func(i int) story.Event{
		"calls that never return": func(i int) story.Event {
			return story.Event{At: time.Duration(i) * time.Millisecond, Lane: story.Client, Kind: story.Began, Call: fmt.Sprint(i)}
		},
		"calls that return late": func(i int) story.Event {
			kind := []story.Kind{story.Began, story.Returned}[i*2/many]
			return story.Event{At: time.Duration(i) * time.Millisecond, Lane: story.Server, Kind: kind, Call: fmt.Sprint(i % (many / 2))}
		},
		"times compared": func(i int) story.Event {
			return story.Event{At: time.Duration(i) * time.Millisecond, Lane: story.Story, Kind: story.Took, Span: &story.Span{Took: math.MinInt64}}
		},
		"long waits": func(i int) story.Event { return story.Event{At: time.Duration(i) * time.Hour} },
		"longer and longer waits": func(i int) story.Event {
			return story.Event{At: time.Duration(math.Pow(1.003, float64(i)))}
		},
		"any times": func(int) story.Event { return story.Event{At: time.Duration(random.Int64())} },
		"segments": func(i int) story.Event {
			return story.Event{At: time.Duration(i) * time.Second, Lane: story.Wire, Segment: &story.Segment{Connection: i, Meaning: story.Meaning(fmt.Sprint(i))}}
		},
		"one long word": func(i int) story.Event { return story.Event{Text: strings.Repeat("W", max(0, 1-i)<<20)} },
	} {
		var events []story.Event
		size := 0
		for i := range many {
			e := each(i)
			events = append(events, e)
			size += 400 + len(e.Text)
		}
		began := time.Now()
		drawn := Draw(name, story.Record{Events: events})
		assert.Less(t, time.Since(began), time.Minute, name) // it takes a tenth of a second, or forever
		assert.Less(t, len(drawn), 4*size, name)
	}
}
