# Needs Python 3.11 or later, make and a package index; everything else goes into .venv.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin

.PHONY: serve test check proof proof-effects accuracy openapi lock corpus pairs bench clean

serve: $(VENV)/.runtime
	HOST=$(HOST) PORT=$(PORT) $(BIN)/gunicorn -c python:service.http.server

test: $(VENV)/.test
	$(BIN)/pytest

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy

# The description of the routes; a test fails when the code and the file differ.
openapi: $(VENV)/.test
	$(BIN)/python -m service.http.openapi > openapi.yaml.new
	mv openapi.yaml.new openapi.yaml

LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links
# Pins every dependency with its hashes, for every Python and system: what one needs more of has a marker. No index or folder of this machine
# ends up in the files.
lock: pyproject.toml
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	$(VENV)-lock/bin/uv $(LOCK) --output-file requirements.lock pyproject.toml
	$(VENV)-lock/bin/uv $(LOCK) --extra test --constraint requirements.lock --output-file requirements-test.lock pyproject.toml
	rm -rf $(VENV)-lock

# make corpus CORPUS=dev.jsonl.gz [SERVICE=http://127.0.0.1:8080] [LABELS=labels.jsonl]
corpus: $(VENV)/.runtime
	$(BIN)/python scripts/corpus.py $(if $(SERVICE),--service $(SERVICE)) $(if $(LABELS),--labels $(LABELS)) $(CORPUS)

# Our splits against the ones that people made.   make pairs PAIRS=human-pairs.jsonl.gz
pairs: $(VENV)/.runtime
	$(BIN)/python scripts/pairs.py $(PAIRS)

# How fast the engine is, and how much memory it takes.   make bench [CORPUS=dev.jsonl.gz] [MANY=robustness.jsonl.gz] [HADOLINT=program] [TALLY=program]
bench: $(VENV)/.runtime
	$(BIN)/python scripts/bench.py $(if $(CORPUS),--corpus $(CORPUS)) $(if $(MANY),--many $(MANY)) $(if $(HADOLINT),--hadolint $(HADOLINT)) $(if $(TALLY),--tally $(TALLY))

# Real builds of the applications in tests/proof with the Docker engine that the docker command talks to, and the broken rewrites that must be
# caught. All of them: the table in README.md is written anew.   make proof [APP=name] [REBUILDS=5] [JOBS=1] [QUICK=1] [RESUME=1] [APPS=folder]
proof: $(VENV)/.test
	$(BIN)/python scripts/proof.py --rebuilds $(or $(REBUILDS),5) --jobs $(or $(JOBS),1) $(if $(QUICK),,--files --compressed) $(if $(RESUME),--resume) $(if $(APPS),--apps $(APPS)) $(if $(APP),--app $(APP),$(if $(APPS),,--readme README.md))

# Each command row that this engine can run, against what it really writes.   make proof-effects [ROWS="node go"]
proof-effects: $(VENV)/.test
	$(BIN)/python scripts/effects.py $(ROWS)

# Estimates against real images, layer by layer: the Dockerfiles of tests/accuracy and the applications of tests/proof, before and after.
# make accuracy [CASE=name] [HALF=test] [JOBS=2] [LAYERS=1] [FRESH=1] [RECORDED=1] [RECORD=1]   without FRESH what was measured of the same content is
# taken as it was; RECORDED compares with tests/accuracy/measured.json, without an engine, and RECORD writes that file
accuracy: $(VENV)/.test
	$(BIN)/python scripts/accuracy.py --jobs $(or $(JOBS),2) $(if $(HALF),--half $(HALF)) $(if $(LAYERS),--layers) $(if $(FRESH),--fresh) $(if $(RECORDED),--recorded) $(if $(RECORD),--record) $(if $(CASE),--case $(CASE))

clean:
	rm -rf $(VENV) $(VENV)-lock build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.runtime: requirements.lock pyproject.toml
	$(call environment,requirements.lock)

# The test environment holds the runtime one, so that `make serve` after `make test` installs nothing.
$(VENV)/.test: requirements-test.lock requirements.lock pyproject.toml
	$(call environment,requirements-test.lock)
	touch $(VENV)/.runtime $(VENV)/.test

define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Restage needs Python 3.11 or later; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m compileall -q service
	touch $@
endef
