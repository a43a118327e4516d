#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is left of the computer while a lab boots: how late a program wakes up that sleeps 10 ms at a time
# (the main loop of a window), what a busy program gets of one core, and how long the start takes. Both
# run in sessions of their own, as programs of a desktop do.
#
#   boot.py [--build FOLDER] [--machines 8] [--rounds 2]

import argparse
import os
import statistics
import subprocess
import sys
import time

import ours

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LATE = '''
import sys, time
late = []
while True:
    began = time.monotonic()
    time.sleep(0.01)
    late.append(1000 * (time.monotonic() - began) - 10)
    if len(late) % 50 == 0:
        late_now = sorted(late)
        print(late_now[len(late) // 2], late_now[len(late) * 99 // 100], late_now[-1], flush=True)
'''
BUSY = '''
import time
began, cpu = time.monotonic(), time.process_time()
while True:
    for _ in range(200000): pass
    print((time.process_time() - cpu) / (time.monotonic() - began), flush=True)
'''


def watch(script):
    return subprocess.Popen(['setsid', sys.executable, '-c', script], stdout=subprocess.PIPE, text=True)


def finish(process):
    """The last full line it wrote, as numbers."""
    process.kill()
    return [float(word) for word in process.communicate()[0].strip().split('\n')[-1].split()]


def run(build, count, script):
    process = watch(script) if script else None
    try:
        with ours.Lab(build, text=ours.machines_on_a_switch(count)) as lab:
            took = lab.start_s
            numbers = finish(process) if process else []
    finally:
        if process and process.poll() is None:
            process.kill()
    return took, numbers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', action='append')
    parser.add_argument('--machines', type=int, default=8)
    parser.add_argument('--rounds', type=int, default=1)
    options = parser.parse_args()
    builds = options.build or [os.path.join(ROOT, 'build')]
    rows = {build: {'alone': [], 'late': [], 'busy': []} for build in builds}
    for _ in range(options.rounds):
        for build in builds:
            rows[build]['alone'].append(run(build, options.machines, None))
            rows[build]['late'].append(run(build, options.machines, LATE))
            rows[build]['busy'].append(run(build, options.machines, BUSY))
            print(build, rows[build], file=sys.stderr, flush=True)
    for build, row in rows.items():
        late = [numbers for _, numbers in row['late']]
        print(f'{build}: {options.machines} machines ready in '
              f'{statistics.median(t for t, _ in row["alone"]):.1f} s; a 10 ms sleep is late by '
              f'{statistics.median(n[0] for n in late):.1f} / {statistics.median(n[1] for n in late):.1f} / '
              f'{max(n[2] for n in late):.1f} ms (median, 99th, worst); a busy program gets '
              f'{statistics.median(n[0] for _, n in row["busy"]):.2f} of a core while the start takes '
              f'{statistics.median(t for t, _ in row["busy"]):.1f} s')


if __name__ == '__main__':
    main()
