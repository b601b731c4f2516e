# make report: from nothing to a PDF; STUDY=article for another preset or a study file.  make check, make test, make lowest: what CI runs.
PYTHON ?= python3
STUDY ?= quick
FOLDER = data/$(patsubst %.toml,%,$(notdir $(STUDY)))
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest

.PHONY: report reports test check lowest soak clean

report: $(VENV)/installed
	$(BIN)/collect run $(STUDY) --out $(FOLDER)
	$(BIN)/analyze report $(FOLDER) --format pdf

# What the repository shows of its own studies; pdftoppm is poppler-utils'.
reports: $(VENV)/installed
	$(BIN)/python data/reports.py

test: $(VENV)/test-installed
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

check: $(VENV)/check-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Left out: what a browser shows, rates by simulation and time limits, none of which a library's version decides, other
# tools' libraries, which need newer ones, and the rest of collect, which is mostly torch.
lowest: $(LOWEST)/installed
	$(LOWEST)/bin/python -m pytest -p no:hydra_pytest --numprocesses 2 tests/test_architecture.py tests/analyze \
	  --ignore tests/analyze/report/test_report_browser.py --ignore tests/analyze/test_calibration.py \
	  --ignore tests/analyze/study/imports \
	  --deselect tests/analyze/report/test_report_bounds.py::test_a_large_study_renders_within_its_memory \
	  $(addprefix tests/collect/,images store study)

soak: $(VENV)/test-installed
	$(BIN)/python -m pytest -m soak --timeout 7200
	$(BIN)/python -m tests.mutants
	$(BIN)/python -m pytest --hypothesis-profile fuzz --timeout 7200 tests/collect/test_fuzz.py tests/analyze/test_fuzz.py

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

$(LOWEST)/installed: pyproject.toml .ci/lowest.py | $(VENV)/test-installed
	$(BIN)/python .ci/lowest.py $(LOWEST)
	touch $@

clean:
	rm -rf $(VENV) $(LOWEST)
