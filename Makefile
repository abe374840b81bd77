.PHONY: test graders mutants long kernels vet generate figures

test: ## all experiments
	go test ./...

long: ## also those that take minutes or hours of kernel time
	LABS_LONG=on go test -count=1 -timeout 3h ./...

kernels: ## for the time machine, from Debian's packages, into the user's cache
	labs/timemachine/kernels.sh

graders: ## of the exercises: with the model solutions, wrong ones and hostile ones
	LABS_GRADERS=on go test -count=1 ./labs ./labs/grade ./labs/solutions

mutants: ## options that the labs' tests set and nobody looks at: takes minutes
	go run ./labs/internal/mutants

vet: ## on every system that we compile for
	for os in linux darwin windows freebsd; do echo "vet for $$os"; GOOS=$$os go vet ./... || exit; done

generate: ## what the README and elsewhere_test.go take from the experiments
	go test -count=1 ./labs/catalog -update

figures: ## what the README takes from benchmarks and the time machine; leave the machine alone meanwhile
	go test -count=1 ./labs/catalog -run 'TestOutputs|TestMeasured|TestTimeMachine' -update -figures
