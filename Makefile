# make run | test | quick | check | bench | drill | assets | lock
#
# Everything stands in .venv, node_modules and static/vendor; stamps in .venv say what is up to date, so
# that nothing is asked of pip or npm when nothing has changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

BIN := .venv/bin
PIP_INSTALL := install -qq --disable-pip-version-check --no-deps
# A lock file names everything, so nothing is resolved, and nothing built, which takes the newest tools for it: a version
# that appears tomorrow changes nothing.
FROM_LOCK := --only-binary :all: --require-hashes -r
STAMPS := .venv/stamps
unexport PYTHONDONTWRITEBYTECODE # each process that a test starts would compile our code again
QUICK := not (drill or slow or browser or postgresql or processes or story)
TYPED := host adapter_pages crm_shell static/listeners scripts e2e tests bench
PIP_COMPILE := $(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --allow-unsafe --strip-extras --no-header

.PHONY: help pictures flows wheel audit run quick test test-quick test-units test-e2e check format bench drill assets lock migration clean

help:
	@echo 'make run     start everything with the demo set-up; Ctrl-C stops it'
	@echo 'make test    all tests, end to end ones in a real Chromium included'
	@echo 'make quick   check, and the tests that need no browser, no PostgreSQL and no processes'
	@echo 'make check   lint, format, types, import layers'
	@echo 'make format  let ruff mend what it can'
	@echo 'make assets  build what browsers get'
	@echo 'make bench   measure the product beside its baselines; NAME=event_handled for one row'
	@echo 'make wheel   build dist/patchbay-*.whl with its browser assets, and what it is made of (CycloneDX)'
	@echo 'make audit   ask the registries what is known against the locked versions'
	@echo 'make pictures  take the pictures of the docs anew'
	@echo 'make flows   draw the flow charts of the reference anew'
	@echo 'make lock    pin the newest versions of all dependencies'
	@echo 'make migration NAME="Add recordings"  write the migration for changed tables'
	@echo 'make clean   remove everything that was built; the data stay'

run: $(STAMPS)/run assets
	@exec $(BIN)/patchbay serve --demo

test: $(STAMPS)/dev $(STAMPS)/system assets
	@scripts/run-tests

test-units: $(STAMPS)/dev $(STAMPS)/system assets
	$(BIN)/pytest tests -n 2 --dist worksteal

test-e2e: $(STAMPS)/dev $(STAMPS)/system assets
	$(BIN)/pytest e2e -n 2 --dist loadfile

# What is left out is marked by what it uses: tests/costs.py.
quick: $(STAMPS)/dev assets
	@$(MAKE) --no-print-directory --jobs 2 --output-sync check test-quick

test-quick: $(STAMPS)/dev
	$(BIN)/pytest tests -q -n 2 --dist worksteal -m '$(QUICK)'

check: $(STAMPS)/dev
	$(BIN)/ruff check --output-format concise .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports

format: $(STAMPS)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMPS)/dev $(STAMPS)/system assets
	$(BIN)/python -m bench $(NAME)

drill: $(STAMPS)/dev $(STAMPS)/system assets
	$(BIN)/pytest -m drill -s tests e2e

# A fresh build/: setuptools would put what is left of older builds into the wheel.
wheel: $(STAMPS)/run assets
	rm -rf build
	$(BIN)/pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index -w dist .
	$(BIN)/python scripts/sbom.py dist

audit: $(STAMPS)/audit $(STAMPS)/npm
	$(BIN)/python scripts/audit.py .venv/audit/bin

# Always asked, and quick to see that there is nothing to do.
assets: $(STAMPS)/run $(STAMPS)/npm
	@$(BIN)/python static/build.py

pictures: $(STAMPS)/dev $(STAMPS)/system assets
	$(BIN)/python -m docs.pictures

flows: $(STAMPS)/dev
	$(BIN)/python -m docs.flows

lock: $(STAMPS)/dev
	$(PIP_COMPILE) --upgrade --extra build -o requirements/run.txt pyproject.toml
	$(PIP_COMPILE) --upgrade --extra build --extra dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml
	$(PIP_COMPILE) --upgrade -o requirements/audit.txt requirements/audit.in
	$(PIP_COMPILE) --upgrade -o requirements/servers.txt requirements/servers.in
	npm update --package-lock-only

migration: $(STAMPS)/dev
	$(BIN)/python -m host.db.revise '$(NAME)'
	$(BIN)/ruff check -q --fix host/db/migrations && $(BIN)/ruff format -q host/db/migrations

clean:
	rm -rf .venv node_modules static/vendor build *.egg-info

# Asked before anything takes long.
FIND_NPM := command -v npm >/dev/null || { echo 'npm is missing; install it: apt-get install npm' >&2; exit 1; }

$(STAMPS)/venv:
	@$(FIND_NPM)
	@scripts/make-venv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: $(STAMPS)/venv requirements/run.txt pyproject.toml | $(STAMPS)/npm
	@echo 'Installing the Python libraries ...'
	@$(BIN)/pip $(PIP_INSTALL) $(FROM_LOCK) requirements/run.txt
	@$(BIN)/pip $(PIP_INSTALL) --no-build-isolation -e .
	@$(BIN)/pip --disable-pip-version-check check
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run $(STAMPS)/servers requirements/dev.txt
	@echo 'Installing the tools for tests ...'
	@$(BIN)/pip $(PIP_INSTALL) $(FROM_LOCK) requirements/dev.txt
	@$(BIN)/pip --disable-pip-version-check check
	@touch $@

# Of its own: what looks at the libraries isn't one of them.
$(STAMPS)/audit: $(STAMPS)/venv requirements/audit.txt
	@echo 'Installing the tools that audit ...'
	@$(BIN)/python -m venv --without-pip .venv/audit
	@$(BIN)/pip --python .venv/audit $(PIP_INSTALL) $(FROM_LOCK) requirements/audit.txt
	@touch $@

# Of its own: what the servers for tests need doesn't fit to what the host needs.
$(STAMPS)/servers: $(STAMPS)/venv requirements/servers.txt
	@echo 'Installing the servers for tests ...'
	@$(BIN)/python -m venv --without-pip .venv/servers
	@$(BIN)/pip --python .venv/servers $(PIP_INSTALL) $(FROM_LOCK) requirements/servers.txt
	@touch $@

$(STAMPS)/npm: $(STAMPS)/venv package.json package-lock.json
	@$(FIND_NPM)
	@echo 'Installing the browser libraries ...'
	@npm ci --silent
	@touch $@

# Asked anew each time: somebody may have removed a program since.
.PHONY: $(STAMPS)/system
$(STAMPS)/system: $(STAMPS)/dev
	@scripts/install-test-programs
