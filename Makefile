# Two commands: `make demo` makes up a small country and investigates it; `make test` proves the checkout.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/.ready

.PHONY: demo test test-long lint types imports unit bench lock clean
.DEFAULT_GOAL := demo

$(READY): constraints.txt pyproject.toml
	@echo "Setting up .venv (once; a few minutes on a slow line) …"
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Duanka needs Python 3.11 or newer; say make PYTHON=python3.12')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --require-hashes -r constraints.txt $(PIP_ARGS)
	$(BIN)/python -m pip install --no-deps --no-build-isolation -e . $(PIP_ARGS)
	$(BIN)/python -c "import pathlib; pathlib.Path('$(READY)').touch()"

demo: $(READY)
	$(BIN)/duanka demo

test: lint types imports unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

unit: $(READY)
	$(BIN)/python -m pytest -n 2 -m "not long"

test-long: $(READY)
	$(BIN)/python -m pytest -m long
	$(PYTHON) tests/long/second_duckdb.py

bench: $(READY)
	$(BIN)/python benchmarks/run.py

# Maintainers: renew the pinned, hashed constraints (needs uv).
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links -q -o constraints.txt

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(d, ignore_errors=True) for d in ('.venv', 'demo-case', '.mypy_cache', '.ruff_cache', '.pytest_cache', '.hypothesis')]"
