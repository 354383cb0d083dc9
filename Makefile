# `make demo` runs the main job, `make test` the tests; each makes the environment it needs.
# PYTHON=python3.13 chooses the interpreter, VENV=.venv-313 the folder of the environment.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml README.md $(shell find registry backends plugins cli release -name '*.py' -o -name '*.json')

.PHONY: help demo test fuzz fuzz-records torture check lint types bench docs pages figures picture screens dist zipapp release-check clean
.DELETE_ON_ERROR:

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

demo: $(VENV)/.demo $(VENV)/.installed ## the main job, with a real host and plug-ins from PyPI
	$(BIN)/python examples/demo.py

test: $(VENV)/.test $(VENV)/.installed ## the tests, doctests of the installed package included
	$(BIN)/python -m pytest --quiet --doctest-modules --pyargs plugreg
	$(BIN)/python -m pytest

fuzz: $(VENV)/.test $(VENV)/.installed ## damaged files by the thousand, for every reader (FUZZ="--seconds 600 --seed 2")
	$(BIN)/python -m tests.backends.fuzzing $(FUZZ)

fuzz-records: $(VENV)/.test $(VENV)/.fuzz $(VENV)/.installed ## pickles led by coverage (FUZZ="--seconds 3600")
	$(BIN)/python -m tests.registry.fuzzing record $(FUZZ)
	$(BIN)/python -m tests.registry.fuzzing shelf $(FUZZ)
	$(BIN)/python -m tests.registry.fuzzing upgrade $(FUZZ)

check: lint types test ## what CI runs on each Python

lint: $(VENV)/.lint ## ruff, all rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.lint $(VENV)/.test $(VENV)/.installed ## mypy --strict, on the installed package
	$(BIN)/mypy
	$(BIN)/mypy tests/typing_examples.py

bench: $(VENV)/.bench $(VENV)/.installed ## plugreg and its peers, side by side (README=1: and write what the pages show)
	-$(BIN)/python -m pip install --quiet --group bench-berkeley
	$(BIN)/python benchmarks/host_start.py --json build/bench-host_start.json $(if $(README),--readme)
	$(BIN)/python benchmarks/stores.py --json build/bench-stores.json $(if $(README),--readme)
	$(BIN)/python benchmarks/command_line.py --json build/bench-command_line.json
	$(BIN)/python benchmarks/history.py --json build/bench-history.json
	$(if $(README),$(MAKE) figures)
	$(BIN)/python benchmarks/dbm_files.py --json build/bench-dbm_files.json

torture: $(VENV)/.test $(VENV)/.installed ## kills, faults, power cuts and crowds, for half an hour
	PLUGREG_TORTURE=long $(BIN)/python -m pytest tests/torture
	$(BIN)/python -m tests.torture --kills 300

docs: $(VENV)/.docs $(VENV)/.test $(VENV)/.installed ## the documentation, a site in build/site; warnings are errors
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet --fresh-env \
	    --doctree-dir build/doctrees docs build/site

pages: $(VENV)/.test $(VENV)/.installed ## what the commands on the documentation's pages print now (PAGES=docs/how-to/undo.md)
	$(BIN)/python -m tests.documentation $(PAGES)

figures: ## what the last `make bench` measured becomes what the documentation shows
	for name in host_start command_line stores history; do \
	    cp build/bench-$$name.json docs/figures/$$name.json; \
	done

picture: $(VENV)/.demo $(VENV)/.installed ## the README's picture of a terminal
	$(BIN)/python examples/picture.py docs/terminal.svg

screens: $(VENV)/.demo $(VENV)/.installed ## pictures of commands in a real terminal; needs tmux
	$(BIN)/python examples/screens.py docs/screens

dist: $(VENV)/.release ## wheel and sdist, the same bytes wherever they are built
	rm -rf dist/plugreg-*
	$(BIN)/python -m build --outdir dist

zipapp: $(VENV)/.made ## plugreg as one file, dist/plugreg.pyz
	$(BIN)/python release/one_file.py dist/plugreg.pyz

release-check: $(VENV)/.release ## wheel and sdist in clean environments (PYTHONS="python3.13 python3.11")
	$(BIN)/python release/check.py $(PYTHONS)

clean: ## remove what was made
	rm -rf .venv* build dist plugreg.egg-info

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "plugreg needs Python 3.11 or later: make PYTHON=python3.13 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip setuptools
	touch $@

# The groups of pyproject.toml, one stamp each.
$(VENV)/.demo $(VENV)/.test $(VENV)/.fuzz $(VENV)/.lint $(VENV)/.bench $(VENV)/.docs $(VENV)/.release: $(VENV)/.%: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --group $*
	touch $@

# The wheel is what is tested and run, never the checkout.
$(VENV)/.installed: $(VENV)/.made $(SOURCES)
	rm -rf build/wheel
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir build/wheel .
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps build/wheel/plugreg-*.whl
	$(BIN)/python -m pip install --quiet "$$(echo build/wheel/plugreg-*.whl)[build]"
	touch $@
