# SPDX-License-Identifier: GPL-3.0-or-later
#
# Short names for what meson does; see HACKING.md. `make run` is all a newcomer needs.

MESON = meson
BUILD = build
LAB = data/labs/two-machines.lanloom

.PHONY: all setup build run check bench po format clean install

all: build

# Installs what is missing (and says what). Instant when nothing is.
setup:
	@.ci/setup build run guest test

$(BUILD)/build.ninja:
	@command -v $(MESON) > /dev/null || { echo "meson is missing: run 'make setup' first." >&2; exit 1; }
	@$(MESON) setup $(BUILD) $(MESON_OPTIONS)

build: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

run:
	@.ci/setup build run guest
	@$(MAKE) --no-print-directory build
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then exec $(BUILD)/gui/lanloom $(LAB); fi; \
	echo "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set): running $(LAB) in the terminal."; \
	exec $(BUILD)/backend/cli/lanloomctl run --watch $(LAB)

# The whole suite; the last line is the sum. See .ci/check --help.
check: setup
	@python3 .ci/check $(CHECK_OPTIONS)

bench: setup build
	@python3 tests/bench/bench.py --build $(BUILD) $(BENCH_OPTIONS)

# Refreshes the template and the catalogues from the sources.
po:
	@python3 po/update

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

install: build
	@$(MESON) install -C $(BUILD)

clean:
	@rm -rf $(BUILD) build-asan build-fuzz
