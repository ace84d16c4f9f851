# Cauce. `make run` shows it working; `make test` checks all of it. Both set themselves up: Python 3.11+ and a
# package index are enough.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# The first Python from 3.11 on; PYTHON=… chooses another. .venv and .venv-engine must have the same one: the local
# Lambdas run on that of .venv-engine, with layers that .venv built.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
ifeq ($(strip $(PYTHON)),)
$(error Python 3.11 or later is needed, and none is on PATH. Install it, or say PYTHON=/path/to/python)
endif

STAGE   ?= habilitacion
# Two more than there are cores, because tests on the local engine mostly wait for it. Each worker's engine takes 2 GB.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
ARGS    ?=
# V=1 shows the details of run, demo and the setting up.
V       ?=
DETAILS := $(if $(V),-v)

# What is compiled once is kept, whatever the environment says: a run starts dozens of Pythons with the same modules.
unexport PYTHONDONTWRITEBYTECODE

# Without requests to the instance metadata service, and without SAM's telemetry.
SAM                 := AWS_EC2_METADATA_DISABLED=true SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam

# Makes the environments that are missing, of something else than today, or broken; one make at a time.
ENVIRONMENTS := $(PYTHON) tests/local/environments.py $(DETAILS)

.PHONY: help
help:  ## list these targets
	@sed -n 's/^\([a-z0-9-]*\):.*  ## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

# ── See it ────────────────────────────────────────────────────────────────────────────────────────────────────

# Ctrl-C ends both without an error of make's.
.PHONY: run demo up down
run:  ## start everything on this machine, emit documents, stay up until Ctrl-C; PORT=…, V=1 for details
	@trap 'exit 0' INT; $(ENVIRONMENTS) .venv .venv-engine && \
	    .venv/bin/python -m tests.local.demo $(if $(PORT),--port $(PORT)) $(DETAILS) $(ARGS)

demo:  ## as run, but exit once the documents are emitted
	@trap 'exit 0' INT; $(ENVIRONMENTS) .venv .venv-engine && \
	    .venv/bin/python -m tests.local.demo --exit $(if $(PORT),--port $(PORT)) $(DETAILS) $(ARGS)

up: environments  ## start only the stack on the local engine, in the background
	@.venv/bin/python -m tests.local up $(if $(PORT),--port $(PORT)) $(ARGS)

down: environments  ## stop the stack that up started
	@.venv/bin/python -m tests.local down

# ── Check it ──────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: test check lint types template unit test-clock test-deep torture oracles bench cost
test: everything check  ## all checks and all tests
	@.venv/bin/python -m pytest -n $(WORKERS) $(ARGS)

check: lint types template  ## linters, types and the template, without the tests

lint: setup  ## ruff: lint and format
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: setup  ## mypy, strict
	@.venv/bin/mypy

template: setup samcli  ## cfn-lint, and sam validate --lint
	@.venv/bin/cfn-lint --template template.yaml --regions us-east-1
	@AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint --template template.yaml

unit: setup  ## the tests that need no local engine
	@.venv/bin/python -m pytest -n $(WORKERS) -m "not e2e" $(ARGS)

test-clock: setup  ## the tests of unit, contract and flow at each of eight dates and times; AT=… only at that one
	@red=; for at in $(or $(AT),$$(.venv/bin/python -c 'import conftest; print(*conftest.MOMENTS.values())')); do \
	    echo "at $$at"; \
	    .venv/bin/python -m pytest -n $(WORKERS) --at $$at tests/unit tests/contract tests/flow $(ARGS) || \
	        red="$$red $$at"; done; test -z "$$red" || { echo "red at$$red" >&2; exit 1; }

test-deep: setup clients  ## the property tests, each with five to twenty times the examples that test gives it
	@.venv/bin/python -m pytest -n $(WORKERS) -m hypothesis --hypothesis-profile deep $(ARGS)

torture: setup  ## 5000 documents while containers die, answers get lost and clocks jump; SEED=… repeats a run, DOCUMENTS=… plays fewer
	@.venv/bin/python -m tests.torture $(if $(SEED),--seed $(SEED)) $(if $(DOCUMENTS),--documents $(DOCUMENTS)) $(ARGS)

