# Everything the project does, one target each. A bare `make` lists them.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip --disable-pip-version-check

INSTANCE   ?= instances/shenzhen
OUT        ?= results/shenzhen
GAP        ?= 0.01
TIME_LIMIT ?= 300
POLICIES   ?= $(sort $(wildcard instances/policies/*.toml))
COMPARISON ?= docs/policies-compared.md

# more arguments for pytest, e.g. make test TEST_ARGS="-k schema -x"
TEST_ARGS ?=

# Each stamp is written when its step is done, so that a step runs again only when its inputs change.
STAMP_VENV   := $(VENV)/.stamp-venv
STAMP_RUN    := $(VENV)/.stamp-run
STAMP_DEV    := $(VENV)/.stamp-dev
STAMP_HUBOPT := $(VENV)/.stamp-hubopt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev run test lint format bench policies docs data lock clean distclean

help: ## list the targets
	@echo "hubopt - targets:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP_RUN) $(STAMP_HUBOPT) ## make .venv with what running needs, exactly as locked

setup-dev: $(STAMP_DEV) $(STAMP_HUBOPT) ## make .venv with what running and testing need

run: setup ## solve the Shenzhen instance and write its map and report
	$(VENV)/bin/hubopt solve $(INSTANCE) --gap $(GAP) --time-limit $(TIME_LIMIT) --out $(OUT) --force

test: setup-dev ## run the tests, then the checks of `make lint`
	$(PY) -m pytest -n 2 $(TEST_ARGS)
	@$(MAKE) --no-print-directory lint

lint: setup-dev ## check style, formatting and types
	$(PY) -m ruff check --no-cache --output-format concise .
	$(PY) -m ruff format --no-cache --check --output-format concise .
	$(PY) -m mypy

format: setup-dev ## rewrite the code in the agreed style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup ## measure how long the Shenzhen instance takes to solve
	$(PY) benchmarks/solve_shenzhen.py

policies: setup ## solve INSTANCE under every policy (TIME_LIMIT each) and compare the results
	@set -e; for policy in $(POLICIES); do \
		name=$$(basename $$policy .toml); echo "== $$name"; \
		$(VENV)/bin/hubopt solve $(INSTANCE) --policy $$policy --gap $(GAP) --time-limit $(TIME_LIMIT) \
			--out results/policies/$$name --force; done
	$(VENV)/bin/hubopt compare $(foreach policy,$(POLICIES),results/policies/$(basename $(notdir $(policy)))) \
		--markdown $(COMPARISON)

docs: setup ## write the generated pages of docs/ anew
	$(PY) docs/generate.py

data: setup ## build the Shenzhen instance anew from its recipe
	$(VENV)/bin/hubopt data build instances/shenzhen/recipe.toml --trust --out instances/shenzhen

# Dependencies: pyproject.toml says what is needed, the locks say exactly which files.
# `make lock` keeps the present versions where it can; `make lock UPGRADE=1` takes the newest.
UV_COMPILE = uv pip compile pyproject.toml --quiet --extra build --extra pdf --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate --universal --python-version 3.11 $(if $(UPGRADE),--upgrade)

lock: ## write the lock files anew (needs uv; UPGRADE=1 for newest versions)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(UV_COMPILE) --extra dev -o requirements-dev.lock
	$(UV_COMPILE) --constraint requirements-dev.lock -o requirements.lock
	@if grep -nE '://' requirements.lock requirements-dev.lock; then \
		echo "the lock files must not name a package index" >&2; exit 1; fi

clean: ## remove caches and built packages
	rm -rf build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -path ./.git -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## remove .venv as well
	rm -rf $(VENV)

$(STAMP_VENV):
	@command -v $(PYTHON) >/dev/null || { \
		echo "hubopt needs Python 3.11, 3.12 or 3.13, but there is no '$(PYTHON)'." >&2; \
		echo "Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
		echo "hubopt needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make a virtual environment: its modules venv and ensurepip are missing." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The development lock holds every file of the running lock, in the same version.
$(STAMP_RUN): requirements.lock $(STAMP_VENV)
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@touch $@

$(STAMP_DEV): requirements-dev.lock $(STAMP_VENV) | $(STAMP_RUN)
	$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

# The project itself goes in without dependencies and without build isolation: the lock has both.
$(STAMP_HUBOPT): pyproject.toml $(STAMP_VENV) | $(STAMP_RUN)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
