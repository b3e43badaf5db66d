# make run    the nightly job through Airflow on the demo newsroom, then what happened
# make ui     the same, with the Airflow UI up
# make test   the tests; make test-browser, make test-stack: those that need a browser, or a whole deployment
# make stack  Airflow as deployed: PostgreSQL, Valkey, an S3 server and two Celery workers, on this machine
# make .env   the secrets for docker-compose.yml; make audit, make sbom: what is deployed, and its known vulnerabilities
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
# pip knows a company's own package index where uv may not, so it is the second try
INSTALL = $(UV) --require-hashes -r $(1) || $(BIN)/pip install --quiet --require-hashes -r $(1)

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup run ui stack test test-browser test-stack screenshots lint types dags bench audit sbom lock clean

help:
	@grep -E '^# make' Makefile | sed 's/^# //'

setup: .venv/.ready

.venv/.ready: .ci/bootstrap.txt .ci/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@echo "Setting up .venv …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/bootstrap.txt
	@$(call INSTALL,.ci/requirements.txt)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.ready-dev: .venv/.ready .ci/requirements-dev.txt
	@$(call INSTALL,.ci/requirements-dev.txt)
	@touch $@

DAY ?= 1

run: setup
	@$(BIN)/python -m ingest.showcase run --day $(DAY)

ui: setup
	@$(BIN)/python -m ingest.showcase ui --day $(DAY)

stack: .venv/.ready-dev
	@$(BIN)/python -m ingest.showcase stack --day $(DAY)

DEPLOYED := tests/stack tests/faults tests/dags/test_run.py
WHOLE := tests/browser $(DEPLOYED)

test: .venv/.ready-dev
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(WHOLE:%=--ignore=%) $(ARGS)

test-browser: .venv/.ready-dev
	@.ci/chromium
	$(BIN)/pytest tests/browser $(ARGS)

screenshots: .venv/.ready-dev
	@.ci/chromium
	$(BIN)/python -m tests.browser.screenshots

test-stack: .venv/.ready-dev
	$(BIN)/pytest $(DEPLOYED) $(ARGS)

lint: .venv/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.ready-dev
	$(BIN)/mypy

dags: .venv/.ready-dev
	$(BIN)/pytest tests/dags -k "import" $(ARGS)

bench: .venv/.ready-dev
	$(BIN)/python -m benchmarks

# in an environment of its own: what these bring makes every start of Airflow slower
build/supply/.ready: .ci/requirements-supply.txt
	@$(PYTHON) -m venv build/supply
	@build/supply/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

audit: build/supply/.ready
	@build/supply/bin/python .ci/audit $(ARGS)

sbom: build/supply/.ready
	build/supply/bin/cyclonedx-py requirements .ci/requirements-deploy.txt --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json

.env:
	@$(PYTHON) .ci/env

lock: .venv/.ready
	.ci/lock

clean:
	rm -rf .venv data build
