# Two commands do everything: `make demo` and `make test`. Needed beforehand: Python 3.11 or newer, and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PAGE := service/ui/dist/built-from
# Real places for tests and benchmarks, where they are at hand.
export WANGGE_DATA

.PHONY: demo test check bench serve clean

demo: $(READY) $(PAGE)
	$(BIN)/python -m datasets gucheng -o build/gucheng
	$(BIN)/wangge plan build/gucheng/county.gpkg -o build/gucheng-plan --grids 111 --time-limit 60
	$(BIN)/wangge check build/gucheng-plan/problem.json build/gucheng-plan/plan.json
	@echo
	@echo "看这里 · Look here: build/gucheng-plan/overview.png  report.zh.md  report.en.md  ledger.xlsx  plan.gpkg"
	@echo "在浏览器中看 · In a browser: make serve"
	@if [ -t 0 ] && [ -t 1 ] && [ -z "$$CI" ]; then \
		echo "按回车现在打开（20 秒后结束）· Enter opens it now (ends after 20 s)"; \
		$(BIN)/python -c 'import select, sys; sys.exit(not select.select([sys.stdin], [], [], 20)[0])' && $(MAKE) serve; \
	fi || true

test: $(READY) $(PAGE)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks

serve: $(READY) $(PAGE)
	$(BIN)/wangge serve build/gucheng-plan --data build/wangge-data --open

# The map page; built again where one of its sources is newer.
$(PAGE): $(READY) $(shell find service/ui/src service/ui/public -type f) service/ui/index.html service/ui/package-lock.json
	$(BIN)/python hatch_build.py
	touch $@

# Everything is pinned in requirements.lock; the package itself is installed without its dependencies on top of them.
$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("wangge needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@echo "编译求解器（一次性）· compiling the solver (once) …"
	$(BIN)/python -c 'from partitioner.redraw.warming import ready; ready()'
	touch $@

clean:
	rm -rf $(VENV) build dist service/ui/dist service/ui/node_modules .pytest_cache .mypy_cache .ruff_cache
