# The front door. Everything is thin over tools/*.py, which need nothing but Python 3.11 and do their own set-up.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ifeq ($(strip $(PYTHON)),)
$(error Python 3.11 or newer is needed and none was found. Install one, or name it: make PYTHON=/path/to/python3.12)
endif

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format types build bench torture clean

help: ## Show this list
	@$(PYTHON) -m tools.help

setup: ## Make everything ready: Python and npm packages, the phone app, a browser and a PostgreSQL for the tests
	@$(PYTHON) -m tools.setup

run: ## Start Gridwalk with the demo world (PORT=8000 DATA=var; LAN=1: HTTPS for phones in the same network)
	@$(PYTHON) -m tools.run

test: ## Run every check and every test, and say how it went (ONLY="tests/sync tests/api": just these; WORKERS=1: one after the other)
	@$(PYTHON) -m tools.check

lint: ## Only the checks without tests: style, types, imports
	@$(PYTHON) -m tools.check --lint

format: ## Bring the Python code into its form
	@$(PYTHON) -m tools.check --format

types: ## Write the phone's types anew from the record types in domain/
	@$(PYTHON) -m tools.gentypes

build: ## Build the phone app into static/app
	@$(PYTHON) -m tools.build

bench: ## Measure how fast it is, on both databases and on a phone, and write bench/RESULTS.md (ROUNDS=3; QUICK=1: small; PEERS=1: kinto, accordsync, pouchdb-server, too; PHONE=0)
	@$(PYTHON) -m tools.bench

torture: ## Search for trouble longer than `make test` does: many random orders, crashes, cut lines (MINUTES=5; KILLS=1000: power cuts instead; BODIES=100000: hostile calls instead)
	@$(PYTHON) -m tools.torture

clean: ## Remove what was made by set-up and build (not the data in var/)
	@$(PYTHON) -m tools.clean
