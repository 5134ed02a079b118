# The commands of the README. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
RUN := PATH="$$PWD/$(BIN):$$PATH" MLFLOW_DISABLE_TELEMETRY=true

# What `make run` may be told: make run BUDGET=smoke EXPERIMENTS="rates cat" CONF=DIR RESULTS="my results" CORES=4
BUDGET ?=
EXPERIMENTS ?=
CONF ?=
RESULTS ?= results
CORES ?= all
HOST ?=
PORT ?=
CSV ?=
ifeq ($(origin PYTHON),undefined)
PYTHON := $(firstword $(foreach p,python3.11 python3.12 python3.13 python3 python,$(shell command -v $(p) 2>/dev/null)))
endif
# make and the shell would run what stands in a value. So a value that a person gives is taken as it is written,
# and reaches a command through the environment, as "$$NAME".
GIVEN := BUDGET EXPERIMENTS CONF RESULTS CORES HOST PORT PYTHON CSV
$(foreach name,$(GIVEN),$(if $(filter file,$(origin $(name))),,$(eval override $(name) := $$(value $(name)))))
export $(GIVEN)
# Snakemake strips quotes from both ends of a value and reads the rest as YAML: in single quotes, each of its own
# doubled, between a blank and a comment, it is text.
text = $(1)= '$${$(2)//\'/\'\'}' \#
SETTINGS = "$(call text,results,RESULTS)" $${BUDGET:+"$(call text,budget,BUDGET)"} $${CONF:+"$(call text,conf,CONF)"} \
	$${EXPERIMENTS:+"$(call text,experiments,EXPERIMENTS)"}
SNAKEMAKE = $(RUN) GENRATES_QUIET=1 $(BIN)/snakemake --cores "$$CORES"

.PHONY: help run fit show cat test test-slow test-faults test-cluster ui report docs lint format bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# One stamp for each set of packages; a stamp is older than the lists it was made from: install again.
.venv/.run: pyproject.toml constraints.txt
	@"$$PYTHON" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "genrates needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.11")'
	@echo "Installing into .venv: one to three minutes and about 2 GB (PyTorch, MLflow, Snakemake), once."
	@"$$PYTHON" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.dev: .venv/.run
	@echo "Installing the tools for tests: some seconds, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

.venv/.cluster: .venv/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[cluster]'
	@touch $@

run: .venv/.run ## the whole pipeline: train, sample, measure, track, compare, report
	@$(SNAKEMAKE) --config $(SETTINGS)
	@$(BIN)/genrates show "--results=$$RESULTS"

fit: .venv/.run ## a table of your own: make fit CSV=mine.csv (its density, samples, anomalies)
	@[ -n "$$CSV" ] || { echo "Say which table: make fit CSV=mine.csv"; exit 2; }
	@$(RUN) $(BIN)/genrates fit -- "$$CSV"

show: .venv/.run ## print the tables again
	@$(BIN)/genrates show "--results=$$RESULTS"

cat: .venv/.run ## "this cat does not exist": cats drawn by every model (needs the drawings: see the README)
	@EXPERIMENTS=cat_sketches; $(SNAKEMAKE) --config $(SETTINGS)
	@echo "The cats:    $$RESULTS/$${BUDGET:-quick}/cat_sketches/figures/this_cat_does_not_exist.png"
	@echo "At which n:  $$RESULTS/$${BUDGET:-quick}/cat_sketches/figures/at_which_n.png"

test: .venv/.dev ## the fast tests (below 10 minutes on two cores)
	@$(RUN) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 -m "not slow and not cluster"

test-slow: .venv/.dev ## rates against exact theory, outside test suites
	@$(RUN) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow

test-faults: .venv/.dev ## hunt for faults at random: configs, files, data, kills, a full disk (25 minutes)
	@$(RUN) OMP_NUM_THREADS=1 PYTHONPATH=tests $(BIN)/python -m hunt

test-cluster: .venv/.cluster ## the pipeline on a SLURM of one node, set up for the tests (root, apt)
	@$(RUN) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m cluster tests/cluster

ui: .venv/.run ## the MLflow dashboard, on this machine alone
	@$(RUN) $(BIN)/genrates ui "--results=$$RESULTS" $${HOST:+"--host=$$HOST"} $${PORT:+"--port=$$PORT"}

report: .venv/.run ## rebuild results/report.html
	@$(SNAKEMAKE) --config $(SETTINGS) --forcerun report --allowed-rules all report compare

docs: .venv/.dev ## the documentation site, in docs/_build
	@$(RUN) $(BIN)/sphinx-build -W --keep-going -q docs docs/_build
	@echo "Documentation: docs/_build/index.html"

lint: .venv/.dev ## ruff, numpydoc, snakefmt, snakemake --lint
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(RUN) $(BIN)/snakefmt --check Snakefile
	@find src/genrates -name '*.py' | xargs $(BIN)/numpydoc lint
	@$(RUN) $(BIN)/snakemake --lint

format: .venv/.dev ## let ruff and snakefmt lay out the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . && $(RUN) $(BIN)/snakefmt Snakefile

bench: .venv/.dev ## speed beside the peers, measured side by side
	@$(RUN) $(BIN)/python benchmarks/run.py

clean: ## remove results (asks first); downloads and .venv stay
	@read -p "Remove $$RESULTS/ and everything in it? [y/N] " a && [ "$$a" = y ] && cd -- "$$RESULTS" && find . -mindepth 1 ! -name README.md -delete || true