oracles: setup  ## random documents of every kind under DIAN's schematron (Saxon), the schemas and two verifiers; needs ../shared
	@.venv/bin/python -c 'import saxonche' 2>/dev/null || .venv/bin/python -m pip install -q "$$(.venv/bin/python -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["oracles"][0])')"
	@.venv/bin/python -m tests.oracles $(ARGS)

bench: environments  ## speed and cost against their limits, each provider's pace, 10,000 looks; ARGS='--only signing --rounds 10'
	@$(if $(ARGS),,.venv/bin/python -m tests.bench.pace && .venv/bin/python -m tests.bench.looks &&) .venv/bin/python -m tests.bench $(ARGS)

cost: setup  ## what a document costs on AWS: counts anew, writes docs/COSTS.md
	@.venv/bin/python -m tests.costs

# ── Add to it ─────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: provider
provider: setup  ## write the files of a new provider, NAME=…; tests/contract then says what is missing
	@.venv/bin/python -m tests.scaffold "$(NAME)"

# ── Set it up ─────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: environments everything clients setup engine samcli
environments:
	@$(ENVIRONMENTS) .venv .venv-engine
everything: .build/clients/node_modules/.package-lock.json
	@$(ENVIRONMENTS) .venv .venv-engine .venv-clients .venv-sam
clients: .build/clients/node_modules/.package-lock.json  ## .venv-clients and npm packages: schemathesis, and generators of clients
	@$(ENVIRONMENTS) .venv-clients
# What a generated TypeScript client needs. Without npm or a network the client's test skips and says so.
.build/clients/node_modules/.package-lock.json: tests/flow/clients/package-lock.json
	@! command -v npm > /dev/null || { mkdir -p .build/clients && cp tests/flow/clients/package*.json .build/clients && \
	    npm ci --prefix .build/clients --silent --no-audit --no-fund || echo "Sin los paquetes de npm: el cliente de TypeScript no se prueba."; }
setup:  ## .venv: the package, editable, and the development tools
	@$(ENVIRONMENTS) .venv
engine:  ## .venv-engine: the local AWS engine
	@$(ENVIRONMENTS) .venv-engine
samcli:
	@$(ENVIRONMENTS) .venv-sam

# ── Deploy it ─────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: layer-arm64 build deploy build-DependenciesLayer build-ProviderLayer build-FaceLayer
layer-arm64: setup  ## the layers as AWS will run them (python3.13, arm64), under .build/arm64
	@rm -rf .build/arm64
	@$(MAKE) build-DependenciesLayer ARTIFACTS_DIR=$(CURDIR)/.build/arm64/dependencies
	@$(MAKE) build-ProviderLayer ARTIFACTS_DIR=$(CURDIR)/.build/arm64/provider
	@$(MAKE) build-FaceLayer ARTIFACTS_DIR=$(CURDIR)/.build/arm64/face
	@du -sm .build/arm64/* | sed 's/\t/ MB /'

# The recipes are in the layers' own folders, where SAM looks for them.
build-DependenciesLayer: setup
	@$(MAKE) -C layers/dependencies $@ ARTIFACTS_DIR="$(ARTIFACTS_DIR)" PYTHON=$(CURDIR)/.venv/bin/python
build-ProviderLayer: setup
	@$(MAKE) -C layers/provider $@ ARTIFACTS_DIR="$(ARTIFACTS_DIR)" PYTHON=$(CURDIR)/.venv/bin/python
build-FaceLayer:
	@$(MAKE) -C layers/face $@ ARTIFACTS_DIR="$(ARTIFACTS_DIR)"

build: setup samcli  ## sam build
	@PYTHON=$(CURDIR)/.venv/bin/python $(SAM) build

deploy: build  ## sam deploy to AWS; STAGE=habilitacion (default), cuenta-nueva or produccion
	@case $(STAGE) in habilitacion|cuenta-nueva|produccion) ;; \
	    *) echo "error: STAGE is habilitacion, cuenta-nueva or produccion; local is 'make up'" >&2; exit 1;; esac
	@SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam deploy --config-env $(STAGE)

# ── Tidy up ───────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: clean
clean:  ## stop local engines; remove environments, builds and caches
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m tests.local down || true; fi
	rm -rf .venv .venv-engine .venv-clients .venv-sam .build .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} + ; find . -name '*.egg-info' -prune -exec rm -rf {} +
