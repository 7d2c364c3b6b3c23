# Mainstay: `make run` starts it, `make test` proves it. Both set up what they need.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X mainstay/internal/platform/version.Version=$(VERSION)
DATA    ?= data
LISTEN  ?= 127.0.0.1:8080

# Nothing that is built here carries a debugger's tables: compiling without them
# is a third cheaper. Nor does it know where it was built, so that a second clone
# need not compile again what a first has.
lean := -trimpath -gcflags=all=-dwarf=false
export GOFLAGS := $(filter-out $(lean),$(GOFLAGS)) $(lean)

.PHONY: run build console console-test test test-program test-packages check test-deps generate bench acceptance soak fuzz dist clean

run: build
	bin/mainstay serve --data $(DATA) --listen $(LISTEN)

build: console
	go build -ldflags '$(LDFLAGS)' -o bin/mainstay ./cmd/mainstay

# The console is built when one of its sources is newer than what was built.
console: web/dist/index.html

web/node_modules/.installed: web/package-lock.json web/package.json
	cd web && npm ci --no-audit --no-fund --ignore-scripts
	touch $@

console-test: web/dist/index.html
	cd web && npm run --silent types && npm test

web/dist/index.html: web/node_modules/.installed $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/vite.config.ts
	cd web && npm run build
	touch $@

# test installs what the tests need, then runs everything: style, and side by side
# the tests of the built program (the whole thread, under kills, and in a browser),
# which mostly wait, the console's tests, and behind them all others: with the race
# detector what is concurrent, without it the rest, and PromQL's conformance and
# days of samples in the metric store. Most tests wait: more of a package run at
# once than there are processors.
test: test-deps check
	$(MAKE) -j3 --output-sync=target test-program test-packages console-test

test-program: build
	scripts/gotest -timeout 14m -parallel 3 ./test/e2e

test-packages:
	nice scripts/gotest -race -parallel 4 -timeout 12m $$(scripts/packages race)
	nice scripts/gotest -parallel 4 -timeout 12m $$(scripts/packages plain) ./internal/platform/metricstore

# vet is after the build, which compiles most of what it reads.
check: build
	@bad=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$bad" || { echo "gofmt would change: $$bad"; exit 1; }
	go vet ./...

test-deps:
	scripts/test-deps

# The OpenAPI document and the console's client, from the Go types.
generate:
	go test ./internal/wire -run TestOpenAPI -update
	cd web && npm run generate

bench: build
	scripts/bench

# Alertmanager's own acceptance tests against this program, and the log store's
# with an external VictoriaLogs: three minutes.
acceptance: build
	scripts/acceptance

soak:
	scripts/soak

# A short turn of every fuzz target: make fuzz FUZZTIME=1m
FUZZTIME ?= 10s
fuzz:
	scripts/fuzz $(FUZZTIME)

dist: console
	VERSION=$(VERSION) scripts/dist

clean:
	rm -rf bin dist web/node_modules
	find web/dist -mindepth 1 ! -name .gitkeep -delete
