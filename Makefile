# make demo: the sample study in five minutes · make test: all checks · make bench: quality and speed
# make faults: 2,000 files and 40 kills
PYTHON ?= python3
PROFILE ?= accurate
BIN := .venv/bin
export HF_HUB_OFFLINE := 1

.PHONY: demo test bench faults train system wheel-check clean
demo: .venv/.installed
	$(BIN)/voc demo demo

test: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n 2 --dist loadgroup

bench: .venv/.installed-dev
	$(BIN)/python -m benchmarks.quality --profile $(PROFILE) $(if $(GOLD),--gold "$(GOLD)")
	$(if $(GOLD),,$(BIN)/python -m benchmarks.rate)
	$(if $(GOLD),,$(BIN)/python -m benchmarks.speed --profile $(PROFILE))

# Files fall into an inbox in every manner while its watchers are killed: nothing may be lost or doubled.
faults: .venv/.installed-dev
	$(BIN)/python -m tests.faults.drop_storm

train: .venv/.installed-dev
	$(BIN)/python -m models.training.train fast
	$(BIN)/python -m models.training.train accurate

# torch comes first and exactly: a range would fetch a build for graphics cards of several GB.
.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet "torch==2.13.0" --constraint constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/.installed-dev: .venv/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

# Debian packages for the checks that need a browser or an office suite. As root.
system:
	apt-get update
	DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium poppler-utils fonts-dejavu libreoffice-calc libreoffice-impress

# The full clean install of a wheel, from nothing, outside the repository.
wheel-check: .venv/.installed-dev
	$(BIN)/python -m benchmarks.wheel_check

clean:
	rm -rf .venv dist build demo benchmarks/out
