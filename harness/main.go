package harness

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"

	"socketlabs/harness/internal/system"
	"socketlabs/harness/netns"
	"socketlabs/harness/story"
)

// Main runs the tests of a lab and exits with their status. TestMain calls it:
//
//	func TestMain(m *testing.M) { harness.Main(m, wire.Watch) }
//
// On Linux it starts the test binary again on a private loopback, and passes on its output, signals
// and exit status. If the system allows no private loopback, the tests use the machine's own loopback, and -v
// says why. With LABS_SANDBOX=off, the tests always use the machine's own loopback. Unless -parallel is given, Main lets
// as many tests run in parallel as this process has descriptors for: experiments wait and hardly compute. In a process
// that an experiment has started, Main runs no tests, but the program that the experiment has chosen. A witness sees what
// the network carries during one experiment.
func Main(m *testing.M, witness func(*Experiment) Witness) {
	newWitness = witness
	system.RunProgram()
	flag.Parse()
	if err := system.CheckSettings(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if system.Setting("LABS_SANDBOX") == "on" {
		if err := netns.Enter(); err != nil && testing.Verbose() {
			fmt.Printf("harness: no private loopback (%v): using the machine's own\n", err)
		}
	}
	raiseParallel()
	status := m.Run()
	if n := skipped.Load(); n > 0 {
		fmt.Printf("harness: skipped %s; go test -v says why\n", story.Count(int(n), "experiment"))
	}
	os.Exit(status)
}

// raiseParallel lets as many experiments run at once as the descriptors of this process allow.
func raiseParallel() {
	const (
		most          = 256 // more than any lab has
		perExperiment = 10  // descriptors: the pair, its peers, an HTTP server and its clients
		reserve       = 24  // standard streams, the poller, the test log, capture files
	)
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return
	}
	n := min(most, max(1, (system.MaxDescriptors()-reserve)/perExperiment))
	if err := flag.Set("test.parallel", strconv.Itoa(n)); err != nil {
		panic(err) // the testing package always defines it
	}
}
