# Everything a newcomer types. `make demo` and `make test` install what they need first; a second run is instant.
PYTHON ?= python3
DEMO_PORT ?= 8642
VENV := .venv
STAMP := $(VENV)/.installed
DEMO := $(VENV)/.playground
UV := $(VENV)/bin/uv
TOOLS := $(VENV)/tools

.PHONY: setup demo test lint types check docs screenshots bench release audit-deps lock clean

setup: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml
	@$(call install,requirements-dev.lock)

# Less than half of it, for who wants a look.
$(DEMO): requirements-playground.lock pyproject.toml
	@[ -e $(STAMP) ] || { $(call install,requirements-playground.lock); }
	@touch $@

define install
$(PYTHON) -m venv $(VENV) && \
	$(VENV)/bin/pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[0-9.]*' $(1))" && \
	$(UV) pip sync --quiet --require-hashes $(1) && \
	$(UV) pip install --quiet --no-deps --no-build-isolation -e . && \
	touch $@
endef

demo: $(DEMO)
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

# From the tag of this commit, into dist/; DRY=1 for a commit without one.
release: $(TOOLS)/.installed
	@$(VENV)/bin/python -m deploy.release $(if $(DRY),--dry)

# Is anything known against what requirements.lock pins? It says too where it could not be looked up.
audit-deps: $(TOOLS)/.installed
	@$(VENV)/bin/python -m deploy.release.audit_deps

# What only a release needs, in an environment of its own.
$(TOOLS)/.installed: requirements-release.lock | $(STAMP)
	$(UV) venv --quiet --clear $(TOOLS)
	$(UV) pip sync --quiet --require-hashes --python $(TOOLS) requirements-release.lock
	touch $@

# New releases: raise the bounds in pyproject.toml if need be, then `make lock`.
lock: $(STAMP)
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --all-extras --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --extra playground --group build -c requirements-dev.lock pyproject.toml -o requirements-playground.lock
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --group release -o requirements-release.lock

clean:
	rm -rf $(VENV) dist site .mypy_cache .ruff_cache .pytest_cache
