# Guardia: `make run` serves it, `make test` proves it. Needs make and Python 3.11 or later, nothing else.

PORT ?= 8000
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin

# The first of these that is at least 3.11 and can make an environment; PYTHON=... chooses another.
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
FIND_PYTHON = for python in $(PYTHONS); do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$python"; break; }; done

# An environment that was copied, or whose Python is gone, is made anew.
define install
	@"$(BIN)/python" -c '' 2>/dev/null || { \
		python=$$($(FIND_PYTHON)); \
		test -n "$$python" || { echo "Guardia needs Python 3.11 or later, with venv (Debian: apt install python3-venv)." >&2; exit 1; }; \
		echo "Making $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv --clear $(VENV); }
	@echo "Installing$(1)"
	@PYTHONWARNINGS=ignore "$(BIN)/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.$(2)'
	@touch $@
endef

.DEFAULT_GOAL := help
.PHONY: help run test faults lint format bench demo check constraints clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/app.stamp ## serve on http://127.0.0.1:8000 (PORT=… changes it), with phones in the browser
	@$(BIN)/guardia serve --port "$(PORT)" $(ARGS)

test: $(VENV)/dev.stamp ## the whole suite (ARGS="-k busy" for a part)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 $(ARGS)

faults: $(VENV)/dev.stamp ## break everything that can break, for long (ARGS="-k killed" for a part)
	@GUARDIA_FAULTS=long $(BIN)/python -m pytest tests/faults --timeout 7200 -o faulthandler_timeout=7190 -p tests.faults.progress --capture=no -q $(ARGS)

lint: $(VENV)/dev.stamp ## format, lint, types, who may import whom
	@$(BIN)/ruff format --check --quiet . || { echo "'make format' mends it"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/dev.stamp ## format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: $(VENV)/dev.stamp ## measure, and write bench/results.json (ARGS="who expand" for some; --keep keeps them)
	@$(BIN)/python -m bench $(ARGS)

demo: $(VENV)/app.stamp ## play every scenario in the terminal (ARGS=busy for one)
	@$(BIN)/guardia demo $(ARGS)

check: $(VENV)/app.stamp ## validate the rosters folder
	@$(BIN)/guardia check $(ARGS)

constraints: ## take the newest versions that pyproject.toml allows, and pin them
	@python=$$($(FIND_PYTHON)) && rm -rf build/pins && "$$python" -m venv build/pins
	@build/pins/bin/python -m pip install --quiet --disable-pip-version-check '.[dev]'
	@{ echo '# The exact versions that make and CI install. `make constraints` writes this file.'; \
		build/pins/bin/python -m pip freeze --exclude guardia; } > constraints.txt
	@rm -rf build/pins

clean: ## remove what make made (never var/, where the cases are)
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find app oncall tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/app.stamp: pyproject.toml constraints.txt
	$(call install, what Guardia needs,)

$(VENV)/dev.stamp: $(VENV)/app.stamp
	$(call install, what its tests need,[dev])
