# Everything a fresh machine with Python 3.11 or newer needs: `make demo` and `make test` make their own environment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
# The modules that setup.py compiles are compiled anew when one of them has changed.
COMPILED := $(shell sed -n 's/^    "\(gateway\.[a-z_.]*\)",$$/\1/p' pyproject.toml)
INSTALLED := pyproject.toml setup.py building/declarations.py $(addsuffix .py,$(subst .,/,$(COMPILED)))

.PHONY: demo test check unit pure docs bench fuzz profile clean

demo: $(STAMP)  ## The documented token exchange, whole, on this machine
	$(BIN)/gatewright demo

test: check unit pure  ## Everything that has to hold before a change lands

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(DEV_STAMP)  ## Tests; says at the end what it skipped and why
	$(BIN)/python -m pytest -rs

pure: $(DEV_STAMP)  ## The tests of the gateway once more, with nothing compiled
	GATEWRIGHT_PURE=1 $(BIN)/python -m pytest -rs tests/gateway tests/conformance

docs: $(DEV_STAMP)  ## Write the reference pages in docs/ again
	$(BIN)/python -m gateway.docs docs

bench: $(DEV_STAMP)  ## Compare with other gateways, as ratios within one run
	$(BIN)/python -m benchmarks

fuzz: $(DEV_STAMP)  ## Throw nonsense at the readers and the expression language for a bounded time
	$(BIN)/python -m tests.fuzz

profile: $(DEV_STAMP)  ## A flame graph of one benchmark row: make profile ROW=c
	$(BIN)/python -m benchmarks.profile $(ROW)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
	find gateway -name '*.so' -delete

$(VENV):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Gatewright needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(INSTALLED) | $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(DEV_STAMP): $(INSTALLED) | $(VENV)
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@ $(STAMP)
