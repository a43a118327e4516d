#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every cell of the kill matrix (tests/system/cells.py), each in a lab of its own, and a table of what
# came of it. Takes about twenty minutes; see HACKING.md.
#
# usage: matrix.py [--build FOLDER] [--part P]… [--phase P]… [--action A]… [--pause SECONDS]
#                  [--jobs N] [--calm LOAD] [--markdown]

import argparse
import collections
import concurrent.futures
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default=os.path.join(SOURCE, 'build'))
    parser.add_argument('--part', action='append')
    parser.add_argument('--phase', action='append')
    parser.add_argument('--action', action='append')
    parser.add_argument('--pause', type=float, default=30)
    parser.add_argument('--jobs', type=int, default=4,
                        help='labs at a time, for cells that mostly wait (the action “stop”)')
    parser.add_argument('--calm', type=float,
                        help='begins a cell only while the load of the last minute is below this')
    parser.add_argument('--markdown', action='store_true', help='rows for DESIGN.md')
    return parser.parse_args()


options = parse()
os.environ.setdefault('LANLOOM_BUILD', os.path.abspath(options.build))
os.environ.setdefault('LANLOOM_SOURCE', SOURCE)
sys.path[:0] = [os.path.join(SOURCE, 'tests/system'), os.path.join(SOURCE, 'tests/widget')]

import cells  # noqa: E402
import window_cells  # noqa: E402


def chosen():
    return [cell for cell in cells.all_cells()
            if (not options.part or cell.part in options.part)
            and (not options.phase or cell.phase in options.phase)
            and (not options.action or cell.action in options.action)]


def wait_for_calm():
    while options.calm and os.getloadavg()[0] >= options.calm:
        time.sleep(1)


def run_one(cell):
    wait_for_calm()
    begin = time.monotonic()
    run = window_cells.run_cell if cell.part == 'window' else cells.run_cell
    failure, notes, n_left = run(cell, options.pause)
    print(f'{"ok    " if failure is None else "NOT OK"} {str(cell):32} {n_left} left, '
          f'{time.monotonic() - begin:5.1f} s  {"; ".join(notes)}', flush=True)
    if failure:
        print('       ' + failure.replace('\n', '\n       '), flush=True)
    return cell, failure, n_left


def run_all(todo):
    # Times are measured in cells of a death: those have the computer to themselves. So have windows:
    # there is one keyboard.
    waiting = [cell for cell in todo if cell.action == 'stop' and cell.part != 'window']
    alone = [cell for cell in todo if cell not in waiting]
    results = [run_one(cell) for cell in alone]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results += list(pool.map(run_one, waiting))
    return results


def print_table(results):
    rows = collections.defaultdict(list)
    for cell, failure, n_left in results:
        rows[cell.part, cell.action].append((cell, failure, n_left))
    print(f'\n{"part":13} {"action":7} {"cells":>5} {"as said":>7} {"leftovers":>9}')
    for (part, action), entries in rows.items():
        print(f'{part:13} {action:7} {len(entries):5} '
              f'{sum(failure is None for _, failure, _ in entries):7} '
              f'{sum(n_left for _, _, n_left in entries):9}')
    bad = [str(cell) for cell, failure, _ in results if failure is not None]
    print(f'{"all":13} {"":7} {len(results):5} {len(results) - len(bad):7} '
          f'{sum(n_left for _, _, n_left in results):9}')
    if bad:
        print('not as said: ' + ' · '.join(bad))
    return 1 if bad else 0


def print_markdown():
    print('| Part | Phase | Action | What goes on, what is seen, what repairs it |\n|---|---|---|---|')
    groups = collections.OrderedDict()
    for cell in cells.all_cells():
        groups.setdefault((cell.part, cell.outcome.text), []).append(cell)
    for (part, text), entries in groups.items():
        phases = [p for p in cells.PHASES if any(c.phase == p for c in entries)]
        actions = [a for a in cells.ACTIONS if any(c.action == a for c in entries)]
        print(f'| {part} | {", ".join(phases)} | {", ".join(actions)} | {text} |')


def main():
    if options.markdown:
        print_markdown()
        return 0
    todo = chosen()
    if any(cell.part == 'window' for cell in todo):
        return window_cells.with_display(lambda: print_table(run_all(todo)))
    return print_table(run_all(todo))


if __name__ == '__main__':
    sys.exit(main())
