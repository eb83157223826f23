# One entry point for each verb, the same for people and for CI.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Arguments of demo and bench: make demo ARGS=--exit
ARGS ?=
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
REVISION := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
IMAGE ?= entra-pim-operator:$(VERSION)
# buildah needs no daemon, so it comes first.
BUILDER ?= $(firstword $(foreach tool,buildah podman docker,$(if $(shell command -v $(tool)),$(tool))))

# Runs one step, and says what it was and how long it took. The first that fails ends everything.
define step
@printf '==> %s\n' '$(1)'; begun=$$SECONDS; \
if $(1); then printf '==> %s: passed in %d s\n' '$(1)' $$((SECONDS - begun)); \
else status=$$?; printf '==> %s: FAILED after %d s\n' '$(1)' $$((SECONDS - begun)); exit $$status; fi
endef

.PHONY: help fmt lint gen check test test-clients demo bench image

help: ## Show what can be asked
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

fmt: ## Format the code
	cargo fmt --all

lint: ## Format and lint, as a check
	$(call step,cargo fmt --all --check)
	$(call step,cargo clippy --quiet --workspace --all-targets -- -D warnings)

gen: ## Write everything that is generated
	cargo xtask gen

check: ## Hold the tree against the rules of the repository
	$(call step,cargo xtask check)

test: lint ## Run every check and every test; the rules of the repository are held by a test of xtask
	$(call step,cargo test --workspace)

test-clients: ## Run Azure CLI and Microsoft's Python libraries against the simulator; installs them from PyPI
	$(call step,cargo test --package entra-sim --test clients -- --ignored --nocapture)

demo: ## Bring everything up and show it; ARGS=--exit leaves at the end
	@cargo build --package testenv --package entra-pim-operator --bin demo --bin entra-pim-operator
	@$(or $(CARGO_TARGET_DIR),target)/debug/demo $(ARGS)

# How long workload L takes where only calls take time shows in simulated time: Kubernetes itself has no part in it.
CALLS = cargo test --quiet --test in_process -- --nocapture a_hundred_groups_take_hardly_more_time

bench: ## Measure what workloads cost; ARGS=--help lists what can be chosen
	@cargo run --quiet --release --package testenv --bin bench -- $(ARGS)
	$(if $(filter --large,$(ARGS)),@$(CALLS))

image: ## Build the image with buildah, podman or docker
	@[ -n '$(BUILDER)' ] || { echo 'install buildah, podman or docker, or name one with BUILDER=' >&2; exit 1; }
	$(BUILDER) build --build-arg REVISION=$(REVISION) --tag $(IMAGE) .
