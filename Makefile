# Common Ground. `make` alone lists what there is. Needs Debian 12 or the like, with Python 3.11 and make.
#
# Every setting is an environment variable: PORT, VENV, PYTHON here; DATABASE_URL, REDIS_URL and FORUM_* in docs/.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
PORT ?= 8000
ARGS ?=
export VENV PORT

BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
# Each worker has its own servers and databases; half of the tests begin on each, so that both databases are busy.
SHARED := --numprocesses auto --maxprocesses 4 --dist worksteal
# Installed and built things leave a marker file, so that a second run starts at once.
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
MODULES := node_modules/.installed
BUILT := static/dist/.built
WORDS := $(VENV)/.words
PAGE_SOURCES := $(shell find static -type f -not -path 'static/dist/*' 2>/dev/null)
PO_FILES := $(shell find forum moderation -name '*.po' 2>/dev/null)

.PHONY: help run test check bench screenshots pictures nightly assets release lock licences coverage-page format clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) assets  ## start a demonstration on http://127.0.0.1:8000 (PORT=… for another); Ctrl-C stops it
	@$(BIN)/python scripts/run.py

test: $(INSTALLED_DEV) assets  ## run the tests, on SQLite and PostgreSQL (ARGS="-k name" for some)
	$(BIN)/python -m pytest -m "not nightly" $(SHARED) $(ARGS)

check: $(INSTALLED_DEV) assets  ## format, lint, types, templates, scripts, architecture, generated pages
	@$(BIN)/python scripts/check.py

nightly: $(INSTALLED_DEV) assets  ## everything `make test` runs, and the long tests
	$(BIN)/python -m pytest --timeout 3600 $(SHARED) $(ARGS)

bench: $(INSTALLED_DEV) assets  ## measure this machine's speed, as ratios to a bare page
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(INSTALLED_DEV) assets  ## pictures of every screen, in var/screenshots
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

assets: $(BUILT) $(WORDS)  ## build style sheets, scripts and translations

pictures: $(INSTALLED_DEV) assets  ## take the pictures in docs/images anew
	$(BIN)/python -m tests.browser.pictures
	$(BIN)/python -m pytest -q tests/browser/test_a_session.py -k "sqlite and five"
	cp var/screenshots/session/room*-320.png var/screenshots/session/room*-1280.png docs/images/

release: $(INSTALLED) assets  ## an archive in dist/ with everything built, so that it needs no Node
	$(BIN)/python scripts/release.py dist/common-ground.tar.gz

format: $(INSTALLED_DEV)  ## write the code as the checks want it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(INSTALLED_DEV)  ## choose versions anew within pyproject.toml's bounds, with hashes
	$(LOCK) --upgrade --output-file requirements.lock pyproject.toml
	$(LOCK) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(BIN)/python scripts/licences.py --write

licences: $(INSTALLED_DEV)  ## write docs/licences.md from what is installed
	$(BIN)/python scripts/licences.py --write

coverage-page: $(INSTALLED_DEV)  ## write docs/coverage.md: which goal has which test
	$(BIN)/python scripts/coverage.py --write

clean:  ## remove what was built; your data in var/ stays
	rm -rf $(VENV) node_modules static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The public index alone, whatever this machine's pip is set to, and no trace of it in the files.
LOCK := PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe \
	--strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

$(BIN)/python:
	@scripts/venv.sh

$(INSTALLED): requirements.lock | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(INSTALLED_DEV): requirements-dev.lock $(INSTALLED)
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# No install scripts of packages: none of ours needs one, and one is how a bad package gets in.
$(MODULES): package-lock.json | $(INSTALLED)
	@scripts/node_wheel.sh
	static/node.sh npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): $(PAGE_SOURCES) $(MODULES)
	static/node.sh node static/build.mjs
	@touch $@

$(WORDS): scripts/words.py forum/translations/messages.pot $(PO_FILES) | $(INSTALLED)
	@$(BIN)/python scripts/words.py --build
	@touch $@
