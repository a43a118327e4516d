#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `make bench`: one table. Every comparison is made in this one run, the contestants in turn, and the
# medians are printed with their ratio; there is no verdict. What cannot be measured on this host says
# why. Needs namespaces, and some minutes.
#
#   bench.py [--build FOLDER] [--rounds N] [--seconds N] [--only PART]…

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import delayed
import measure
import ours
from table import Table
from window import Window

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LAB = os.path.join(ROOT, 'data', 'labs', 'two-machines.lanloom')
KINDS = {
    'ovs': 'OVS-DPDK by hand',
    'unix-stream': 'QEMU UNIX stream sockets',
    'unix-dgram': 'QEMU UNIX datagram sockets',
    'udp': 'QEMU UDP sockets',
    'tap': 'tap + Linux bridge',
}
MEASURED = (('tcp', 'TCP between two machines', 'bit/s'), ('small', '64-byte frames', 'frame/s'),
            ('rtt', 'round trip', 'ms'))


def say(text):
    print(text, file=sys.stderr, flush=True)


def complaints(folder, name, word):
    """The last lines of a log that hold @word."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return ''
    with open(path, encoding='utf-8', errors='replace') as log:
        return ' '.join([line.strip() for line in log if word in line][-3:])[-300:]


def by_hand(kind, lines, seconds):
    """Runs byhand.py in namespaces of its own; its result."""
    folder = tempfile.mkdtemp(prefix='lanloom-bench-')
    try:
        result = subprocess.run(
            ['unshare', '--user', '--map-root-user', '--net', '--mount', '--ipc', '--pid', '--fork',
             '--kill-child', '--mount-proc', sys.executable, '-B', os.path.join(HERE, 'byhand.py'),
             kind, folder, str(seconds)],
            input=json.dumps(lines), capture_output=True, text=True, timeout=300 + 8 * seconds)
        if result.returncode != 0:
            raise RuntimeError(' '.join([result.stderr.strip().split('\n')[-1],
                                         complaints(folder, 'qemu.log', ''),
                                         complaints(folder, 'ovs.log', '|ERR|')]).strip())
        return json.loads(result.stdout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def percents(pids, work):
    """CPU of processes while work () runs, each in percent of a core."""
    before = [ours.cpu_s(pid) for pid in pids]
    started = time.monotonic()
    work()
    seconds = time.monotonic() - started
    return [100 * (ours.cpu_s(pid) - b) / seconds for pid, b in zip(pids, before)]


class Bench:
    def __init__(self, options):
        self.options = options
        self.table = Table()
        self.rounds = range(options.rounds)

    def throughput(self):
        """Frames and TCP between the two machines of two-machines, against four other cables."""
        mine = {name: [] for name, _, _ in MEASURED}
        theirs = {kind: {name: [] for name, _, _ in MEASURED} for kind in KINDS}
        broken = {}
        for i in self.rounds:
            say(f'throughput, round {i + 1}: lanloom')
            with ours.Lab(self.options.build, source=LAB) as lab:
                lines = lab.machines()
                for name, value in measure.everything(lab.run, self.options.seconds).items():
                    mine[name].append(value)
            for kind in KINDS:
                if kind in broken:
                    continue
                say(f'throughput, round {i + 1}: {KINDS[kind]}')
                try:
                    found = by_hand(kind, lines, self.options.seconds)
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    broken[kind] = str(error)[-120:]
                    continue
                for name, _, _ in MEASURED:
                    theirs[kind][name].append(found[name])
        for name, title, unit in MEASURED:
            for kind, label in KINDS.items():
                if kind in broken:
                    self.table.note(f'{title}: {label}', broken[kind])
                else:
                    self.table.add(title, unit, mine[name], label, theirs[kind][name])

    def start(self):
        """Start to all machines ready, 2 and 8 machines."""
        for count in (2, 8):
            mine, theirs = [], []
            for i in self.rounds:
                say(f'start, {count} machines, round {i + 1}')
                with ours.Lab(self.options.build, text=ours.machines_on_a_switch(count)) as lab:
                    mine.append(lab.start_s)
                    lines = lab.machines()
                # Not against busy polling, which takes a core from the guests that boot.
                theirs.append(by_hand('ovs-sleep', lines, 0)['start'])
            self.table.add(f'start to ready, {count} machines', 's', mine,
                           'the same QEMU command lines by hand', theirs)

    def bench_lab(self, *argv):
        program = os.path.join(self.options.build, 'tests', 'bench', 'bench-lab')
        result = subprocess.run([program, *argv], text=True, capture_output=True, timeout=120,
                                stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            raise RuntimeError(f'bench-lab: {result.stderr.strip()}')
        return json.loads(result.stdout)

    def edit(self):
        """A cable added to a running lab of 100 idle ports, and taken away again."""
        say('edit')
        with ours.Lab(self.options.build, text=ours.idle_ports(50)) as lab:
            other = os.path.join(lab.folder, 'other.lanloom')
            with open(other, 'w', encoding='utf-8') as file:
                file.write(ours.idle_ports(51))
            times = self.bench_lab(lab.file, 'edit', other, '21')['call_ms']
        self.table.add('edit on 100 idle ports: one cable more or less', 'ms', times)

    def counters(self):
        """What it costs to read the counters of 100 ports ten times a second."""
        say('counters')
        with ours.Lab(self.options.build, text=ours.idle_ports(50)) as lab:
            pids = {role: pid for role, _, pid in lab.processes()}
            parts = [pids['engine'], pids['ovs-vswitchd']]
            quiet = percents(parts, lambda: time.sleep(10))
            reports = []
            busy = percents(parts, lambda: reports.append(
                self.bench_lab(lab.file, 'counters', '10', '100')))
        for part, name in enumerate(('engine', 'switch')):
            self.table.add(f'counters of 100 ports, 10/s: {name}', '% of a core', [busy[part]],
                           'nobody asks', [quiet[part]])
        self.table.add('counters of 100 ports, 10/s: a client', '% of a core',
                       [reports[0]['cpu_percent']])
        self.table.add('counters of 100 ports: one reading', 'ms', reports[0]['call_ms'])
        self.window_counters()

    def window_counters(self):
        """The same by the real window, with all 50 cables in sight: all quiet, then all blinking."""
        if not Window.is_possible(self.options.build):
            self.table.note('counters of 100 ports: window', 'not measured: no window, or no Xvfb')
            return
        say('counters, window')
        with ours.Lab(self.options.build, text=ours.star(50)) as lab:
            pids = {role: pid for role, _, pid in lab.processes()}
            with Window(self.options.build, lab) as window:
                parts = [pids['engine'], window.pid]
                quiet = percents(parts, lambda: time.sleep(10))
                lab.run('pc1', ['sh', '-c', 'ping -q -b -i 0.1 10.0.0.255 > /dev/null 2>&1 &'])
                time.sleep(2)
                busy = percents(parts, lambda: time.sleep(10))
        what = '100 ports, 10/s: engine + window'
        self.table.add(what + ', every cable quiet', '% of a core', [sum(quiet)])
        self.table.add(what + ', every cable blinking', '% of a core', [sum(busy)])
        self.table.add('  of which the window', '% of a core', [busy[1]], 'all quiet', [quiet[1]])

    def programs(self):
        """The benches of single parts, which print "name: value unit" lines."""
        for name in ('bench-model', 'bench-canvas'):
            program = os.path.join(self.options.build, 'tests', 'bench', name)
            if not os.path.exists(program):
                self.table.note(name, 'was not built')
                continue
            say(name)
            result = subprocess.run([program], capture_output=True, text=True, timeout=600,
                                    stdin=subprocess.DEVNULL)
            for line in result.stdout.splitlines():
                what, colon, value = line.partition(': ')
                if colon and not line.startswith(('#', ' ')):
                    self.table.note(what.strip(), value.strip())

    def wire(self):
        """An impaired cable against what was asked of it, and how fast it is."""
        folder = os.path.join(self.options.build, 'tests', 'bench')
        if not os.path.exists(os.path.join(folder, 'bench-wire')):
            self.table.note('wire', 'was not built')
            return
        for argv in (['bench-wire', 'truth'], ['bench-wire', 'speed'], ['bench-wire', 'capture'],
                     ['bench-wire', 'cables'], ['bench-wire-switch']):
            say(' '.join(argv))
            result = subprocess.run([os.path.join(folder, argv[0]), *argv[1:]], capture_output=True,
                                    text=True, timeout=600, stdin=subprocess.DEVNULL,
                                    env={**os.environ, 'LANLOOM_BUILD': self.options.build})
            for line in result.stdout.splitlines():
                name, _, value = line.partition(': ')
                if name == 'wire':
                    asked, _, found = value.rpartition(': ')
                    self.table.note(f'wire: {asked}', found)

    def delayed(self):
        """TCP over a cable with delay, beside what theory allows."""
        say('TCP with delay')
        with ours.Lab(self.options.build, source=LAB) as lab:
            found = delayed.compare(lab, self.options.rounds, self.options.seconds)
        for what, text in delayed.lines(found):
            self.table.note(what, text)

    def memory(self):
        """Memory of every process of two-machines: proportional share, in MiB."""
        say('memory')
        with ours.Lab(self.options.build, source=LAB) as lab:
            time.sleep(2)
            for role, node, pid in sorted(lab.processes()):
                share = ours.proportional_kib(pid)
                if share is not None:
                    self.table.add(f'memory: {role} {node}'.rstrip(), 'MiB', [share / 1024])
            self.window_memory(lab)

    def window_memory(self, lab):
        if not Window.is_possible(self.options.build):
            return
        with Window(self.options.build, lab) as window:
            share = ours.proportional_kib(window.pid)
            if share:
                self.table.add('memory: window', 'MiB', [share / 1024])
            self.table.add('window attached to a quiet lab', '% of a core',
                           percents([window.pid], lambda: time.sleep(5)))


PARTS = ['throughput', 'start', 'edit', 'counters', 'programs', 'wire', 'delayed', 'memory']


def main():
    parser = argparse.ArgumentParser(description='Measures, compares, prints one table.')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build'))
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=int, default=5, help='of each transfer')
    parser.add_argument('--only', action='append', choices=PARTS)
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    bench = Bench(options)
    for part in options.only or PARTS:
        try:
            getattr(bench, part)()
        except (RuntimeError, OSError, KeyError, ValueError, subprocess.TimeoutExpired) as error:
            bench.table.note(part, f'not measured: {error}'[:160])
    bench.table.print()


main()
