# Everything runs in .venv with the locked versions; Python 3.11+ and make are all that is needed beforehand.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; exit; }; done)
BIN := .venv/bin
STAMP := .venv/.locked
DEMO_STAMP := .venv/.locked-core
TRAIN_STAMP := .venv/.locked-train
TYPES_STAMP := .venv/.locked-types
DOCS_STAMP := .venv/.locked-docs
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORLD ?= demo
DAYS ?=
OUTPUT ?= runs/evaluation
SEEDS ?= 8
JOBS ?= 2
DISPATCHERS ?= default tuned extended universal
PYTEST ?= -n 2
LEARNING := tests/learning tests/agents tests/cli/test_train.py tests/cli/test_export.py tests/environment/test_stable_baselines.py \
	tests/benchmarks/test_ablations.py
.DEFAULT_GOAL := help
.PHONY: help demo test test-heavy test-train lint types docs lock clean clean-cache

help:
	@echo "make demo   compare the shipped dispatchers on 8 worlds of 12 tanks, 3 trucks and 30 days; score card and runs/evaluation/report.html at the end"
	@echo "make test   run the tests; make test-heavy runs those that take longer than a few seconds, and properties on more examples, make test-train those of learning (installs torch)"
	@echo "make lint   format check, ruff, mypy; make types checks the package with pyright too (installs torch)"
	@echo "make docs   build the documentation's site in site/ and follow its links"
	@echo "make lock   renew requirements/*.lock from pyproject.toml"

demo: $(DEMO_STAMP)
	$(if $(filter runs/evaluation,$(OUTPUT)),rm -rf runs/evaluation)
	$(BIN)/lmrs evaluate --dispatchers $(DISPATCHERS) --worlds $(WORLD) --seeds $(SEEDS) $(if $(DAYS),--days $(DAYS)) --jobs $(JOBS) \
		--output $(OUTPUT)

test: $(STAMP)
	$(BIN)/python -m pytest $(PYTEST)

test-heavy: $(STAMP)
	$(BIN)/python -m pytest $(PYTEST) -m "heavy or hypothesis" --hypothesis-profile many

# All tests that need what training needs; an import that fails here would only skip them there.
test-train: $(TRAIN_STAMP)
	$(BIN)/python -c "import cmaes, onnx, onnxruntime, onnxscript, stable_baselines3, tensorboard, torch"
	$(BIN)/python -m pytest $(PYTEST) -m "heavy or not heavy" $(LEARNING)

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Pyright's rules beside mypy's, with the types of what training needs.
types: $(TYPES_STAMP)
	$(BIN)/basedpyright

docs: $(DOCS_STAMP)
	$(BIN)/python -m docs.build_site

# A stamp is renewed when its lock or the project file changes; otherwise this costs nothing. The demo installs the core and what runs a policy.
$(DEMO_STAMP): requirements/core.lock requirements/dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is needed: install one, or say make PYTHON=/path/to/python" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --requirement requirements/core.lock
	$(PIP) --constraint requirements/dev.lock onnxruntime
	$(PIP) --no-deps --no-build-isolation --editable .
	@echo "compiling the routing core, once (a minute or two)"
	$(BIN)/lmrs simulate demo --days 1 >/dev/null
	@touch $@

# The development lock holds the core lock's versions and more.
$(STAMP): requirements/dev.lock $(DEMO_STAMP)
	$(PIP) --requirement requirements/dev.lock
	@touch $@

# The lock limits and does not list: torch from PyPI brings CUDA's libraries, its CPU build none of them.
$(TRAIN_STAMP): requirements/train.lock $(STAMP)
	$(PIP) --constraint requirements/train.lock --no-build-isolation --editable '.[train]'
	@touch $@

$(TYPES_STAMP): $(TRAIN_STAMP)
	$(PIP) --constraint requirements/train.lock basedpyright
	@touch $@

$(DOCS_STAMP): requirements/docs.lock $(STAMP)
	$(PIP) --requirement requirements/docs.lock
	@touch $@

lock:
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate --no-header \
		--constraint requirements/limits.in pyproject.toml requirements/build.in --output-file requirements/core.lock
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate --no-header --constraint requirements/core.lock \
		--constraint requirements/limits.in pyproject.toml requirements/build.in --extra dev --extra forecast --extra serve --output-file requirements/dev.lock
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate --no-header --constraint requirements/dev.lock \
		--constraint requirements/limits.in pyproject.toml requirements/build.in --extra dev --extra forecast --extra serve --extra train --extra types \
		--output-file requirements/train.lock
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate --no-header \
		--constraint requirements/train.lock --constraint requirements/limits.in \
		pyproject.toml requirements/build.in --extra docs --output-file requirements/docs.lock

# numba notices a change in a function's own file, not in those it calls: needed after an edit in lmrs_rl/routing/core.
clean-cache:
	find lmrs_rl -name '*.nb[ic]' -delete

clean: clean-cache
	rm -rf .venv dist build runs site .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
