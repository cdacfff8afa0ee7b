# make serve: installs what it needs, then runs the gateway. make test: everything, set-up included. make bench: ratios.
# make rasa: Rasa in an environment of its own, the script validated and trained.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: serve test check bench demo rasa

serve: $(VENV)/ready
	@exec $(BIN)/qingting serve

demo: $(VENV)/ready
	@exec $(BIN)/qingting demo

# many gateways are started: each would compile the whole house where whoever calls has bytecode turned off
test: $(VENV)/ready-test
	@tests/prepare
	@$(MAKE) --no-print-directory check
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(VENV)/ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

rasa: $(VENV)/ready
	@PYTHONPATH=. $(BIN)/python tests/rasa/environment.py

bench: $(VENV)/ready-test
	$(BIN)/python -m benchmarks

$(VENV)/python-is-there:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Qingting needs Python 3.11 or newer, with venv and pip (Debian: apt install python3-venv); \
	none was found on the path. Name another with: make PYTHON=/path/to/python3 $(or $(MAKECMDGOALS),serve)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/ready: $(VENV)/python-is-there requirements.txt pyproject.toml
	@echo "installing what Qingting needs into $(VENV) (once)"
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-test: $(VENV)/ready requirements-test.txt
	$(PIP) install --require-hashes -r requirements-test.txt
	@touch $@
