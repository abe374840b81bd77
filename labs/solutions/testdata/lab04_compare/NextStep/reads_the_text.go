// Mistake: it looks for words in the error's text.
// Says: told apart by their text

package exercise

import "strings"

// NextStep reads the error.
func NextStep(during Call, err error) Step {
	if err == nil {
		return GoOn
	}
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(err.Error(), w) {
				return true
			}
		}
		return false
	}
	switch {
	case says("canceled", "use of closed"):
		return Stop
	case says("i/o timeout"):
		if during == Connect {
			return ConnectLater
		}
		return CallAgain
	case says("refused", "reset by peer", "broken pipe", "timed out", "unreachable", "EOF"):
		if during == Connect {
			return ConnectLater
		}
		return AskFirst
	}
	return Report
}
