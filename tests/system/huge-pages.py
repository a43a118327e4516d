#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is said of huge pages, whether the switch and the wire of a lab get them, what that costs, and
# that a lab runs without when there are none to be had. Run by user.py, which makes the computer as
# one of tests/system/scenes.py says. No machine has to boot for that; all-labs.py has machines.

import json
import os

import hugepages
from harness import Plan, World, expect, expect_equal, wait_until

SCENE = os.environ['LANLOOM_SCENE']
# Whether this scene's lab gets huge pages, or has to do without.
GETS = SCENE in ('enough', 'closed')
# The promise, for a lab of two machines.
MOST_MIB = 250

plan = Plan()
world = World()


def look_at(w, file, role):
    pid = w.pid_of(file, role)
    ordinary, huge = hugepages.of_process(pid)
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
    size = hugepages.free_mib()
    wanted = f'{size} MiB' if size < 1024 else f'{size / 1024:.1f} GiB'
    expect(found['found'].startswith(wanted + ' of'), f'wanted {wanted}')


@plan.step('what a lab costs names huge pages where it gets some')
def cost(w):
    fit = json.loads(w.ctl('plan', '--cost', '--json', w.take_lab('two-machines')).stdout)
    print('# ' + fit['sentence'], flush=True)
    expect_equal(fit['hugepages_mib']['have'], hugepages.free_mib(), 'huge pages there')
    expect_equal(fit['hugepages_mib']['need'] > 0, GETS or SCENE == 'limited', 'needs some')


@plan.step('switches and a cable with a delay: who has huge pages')
def quick(w):
    before = hugepages.free_mib()
    file = switches()
    w.ctl('start', file)
    wait_until(lambda: any(p['role'] == 'wire' for p in w.status(file)['processes']), 20, 'a wire',
               step=0.2)
    wait_until(lambda: is_in_force(w, file, 'sw1:0', 'sw2:0'), 20, 'the delay', step=0.2)
    switch, wire = look_at(w, file, 'ovs-vswitchd'), look_at(w, file, 'wire')
    expect_equal(switch[1] > 0, GETS, 'the switch has huge pages')
    expect(sum(switch) <= MOST_MIB, f'the switch takes {sum(switch)} MiB')
    expect_equal(wire[1] > 0, GETS, 'the wire has huge pages')
    w.ctl('stop', file)
    w.expect_clean(2)
    wait_until(lambda: hugepages.free_mib() == before, 5,
               lambda: f'{before} MiB of huge pages free and not {hugepages.free_mib()}')


plan.run(world)
