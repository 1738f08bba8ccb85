# `make` or `make help` lists what there is. Everything installs into .venv, .venv-platform and .devstack, which git ignores.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
STAMP := $(VENV)/.installed
PLATFORM_VENV := .venv-platform
PLATFORM_STAMP := $(PLATFORM_VENV)/.installed
NODE_FOLDERS := openclaw_site/devstack/node agents/runtime/engine/node

.DEFAULT_GOAL := help
.PHONY: help env platform-env demo demo-once test lint format bench requirements clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## Install everything that the other targets need, into .venv

$(STAMP): requirements/dev.txt $(NODE_FOLDERS:%=%/package-lock.json)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=…"; exit 2; }
	@echo "Installing the environment into $(VENV) (two minutes, 1.5 GB) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m openclaw_site.devstack.node
	@touch $@

platform-env: $(PLATFORM_STAMP) ## Install the linters of Terraform, Actions, shell and Dockerfile, into .venv-platform

$(PLATFORM_STAMP): requirements/platform.txt $(STAMP)
	@echo "Installing the platform's linters into $(PLATFORM_VENV) …"
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(PLATFORM_VENV)
	@$(BIN)/uv pip install --quiet --only-binary :all: --python $(PLATFORM_VENV)/bin/python --require-hashes -r requirements/platform.txt
	@touch $@

demo: env ## Run the whole product on embedded parts until Ctrl-C
	@$(BIN)/python manage.py demo

demo-once: env ## The same job unattended; its exit status is the proof
	@$(BIN)/python manage.py demo --once

test: env platform-env ## Run the tests, on real embedded parts
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

lint: env ## Ruff, mypy and the architecture test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_architecture.py

format: env ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: env ## Measure, as ratios within one run
	@DJANGO_SETTINGS_MODULE=openclaw_site.settings.test $(BIN)/python -W ignore -m tests.bench

requirements: ## Pin the newest versions again, with hashes
	@for name in agent backoffice dev platform; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" \
	    requirements/$$name.in -o requirements/$$name.txt; done

clean: ## Remove what was installed and what the demo left
	@rm -rf $(VENV) $(PLATFORM_VENV) .devstack $(NODE_FOLDERS:%=%/node_modules)
