# Two commands need Go and make only: `make run` and `make test`. `make check` adds gcc (for -race) and the linter. Where node is
# installed, `make run` and `make build` bring the console and the citizens' pages along; REQUIRE_WEB=1 makes a build without
# them an error.
GO        ?= go
TESTFLAGS ?=
FUZZTIME  ?= 30s
HOOKTIME  ?= 3s
BIN       := $(CURDIR)/bin
# The race detector watches everything but SQLite, which is C turned into Go by a machine: watched, it is six times slower.
RACE      := -race -gcflags='modernc.org/...=-race=false'
# The packages that take longest begin first, and one more runs than there are cores: they wait for disks and for each other.
PACE      := -p $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
ALL       := ./models/store ./cmd/boot/scenario ./...
FUZZ       = CGO_ENABLED=0 $(GO) test -run '^$$' -fuzzminimizetime 20x $(TESTFLAGS) -fuzz
LINT      := $(BIN)/golangci-lint-v2.15.0
# The clients: built only where their sources, their packages or the API's document changed. CI=1 keeps tools quiet, and keeps
# the citizens' build tool from reporting to its vendor.
NODE      := $(shell command -v node 2>/dev/null)
CHROMIUM  ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
CONSOLE   := web/dist/console/index.html
CITIZEN   := web/dist/h5/index.html
MINI      := web/citizen/dist/mp-weixin/app.json web/citizen/dist/mp-alipay/app.json
sources    = $(shell find web/$1 -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name schema.d.ts)
# Where the mini-programs find the API. Tests run them against a name that leads nowhere.
VITE_API  ?= https://api.onecard.invalid
# Clients that cannot be built keep nobody from the rest, unless they are wanted.
WITH_WEB   = $(MAKE) --no-print-directory web || { [ '$(REQUIRE_WEB)' != 1 ] && echo 'web: the pages could not be built; everything else runs' >&2; }
PACKAGES   = CI=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

.DEFAULT_GOAL := help
.PHONY: help run build web mini e2e shots test check watched test-pg fuzz golden lint demo bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the whole product with a demo city on 127.0.0.1:8080, no settings needed
	@$(WITH_WEB)
	$(GO) run ./cmd/onecard dev

build: ## one static binary: bin/onecard
	@$(WITH_WEB)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o $(BIN)/onecard ./cmd/onecard

ifneq ($(NODE),)
web: $(CONSOLE) $(CITIZEN) ## the citizens' pages and the console, into what the binary embeds (needs node; without it everything else runs)
else
web:
	@if [ "$(REQUIRE_WEB)" = 1 ]; then echo 'web: REQUIRE_WEB=1, and node is not installed' >&2; exit 1; fi
	@echo 'web: node is not installed, so /m/ and /console/ say that they are not built; everything else runs'
endif

mini: $(MINI) ## both mini-programs into web/citizen/dist, for the API at VITE_API (docs/clients.md), and a look at them

$(CONSOLE): web/console/node_modules/.stamp $(call sources,console) api/testdata/openapi.json
	cd web/console && npm run --silent types >/dev/null && CI=1 npm run --silent build -- --logLevel warn

$(CITIZEN): web/citizen/node_modules/.stamp $(call sources,citizen) api/testdata/openapi.json
	cd web/citizen && npm run --silent types >/dev/null && CI=1 npm run --silent build:h5 >/dev/null

web/citizen/dist/mp-%/app.json: web/citizen/node_modules/.stamp $(call sources,citizen) api/testdata/openapi.json web/tools/mpcheck.mjs
	cd web/citizen && npm run --silent types >/dev/null && CI=1 VITE_API=$(VITE_API) npm run --silent build:$* >/dev/null
	node web/tools/mpcheck.mjs $* web/citizen/dist/mp-$* $(VITE_API)

web/%/node_modules/.stamp: web/%/package-lock.json
	cd web/$* && $(PACKAGES)
	@touch $@

