#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What huge-pages.py runs on its computer, as an ordinary user: what is said of huge pages, whether
the switch and the wire of a lab get them, what that costs, and that a lab runs without when there
are none to be had. The scene (huge-pages.py) says how the computer is."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ['LANLOOM_SOURCE'], 'tests/system'))

from harness import Plan, World, expect, expect_equal, wait_until  # noqa: E402

SCENE = json.loads(os.environ['LANLOOM_SCENE'])
# Whether this scene's lab gets huge pages, or has to do without.
GETS = SCENE['name'] in ('enough', 'closed')
# The promise, for a lab of two machines.
MOST_MIB = 250
PAGES = '/sys/kernel/mm/hugepages/hugepages-2048kB/'
START_S = '900'

plan = Plan()
world = World()


def free_mib():
    """Free and promised to nobody."""
    numbers = []
    for name in ('free_hugepages', 'resv_hugepages'):
        with open(PAGES + name, encoding='ascii') as file:
            numbers.append(int(file.read()))
    return 2 * (numbers[0] - numbers[1])


def memory_mib(pid):
    """(ordinary memory, huge pages) of a process."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        text = file.read()
    resident, huge = (re.search(rf'{name}:\s+(\d+) kB', text) for name in ('VmRSS', 'HugetlbPages'))
    return int(resident[1]) // 1024, int(huge[1]) // 1024


def look_at(w, file, role):
    pid = w.pid_of(file, role)
    ordinary, huge = memory_mib(pid)
    print(f'# {role}: {ordinary} MiB of ordinary memory, {huge} MiB of huge pages', flush=True)
    return ordinary, huge


def is_in_force(w, file, *ends):
    """The wire has the cable, and says what it does to frames."""
    link = json.loads(w.ctl('link', file, *ends, '--json').stdout)
    return all(direction['measured'] for direction in link['directions'])


# Without machines: nothing has to boot.
def switches():
    return world.write('switches.lanloom', {
        'lanloom': 1, 'name': 'Switches',
        'nodes': [{'name': 'sw1', 'kind': 'switch', 'ports': 2},
                  {'name': 'sw2', 'kind': 'switch', 'ports': 2}],
        'links': [{'ends': ['sw1:0', 'sw2:0'], 'delay_ms': 5}]})


@plan.step('doctor says how many huge pages are free')
def doctor(w):
    report = json.loads(w.ctl('doctor', '--json', code=None).stdout)
    found = next(f for f in report['findings'] if f['id'] == 'hugepages')
    print('# ' + found['found'], flush=True)
    expect_equal(found['severity'], 'ok', 'severity')
    size = free_mib()
    wanted = f'{size} MiB' if size < 1024 else f'{size / 1024:.1f} GiB'
    expect(found['found'].startswith(wanted + ' of'), f'wanted {wanted}')


@plan.step('what a lab costs names huge pages where it gets some')
def cost(w):
    fit = json.loads(w.ctl('plan', '--cost', '--json', w.take_lab('two-machines')).stdout)
    print('# ' + fit['sentence'], flush=True)
    expect_equal(fit['hugepages_mib']['have'], free_mib(), 'huge pages there')
    expect_equal(fit['hugepages_mib']['need'] > 0, GETS or SCENE['name'] == 'limited', 'needs some')


@plan.step('switches and a cable with a delay: who has huge pages')
def quick(w):
    before = free_mib()
    file = switches()
    w.ctl('start', file, '--timeout', START_S)
    wait_until(lambda: any(p['role'] == 'wire' for p in w.status(file)['processes']), 60, 'a wire',
               step=1)
    wait_until(lambda: is_in_force(w, file, 'sw1:0', 'sw2:0'), 60, 'the delay', step=1)
    switch, wire = look_at(w, file, 'ovs-vswitchd'), look_at(w, file, 'wire')
    expect_equal(switch[1] > 0, GETS, 'the switch has huge pages')
    expect(sum(switch) <= MOST_MIB, f'the switch takes {sum(switch)} MiB')
    expect_equal(wire[1] > 0, GETS, 'the wire has huge pages')
    w.ctl('stop', file)
    w.expect_clean(30)
    expect_equal(free_mib(), before, 'MiB of huge pages free afterwards')


def run_machines(w):
    before = free_mib()
    file = w.take_lab('two-machines')
    w.ctl('start', file, '--force', '--timeout', START_S, timeout=int(START_S) + 60)
    expect_equal(set(w.states(file).values()), {'ready'}, 'states')
    w.ping(file, 'pc1', 'pc2', 3, wait=10)
    switch = look_at(w, file, 'ovs-vswitchd')
    expect_equal(switch[1] > 0, GETS, 'the switch has huge pages')
    expect(sum(switch) <= MOST_MIB, f'the switch takes {sum(switch)} MiB')
    w.ctl('link', file, 'pc1:0', 'pc2:0', 'delay_ms=40')
    text = w.ping(file, 'pc1', 'pc2', 3, wait=10)
    print('# ' + text.strip().splitlines()[-1], flush=True)
    expect(float(re.search(r'= ([\d.]+)/', text)[1]) >= 80, 'the cable does not delay')
    look_at(w, file, 'wire')
    w.ctl('stop', file)
    w.expect_clean(30)
    expect_equal(free_mib(), before, 'MiB of huge pages free afterwards')


if SCENE['name'] == 'enough':
    plan.step('two machines boot, ping each other, and through the wire')(run_machines)

plan.run(world)
