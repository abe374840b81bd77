package sentence

import "testing"

func TestSentencesBeginAsWordsOrAsCode(t *testing.T) {
	for text, want := range map[string]string{
		"a read waits for its peer": "A read waits for its peer.",
		"data. That is all.":        "Data. That is all.",
		"no.":                       "No.",
		"écoute":                    "Écoute.",
		"http.Get waits":            "http.Get waits.",
		"tcp_tw_reuse = 1 helps":    "tcp_tw_reuse = 1 helps.",
		"poll(2) tells it":          "poll(2) tells it.",
		"net.Listen.":               "net.Listen.",
		"SO_LINGER":                 "SO_LINGER.",
	} {
		if got := Whole(text); got != want {
			t.Errorf("Whole(%q) is %q, want %q", text, got, want)
		}
	}
	if got := Begin(""); got != "" {
		t.Errorf("Begin of nothing is %q", got)
	}
}
