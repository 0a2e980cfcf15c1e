# Needs Python 3.11 or newer and make, nothing else. `make run` and `make test` set up .venv by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test long quick bench fuzz docs replays clean
.DEFAULT_GOAL := run

run: $(STAMP) ## the one-command demonstration
	$(BIN)/sibsim run stockholm-diabetes

test: $(STAMP) ## everything that must pass, on all processors
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -m "not long"

long: $(STAMP) ## the cases of large families of tests that are left out there
	$(BIN)/pytest -n auto -m long

quick: $(STAMP) ## the same without the slow tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -m "not slow and not long"

bench: $(STAMP) ## how fast it is
	$(BIN)/python benchmarks/bench.py

N ?= 20000
fuzz: $(STAMP) ## every line of every scenario taken out, then scenarios changed at random, e.g. make fuzz N=100000
	SIBSIM_EVERY_LINE=1 $(BIN)/pytest -n auto -q tests/test_mutation.py -k goes_unnoticed
	$(BIN)/python -m tests.fuzz $(N) $(SEED)

docs: $(STAMP) ## writes the generated pages again
	$(BIN)/python docs/build_readme.py
	$(BIN)/python docs/build_tutorials.py
	$(BIN)/python docs/build_verification.py
	$(BIN)/python docs/build_reference.py
	$(BIN)/python docs/build_replays.py
	$(BIN)/python docs/build_scenarios.py
	$(BIN)/python docs/build_sources.py
	$(BIN)/python docs/build_reference_class.py

replays: $(STAMP) ## settles every real contract on what came, beside what was published
	$(BIN)/python docs/build_replays.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is older than pyproject.toml when the dependencies may have changed: only then is anything installed.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("sibsim needs Python 3.11 or newer; this is %s. Try: make PYTHON=python3.12" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)
