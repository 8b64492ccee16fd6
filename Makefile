# Every target sets up what it needs in .venv, on a machine that has Python 3.11 or later, git and
# make. What is installed is pinned in constraints.txt.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
unexport PYTHONPATH PYTHONHOME

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --constraint constraints.txt
EDITABLE := $(INSTALL) --no-build-isolation

# Two states of .venv, each with a file that says when it was reached. The development tools
# include the runtime; the runtime never brings the development tools.
RUNTIME := $(VENV)/.runtime-installed
TOOLS := $(VENV)/.tools-installed
PINS := constraints.txt $(wildcard */pyproject.toml)

CHECKS := check-format check-lint check-types check-imports check-spec check-generated \
	check-tests check-coverage
COVERAGE_FLOORS := ldp_wire=100 ldp_queues=95 ldp_proxy=95 ldp_account=95 ldp_client=95 \
	ldp_schemas=95 ldp_conformance=95 tools=95

# What is missing for one language fails, and keeps no other from being built and judged.
RUNTIMES := $(addprefix build-runtime-,python go rust java node3 node4)
LANGUAGES := $(RUNTIMES) build-node build-go

.PHONY: help env demo test test-languages chaos explore bench zip fix generate $(CHECKS) $(LANGUAGES)

help: ## say what each target does
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

env: $(TOOLS) ## install the packages and the development tools into .venv

demo: ## send AWS events through proxy, queues and client on this machine
	@begun=$$(date +%s); $(MAKE) $(RUNTIME) && $(BIN)/lambda-debug demo; status=$$?; \
		echo "make demo took $$(($$(date +%s) - begun)) s, installation included"; exit $$status

test: $(TOOLS) ## run every check, as continuous integration does
	@$(MAKE) --keep-going $(CHECKS)

test-languages: $(TOOLS) ## build the handlers and ports in other languages, and judge them
	@status=0; $(MAKE) --keep-going $(TOOLS) $(LANGUAGES) || status=1; \
		$(BIN)/pytest -m languages --hypothesis-profile=ci || status=1; exit $$status

$(RUNTIMES):
	@$(MAKE) -C tests/languages $@

build-node:
	@echo "== install what the port in Node needs"
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "Node or npm was not found." \
		"Install Node 20 or later, put it on the PATH, and run make again." >&2; exit 1; }
	@cd conformance/ports/node && npm install --no-package-lock --no-audit --no-fund --loglevel=error

build-go:
	@echo "== build the port in Go"
	@command -v go >/dev/null || { echo "Go was not found. Install Go 1.26 or later, put it on the" \
		"PATH, and run make again." >&2; exit 1; }
	@cd conformance/ports/go && go generate . && go build -o bin/ ./handler && go vet ./... && \
		files=$$(gofmt -l .) && { test -z "$$files" || { echo "Run gofmt -w on $$files" >&2; exit 1; }; }

SEED := 1
INVOCATIONS := 2000

chaos: $(TOOLS) ## kill, stop and cut off real proxies and clients; SEED=2 INVOCATIONS=500
	@PYTHONPATH=tests $(PYTHON) -m ldp_testing.chaos --seed $(SEED) --invocations $(INVOCATIONS)

bench: $(RUNTIME) ## measure round trip, cold start and idle calls against their floors
	$(PYTHON) bench/run.py

explore: $(RUNTIME) ## search every run of both machines within bounds, further than make test
	@PYTHONPATH=tests $(PYTHON) -m ldp_testing.explorer

zip: $(RUNTIME) ## build dist/lambda-debug-proxy.zip, the function to deploy
	$(PYTHON) -m ldp_client.packaging

fix: $(TOOLS) ## format, apply safe corrections, and regenerate
	$(BIN)/ruff check --fix --quiet || true
	$(BIN)/ruff format --quiet
	@$(MAKE) generate

generate: $(TOOLS) ## regenerate the files that are derived from schemas, code and spec
	$(PYTHON) -m ldp_schemas.bundle
	$(PYTHON) spec/tools/generate.py
	$(PYTHON) conformance/tools/traceability.py
	$(PYTHON) conformance/tools/port_matrix.py --refresh

check-format:
	@echo "== format"
	@$(BIN)/ruff format --check

check-lint:
	@echo "== lint"
	@status=0; $(BIN)/ruff check --output-format concise || status=1; $(BIN)/typos || status=1; exit $$status

# The proxy runs in Lambda's oldest supported runtime, so its code is also checked as Python 3.10.
check-types:
	@echo "== types"
	@status=0; $(BIN)/mypy || status=1; \
		$(BIN)/mypy --python-version 3.10 python_proxy/src || status=1; exit $$status

check-imports:
	@echo "== import contracts"
	@$(BIN)/lint-imports --no-cache

check-spec:
	@echo "== specification"
	@$(PYTHON) spec/tools/lint.py

check-generated:
	@echo "== generated files"
	@status=0; $(PYTHON) -m ldp_schemas.bundle --check || status=1; \
		$(PYTHON) spec/tools/generate.py --check || status=1; \
		$(PYTHON) conformance/tools/port_matrix.py --check || status=1; exit $$status

check-tests:
	@echo "== tests"
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest --hypothesis-profile=ci --numprocesses=3 --dist=worksteal

# Judged only if the tests passed. Quiet where a floor holds, so that their summary stays in sight.
check-coverage: check-tests
	@echo "== coverage"
	@$(BIN)/coverage combine --quiet
	@rm -f .coverage.*  # what is left is of a process that a test killed while it wrote
	@status=0; for floor in $(COVERAGE_FLOORS); do \
		package=$${floor%=*}; least=$${floor#*=}; files="*/$$package/*"; \
		echo "$$package $$($(BIN)/coverage report --include="$$files" --format=total) % of $$least %"; \
		$(BIN)/coverage report --include="$$files" --fail-under=$$least --show-missing \
			--skip-covered >$(VENV)/coverage.txt || { cat $(VENV)/coverage.txt; status=1; }; \
	done; exit $$status

# pip comes last when venv creates an environment, so its presence says that .venv is complete.
$(BIN)/pip:
	@for python in python3 python3.13 python3.12 python3.11; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		echo "Setting up $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); \
	done; \
	echo "No Python 3.11 or later was found (tried python3, python3.13, python3.12, python3.11)." >&2; \
	echo "Install one, put it on the PATH, and run make again." >&2; exit 1

$(RUNTIME): $(PINS) | $(BIN)/pip
	@echo "Installing what the demo needs"
	@$(INSTALL) pip hatchling editables
	@$(EDITABLE) --editable python_proxy --editable 'python_client[demo]'
	@touch $@

$(TOOLS): pyproject.toml $(PINS) | $(BIN)/pip
	@echo "Installing the packages and the development tools"
	@$(INSTALL) pip hatchling editables
	@$(EDITABLE) --group dev --editable schemas --editable python_proxy --editable 'python_client[demo]' \
		--editable conformance
	@touch $(RUNTIME) $@
