# Everything a newcomer types. `make demo` and `make test` install what they need first; a second run is instant.
PYTHON ?= python3
DEMO_PORT ?= 8642
VENV := .venv
STAMP := $(VENV)/.installed
UV := $(VENV)/bin/uv

.PHONY: setup demo test lint types check docs screenshots bench lock clean

setup: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[0-9.]*' requirements-dev.lock)"
	$(UV) pip sync --quiet --require-hashes requirements-dev.lock
	$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: $(STAMP)
	@exec $(VENV)/bin/trailwarden playground --port $(DEMO_PORT)

test: $(STAMP)
	@$(VENV)/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/cfn-lint --include-checks I -- deploy/aws/*.yaml
	$(VENV)/bin/hadolint Dockerfile
	$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml
	$(VENV)/bin/kubernetes-validate --strict --quiet deploy/kubernetes/trailwarden.yaml

types: $(STAMP)
	$(VENV)/bin/mypy

check: lint types test

# The documentation, in site/index.html; a dead link is an error.
docs: $(STAMP)
	$(VENV)/bin/mkdocs build --strict --clean

# The pictures of the page in README.md and docs/, as a browser shows it now.
screenshots: $(STAMP)
	@PICTURES=$(CURDIR)/docs $(VENV)/bin/python -m pytest -n 0 tests/browser/test_pictures.py

# The table of docs/performance.md; ACCOUNTS="100 1000" for less of it.
bench: $(STAMP)
	@$(VENV)/bin/python -m tests.bench.audit $(ACCOUNTS)

# New releases: raise the bounds in pyproject.toml if need be, then `make lock`.
lock: $(STAMP)
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --all-extras --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache
