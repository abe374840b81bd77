.PHONY: test check mutants long kernels machine vet generate figures

# The labs wait, and go test runs only as many packages at a time as there are cores: with -p they run side by side.
test: ## the experiments and tests that take little time
	go test -p 6 ./...
	@echo 'left out: the tests that take longer, with a browser, QEMU and graders; "make check" runs them'

TEST = go test
check: ## also the tests that take longer: with a browser, QEMU and graders
	LABS_CHECK=on $(TEST) -count=1 -timeout 20m ./...

mutants: ## options that the labs' tests set and nobody looks at: takes minutes
	go run ./labs/internal/mutants

long: ## also the experiments that take minutes or hours of kernel time
	LABS_LONG=on go test -count=1 -timeout 3h ./...

kernels: ## for the time machine, from Debian's packages, into the user's cache
	labs/internal/timemachine/kernels.sh

machine: ## for the pages of labs site, from npm and Debian's packages, into the user's cache
	labs/internal/pagemachine/parts.sh

vet: ## on every system that we compile for
	for os in linux darwin windows freebsd; do echo "vet for $$os"; GOOS=$$os go vet ./... || exit; done
	for arch in 386 arm; do echo "vet for linux on $$arch"; GOOS=linux GOARCH=$$arch go vet ./... || exit; done

generate: ## what the docs, the README and elsewhere_test.go take from the experiments
	go run ./labs/internal/gen

# OWN=DIR adds this machine's own timers to the time machine's table, from what LABS_LONG=on labs run --keep DIR has left.
figures: ## the same, and what they take from benchmarks and the time machine; leave the machine alone meanwhile
	go run ./labs/internal/gen -figures -own "$(OWN)"
