#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a quiet two-machines costs, by how long the switch may sleep: CPU of each process but the
# guests', the first ping after silence, TCP, and what a program on the same core keeps. One lab, the
# settings in turn; medians. The table of DESIGN.md comes from here.
#
#   idle.py [--build FOLDER] [--settings 0,500,engine] [--rounds N] [--silence SECONDS] [--window]

import argparse
import os
import re
import statistics
import subprocess
import sys
import time

import measure
import ours

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LAB = os.path.join(ROOT, 'data', 'labs', 'two-machines.lanloom')
BUSY = 'import time\nend = time.monotonic() + {}\nwhile time.monotonic() < end: pass\n' \
       'print(time.process_time())'


class Window:
    """The real window on the lab, on a screen of its own."""

    def __init__(self, build, file):
        self.screen = subprocess.Popen(['Xvfb', '-displayfd', '1', '-screen', '0', '1280x800x24'],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        display = ':' + self.screen.stdout.readline().strip()
        self.window = subprocess.Popen(
            [os.path.join(build, 'gui', 'lanloom'), file], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, DISPLAY=display, GDK_BACKEND='x11', NO_AT_BRIDGE='1',
                     DBUS_SESSION_BUS_ADDRESS='disabled:'))
        time.sleep(5)
        if self.window.poll() is not None:
            raise RuntimeError('the window ended at once')

    def close(self):
        for process in (self.window, self.screen):
            process.kill()
            process.wait()


def set_sleep(runtime, value):
    """Says how long the poll thread may sleep, as a person would by hand."""
    for name in ('pmd-maxsleep', 'pmd-sleep-max'):
        subprocess.run(['ovs-vsctl', f'--db=unix:{runtime}/ovs/db.sock', '--no-wait', 'set',
                        'Open_vSwitch', '.', f'other_config:{name}={value}'], check=True)


def threads_of(pid):
    """Name to (tid, CPU seconds); threads of one name are summed."""
    found = {}
    for tid in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{tid}/comm', encoding='utf-8') as file:
            name = file.read().strip()
        spent = ours.cpu_s(f'{pid}/task/{tid}')
        found[name] = (int(tid), spent + found.get(name, (0, 0))[1])
    return found


def usage(parts, switch, seconds):
    """Percent of a core of each part, and of the switch's threads, over so many seconds."""
    before = {name: ours.cpu_s(pid) for name, pid in parts.items()}
    threads = threads_of(switch)
    time.sleep(seconds)
    percent = {name: 100 * (ours.cpu_s(pid) - before[name]) / seconds
               for name, pid in parts.items()}
    after = threads_of(switch)
    busy = {name: 100 * (after[name][1] - threads[name][1]) / seconds for name in threads
            if name in after}
    return percent, busy


def first_ping_ms(lab):
    status, output = lab.run('pc1', ['ping', '-c', '1', '-W', '2', measure.ADDRESS])
    found = re.search(r'time=([\d.]+)', output)
    if status != 0 or not found:
        raise RuntimeError(output)
    return float(found.group(1))


def kept_by_neighbour(switch, seconds):
    """Of the core of the poll thread, what a busy program gets beside it."""
    name, (tid, _) = next((n, t) for n, t in threads_of(switch).items() if n.startswith('pmd'))
    core = next(iter(os.sched_getaffinity(tid)))
    before = ours.cpu_s(f'{switch}/task/{tid}')
    out = subprocess.run(['taskset', '-c', str(core), 'setsid', sys.executable, '-c',
                          BUSY.format(seconds)], capture_output=True, text=True, check=True).stdout
    spent = ours.cpu_s(f'{switch}/task/{tid}') - before
    return float(out) / (float(out) + spent)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default=os.path.join(ROOT, 'build'))
    parser.add_argument('--settings', default='0,500,engine')
    parser.add_argument('--rounds', type=int, default=1)
    parser.add_argument('--pings', type=int, default=5)
    parser.add_argument('--silence', type=float, default=10)
    parser.add_argument('--idle', type=float, default=30)
    parser.add_argument('--window', action='store_true')
    options = parser.parse_args()
    found = {}
    with ours.Lab(options.build, source=LAB) as lab:
        status = lab.status()
        pids = {p['role']: p['pid'] for p in status['processes'] if p['role'] != 'qemu'}
        switch = pids['ovs-vswitchd']
        measure.start_server(lab.run)
        window = Window(options.build, lab.file) if options.window else None
        if window:
            pids['window'] = window.window.pid
        for _ in range(options.rounds):
            for setting in options.settings.split(','):
                if setting != 'engine':
                    set_sleep(status['runtime'], setting)
                row = found.setdefault(setting, {'cpu': [], 'threads': [], 'ping': [], 'tcp': [],
                                                 'kept': []})
                time.sleep(3)
                percent, threads = usage(pids, switch, options.idle)
                row['cpu'].append(percent)
                row['threads'].append(threads)
                for _ in range(options.pings):
                    time.sleep(options.silence)
                    row['ping'].append(first_ping_ms(lab))
                row['kept'] += [kept_by_neighbour(switch, 4) for _ in range(2)]
                row['tcp'] += [measure.tcp_bps(lab.run, 3) for _ in range(2)]
                print(setting, row, file=sys.stderr, flush=True)
        if window:
            window.close()
    for setting, row in found.items():
        cpu = {name: statistics.median(r[name] for r in row['cpu']) for name in row['cpu'][0]}
        print(f'sleep {setting}: ' + ', '.join(f'{n} {v:.2f} %' for n, v in cpu.items())
              + f'; sum {sum(cpu.values()):.2f} %')
        print('  threads: ' + ', '.join(
            f'{n} {v:.2f}' for n, v in sorted(row['threads'][0].items(), key=lambda t: -t[1])
            if v > 0))
        print(f'  ping after {options.silence:.0f} s: {statistics.median(row["ping"]):.2f} ms '
              f'({min(row["ping"]):.2f} to {max(row["ping"]):.2f}); neighbour keeps '
              f'{statistics.median(row["kept"]):.3f}; TCP '
              f'{statistics.median(row["tcp"]) / 1e6:.0f} Mbit/s')


if __name__ == '__main__':
    main()
