# The two things to run: `make demo` shows the product at work, `make test` proves it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test deep check format setup docs clean lab-up lab-down

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: setup  ## raise the lab, scan it over SSH, compare with what its hosts deserve, take it down
	lab/demo.sh

test: setup  ## all tests, the lab's real hosts included
	$(BIN)/pytest -q -n 2 --dist loadfile -m "not lab"
	$(BIN)/pytest -q -m lab

deep: setup  ## the comparisons with sshd and libpam on 2,000 generated configurations each and with the kernel's filters on 10,000 rule sets
	$(BIN)/pytest -q --hypothesis-profile deep tests/platforms/test_sshd_truth.py tests/platforms/test_pam_truth.py
	$(BIN)/pytest -q --hypothesis-profile deep tests/packetspace

check: setup  ## format, lint, strict types, import rules, shell scripts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy scanner collectors control_profiles tests benchmarks docs lab
	$(BIN)/lint-imports
	shellcheck -x .ci/run .ci/prerequisites $$(git ls-files 'lab/*.sh' ':!lab/hosts/*/files/*')

format: setup  ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup  ## write the generated pages again (they are tested to be current)
	$(BIN)/python -m docs.generate

lab-up: setup  ## raise the lab and leave it up
	lab/up.sh

lab-down:  ## take the lab down
	lab/down.sh

setup: $(VENV)/.ready  ## system packages and the virtual environment

$(VENV)/.ready: pyproject.toml .ci/prerequisites
	.ci/prerequisites
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

clean:  ## remove what the targets above made in this folder
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
