package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// Claim is one statement of the chapter, in our own words, and what the experiments find about it.
type Claim struct {
	ID       string  `json:"id"`
	Claim    string  `json:"claim"`
	Verdict  Verdict `json:"verdict"` // of all findings together
	Findings []Shown `json:"findings"`
}

// Shown is what one experiment finds about a claim.
type Shown struct {
	By string `json:"experiment"` // lab/test
	Finding
}

// chapter lists what the chapter says. The letters of the ids stand for its parts: timeouts, reuse of
// addresses, keepalive, choosing.
var chapter = []Claim{
	{ID: "T1", Claim: "A blocking call waits forever if the peer falls silent, crashes or can't be reached."},
	{ID: "T2", Claim: "A timeout bounds a connect."},
	{ID: "T3", Claim: "A timeout bounds a receive, and a send."},
	{ID: "T4", Claim: "A timeout bounds an accept."},
	{ID: "T5", Claim: "A timeout is an error of its own, distinct from other socket errors."},
	{ID: "T6", Claim: "A timeout limits each call, not a whole request or connection."},
	{ID: "T7", Claim: "In a conversation of several steps, a timeout is set before each call, or once for all calls that follow."},
	{ID: "T8", Claim: "The default is no timeout."},
	{ID: "T9", Claim: "The sample: connect, send a GET and receive, ten seconds each; timeouts distinguished from other errors; always closed."},
	{ID: "R1", Claim: "SO_REUSEADDR changes what bind allows."},
	{ID: "R2", Claim: "After a close, the system keeps the address and port busy for a while (TIME_WAIT)."},
	{ID: "R3", Claim: "TIME_WAIT is there so that stray segments of the old connection do no harm."},
	{ID: "R4", Claim: "TIME_WAIT keeps a server from restarting on its port at once."},
	{ID: "R5", Claim: "With SO_REUSEADDR, bind takes an address that has a connection in TIME_WAIT."},
	{ID: "R6", Claim: "Nearly every server needs SO_REUSEADDR."},
	{ID: "R7", Claim: "SO_REUSEADDR does not allow two listeners on one port at a time."},
	{ID: "R8", Claim: "Getting around TIME_WAIT is the only purpose of SO_REUSEADDR."},
	{ID: "R9", Claim: "The sample: SO_REUSEADDR is set before bind."},
	{ID: "K1", Claim: "A TCP connection can stay open forever with nothing sent."},
	{ID: "K2", Claim: "Clients that vanished leave half-open connections that cost the server resources."},
	{ID: "K3", Claim: "With keepalive on, an idle connection is probed after a while."},
	{ID: "K4", Claim: "A peer that answers none of a series of probes is declared dead, and the connection closed."},
	{ID: "K5", Claim: "Keepalive happens in the transport layer; applications see nothing of it."},
	{ID: "K6", Claim: "Three system-wide settings govern keepalive: idle time, interval, number of probes."},
	{ID: "K7", Claim: "On Linux, each socket can have its own keepalive settings."},
	{ID: "K8", Claim: "Turning keepalive on merely activates the system's mechanism, with the system's settings."},
	{ID: "K9", Claim: "The sample: keepalive on and 60 s, 10 s and 3 for the socket, set before connect."},
	{ID: "C1", Claim: "A timeout answers: how long do I wait for this call?"},
	{ID: "C2", Claim: "Keepalive answers: is the peer of this idle connection still there?"},
	{ID: "C3", Claim: "A robust program uses timeouts for active calls, and keepalive for idle connections, so that resources are freed."},
	{ID: "C4", Claim: "A timeout does not do keepalive's work, and keepalive does not do a timeout's."},
}

// Wording is what the claim says; empty if there is no such claim.
func Wording(id string) string {
	i := slices.IndexFunc(chapter, func(c Claim) bool { return c.ID == id })
	if i < 0 {
		return ""
	}
	return chapter[i].Claim
}

// Claims are all claims. The verdict of each is that of all its experiments together. The error names claims
// without an experiment, and experiments whose claim does not exist.
func Claims(experiments []Experiment) ([]Claim, error) {
	claims := slices.Clone(chapter)
	var problems []string
	for _, e := range experiments {
		for _, f := range e.Findings {
			for _, id := range f.Claims {
				i := slices.IndexFunc(claims, func(c Claim) bool { return c.ID == id })
				if i < 0 {
					problems = append(problems, fmt.Sprintf("%s names %s, which is not a claim", e.Name(), id))
					continue
				}
				claims[i].Verdict = claims[i].Verdict.and(f.Verdict)
				claims[i].Findings = append(claims[i].Findings, Shown{e.Name(), f})
			}
		}
	}
	for _, c := range claims {
		if len(c.Findings) == 0 {
			problems = append(problems, c.ID+" has no experiment")
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("claims: %s", strings.Join(problems, "; "))
	}
	return claims, nil
}
