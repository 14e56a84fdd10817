# ScaiDrive. `make help` lists what there is; `make run` and `make check` are the two to know.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0

DATA    ?= ./data
LISTEN  ?= :8000
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X main.version=$(VERSION)

# step NAME,COMMAND runs a command and prints its seconds.
step = @echo "== $(1)"; t0=$$(date +%s); ( $(2) ) || { echo "== $(1): FAILED after $$(( $$(date +%s) - t0 )) s"; exit 1; }; echo "== $(1): $$(( $$(date +%s) - t0 )) s"

.PHONY: help run build check deps vet lint test ui webunit e2e race fuzz-short fuzz crash drift gen bench bench-rights bench-web cross release clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

run: build ## build the binary and start the server with its data in ./data
	@DATA='$(DATA)' LISTEN='$(LISTEN)' ./scripts/run.sh

build: ## build ./scaidrive, one static file
	go build -trimpath -ldflags '$(LDFLAGS)' -o scaidrive ./cmd/scaidrive

check: ## everything CI runs: installs what it needs, builds, checks, tests
	$(call step,deps,$(MAKE) --no-print-directory deps)
	$(call step,build,$(MAKE) --no-print-directory build)
	$(call step,vet,$(MAKE) --no-print-directory vet)
	$(call step,lint,$(MAKE) --no-print-directory lint)
	$(call step,cross,$(MAKE) --no-print-directory cross)
	$(call step,drift,$(MAKE) --no-print-directory drift)
	$(call step,webunit,$(MAKE) --no-print-directory webunit)
	$(call step,test,$(MAKE) --no-print-directory test)
	$(call step,e2e,$(MAKE) --no-print-directory e2e)
	$(call step,race,$(MAKE) --no-print-directory race)
	$(call step,fuzz-short,$(MAKE) --no-print-directory fuzz-short)
	@echo "== check: all passed"

deps: ## install what the tests need (apt packages; needs root on Debian)
	@./scripts/deps.sh
	go mod download
	@./scripts/web.sh deps

vet: ## gofmt and go vet
	@bad=$$(git ls-files '*.go' | xargs gofmt -l); test -z "$$bad" || { echo "not formatted: $$bad"; exit 1; }
	go vet ./...

lint: ## staticcheck, by staticcheck.conf
	go tool staticcheck ./...

cross: ## the platforms that must build
	GOOS=linux GOARCH=arm64 go build -o /dev/null ./cmd/scaidrive
	GOOS=linux GOARCH=arm GOARM=7 go vet ./chunkstore/... ./client/...
	GOOS=windows GOARCH=amd64 go build -o /dev/null ./cmd/scaidrive
	GOOS=windows GOARCH=amd64 go vet ./client/...
	GOOS=darwin GOARCH=arm64 go build -o /dev/null ./cmd/scaidrive
	GOOS=darwin GOARCH=arm64 go vet ./client/...

test: ## the Go tests
	go test -timeout 25m ./...

ui: ## build the web client: webui/src to webui/dist, which is committed
	@./scripts/web.sh build

webunit: ## types and unit tests of the web client
	@./scripts/web.sh check

e2e: ## the page in a real browser
	@./scripts/e2e.sh

race: ## a tenth of the seeds under the race detector
	CGO_ENABLED=1 SCAIDRIVE_SEEDS_DIVISOR=10 go test -race -short -timeout 15m ./chunkstore ./engine/... ./httpd/... ./client/...

fuzz-short: ## each fuzz target for some thousand inputs
	@./scripts/fuzz.sh $${FUZZTIME:-2000x}

fuzz: ## each fuzz target for FUZZTIME (default 5m)
	@./scripts/fuzz.sh $${FUZZTIME:-5m}

crash: ## the long crash and damage runs; SCAIDRIVE_LONG=10m SCAIDRIVE_SEED=1
	SCAIDRIVE_LONG=$${SCAIDRIVE_LONG:-10m} go test -timeout 0 -v -run 'Crash|Model|Kill|Power|Damage|Fault' ./chunkstore/... ./engine/... ./test/...

drift: ## generated files, and the built web client, are what their sources give
	go generate ./...
	@./scripts/web.sh drift
	@git diff --exit-code --stat -- '*_gen.go' '*_gen.ts' '*tables*.go' || { echo "generated files differ: run make gen and commit"; exit 1; }

gen: ## run the generators
	go generate ./...

bench: build ## the figures of docs/performance.md; DIR for the data, default a temporary one
	go run ./bench/limits $(if $(DIR),-dir $(DIR))
	go run ./bench/product -bin ./scaidrive $(if $(DIR),-dir $(DIR))
	@$(MAKE) --no-print-directory bench-rights bench-web

bench-rights: ## those of permissions, and of tenants with many people
	go test -run '^$$' -bench . -benchtime 300ms ./engine/acl

bench-web: build ## those of the page, in a real browser; RUNS of each, default 5
	@./scripts/e2e.sh bench

clean: ## remove what the build made (not the data)
	rm -f scaidrive
