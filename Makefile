# Two commands for a user, `make demo` and `make test`; each needs only make and Python, and makes .venv when it is not there.
# Written for GNU make 3.81 and a POSIX shell, which is what macOS has.

# Another interpreter: make demo PYTHON=/path/to/python3.12
PYTHON ?=

PYTHONS := python3.13 python3.12 python3.11 python3
# The locks hold wheels for these versions.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test lint types format lock clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' Makefile

demo: .venv/.product ## a whole run on the embedded simulated market, then its dashboard (Ctrl-C ends it)
	@.venv/bin/python run_pipeline.py demo

test: lint types ## everything that must hold: lint, types, tests
	.venv/bin/python -m pytest -q -n logical --maxprocesses 8

lint: .venv/.tests ## rules and format of Python, rules of scripts and templates
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/oxlint --deny-warnings dashboard/static/js
	.venv/bin/djlint --quiet --lint dashboard/templates

types: .venv/.tests ## mypy in strict mode
	.venv/bin/mypy

format: .venv/.tests ## let ruff put right what it can
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

clean: ## remove .venv and the caches of the tools; data/ and logs/ stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

# The stamps. What the tests need holds what the product needs, so the larger one sets both.

.venv/.product: requirements.lock
	$(create_venv)
	$(call install,requirements.lock)
	@touch $@

.venv/.tests: requirements-dev.lock requirements.lock
	$(create_venv)
	$(call install,requirements-dev.lock)
	@touch .venv/.product $@

# Each candidate is run, not only looked up: version managers leave launchers of versions that are not active. ensurepip is
# asked for because Debian's python3 comes without it. A .venv that does not work any more is replaced.
define create_venv
@if .venv/bin/python -c '$(SUPPORTED)' 2>/dev/null && .venv/bin/python -m pip --version >/dev/null 2>&1; then exit 0; fi; \
for candidate in $(or $(PYTHON),$(PYTHONS)); do \
  if "$$candidate" -c 'import ensurepip, venv; $(SUPPORTED)' >/dev/null 2>&1; then \
    echo "Making .venv with $$("$$candidate" --version) ..."; \
    exec "$$candidate" -m venv --clear .venv; \
  fi; \
done; \
echo "Python 3.11 to 3.14 with its venv module is needed; none of these is it: $(or $(PYTHON),$(PYTHONS))." >&2; \
echo "Debian, Ubuntu: apt install python3 python3-venv    macOS: brew install python@3.13    or: make PYTHON=/path/to/python" >&2; \
exit 1
endef

define install
@echo "Installing the packages of $(1) into .venv (once, about a minute) ..."
@.venv/bin/python -m pip install --quiet --no-input --require-hashes -r $(1)
endef

# The locks: exact versions with hashes, one resolution for all supported Pythons and systems. Needs uv, which nothing else does.
UV ?= uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
  --no-config --no-header --no-emit-index-url --no-emit-find-links

lock: ## resolve requirements.txt and requirements-dev.txt anew (needs uv)
	@command -v $(UV) >/dev/null || { echo "uv is needed: python3 -m pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	@$(COMPILE) requirements.txt -o requirements.lock.new --upgrade >/dev/null
	@{ echo "# Made by 'make lock' from requirements.txt; not edited by hand."; cat requirements.lock.new; } > requirements.lock
	@$(COMPILE) requirements-dev.txt -c requirements.lock -o requirements-dev.lock.new --upgrade >/dev/null
	@{ echo "# Made by 'make lock' from requirements-dev.txt; not edited by hand."; cat requirements-dev.lock.new; } > requirements-dev.lock
	@rm -f requirements.lock.new requirements-dev.lock.new
