# Every stage is `python -m STAGE`; this file only spells the usual calls. The first one makes the environment.
#
#   make demo                    every stage on the embedded game, some twenty to twenty-five minutes
#   make record LEVEL=…          play in a window (PLAYER=policy [RUN=…]: watch, take over; PLAYER=search [TAKES=6]: no window)
#   make record-skill SKILL=spindash|weak [LEVEL=…]   a drill: where play shows no spin dash; where the trained player fails
#   make mine                    your takes, with the search player's as support: cloned, fine-tuned, compared, scored
#   make dataset | bc | finetune [LEARNER=ppo] | eval      [GAME=…] [PLAYERS=human|search] [ARGS="--any-option of-that-stage"]
#   make eval LEVEL=test [INTEGRATION=folder]     on acts nobody trained on; those of another build of Quillrush
#   make contest LEARNER=… LEVELS=test|held-out STEPS=…   the Retro Contest's protocol: learn on unseen acts, scored all the while
#   make correct [RUN=…] [TAKES=2]                where the trained player fails, the search player shows the way on
#   make study NAME=…            arms x training seeds; make table|page NAME=…: what it shows. make bc|finetune SEEDS=5: five trainings
#   make sweep NAME=…            a grid or trials over any option (experiment/study/sweep.py)
#   make compare A=run B=run     two evaluations, before and after; make likeness: how like you the clone plays
#   make share [RUN=run] | make share DATA=quillrush-v0   a policy or a data set with its card, for others (docs/sharing.md)
#   make rom ROM=path (a file, folder or zip) | make doctor
#   make test | test-slow | lint | format | smoke | check | bench | mutants | chaos [SEED=n]

PYTHON ?= python3.11
PYTHONS := 3.11, 3.12 or 3.13
VENV := .venv
PY := $(VENV)/bin/python
PRESET ?= full
LEVEL ?=
PLAYER ?= human
SKILL ?= spindash
TAKES ?= 1
INIT ?=
LEARNER ?= ppo
LEVELS ?= test
STEPS ?=
SEEDS ?=
NAME ?=
DATA ?=
ARGS ?=
# each brings its own space, so that what is not asked for leaves none behind
GAME_ARG := $(if $(GAME), --game $(GAME))
CHOSEN := $(if $(PLAYERS), --select.players $(PLAYERS))
LEVEL_ARG := $(if $(LEVEL), --level "$(LEVEL)")
ACTS_ARG := $(if $(LEVEL), --acts "$(LEVEL)")
MORE := $(if $(ARGS), $(ARGS))
COMMON := --preset $(PRESET)$(GAME_ARG)
# SEEDS=5: the stage with the training seeds 1 to 5
STAGE := $(PY) -m $(if $(SEEDS),experiment seeds $(SEEDS) )

export TF_CPP_MIN_LOG_LEVEL ?= 2
export TF_ENABLE_ONEDNN_OPTS ?= 1
export PYTHONUNBUFFERED = 1

.DEFAULT_GOAL := help
.PHONY: help install install-dev install-bench install-cluster install-share record record-skill dataset bc finetune contest correct study table sweep page likeness eval compare mine demo smoke test test-slow mutants chaos lint format check bench rom doctor share lock clean

help: ## what there is to type
	@sed -n 's/^# \{0,1\}//p' Makefile | head -15

