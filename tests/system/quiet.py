#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A quiet lab is cheap: what its parts but the guests take of a core when no frame moves, what a program
# on the core of the poll thread keeps, and what is left of it all when the lab is paused. The limits
# are those of DESIGN.md; tests/bench/idle.py has the table.

import os
import subprocess
import sys
import time

from harness import Plan, World, expect, wait_until

plan = Plan()
world = World()
FILE = world.take_lab('two-machines')
LIMIT_PERCENT = 5
IDLE_S = 15
BUSY = 'import time\nend = time.monotonic() + 4\nwhile time.monotonic() < end: pass\n' \
       'print(time.process_time())'
PARTS = ('init', 'engine', 'ovsdb-server', 'ovs-vswitchd')


def ticks(path):
    with open(f'/proc/{path}/stat', encoding='utf-8') as file:
        return sum(map(int, file.read().rsplit(')', 1)[1].split()[11:13]))


def seconds(pids):
    return sum(ticks(pid) for pid in pids) / os.sysconf('SC_CLK_TCK')


def percent(pids, duration):
    before, begin = seconds(pids), time.monotonic()
    time.sleep(duration)
    return 100 * (seconds(pids) - before) / (time.monotonic() - begin)


def poll_thread(pid):
    for tid in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{tid}/comm', encoding='utf-8') as file:
            if file.read().startswith('pmd-'):
                return tid
    raise AssertionError('no poll thread')


@plan.step('two-machines runs', needed=True)
def start(w):
    w.ctl('start', FILE)
    w.pids_of = {p['role']: p['pid'] for p in w.status(FILE)['processes'] if p['role'] != 'qemu'}
    w.guests = [p['pid'] for p in w.status(FILE)['processes'] if p['role'] == 'qemu']


@plan.step('switch and engine take at most 5 % of a core when no frame moves')
def idle(w):
    time.sleep(3)
    took = percent([w.pids_of[name] for name in PARTS], IDLE_S)
    print(f'# {took:.2f} % of a core')
    expect(took <= LIMIT_PERCENT, f'{took:.2f} %')


@plan.step('a program on the core of the poll thread keeps nine tenths of it')
def neighbour(w):
    pid = w.pids_of['ovs-vswitchd']
    tid = poll_thread(pid)
    core = min(os.sched_getaffinity(int(tid)))
    before = ticks(f'{pid}/task/{tid}')
    out = subprocess.run(['taskset', '-c', str(core), 'setsid', sys.executable, '-c', BUSY],
                         capture_output=True, text=True, check=True).stdout
    taken = (ticks(f'{pid}/task/{tid}') - before) / os.sysconf('SC_CLK_TCK')
    kept = float(out) / (float(out) + taken)
    print(f'# keeps {kept:.3f}')
    expect(kept >= 0.9, f'{kept:.3f}')


def wait_asleep(w):
    """All is paused, and what can be stopped is."""
    def awake():
        return [p['role'] for p in w.status(FILE)['processes']
                if p['role'] in ('qemu', 'ovs-vswitchd') and not p['stopped']]
    wait_until(lambda: set(w.states(FILE).values()) == {'paused'}, 5, 'all are paused', step=0.1)
    wait_until(lambda: not awake(), 15, lambda: f'{awake()} to be stopped', step=0.2)


@plan.step('paused, no part takes anything, nor does a machine')
def pause(w):
    w.ctl('pause', FILE)
    wait_asleep(w)
    parts = {**{name: [w.pids_of[name]] for name in PARTS}, 'machines': w.guests}
    before, begin = {name: seconds(pids) for name, pids in parts.items()}, time.monotonic()
    time.sleep(20)
    took = time.monotonic() - begin
    each = {name: 100 * (seconds(pids) - before[name]) / took for name, pids in parts.items()}
    print('# ' + ', '.join(f'{name} {value:.2f} %' for name, value in each.items()))
    expect(sum(each[name] for name in PARTS) < 0.3, f'{each}')
    expect(each['machines'] == 0, f'{each}')
    expect(len(w.counters(FILE)) == 1, 'counters are still told')


@plan.step('it goes on at once, and the same processes carry its frames')
def resume(w):
    begin = time.monotonic()
    w.ctl('resume', FILE)
    wait_until(lambda: set(w.states(FILE).values()) == {'ready'}, 2, 'all go on', step=0.02)
    # On a computer that does much else one may be late.
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 4, 'an answer')
    print(f'# {time.monotonic() - begin:.2f} s to the first answer')
    now = {p['role']: p['pid'] for p in w.status(FILE)['processes'] if p['role'] != 'qemu'}
    expect(now == w.pids_of, f'{now} instead of {w.pids_of}')


@plan.step('a cable can be pulled and put back while all is paused')
def edit(w):
    w.ctl('pause', FILE)
    wait_asleep(w)
    with open(FILE, encoding='utf-8') as file:
        text = file.read()
    w.edit(FILE, lambda document: document.update(links=[]))
    w.ctl('apply', FILE)
    expect(w.counters(FILE) == {}, 'no cable')
    w.write(os.path.basename(FILE), text)
    w.ctl('apply', FILE)
    w.ctl('resume', FILE)
    wait_until(lambda: set(w.states(FILE).values()) == {'ready'}, 2, 'all go on', step=0.02)
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 4, 'an answer')


@plan.step('an engine that takes over wakes a switch that sleeps')
def adopt(w):
    w.ctl('pause', FILE)
    wait_asleep(w)
    os.kill(w.pids_of['engine'], 9)
    wait_until(lambda: w.pid_of(FILE, 'engine') != w.pids_of['engine'], 10, 'another engine', step=0.2)
    w.ctl('resume', FILE)
    wait_until(lambda: set(w.states(FILE).values()) == {'ready'}, 5, 'all go on', step=0.1)
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 4, 'an answer')


@plan.step('one machine is paused and the switch dies: the other goes on, and the one later')
def switch_dies(w):
    w.ctl('pause', FILE, 'pc1')
    wait_until(lambda: any(p['role'] == 'qemu' and p['stopped'] for p in w.status(FILE)['processes']),
               15, 'pc1 to be stopped', step=0.2)
    killed = w.pid_of(FILE, 'ovs-vswitchd')
    os.kill(killed, 9)
    wait_until(lambda: w.status(FILE)['state'] == 'running' and
               any(p['role'] == 'ovs-vswitchd' and p['pid'] != killed
                   for p in w.status(FILE)['processes']), 20, 'another switch', step=0.2)
    wait_until(lambda: w.states(FILE) == {'pc1': 'paused', 'pc2': 'ready'}, 5,
               lambda: f'{w.states(FILE)}: pc1 paused alone')
    w.ctl('resume', FILE, 'pc1')
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 10, 'an answer')


@plan.step('stop while paused: all is gone')
def stop(w):
    w.ctl('pause', FILE)
    wait_asleep(w)
    w.status(FILE)
    w.ctl('stop', FILE)
    w.expect_clean(2)


plan.run(world)