e2e: web ## the clients (needs node and Chromium): type checks, sizes, both mini-programs run without a phone, browser tests
	@if [ -z "$(NODE)" ] || [ -z "$(CHROMIUM)" ]; then echo 'web tests skipped: no node, or no chromium'; [ "$(REQUIRE_WEB)" != 1 ]; exit; fi; \
	$(MAKE) --no-print-directory web/e2e/node_modules/.stamp && CGO_ENABLED=0 $(GO) build -o $(BIN)/onecard-e2e ./cmd/onecard && \
	(cd web/console && npm run --silent check && npm run --silent size) && \
	(cd web/citizen && npm run --silent check && npm run --silent size) && \
	$(MAKE) --no-print-directory mini VITE_API=https://api.onecard.invalid && node --test web/tools/*.test.mjs && \
	node web/tools/mpprobe.mjs $(BIN)/onecard-e2e web/citizen/dist/mp-weixin web/citizen/dist/mp-alipay && \
	cd web/e2e && npm run --silent check && CHROMIUM=$(CHROMIUM) ONECARD_E2E_BIN=$(BIN)/onecard-e2e CI=1 npm run --silent test

shots: web ## a picture of every page of the citizens', in both sizes, into web/e2e/shots
	@$(MAKE) --no-print-directory web/e2e/node_modules/.stamp && CGO_ENABLED=0 $(GO) build -o $(BIN)/onecard-e2e ./cmd/onecard && \
	cd web/e2e && SHOTS=1 CHROMIUM=$(CHROMIUM) ONECARD_E2E_BIN=$(BIN)/onecard-e2e CI=1 npx playwright test citizen-shots.spec.ts

test: ## all tests on the embedded database and Redis
	CGO_ENABLED=0 ONECARD_TEST_POSTGRES= ONECARD_TEST_REDIS= $(GO) test $(PACE) -shuffle=on $(TESTFLAGS) $(ALL)

check: lint watched ## what CI runs: lint (vet is one of its linters) and all tests with -race, on real servers where ONECARD_TEST_POSTGRES and ONECARD_TEST_REDIS name them

watched:
	CGO_ENABLED=1 $(GO) test $(RACE) $(PACE) -vet=off -shuffle=on -timeout 40m $(TESTFLAGS) $(ALL)

test-pg: ## the store, Redis and whole-program tests on real servers (defaults: this machine's)
	ONECARD_TEST_POSTGRES=$${ONECARD_TEST_POSTGRES:-postgres://postgres@127.0.0.1:5432/postgres} \
	ONECARD_TEST_REDIS=$${ONECARD_TEST_REDIS:-127.0.0.1:6379} \
	$(GO) test -shuffle=on $(TESTFLAGS) ./models/store/... ./integrations/redis ./cmd/...

fuzz: ## what strangers upload (FUZZTIME for each target) and post to our callbacks or send back in files (HOOKTIME), from the seeds that stand beside them
	for target in FuzzNormalise FuzzWalkJPEG FuzzSilhouette; do \
		$(FUZZ) "^$$target\$$" -fuzztime $(FUZZTIME) ./models/card || exit 1; \
	done
	for target in wechat.FuzzServerMessage wechat.FuzzDecryptedMessage alipay.FuzzLifeMessage alipay.FuzzAlipayNotice \
		wechatpay.FuzzNotice nontax.FuzzNotice telephone.FuzzEvents orderfile.FuzzRead; do \
		$(FUZZ) "^$${target#*.}\$$" -fuzztime $(HOOKTIME) ./integrations/$${target%.*} || exit 1; \
	done

golden: ## write the generated documents and frozen files anew; read the difference before you commit it
	$(GO) test -count=1 $$(grep -rl --include=*_test.go 'flag.Bool("update"' . | xargs -n1 dirname | sort -u) -args -update

lint: $(LINT) ## house rules for code (.golangci.yml)
	CGO_ENABLED=0 $(LINT) run ./...

# The linter is a tool of its own: it never enters go.mod. Its first build takes minutes.
$(LINT):
	@mkdir -p $(BIN)
	CGO_ENABLED=0 GOBIN=$(BIN) GOFLAGS= $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv $(BIN)/golangci-lint $(LINT)

demo: ## walk the main job over real HTTP and print each step
	$(GO) run ./cmd/onecard demo

bench: ## Go benchmarks of single functions; the whole beside its baselines: onecard bench
	$(GO) test -run '^$$' -bench . -benchmem ./...
