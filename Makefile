# socialdesk: two commands on a fresh machine, `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test setup lint lock screenshots clean

demo: setup
	@$(BIN)/socialdesk demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest

setup: $(VENV)/.runtime

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	@echo "Setting up $(VENV) (once; a few minutes on a slow line)"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "socialdesk needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is $$($(PYTHON) -V). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what socialdesk runs on"
	@$(PIP) install --quiet --progress-bar off --require-hashes -r requirements/runtime.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing what the tests need"
	@$(PIP) install --quiet --progress-bar off --require-hashes -r requirements/dev.txt
	@touch $@

# For maintainers, with uv on the path: refresh both lock files from pyproject.toml.
lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements/runtime.txt
	uv pip compile pyproject.toml --extra keyring --extra postgresql --extra timestamps --group build --group dev -c requirements/runtime.txt --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements/dev.txt

screenshots: $(VENV)/.dev
	$(BIN)/python docs/screenshots.py

clean:
	rm -rf $(VENV)
