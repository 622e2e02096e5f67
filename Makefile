# Two commands: `make run` shows the product on its samples, `make test` runs every check. Each starts from nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT := out

.PHONY: run test setup lock python-check extension extension-check browsers bench clean

run: setup
	@$(BIN)/noiselens check --samples --overlay $(OUT)/overlays --report $(OUT)/report.html || [ $$? -eq 1 ]
	@$(BIN)/noiselens $$($(BIN)/noiselens samples)/*.[jp][pn]g

# Python's part and the extension's are installed and checked at the same time.
# What measures time or memory runs at the end, when nothing runs beside it. The two processes before that get a thread
# each: with more they would wait for one another.
test: export NOISELENS_PICTURES = $(CURDIR)/$(OUT)/screenshots
test:
	@$(MAKE) --no-print-directory -j 2 python-check extension-check
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 -m "not alone"
	$(BIN)/pytest -m alone

python-check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "NoiseLens needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

browsers:
	@tools/install_browsers.sh

extension:
	@$(PYTHON) tools/pack_extension.py $(OUT)

extension-check: browsers
	@tools/check_extension.sh

bench: setup
	@for file in tests/bench/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

lock:
	echo "torch==2.13.0" > $(VENV)/constraints.txt
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --all-extras --strip-extras --no-header --no-annotate --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host -c $(VENV)/constraints.txt -o requirements.lock pyproject.toml
	sed -i 's/+cpu$$//' requirements.lock

clean:
	rm -rf $(VENV) $(OUT) build dist
