# Everything needs only Python 3.11 or newer, make and a package index.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
UV := uv==0.13.9

.PHONY: help setup run test check prove bench walkthrough pictures clean

help:
	@echo "make run [PORT=8000]  Harbour with an invented world, on http://localhost:PORT"
	@echo "make test             all tests, on a real PostgreSQL and in a real browser"
	@echo "make check            format, lint, types, floors, migrations, deployment settings"
	@echo "make prove            every promise tried, with figures; QUICK=1 for a smaller scale, ONLY=prove_keys.py for some"
	@echo "make bench            what must be fast, against what; ONLY=ledger_verify for one row, SCALE=small for a quick look"
	@echo "make walkthrough      one person and a wave of 28 from referral to resettlement, without a browser"
	@echo "make pictures         what the pages look like, into docs/pictures"
	@echo "make setup            the environment in .venv (the others do this by themselves)"
	@echo "make clean            stop what runs; remove .venv, state and build"

setup: .venv/.run-ready .venv/.dev-ready

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Harbour needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 setup"; exit 1; }
	@echo "Making the environment in .venv"
	@$(PYTHON) -m venv .venv || { echo "Python could not make an environment. On Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install -q --disable-pip-version-check $(UV) || echo "uv could not be installed: pip does its work, more slowly."
	@touch $@

.venv/.run-ready: requirements.txt constraints.txt | .venv/.made
	@echo "Installing what runs (requirements.txt)"
	@$(call install,requirements.txt)
	@touch $@

.venv/.dev-ready: requirements.txt requirements-dev.txt constraints.txt | .venv/.made .venv/.run-ready
	@echo "Installing what tests and checks (requirements-dev.txt)"
	@$(call install,requirements-dev.txt)
	@touch $@

define install
index="$${PIP_INDEX_URL:-$$($(BIN)/pip config get global.index-url 2>/dev/null)}"; \
	{ test -x $(BIN)/uv && UV_DEFAULT_INDEX="$$index" $(BIN)/uv pip install -q -p $(BIN)/python -r $(1); } || $(BIN)/pip install -q --disable-pip-version-check -r $(1)
endef

run: .venv/.run-ready
	@PORT=$(PORT) exec $(BIN)/python -m config.run

test: .venv/.dev-ready
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m tests

check: .venv/.dev-ready
	@$(BIN)/python -m config.examine

prove: .venv/.dev-ready
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m tests.proofs $(ONLY)

bench: .venv/.dev-ready
	@ONLY="$(ONLY)" SCALE="$(SCALE)" $(BIN)/python -m benchmarks

walkthrough: .venv/.run-ready
	@$(BIN)/python -m config.walk

pictures: .venv/.dev-ready
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest -q tests/browser/pictures.py

clean:
	@$(PYTHON) -m config.embedded --remove
	@rm -rf .venv .run build .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
