# SPDX-License-Identifier: GPL-3.0-or-later
#
# Short names for what meson does; see HACKING.md. `make run` is all a newcomer needs.

MESON = meson
BUILD = build

.PHONY: all setup build run check bench po format clean install

all: build

# Installs what is missing (and says what). Instant when nothing is.
setup:
	@tools/setup build run guest test

$(BUILD)/build.ninja:
	@command -v $(MESON) > /dev/null || { echo "meson is missing: run 'make setup' first." >&2; exit 1; }
	@$(MESON) setup $(BUILD) $(MESON_OPTIONS)

build: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

run:
	@tools/setup build run guest
	@$(MAKE) --no-print-directory build
	@tools/run $(LAB)

# The whole suite; the last line is the sum. See tools/check --help.
check: setup
	@python3 tools/check $(CHECK_OPTIONS)

bench: setup build
	@python3 tests/bench/bench.py --build $(BUILD) $(BENCH_OPTIONS)

# Refreshes the template and the catalogues from the sources.
po:
	@python3 tools/update-po

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

install: build
	@$(MESON) install -C $(BUILD)

clean:
	@rm -rf $(BUILD) build-asan build-fuzz
