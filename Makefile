# Every command makes and mends its own .venv from the locks. `make` alone lists them.
PORT ?= 8000
PLAN ?= demo-town
PY := .venv/bin/python
export PYTHON UPGRADE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo demo-reset test check sweep bench lock chromium nginx

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: .venv/.runtime ## the whole service with a demo town at http://127.0.0.1:8000 (PORT=9000 moves it, PLAN=chiayi-city shows another agency)
	@$(PY) -m bot demo --port $(PORT) --plan $(PLAN)

demo-reset: ## forget the demo town; the next `make demo` starts over
	@rm -rf var/demo

test: chromium nginx check ## everything CI checks: lint, types, layers, tests
	@echo "== tests"
	@$(PY) -m pytest

check: .venv/.dev ## lint, types and layers only
	@echo "== lint"
	@$(PY) -m ruff check .
	@echo "== types"
	@$(PY) -m mypy
	@echo "== layers"
	@$(PY) .venv/bin/lint-imports --no-logo

sweep: .venv/.dev ## the full sweeps (minutes), which `make test` samples
	@$(PY) -m pytest -m sweep

bench: .venv/.dev ## measure every number in docs/figures.md
	@$(PY) -m benchmarks

lock: ## write the locks anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@setup/lock.sh

chromium:
	@setup/chromium.sh

nginx:
	@setup/nginx.sh

# A stamp is newer than its lock exactly when that lock is installed. The second prerequisite catches a .venv
# whose Python has gone.
.venv/.runtime: requirements.lock .venv/bin/python
	@setup/venv.sh requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock requirements.lock .venv/bin/python
	@setup/venv.sh requirements-dev.lock
	@touch $@ .venv/.runtime

.venv/bin/python: ;
