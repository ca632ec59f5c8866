# The two commands: `make run` builds the environment from the lock, simulates a bank and runs one night over it;
# `make test` runs every test. Python 3.11, make and pip are all a machine needs.

PYTHON ?= python3.11
VENV ?= .venv
BIN = $(VENV)/bin
export C360_HOME ?= $(CURDIR)/c360-home

.PHONY: run test lint env clean

env: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

run: env
	$(BIN)/c360 simulate
	$(BIN)/c360 run

test: env
	$(BIN)/python -m pytest --cov --cov-report=term-missing:skip-covered --cov-fail-under=85

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar warehouse expectations
	$(BIN)/yamllint warehouse matching

clean:
	rm -rf $(VENV) c360-home
