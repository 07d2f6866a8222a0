# A bare `make` lists the targets.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
export PATH := $(PATH):$(CURDIR)/.venv/bin
PORT ?= 7070
RUN := .venv/bin/python
UI_SOURCES := $(shell find sdk/ui host/ui plugins/*/ui -type f -not -path '*/node_modules/*' 2>/dev/null) package-lock.json
PLUGINS := kubernetes-logs postgres
ZIPAPPS := $(addprefix dist/,$(PLUGINS))

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## make .venv and fetch what is needed (nothing when up to date)
	@scripts/setup.sh

demo: ## PostgreSQL with a live workload, the host and its page on http://127.0.0.1:7070/ (PORT= changes it)
	@scripts/setup.sh
	@$(MAKE) --silent --no-print-directory $(ZIPAPPS)
	@exec $(RUN) scripts/demo.py --port $(PORT)

test: ## everything that any machine can run
	@scripts/setup.sh
	@$(MAKE) --silent --no-print-directory $(ZIPAPPS)
	@npm test --silent
	$(RUN) -m pytest $(ARGS)

test-live: ## what needs root or minutes of building
	@scripts/setup.sh
	@$(MAKE) --silent --no-print-directory $(ZIPAPPS)
	$(RUN) -m pytest -m live $(ARGS)

check: ## types, lint, formats, import arrows
	@scripts/setup.sh python node
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	.venv/bin/lint-imports --no-cache
	npm run check --silent

zipapps: ## build every plugin as one executable in dist/
	@scripts/setup.sh python node
	@$(MAKE) --silent --no-print-directory $(ZIPAPPS)

bench: ## measure, as ratios within one run; one line per row, and bench/results/*.json
	@scripts/setup.sh
	@$(MAKE) --silent --no-print-directory $(ZIPAPPS)
	$(RUN) -m bench $(ARGS)

ui: host/mc_host/shell/index.html ## build the pages

proto: ## generate code from the .proto files
	$(RUN) scripts/gen_proto.py

lock: ## solve the requirements again and write their hashes
	@scripts/lock.sh

clean: ## remove what was built (not .venv)
	rm -rf dist host/mc_host/shell plugins/*/mc_*/ui bench/results

# One npm run builds all pages; the shell's index stands for them.
host/mc_host/shell/index.html: $(UI_SOURCES)
	@printf '\033[2m· building the pages\033[0m\n' >&2
	@npm run build --silent >/dev/null
	@touch $@

.SECONDEXPANSION:
dist/%: host/mc_host/shell/index.html scripts/build_zipapp.py requirements/$$(subst -,_,%).txt \
        $$(shell find sdk plugins/$$(subst -,_,%) -name '*.py' -o -name '*.sql' -o -name Plugin.yaml -o -name '*.toml' | grep -v node_modules)
	@printf '\033[2m· building %s\033[0m\n' $@ >&2
	@$(RUN) scripts/build_zipapp.py $(subst -,_,$*) >&2

.PHONY: help setup demo test test-live check zipapps bench ui proto lock clean
