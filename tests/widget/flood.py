#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Guests that flood every channel the window shows: serial console, screen (SPICE), cables, and the
# output of a command (the agent). The window goes on answering, and neither it nor the engine grows.
# How fast it answers is asked over AT-SPI, which its main loop answers.
#
# usage: flood.py

import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import desktop  # noqa: E402
from harness import CTL, Plan, expect, wait_until  # noqa: E402

FLOOD_S = 6
MAX_GROWTH_MIB = 48  # scrollbacks and glyphs fill up to their bounds
# Two busy emulated machines share two cores with the window: what is asserted is that it never
# stands still for as long as a person would notice as a hang; what was measured is printed.
MAX_LATENCY_MS = 1500
MAX_MEDIAN_MS = 150

FLOODS = {
    'serial line': 'yes "a flood of words on the serial line" > /dev/ttyS0',
    'screen': 'yes "a flood of words on the screen" > /dev/tty1',
    'cables': 'ping -f 10.0.0.2',
}

plan = Plan()


class Flooded(desktop.Story):
    def watched(self):
        found = {p['role']: p['pid'] for p in self.status(self.file)['processes']}
        return {'window': self.hands.process.pid, 'engine': found['engine']}

    def latencies_ms(self, seconds):
        """How long the window takes to say where its Stop button is, again and again."""
        self.hands.atspi.set_timeout(10000, 15000)
        node = wait_until(lambda: self.hands.find('Stop', 'push button'), 20, 'the Stop button')
        taken = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begin = time.monotonic()
            node.get_extents(self.hands.atspi.CoordType.SCREEN)
            taken.append((time.monotonic() - begin) * 1000)
            time.sleep(0.05)
        return sorted(taken)


def pss_mib(pid):
    with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('Pss:')) / 1024


def report(what, taken):
    median, most = taken[len(taken) // 2], taken[-1]
    print(f'# {what}: answers after {median:.1f} ms, p99 {taken[len(taken) * 99 // 100]:.1f} ms, '
          f'at most {most:.1f} ms ({len(taken)} times)')
    return median, most


@plan.step('a lab, a window with both consoles of both machines', needed=True)
def start(w):
    w.ctl('start', w.file)
    hands = w.hands
    hands.open(w.file)
    for name in ('pc1', 'pc2'):
        hands.click(hands.tile(name), times=2)
        wait_until(lambda name=name: hands.find(f'{name} · Screen', starts=True), 15,
                   f'the screen of {name}')
    time.sleep(2)
    report('quiet', w.latencies_ms(4))


def expect_small(w, before):
    for role, pid in w.watched().items():
        mib = pss_mib(pid)
        print(f'# {role}: {before[role]:.1f} MiB, then {mib:.1f} MiB')
        expect(mib - before[role] < MAX_GROWTH_MIB, f'{role} grew to {mib:.1f} MiB')


def expect_quick(what, taken):
    median, most = report(what, taken)
    expect(most < MAX_LATENCY_MS and median < MAX_MEDIAN_MS,
           f'{what}: the window answered after {median:.0f} ms, at most {most:.0f} ms')


for name, text in FLOODS.items():
    @plan.step(f'a flood of the {name}: the window answers, nothing grows')
    def flood(w, name=name, text=text):
        before = {role: pss_mib(pid) for role, pid in w.watched().items()}
        w.exec(w.file, 'pc1', 'sh', '-c',
               'setsid sh -c "$1" < /dev/null > /dev/null 2>&1 & echo $! > /tmp/flood', 'sh', text)
        expect_quick(name, w.latencies_ms(FLOOD_S))
        w.hands.shoot('flood-' + name)
        w.exec(w.file, 'pc1', 'killall', 'yes', 'ping', code=None)
        expect_small(w, before)


@plan.step('a command that writes without end to somebody who does not read: the same')
def flood_command(w):
    before = {role: pss_mib(pid) for role, pid in w.watched().items()}
    reader, writer = os.pipe()
    command = subprocess.Popen([CTL, 'exec', w.file, 'pc2', '--', 'yes'], env=w.env, stdout=writer,
                               stdin=subprocess.DEVNULL)
    w.started.append(command)
    expect_quick('command', w.latencies_ms(FLOOD_S))
    command.kill()
    command.wait()
    os.close(reader)
    os.close(writer)
    expect_small(w, before)


@plan.step('what was flooded still works: keys, and Stop')
def stop(w):
    w.hands.click(w.hands.centre('Stop', 'push button'))
    wait_until(lambda: w.hands.find('Start', 'push button'), 30, 'the Start button')


@plan.step('leftovers: none')
def leftovers(w):
    w.expect_nothing_left()


desktop.main(plan, Flooded, 220)