$(VENV)/installed: requirements.lock
	@command -v $(PYTHON) > /dev/null || { echo "make: no $(PYTHON) here. Name a Python $(PYTHONS): make install PYTHON=path" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "make: expected Python $(PYTHONS). Received: $(PYTHON), which is %d.%d. Name another: make install PYTHON=path" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

$(VENV)/installed-bench: requirements-bench.lock $(VENV)/installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-bench.lock
	@touch $@

$(VENV)/installed-share: requirements-share.lock $(VENV)/installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-share.lock
	@touch $@

$(VENV)/installed-cluster: requirements-cluster.lock $(VENV)/installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-cluster.lock
	@touch $@

install: $(VENV)/installed
install-bench: $(VENV)/installed-bench
install-share: $(VENV)/installed-share
install-cluster: $(VENV)/installed-cluster  ## Ray, for --cluster (docs/cluster.md)
install-dev: $(VENV)/installed-dev

rom: install ## import the Sonic 2 ROM; without ROM=, one that stable-retro has already
	@$(PY) -m game rom$(if $(ROM), "$(ROM)")$(MORE)

doctor: ## works on a bare Python too, so it installs nothing
	@$(firstword $(wildcard $(PY)) $(shell command -v $(PYTHON)) python3) -m game doctor$(GAME_ARG)$(MORE)

record: install
	$(PY) -m record --player $(PLAYER)$(LEVEL_ARG) --takes $(TAKES)$(if $(RUN), --run "$(RUN)")$(GAME_ARG)$(MORE)

record-skill: install
	$(PY) -m record --skill $(SKILL)$(LEVEL_ARG)$(GAME_ARG)$(MORE)

dataset: install
	$(PY) -m dataset convert $(COMMON)$(CHOSEN)$(if $(MOVIES), --movies "$(MOVIES)")$(MORE)

bc: install
	$(STAGE)supervised $(COMMON)$(CHOSEN)$(MORE)

finetune: install
	$(STAGE)finetune $(LEARNER) $(COMMON)$(if $(INIT), --init "$(INIT)")$(MORE)

contest: install ## the Retro Contest's protocol; PRESET=full|quick|smoke
	$(PY) -m finetune contest $(LEARNER) $(COMMON) --acts "$(LEVELS)"$(if $(STEPS), --total-steps $(STEPS))$(if $(INIT), --init "$(INIT)")$(MORE)

correct: install ## DAgger: its takes are data for the next clone
	$(PY) -m record --player correction --level "$(if $(LEVEL),$(LEVEL),all)" --takes $(TAKES)$(if $(RUN), --run "$(RUN)")$(GAME_ARG)$(MORE)

study: install
	$(PY) -m experiment study $(NAME)$(MORE)

table: install
	$(PY) -m experiment table $(NAME)

sweep: install
	$(PY) -m experiment sweep $(NAME)$(MORE)

page: install
	$(PY) -m experiment page $(NAME)

eval: install
	$(PY) -m evaluate $(COMMON)$(ACTS_ARG)$(MORE)

likeness: install ## how like you the clone plays, in takes of yours that were held out
	$(PY) -m supervised likeness$(GAME_ARG)$(MORE)

compare: install ## two evaluations, before and after: A=run B=run
	$(PY) -m evaluate compare $(A) $(B)$(MORE)

share: install-share ## a policy (RUN=) or a data set (DATA=) as a folder for others
	$(PY) -m share $(if $(DATA),dataset "$(DATA)",policy$(if $(RUN), "$(RUN)"))$(GAME_ARG)$(MORE)

mine: install ## the clone without you first: what your takes change is seen beside it
	@$(PY) -m record mine$(GAME_ARG)
	$(PY) -m dataset convert --preset mine$(GAME_ARG)
	$(PY) -m supervised without-you --preset mine$(GAME_ARG)
	$(PY) -m supervised --preset mine$(GAME_ARG)
	$(PY) -m finetune $(LEARNER) --preset mine$(GAME_ARG)
	$(PY) -m supervised likeness$(GAME_ARG)
	$(PY) -m evaluate --preset mine$(GAME_ARG)
	@$(PY) -m record next$(GAME_ARG)

demo: install
	$(MAKE) --no-print-directory dataset bc finetune eval PRESET=demo GAME=quillrush

smoke: install
	rm -rf runs/smoke data/smoke-v0
	RUNS=runs/smoke $(MAKE) --no-print-directory dataset bc finetune eval PRESET=smoke GAME=quillrush
	for learner in dagger impala jerk rainbow evolution neat; do \
	  RUNS=runs/smoke $(MAKE) --no-print-directory finetune LEARNER=$$learner PRESET=smoke GAME=quillrush || exit 1; \
	done
	RUNS=runs/smoke $(MAKE) --no-print-directory contest LEARNER=jerk PRESET=smoke GAME=quillrush LEVELS=TestZone.Act1

test: install-dev
	$(PY) -m pytest -n 2 --dist loadfile -m "not slow"$(MORE)

test-slow: install-dev
	$(PY) -m pytest -m slow$(MORE)

mutants: install-dev ## bugs put in on purpose; which of them the tests notice (docs/testing.md)
	$(PY) -m tests.mutants$(MORE)

chaos: install-dev ## kills, full disks and damaged files through all five stages
	$(PY) -m tests.chaos$(if $(SEED), --seed $(SEED))$(MORE)

lint: install-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: install-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

check: lint test smoke

bench: install-bench
	$(PY) -m bench$(MORE)

lock: install-dev
	$(PY) -m piptools compile --quiet --no-emit-index-url --no-emit-find-links --no-annotate --strip-extras -o requirements.lock pyproject.toml
	$(PY) -m piptools compile --quiet --no-emit-index-url --no-emit-find-links --no-annotate --strip-extras --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(PY) -m piptools compile --quiet --no-emit-index-url --no-emit-find-links --no-annotate --strip-extras --extra bench -c requirements.lock -o requirements-bench.lock pyproject.toml
	$(PY) -m piptools compile --quiet --no-emit-index-url --no-emit-find-links --no-annotate --strip-extras --extra share -c requirements.lock -o requirements-share.lock pyproject.toml
	$(PY) -m piptools compile --quiet --no-emit-index-url --no-emit-find-links --no-annotate --strip-extras --extra cluster -c requirements.lock -o requirements-cluster.lock pyproject.toml
	sed -i 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements-bench.lock  # any build of that release will do

clean:
	rm -rf runs data .pytest_cache .mypy_cache .ruff_cache
