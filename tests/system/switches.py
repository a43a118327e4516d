#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Switches and hubs: one-switch and two-switches run at the same time; VLANs keep machines apart.

import os
import signal

from harness import Plan, World, expect, expect_equal, wait_until

plan = Plan()
world = World()
ONE = world.take_lab('one-switch')
TWO = world.take_lab('two-switches')
PCS = ['pc1', 'pc2', 'pc3', 'pc4']


def address(name):
    return '10.0.0.' + name[-1]


def reachable(file):
    """All pairs that reach each other, by what the guests say."""
    pairs = set()
    for source in PCS:
        script = '; '.join(f'(ping -c 2 -i 0.3 -W 1 {address(target)} > /dev/null '
                           f'&& echo {target}) &' for target in PCS if target != source) + ' wait'
        script = script.replace('&; ', '& ')
        for target in world.exec(file, source, 'sh', '-c', script).split():
            pairs.add((source, target))
    return pairs


def expect_reachable(file, wanted):
    """Sooner or later all of these pairs, and never another."""
    seen = set()

    def has_all():
        seen.update(reachable(file))
        expect(seen <= wanted, f'reach each other and should not: {seen - wanted}')
        return seen == wanted
    wait_until(has_all, 5, lambda: f'{wanted - seen} reach each other')


ALL = {(a, b) for a in PCS for b in PCS if a != b}
SAME_VLAN = {('pc1', 'pc3'), ('pc3', 'pc1'), ('pc2', 'pc4'), ('pc4', 'pc2')}


@plan.step('two labs of four machines start side by side', needed=True)
def start(w):
    first = w.spawn('start', '--timeout', '200', ONE)
    second = w.spawn('start', '--timeout', '200', TWO)
    expect_equal((first.wait(220), second.wait(220)), (0, 0), 'exit codes')
    for file in (ONE, TWO):
        expect_equal(set(w.states(file).values()), {'ready'}, f'states of {file}')


@plan.step('they are two labs: no process and no namespace in common, same addresses')
def apart(w):
    one, two = w.status(ONE), w.status(TWO)
    expect(one['runtime'] != two['runtime'], 'one runtime folder')
    expect(not {p['pid'] for p in one['processes']} & {p['pid'] for p in two['processes']},
           'shared processes')
    nets = [os.readlink(f'/proc/{p["pid"]}/ns/net') for s in (one, two) for p in s['processes']
            if p['role'] == 'ovs-vswitchd']
    expect_equal(len(set(nets)), 2, 'network namespaces')
    w.wait_listed([ONE, TWO])


@plan.step('one-switch: everyone reaches everyone')
def one_switch(w):
    expect_reachable(ONE, ALL)


@plan.step('two-switches: only machines of the same VLAN reach each other')
def vlans(w):
    expect_reachable(TWO, SAME_VLAN)


@plan.step('counters of the trunk count what crosses it')
def trunk(w):
    before = w.counters(TWO)['sw1:3 sw2:3']
    w.ping_all(TWO, 'pc1', '10.0.0.3', 10)

    # Statistics of joints between bridges come from cached flows, which are up to a second old.
    def counted():
        after = w.counters(TWO)['sw1:3 sw2:3']
        return all(after[way]['frames'] - before[way]['frames'] >= 10
                   for way in ('from_a', 'from_b'))
    wait_until(counted, 5, 'ten frames each way', step=0.5)


@plan.step('a port moved to the other VLAN, live')
def change_vlan(w):
    def change(document):
        for node in document['nodes']:
            if node['name'] == 'sw2':
                node['access'] = {'0': 20, '1': 10}
    w.edit(TWO, change)
    w.ctl('apply', TWO)
    expect_reachable(TWO, {('pc1', 'pc4'), ('pc4', 'pc1'), ('pc2', 'pc3'), ('pc3', 'pc2')})


@plan.step('a switch that becomes a hub, live')
def hub(w):
    def change(document):
        for node in document['nodes']:
            if node['kind'] == 'switch':
                node['kind'] = 'hub'
    w.edit(ONE, change)
    w.ctl('apply', ONE)
    expect_reachable(ONE, ALL)


@plan.step('the end of one lab does not touch the other')
def stop_one(w):
    w.status(TWO)
    w.ctl('stop', ONE)
    w.ping_all(TWO, 'pc1', '10.0.0.4')


@plan.step('SIGTERM to the keeper ends a lab as stop does')
def terminate(w):
    keeper = w.pid_of(TWO, 'keeper')
    os.kill(keeper, signal.SIGTERM)
    wait_until(lambda: not os.path.exists(f'/proc/{keeper}'), 5, 'the keeper ends')
    w.expect_clean(1)


@plan.step('leftovers: none')
def leftovers(w):
    w.expect_clean()


plan.run(world)
