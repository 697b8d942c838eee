# Everything a fresh machine needs: Python >= 3.11, git, make. See README.md.
PY ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
export JISHI_HOME ?= var
# compiled modules lie in .tools whatever the caller's settings: the second start is faster
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.tools/pycache

# Tests write much and keep nothing: where the machine has a few gigabytes of memory disk, they write there.
SHM := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 { print "/dev/shm" }')

.PHONY: first-revision setup run test soak bench locale lock lint

setup: .venv/.ready

run: .venv/.ready
	@exec $(BIN)/jishi up

test: .venv/.ready-dev
	@$(BIN)/python -m tests.servers.install
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo
	@$(if $(SHM),TMPDIR=$(SHM)) $(BIN)/python -m pytest -n 2 --dist loadfile

soak: .venv/.ready-dev
	@$(BIN)/python -m tests.servers.install
	@$(if $(SHM),TMPDIR=$(SHM)) $(BIN)/python -m pytest -n 2 -m hypothesis --hypothesis-profile=soak

bench: .venv/.ready-dev
	@$(BIN)/python -m bench

locale: .venv/.ready
	@$(BIN)/python -m scripts.messages

lint: .venv/.ready-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo

lock: $(UV)
	$(UV) pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock
	$(UV) pip compile pyproject.toml --extra build --extra dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements-dev.lock

$(UV):
	@$(PY) -c 'import sys; sys.exit("jishi needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PY) -m venv .tools || { echo "Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@.tools/bin/pip install -q --disable-pip-version-check uv==0.13.9

.venv/.made: $(UV)
	@test -x $(BIN)/python || $(UV) venv -q --allow-existing --python "$$(command -v $(PY))" .venv
	@touch $@

.venv/.ready: .venv/.made requirements.lock pyproject.toml
	@echo "installing …"
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

# The one revision there is, written anew from the tables; from the first release on, revisions are only added.
first-revision: .venv/.ready-dev
	@$(BIN)/python scripts/first_revision.py
