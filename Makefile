# `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests start many processes: without compiled modules each compiles everything anew, most of its start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test search check fmt bench screenshots lock clean
help: ## list what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# uv where it is installed (seconds), plain pip otherwise; both take exactly what the lock file names.
define install
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) && \
		uv pip install --quiet --python $(BIN)/python --no-deps -e . ; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e . ; \
	fi
	touch $@
endef

$(VENV)/.run: requirements/run.txt pyproject.toml
	$(call install,requirements/run.txt)

$(VENV)/.dev: requirements/dev.txt pyproject.toml
	$(call install,requirements/dev.txt)

demo: $(VENV)/.run ## a running shop with six simulated lanes at http://127.0.0.1:8080
	$(BIN)/tenban demo $(ARGS)

test: $(VENV)/.dev ## unit, story, integration and browser tests
	./scripts/need_chromium.sh
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

search: $(VENV)/.dev ## property tests with examples never tried before
	$(BIN)/python -m pytest -n 3 --hypothesis-profile search -m hypothesis --ignore tests/stories --ignore tests/pages $(ARGS)

check: $(VENV)/.dev ## style, types, floors, secrets, known vulnerabilities
	$(BIN)/ruff format --check src tests benchmarks scripts examples
	$(BIN)/ruff check src tests benchmarks scripts examples
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/find_secrets.py
	$(BIN)/python scripts/audit_dependencies.py

fmt: $(VENV)/.dev ## put the code into one form
	$(BIN)/ruff format src tests benchmarks scripts examples
	$(BIN)/ruff check --fix src tests benchmarks scripts examples

bench: $(VENV)/.dev ## every benchmark; writes benchmarks/results
	for one in benchmarks/*.py; do PYTHONPATH=tests $(BIN)/python $$one || exit 1; done

screenshots: $(VENV)/.dev ## every page, every size, ja and en, into screenshots/
	./scripts/need_chromium.sh
	$(BIN)/python tests/pages/screenshots.py

lock: ## renew the lock files (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' pyproject.toml --extra dev -o requirements/dev.txt

clean: ## remove what was built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
