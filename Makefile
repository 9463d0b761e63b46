# The front door. A machine needs Python 3.11 and make; everything else comes locked by hash, into .venv.

.PHONY: help demo test setup dev tools check fix bench generated generated-check wheel-check lock
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
PYTHON ?= $(shell for p in python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
SLOW := scenario or browser or slow

# A stamp bears the hash of what it installed: another pin is another stamp, a branch and back costs nothing.
hash = $(shell cat $(1) | sha256sum | cut -c1-16)
RUN := $(VENV)/.run-$(call hash,requirements/build.txt requirements/run.txt pyproject.toml)
DEV := $(VENV)/.dev-$(call hash,requirements/dev.txt pyproject.toml)

help:
	@echo 'make demo             a centre, twelve deposits, their answers; ARGS="--keep DIR" keeps it'
	@echo 'make test             every test: the quick ones, then the stories on real parts'
	@echo 'make setup            .venv with what runs (dev: and what tests)'
	@echo 'make check            lint, types, import arrows, generated files; changes nothing'
	@echo 'make fix              format, and what the linter can repair'
	@echo 'make bench            measured speed, beside the usual tools'
	@echo 'make generated        write the generated pages anew'
	@echo 'make lock             pin the dependencies anew; ARGS=--upgrade for newer ones'

demo: setup
	@$(BIN)/consigne demo $(ARGS)

test: dev tools
	@$(BIN)/pytest -n auto --dist loadfile -m "not ($(SLOW))" $(ARGS)
	@$(BIN)/pytest -n auto --dist loadfile -m "$(SLOW)" $(ARGS)

setup: $(RUN)
	@:

dev: $(DEV)
	@:

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 was not found: install it (Debian 12: apt-get install python3.11-venv), or name it: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo 'Python has no venv module: on Debian, apt-get install python3.11-venv' >&2; exit 1; }

$(RUN): | $(BIN)/python
	@echo 'Setting up .venv with the locked dependencies, about a minute…'
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): | $(BIN)/python
	@echo 'Setting up .venv with the locked dependencies and the tools of the tests, about two minutes…'
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(RUN)

tools:
	@.ci/tools

check: dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(MAKE) generated-check

fix: dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: dev tools
	@for script in $(filter-out bench/_%,$(sort $(wildcard bench/*.py))); do $(BIN)/python "$$script" $(ARGS) || exit; done

wheel-check: dev
	@.ci/wheel

generated: dev
	@$(BIN)/python -m consigne.generated

generated-check: dev
	@$(BIN)/python -m consigne.generated --check

COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 $(ARGS)
lock: dev
	@$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	@$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/run.txt
	@printf 'hatchling\neditables\n' | $(COMPILE) - -c requirements/dev.txt -o requirements/build.txt
