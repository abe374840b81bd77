.PHONY: test long vet generate figures

test: ## all experiments
	go test ./...

long: ## also those that take minutes or hours of kernel time
	LABS_LONG=on go test -count=1 -timeout 3h ./...

vet: ## on every system that we compile for
	for os in linux darwin windows freebsd; do echo "vet for $$os"; GOOS=$$os go vet ./... || exit; done

generate: ## what the README and elsewhere_test.go take from the experiments
	go test -count=1 ./labs/catalog -update

figures: ## what the README takes from benchmarks; leave the machine alone meanwhile
	go test -count=1 ./labs/catalog -run 'TestOutputs|TestMeasured' -update -figures
