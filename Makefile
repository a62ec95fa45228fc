# make help lists what there is. Everything is installed into this folder: .venv and .tools.
SHELL := /bin/sh
PORT ?= 7071
DATA ?= .data
PYTHON := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test up check bench clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready .tools/azurite/.ready ## install everything into this folder

.venv/.ready: requirements.txt requirements-dev.txt
	@sh devhost/bring_python.sh
	@echo "installing Python packages"
	@$(PYTHON) -m pip install -qq --requirement requirements-dev.txt
	@touch $@

.tools/azurite/.ready: devhost/azurite/package-lock.json .venv/.ready
	@echo "installing Azurite"
	@$(PYTHON) -m devhost.azurite.install
	@touch $@

demo: setup ## play every right of a person, from mail to certificate
	@PORT=$(PORT) DATA=$(DATA) $(PYTHON) -m samples.demo

test: setup ## run the whole suite
	@$(PYTHON) -m pytest -n 3 --dist loadfile

up: setup ## run the local stack, and a vendor and a service around it, until Ctrl-C
	@exec $(PYTHON) -m samples.up --port $(PORT) --data $(DATA)

check: setup ## format, lint, types, import layers, data map
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m shared.data_map_check

bench: setup ## measure; one JSON line a figure
	@$(PYTHON) -m benchmarks

clean: ## remove what was installed, built and kept
	rm -rf .venv .tools .data build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
