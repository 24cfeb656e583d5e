# Needs Python >= 3.11, make and a C compiler. Everything else goes into $(VENV).
#   make test PYTHON=python3.13 VENV=.venv-3.13     on another interpreter

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
BENCH ?= --direct
JOBS ?= 2
SELECT ?= not packaging
COVERAGE ?= --cov --cov-report=term:skip-covered

PYTHON_TAG := $(shell $(PYTHON) -c 'import sys; print(sys.implementation.cache_tag)')
BIN := $(VENV)/bin
WHEELS := $(VENV)/wheels
STAMPS := $(VENV)/stamps-$(PYTHON_TAG)
SOURCES := $(shell find fasterapi -name '*.py') fasterapi/py.typed $(shell find stubs -name '*.pyi')

# The checkout stays off sys.path, so that "installed" means installed.
INSTALLED := env -u PYTHONPATH -u FASTERAPI_PURE PYTHONSAFEPATH=1
FROM_SOURCES := env -u FASTERAPI_PURE PYTHONPATH="$(CURDIR)"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-17s %s\n", $$1, $$2 }'

# ---- Environment: one folder, one stamp per thing in it -----------------------------------------

# An environment of another version of Python is replaced, one of this version is kept.
$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit("fasterapi needs Python 3.11 or newer: make PYTHON=python3.13" if sys.version_info < (3, 11) else 0)'
	@$(BIN)/python -c 'import sys; sys.exit(sys.implementation.cache_tag != "$(PYTHON_TAG)")' 2>/dev/null || rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/dependencies: $(STAMPS)/venv pyproject.toml .ci/requirements.py
	$(BIN)/python .ci/requirements.py > $(VENV)/requirements.txt
	$(BIN)/python -m pip install --quiet -r $(VENV)/requirements.txt
	@touch $@

# Rewritten when it changes, for what was deleted leaves no newer file behind.
$(STAMPS)/sources: $(STAMPS)/venv FORCE
	@echo $(sort $(SOURCES)) | cmp -s - $@ || echo $(sort $(SOURCES)) > $@

.PHONY: FORCE
FORCE:

# Dated at its start: an edit during the compilation calls for another one.
$(STAMPS)/wheel: $(STAMPS)/dependencies $(STAMPS)/sources $(SOURCES) setup.py mypy.ini pyproject.toml README.md
	@touch $@.started
	rm -rf $(WHEELS)
	FASTERAPI_COMPILE=1 $(BIN)/python -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir $(WHEELS) .
	@mv $@.started $@

$(STAMPS)/compiled: $(STAMPS)/wheel
	$(BIN)/python -m pip install --quiet --no-deps --force-reinstall $(WHEELS)/*.whl
	@touch $@

.PHONY: compiled
compiled: $(STAMPS)/compiled ## Compile the package and install it into the environment

# ---- Run ----------------------------------------------------------------------------------------

# What the shop keeps is kept beside what was built for it.
SHOP := $(VENV)/shop

.PHONY: run
run: $(STAMPS)/compiled ## Serve examples/shop, compiled, on http://127.0.0.1:8000 (PORT=...)
	@mkdir -p $(SHOP)
	@echo "fasterapi (compiled) serves examples/shop on http://127.0.0.1:$(PORT) - stop it with Ctrl-C"
	SHOP_DATABASE_URL=sqlite:///$(SHOP)/shop.db SHOP_PICTURES=$(SHOP)/pictures SHOP_ADMIN_PASSWORD="correct horse" \
		$(INSTALLED) $(BIN)/fasterapi run shop.main:app --app-dir examples --host 127.0.0.1 --port $(PORT) --no-access-log

# ---- Tests --------------------------------------------------------------------------------------

.PHONY: test test-interpreted test-compiled test-packaging
test: test-interpreted test-compiled test-packaging ## Run the whole suite, on both builds

# Neighbours stay together, which share servers, browsers and what else is made once for a module.
SUITE = --numprocesses=$(JOBS) --dist=worksteal -m '$(SELECT)'

test-interpreted: $(STAMPS)/dependencies ## Run the suite on the sources, with coverage
	$(FROM_SOURCES) $(BIN)/pytest --build=interpreted $(SUITE) $(COVERAGE)

test-compiled: $(STAMPS)/compiled ## Run the suite on the compiled package
	$(INSTALLED) $(BIN)/pytest --build=compiled $(SUITE)

test-packaging: $(STAMPS)/wheel ## Build, install and run the distributions (minutes)
	$(FROM_SOURCES) $(BIN)/pytest --build=interpreted -m packaging tests/packaging --wheel=$(WHEELS) -o faulthandler_timeout=3600

# ---- Checks -------------------------------------------------------------------------------------

.PHONY: check lint types types-mypy types-pyright fast-tests
check: lint types fast-tests ## Check format, lint, types and floors, and run the tests on the sources

lint: $(STAMPS)/dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: types-mypy types-pyright

types-mypy: $(STAMPS)/dependencies
	$(BIN)/mypy

types-pyright: $(STAMPS)/dependencies
	$(BIN)/basedpyright --project pyproject.toml --pythonpath $(BIN)/python
	PATH="$(abspath $(BIN)):$$PATH" PYTHONPATH=. basedpyright --verifytypes fasterapi --ignoreexternal

# What takes long stays with `make test`: type checkers, real servers and services, browsers, generated comparisons with FastAPI.
SLOW := $(addprefix --ignore=tests/,packaging check cli client contrib deploy doors memory migrate server typing) \
	--ignore-glob='*against*' --ignore-glob='*generated*' --ignore-glob='*served*' -m 'not browser and not packaging'

fast-tests: $(STAMPS)/dependencies
	$(FROM_SOURCES) $(BIN)/pytest --build=interpreted --numprocesses=$(JOBS) $(SLOW) -q

.PHONY: format
format: $(STAMPS)/dependencies ## Format the code and sort its imports
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

# ---- Distributions and figures ------------------------------------------------------------------

.PHONY: build
build: $(STAMPS)/wheel ## Put the compiled wheel, the interpreted wheel and the sdist into dist/
	rm -rf dist
	$(BIN)/pyproject-build --no-isolation --sdist
	FASTERAPI_COMPILE=0 $(BIN)/pyproject-build --no-isolation --wheel
	cp $(WHEELS)/*.whl dist/

BENCH_VENV := $(VENV)-bench

$(BENCH_VENV)/stamp: $(STAMPS)/wheel benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	$(BENCH_VENV)/bin/python -m pip install --quiet --force-reinstall --no-deps $(WHEELS)/*.whl
	@touch $@

.PHONY: bench
bench: $(BENCH_VENV)/stamp ## Compare with other frameworks, in-process (BENCH="--http" for others)
	$(INSTALLED) $(BENCH_VENV)/bin/python benchmarks/compare.py $(BENCH)

.PHONY: bench-page
bench-page: $(STAMPS)/venv ## Put the committed figures into docs/performance.md, as tables and plots
	$(BIN)/python benchmarks/page.py

.PHONY: bench-check
bench-check: $(STAMPS)/compiled ## Fail where a request costs over 3 % more instructions than committed (needs valgrind)
	$(INSTALLED) $(BIN)/python benchmarks/check.py

.PHONY: clean
clean: ## Delete what was built, but not the environment
	rm -rf build dist *.egg-info $(WHEELS) $(STAMPS)/wheel $(STAMPS)/compiled .coverage htmlcov
	rm -f fasterapi__mypyc.*
	find fasterapi \( -name '*.so' -o -name '*.pyd' -o -name '_build.*' \) -delete
