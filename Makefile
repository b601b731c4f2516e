# make report: from nothing to a PDF.  make test, make check: what CI runs.
PYTHON ?= python3
STUDY ?= quick
VENV := .venv
BIN := $(VENV)/bin

.PHONY: report test check soak clean

report: $(VENV)/installed
	$(BIN)/collect run $(STUDY)
	$(BIN)/analyze report --format pdf

test: $(VENV)/test-installed
	$(BIN)/python -m pytest

check: $(VENV)/check-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

soak: $(VENV)/test-installed
	$(BIN)/python -m pytest -m soak --timeout 7200

$(VENV)/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/test-installed: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

$(VENV)/check-installed: $(VENV)/test-installed
	$(BIN)/python -m pip install --quiet --editable '.[test,check]'
	touch $@

clean:
	rm -rf $(VENV)
