#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every lab that ships runs: all its machines become ready, those that can reach each other by one
# network do, and nothing is left. Run by user.py as a user without privileges and without groups; once
# as the computer is, and once with huge pages enough (LANLOOM_SCENE).

import glob
import ipaddress
import json
import os

import hugepages
from harness import SOURCE, Plan, World, expect, expect_equal, wait_until

plan = Plan()
world = World()
TRIES = 2
MAX_PAIRS = 6
ON_HUGE_PAGES = 'LANLOOM_SCENE' in os.environ
# The promise, for a lab of two machines; those that ship have four at most.
MOST_MIB = 250


def hosts(document):
    """[(name, interface with prefix)] of the first address of each machine."""
    found = []
    for node in document['nodes']:
        addresses = [a for entry in node.get('addresses', []) for a in entry.split(',') if a.strip()]
        if addresses:
            found.append((node['name'], ipaddress.ip_interface(addresses[0].strip())))
    return found


def find_reached(w, file, pairs):
    """Which of the pairs (name, address) answer: VLANs keep some apart, cables may lose frames."""
    return {pair for pair in pairs
            if any(w.reaches(file, pair[0], str(pair[1])) for _ in range(TRIES))}


def expect_memory(w, file, role):
    """Within the promise, and on huge pages if there are some for sure."""
    ordinary, huge = hugepages.of_process(w.pid_of(file, role))
    print(f'# {role}: {ordinary} MiB of ordinary memory, {huge} MiB of huge pages')
    expect(huge > 0 or not ON_HUGE_PAGES, f'{role} has no huge pages')
    expect(ordinary + huge <= MOST_MIB, f'{role} takes {ordinary + huge} MiB')


def delay(w, file, link):
    """A cable that goes through the wire."""
    w.ctl('link', file, *link['ends'], 'delay_ms=1')

    def is_in_force():
        found = json.loads(w.ctl('link', file, *link['ends'], '--json').stdout)
        return all(direction['measured'] for direction in found['directions'])

    wait_until(is_in_force, 20, 'the delay is in force', step=0.2)


def run_lab(w, name):
    file = w.take_lab(name)
    with open(file, encoding='utf-8') as text:
        document = json.load(text)
    if any(node['kind'] == 'disk' for node in document['nodes']):
        return 'it needs a disk image of the person'
    w.ctl('start', file)
    expect_equal(set(w.states(file).values()), {'ready'}, 'states')
    machines = hosts(document)
    pairs = [(a[0], b[1].ip) for i, a in enumerate(machines) for b in machines[i + 1:]
             if a[1].network == b[1].network][:MAX_PAIRS]
    reached = wait_until(lambda: find_reached(w, file, pairs), 5, 'a machine to reach another') \
        if pairs else set()
    print(f'# {len(document["nodes"])} nodes, {len(reached)} of {len(pairs)} pings')
    expect_memory(w, file, 'ovs-vswitchd')
    delay(w, file, document['links'][0])
    expect_memory(w, file, 'wire')
    wait_until(lambda: not reached or reached <= find_reached(w, file, reached), 5,
               'the same pings with a delay')
    w.ctl('stop', file)
    w.expect_clean(2)
    return None


@plan.step('this user has no privilege that a lab could use')
def unprivileged(w):
    with open('/proc/self/status', encoding='utf-8') as file:
        status = dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)
    print(f'# uid {os.getuid()}, groups {os.getgroups()}, CapEff {status["CapEff"]}, '
          f'NoNewPrivs {status["NoNewPrivs"]}')
    if os.environ.get('LANLOOM_TEST_UNPRIVILEGED'):
        expect(os.getuid() != 0 and int(status['CapEff'], 16) == 0, status['CapEff'])
        expect_equal([g for g in os.getgroups() if g != os.getgid()], [], 'groups')


for path in sorted(glob.glob(os.path.join(SOURCE, 'data/labs/*.lanloom'))):
    title = os.path.basename(path)[:-len('.lanloom')]

    @plan.step(f'{title} runs, and leaves nothing')
    def lab(w, title=title):
        return run_lab(w, title)


plan.run(world)
