# What a user types. `make` alone sets up; each target sets up first where something changed.
# PYTHON=...  the interpreter to set up with (3.11 or newer); ARGS=...  passed on to the command.

VENV := .venv
PY := $(VENV)/bin/python
MADE := $(VENV)/.made
STAMP := $(VENV)/.set-up
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)
# Each child process would compile the suite anew where the caller's environment forbids bytecode.
export PYTHONDONTWRITEBYTECODE :=
PIP := PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 $(PY) -m pip

.PHONY: setup review test bench lint format lock docs clean force
.DELETE_ON_ERROR:

setup: $(STAMP)

review: $(STAMP)
	@$(PY) -m iceworthy review $(ARGS)

# Files of tests run side by side; ARGS="-n 0 ..." for one after the other, in one process.
test: $(STAMP)
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart 0 $(ARGS)

bench: $(STAMP)
	@$(PY) -m scenarios.bench.run $(ARGS)

lint: $(STAMP)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet . || { echo "not formatted; run: make format" >&2; exit 1; }
	@$(PY) -m mypy

format: $(STAMP)
	@$(PY) -m ruff check --quiet --fix .
	@$(PY) -m ruff format --quiet .

# Hashes for every platform and Python at once; no index, no path and no date is written into it.
lock: $(STAMP)
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --all-extras \
		--output-file requirements.lock $(ARGS) pyproject.toml

docs: $(STAMP)
	@$(PY) -c 'from iceworthy.orchestrator.listing import content_markdown as text; \
		open("docs/content.md", "w", encoding="utf-8").write(text())'
	@$(PY) -c 'from pathlib import Path; from iceworthy.record.describe import formats_markdown; \
		page = Path("docs/formats.md"); \
		page.write_text(formats_markdown(page.read_text(encoding="utf-8")), encoding="utf-8")'

# Keeps results/ and the user's cache (the database's files and the proxy, ~/.cache/iceworthy).
clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment names its own folder and its Python: in a checkout that was moved, or after
# that Python has gone, it is made anew.
ifneq ($(shell [ -x $(PY) ] && cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): force
endif

$(STAMP): requirements.lock pyproject.toml hatch_build.py
	@[ -x $(PY) ] && [ "$$(cat $(STAMP) 2>/dev/null || echo $(CURDIR))" = "$(CURDIR)" ] || rm -rf $(VENV)
	@$(MAKE) --silent --no-print-directory $(MADE)
	@echo "Installing the locked dependencies into $(VENV) ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(PY) -m fixtures.stack.toxiproxy_build
	@$(PY) -m compileall -q iceworthy scenarios chaos fixtures analysis
	@printf '%s\n' "$(CURDIR)" > $(STAMP)

# Debian ships venv without ensurepip: then the system's own pip, where there is one, fills it.
$(MADE):
	@$(or $(PYTHON),false) -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "Iceworthy needs Python 3.11 or newer; found: $$($(or $(PYTHON),python3) --version 2>/dev/null || echo none)." >&2; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
		$(PYTHON) -m venv --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(PY) install --quiet --disable-pip-version-check pip; } 2>/dev/null || { \
		rm -rf $(VENV); \
		echo "$$($(PYTHON) --version) cannot make a virtual environment: its venv or ensurepip module is missing." >&2; \
		echo "Debian, Ubuntu: apt install python3-venv; then make again. Or name another: make PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@touch $(MADE)
