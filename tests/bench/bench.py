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

import measure
import ours
from table import Table

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


def by_hand(kind, lines, seconds):
    """Runs byhand.py in namespaces of its own; its result."""
    folder = tempfile.mkdtemp(prefix='lanloom-bench-')
    try:
        result = subprocess.run(
            ['unshare', '--user', '--map-root-user', '--net', '--mount', '--ipc', '--pid', '--fork',
             '--kill-child', '--mount-proc', sys.executable, '-B', os.path.join(HERE, 'byhand.py'),
             kind, folder, str(seconds)],
            input=json.dumps(lines), capture_output=True, text=True, timeout=240 + 8 * seconds)
        if result.returncode != 0:
            log = os.path.join(folder, 'qemu.log')
            text = open(log, encoding='utf-8', errors='replace').read() if os.path.exists(log) else ''
            raise RuntimeError((result.stderr.strip().split('\n')[-1] + ' ' + text[-300:]).strip())
        return json.loads(result.stdout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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

            def percents(work):
                """CPU of engine and switch while `work` runs, in percent of a core."""
                before = [ours.cpu_s(pids[role]) for role in ('engine', 'ovs-vswitchd')]
                started = time.monotonic()
                report = work()
                seconds = time.monotonic() - started
                after = [ours.cpu_s(pids[role]) for role in ('engine', 'ovs-vswitchd')]
                return [100 * (b - a) / seconds for a, b in zip(before, after)], report

            quiet, _ = percents(lambda: time.sleep(10))
            busy, report = percents(lambda: self.bench_lab(lab.file, 'counters', '10', '100'))
        self.table.add('counters of 100 ports, 10/s: engine', '% of a core', busy[:1], 'nobody asks', quiet[:1])
        self.table.add('counters of 100 ports, 10/s: switch', '% of a core', busy[1:], 'nobody asks', quiet[1:])
        self.table.add('counters of 100 ports, 10/s: a client', '% of a core', [report['cpu_percent']])
        self.table.add('counters of 100 ports: one reading', 'ms', report['call_ms'])

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
        program = os.path.join(self.options.build, 'gui', 'lanloom')
        if not os.path.exists(program) or not shutil.which('xvfb-run'):
            return
        config = tempfile.mkdtemp(prefix='lanloom-bench-')
        window = subprocess.Popen(['dbus-run-session', '--', 'xvfb-run', '-a', program, lab.file],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, start_new_session=True,
                                  env={**os.environ, 'XDG_CONFIG_HOME': config, 'GTK_A11Y': 'none'})
        try:
            time.sleep(8)
            found = subprocess.run(['ps', '-s', str(window.pid), '-o', 'pid=,args='], text=True,
                                   capture_output=True).stdout
            for line in found.splitlines():
                pid, args = line.strip().split(' ', 1)
                if args.startswith(program):
                    share = ours.proportional_kib(int(pid))
                    before, started = ours.cpu_s(int(pid)), time.monotonic()
                    time.sleep(5)
                    percent = 100 * (ours.cpu_s(int(pid)) - before) / (time.monotonic() - started)
                    if share:
                        self.table.add('memory: window', 'MiB', [share / 1024])
                    self.table.add('window attached to a quiet lab', '% of a core', [percent])
        finally:
            os.killpg(window.pid, 15)
            window.wait(timeout=10)
            shutil.rmtree(config, ignore_errors=True)


PARTS = ['throughput', 'start', 'edit', 'counters', 'programs', 'memory']


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
