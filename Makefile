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
RESULTS    ?= results/policies

# how often each kind of fault is brought about, kill -9 together, and how many instances bounds are tried on
FAULTS ?= 3
KILLS  ?= 200
BOUNDS ?= 2000

# changed inputs of the long fuzz run; advisories in the OSV format for an audit without a network; what is tested
# with the oldest and the newest versions
FUZZ       ?= 100000
ADVISORIES ?=
EDGE_TESTS ?= tests/instance tests/solution tests/model tests/check

# more arguments for pytest, e.g. make test TEST_ARGS="-k schema -x"
TEST_ARGS ?=

# Each stamp is written when its step is done, so that a step runs again only when its inputs change.
STAMP_VENV   := $(VENV)/.stamp-venv
STAMP_RUN    := $(VENV)/.stamp-run
STAMP_DEV    := $(VENV)/.stamp-dev
STAMP_HUBOPT := $(VENV)/.stamp-hubopt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev run test test-min test-latest fuzz audit lint lock-min format bench faults bounds policies docs walk pictures data lock clean distclean

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

test-min: .venv-min/.stamp ## run EDGE_TESTS with the oldest versions that pyproject.toml allows
	.venv-min/bin/python -m pytest $(EDGE_TESTS) $(TEST_ARGS)

test-latest: .venv-latest/.stamp ## run EDGE_TESTS with the newest versions that pyproject.toml allows (needs uv)
	.venv-latest/bin/python -m pytest $(EDGE_TESTS) $(TEST_ARGS)

fuzz: setup-dev ## read FUZZ changed inputs, count what became of them (docs/trust.md; an hour)
	$(PY) -m tests.fuzz.run --inputs $(FUZZ) --processes 2 --write docs/trust.md

audit: setup-dev .venv-audit/.stamp ## look the packages up for known vulnerabilities and write docs/licences.md
	.venv-audit/bin/python audit/licences.py --python $(PY) --write docs/licences.md
	.venv-audit/bin/python audit/advisories.py requirements.lock requirements-dev.lock $(if $(ADVISORIES),--local $(ADVISORIES))

lint: setup-dev ## check style, formatting and types
	$(PY) -m ruff check --no-cache --output-format concise .
	$(PY) -m ruff format --no-cache --check --output-format concise .
	$(PY) -m mypy

format: setup-dev ## rewrite the code in the agreed style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup ## measure how long the Shenzhen instance takes to solve
	$(PY) benchmarks/solve_shenzhen.py

faults: setup-dev ## bring every kind of fault about and count what is lost (docs/trust.md; an hour)
	$(PY) -m tests.faults --times $(FAULTS) --kills $(KILLS) --write docs/trust.md

bounds: setup-dev ## hold every method against SCIP on BOUNDS random small instances (docs/trust.md; an hour)
	$(PY) -m tests.bounds --count $(BOUNDS) --write docs/trust.md

policies: setup ## solve INSTANCE under every policy that fits (TIME_LIMIT each, six times that for three periods), fill README's table
	@results=; for policy in $(POLICIES); do \
		name=$$(basename $$policy .toml); echo "== $$name"; code=0; phases=$$(grep -c '^\[\[phases\]\]' $$policy); \
		$(VENV)/bin/hubopt solve $(INSTANCE) --policy $$policy --gap $(GAP) \
			--time-limit $$(( $(TIME_LIMIT) * (phases > 0 ? 2 * phases : 1) )) \
			--out $(RESULTS)/$$name --force || code=$$?; \
		case $$code in \
			0) results="$$results $(RESULTS)/$$name";; \
			2|3|4) echo "== $$name is left out: it ended with code $$code";; \
			*) exit $$code;; \
		esac; done; \
	$(VENV)/bin/hubopt compare $$results --markdown $(COMPARISON) && $(PY) docs/policy_results.py $$results

docs: setup-dev ## write the generated pages of docs/ anew and build the site into build/site (strict; read it from there)
	$(PY) docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet --strict
	@echo "open build/site/index.html"

walk: .venv-walk/.stamp ## type README and the pages of first steps as a newcomer would, from a wheel (LONG=1: what takes minutes, too)
	$(PY) docs/walk.py --bin .venv-walk/bin $(if $(LONG),--long) $(PAGES)

pictures: setup-dev ## draw the pictures of README and docs anew from results (needs chromium)
	$(PY) docs/pictures.py

data: setup ## build the Shenzhen instance anew from its recipe
	$(VENV)/bin/hubopt data build instances/shenzhen/recipe.toml --trust --out instances/shenzhen

# Dependencies: pyproject.toml says what is needed, the locks say exactly which files.
# `make lock` keeps the present versions where it can; `make lock UPGRADE=1` takes the newest.
UV_COMPILE = uv pip compile pyproject.toml --quiet --extra build --extra pdf --extra osm --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate --universal --python-version 3.11 $(if $(UPGRADE),--upgrade)

lock: ## write the lock files anew (needs uv; UPGRADE=1 for newest versions)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(UV_COMPILE) --extra dev --extra docs --extra stochastic --extra bench -o requirements-dev.lock
	$(UV_COMPILE) --constraint requirements-dev.lock -o requirements.lock
	@if grep -nE '://' requirements.lock requirements-dev.lock; then \
		echo "the lock files must not name a package index" >&2; exit 1; fi

lock-min: ## write requirements-min.lock anew: the oldest versions that pyproject.toml allows (needs uv)
	$(UV_COMPILE) --extra dev --extra stochastic --extra bench --resolution lowest-direct -o requirements-min.lock
	@if grep -nE '://' requirements-min.lock; then echo "the lock files must not name a package index" >&2; exit 1; fi

clean: ## remove caches and built packages
	rm -rf build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -path ./.git -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## remove .venv as well
	rm -rf $(VENV) .venv-min .venv-latest .venv-audit .venv-walk

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

# Environments of their own, each made anew when its list changes.
.venv-min/.stamp: requirements-min.lock pyproject.toml
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement $<
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv-latest/.stamp: pyproject.toml
	@command -v uv >/dev/null || { echo "make test-latest needs uv: pip install uv" >&2; exit 1; }
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(UV_COMPILE) --extra dev --upgrade -o $(@D)/requirements.lock
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement $(@D)/requirements.lock
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# What a newcomer has: the wheel, what it needs, and nothing of the repository.
.venv-walk/.stamp: requirements.lock pyproject.toml $(shell find hubopt instances/tiny instances/policies -name '*.py' -o -name '*.toml' -o -name '*.js' -o -name '*.html' -o -name '*.css' -o -name '*.csv') | $(STAMP_RUN)
	rm -rf $(@D) build/wheel
	$(PY) -m hatchling build --target wheel --directory build/wheel
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement requirements.lock
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps build/wheel/*.whl
	@touch $@

.venv-audit/.stamp: audit/tools.lock
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement $<
	@touch $@
