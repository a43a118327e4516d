#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Edits of a running lab, hammered: cards in and out, a cable pulled again and again under a ping,
# names changed and changed back, machines deleted and brought back, two clients at once, documents
# that are wrong. The machine that is not meant keeps its process throughout.

import json
import re
import time

import dbus
from harness import Failure, Plan, World, expect, expect_equal, wait_until

plan = Plan()
world = World()
FILE = world.take_lab('two-machines')
CABLE = {'ends': ['pc1:0', 'pc2:0']}
N_PULLS = 20


def read(w):
    with open(FILE, encoding='utf-8') as file:
        return json.load(file)


def node(document, name):
    return next(n for n in document['nodes'] if n['name'] == name)


def apply(w, document, renames=None):
    """Straight to the engine, with the generation it is at."""
    return w.engine.apply(json.dumps(document), w.generation, renames)


def change(w, document, renames=None):
    w.generation = apply(w, document, renames)


def refused(w, error, document, base=None):
    text = document if isinstance(document, str) else json.dumps(document)
    try:
        w.engine.apply(text, w.generation if base is None else base)
    except dbus.Error as got:
        expect(got.name.endswith('.' + error), f'{got.name} instead of {error}: {text[:80]}')
        return
    raise Failure(f'accepted: {text[:80]}')


def interfaces(w):
    return re.findall(r'\d+: (eth\d+)', w.exec(FILE, 'pc1', 'ip', '-o', 'link'))


def carrier(w, name):
    return 'LOWER_UP' in w.exec(FILE, name, 'ip', '-o', 'link', 'show', 'eth0')


def total_kib(w, name):
    return int(re.search(r'MemTotal:\s+(\d+)', w.exec(FILE, name, 'cat', '/proc/meminfo'))[1])


@plan.step('start', needed=True)
def start(w):
    w.ctl('start', FILE)
    w.engine = dbus.Engine(w.status(FILE)['runtime'])
    w.generation = 1
    w.edit(FILE, lambda document: document.pop('canvas', None))
    w.document = read(w)
    change(w, w.document)  # also tells that the generation is what we think
    w.qemus = [w.pid_of(FILE, 'qemu', name) for name in ('pc1', 'pc2')]


@plan.step('cards in and out, many at once and one after the other')
def cards(w):
    for n in (4, 1, 8, 2, 3, 1):
        document = read(w)
        node(document, 'pc1')['nics'] = n
        change(w, document)
        wait_until(lambda: len(interfaces(w)) == n, 30, f'{n} cards', step=0.2)
    # Faster than they can be carried out: the last word counts.
    for n in (2, 5, 1, 3, 2):
        document = read(w)
        node(document, 'pc1')['nics'] = n
        change(w, document)
    wait_until(lambda: len(interfaces(w)) == 2, 30, 'two cards', step=0.2)
    change(w, w.document)
    wait_until(lambda: interfaces(w) == ['eth0'], 30, 'one card', step=0.2)
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 20, 'a ping after it')


@plan.step(f'a cable pulled {N_PULLS} times under a ping: nothing is doubled, it goes on')
def pulls(w):
    w.exec(FILE, 'pc1', 'sh', '-c',
           'ping -i 0.2 -w 600 10.0.0.2 > /tmp/log 2>&1 < /dev/null & echo $! > /tmp/pid')
    wait_until(lambda: 'bytes from' in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 20, 'a ping')
    bare = dict(w.document, links=[])
    for _ in range(N_PULLS):
        change(w, bare)
        time.sleep(0.1)
        change(w, w.document)
        time.sleep(0.1)
    wait_until(lambda: carrier(w, 'pc1') and carrier(w, 'pc2'), 20, 'carrier')
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 20, 'a ping after it')
    w.exec(FILE, 'pc1', 'sh', '-c', 'kill -INT $(cat /tmp/pid) || cat /tmp/log >&2')
    text = wait_until(lambda: re.search(r'(\d+) packets transmitted, (\d+).*',
                                        w.exec(FILE, 'pc1', 'tail', '-n', '3', '/tmp/log')), 20,
                      'the ping ends')
    sent, received = int(text[1]), int(text[2])
    print(f'# {sent} sent, {sent - received} lost in {N_PULLS} pulls')
    expect('DUP' not in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 'frames were doubled')
    expect(0 < received <= sent, text[0])
    # It was out half of the time at the most.
    change(w, bare)
    wait_until(lambda: not carrier(w, 'pc1') and not carrier(w, 'pc2'), 20, 'no carrier')
    change(w, w.document)
    wait_until(lambda: carrier(w, 'pc1') and carrier(w, 'pc2'), 20, 'carrier again')


@plan.step('renamed, and the rename taken back, in a row: the same machine')
def rename(w):
    document = json.loads(json.dumps(w.document).replace('pc1', 'router'))
    for _ in range(3):
        change(w, document, {'pc1': 'router'})
        change(w, w.document, {'router': 'pc1'})
    wait_until(lambda: w.states(FILE) == {'pc1': 'ready', 'pc2': 'ready'}, 20, 'ready')
    wait_until(lambda: w.exec(FILE, 'pc1', 'hostname').strip() == 'pc1', 20, 'its name')
    # Two that change their names for each other's.
    swapped = json.loads(json.dumps(w.document).replace('pc1', '\0').replace('pc2', 'pc1')
                         .replace('\0', 'pc2'))
    change(w, swapped, {'pc1': 'pc2', 'pc2': 'pc1'})
    wait_until(lambda: w.exec(FILE, 'pc2', 'hostname').strip() == 'pc2', 20, 'its new name')
    expect_equal(w.pid_of(FILE, 'qemu', 'pc2'), w.qemus[0], 'process of pc2, which was pc1')
    change(w, w.document, {'pc1': 'pc2', 'pc2': 'pc1'})
    wait_until(lambda: w.exec(FILE, 'pc1', 'hostname').strip() == 'pc1', 20, 'its old name')
    expect_equal([w.pid_of(FILE, 'qemu', n) for n in ('pc1', 'pc2')], w.qemus, 'processes')
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 20, 'a ping after it')


@plan.step('deleted and brought back at once, and again: a new machine, ready and connected')
def delete(w):
    alone = dict(w.document, links=[], nodes=[node(w.document, 'pc1')])
    for _ in range(3):
        change(w, alone)
        change(w, w.document)
    w.ctl('start', FILE)  # waits
    wait_until(lambda: w.states(FILE) == {'pc1': 'ready', 'pc2': 'ready'}, 60, 'ready', step=0.3)
    expect_equal(w.pid_of(FILE, 'qemu', 'pc1'), w.qemus[0], 'process of pc1')
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 20, 'a ping after it')

    # One that was deleted may be on its way out still.
    def running():
        return sorted(p['node'] for p in w.status(FILE)['processes'] if p['role'] == 'qemu')
    wait_until(lambda: running() == ['pc1', 'pc2'], 10, lambda: f'pc1 and pc2 and not {running()} run')


@plan.step('memory changed: said that it needs a restart; a restart brings it')
def memory(w):
    document = read(w)
    node(document, 'pc2')['memory_mib'] = 160
    before = w.pid_of(FILE, 'qemu', 'pc2')
    had = total_kib(w, 'pc2')
    change(w, document)
    detail = wait_until(lambda: next(n['detail'] for n in w.status(FILE)['nodes']
                                     if n['name'] == 'pc2'), 10, 'a sentence on pc2')
    print(f'# {detail}')
    expect_equal(w.states(FILE)['pc2'], 'ready', 'state of pc2')
    w.engine.power('pc2', 'restart')
    wait_until(lambda: w.states(FILE)['pc2'] == 'ready'
               and w.pid_of(FILE, 'qemu', 'pc2') != before, 60, 'ready again', step=0.3)
    has = total_kib(w, 'pc2')
    expect(has > had + 16 * 1024, f'pc2 had {had} KiB and has {has} KiB')
    wait_until(lambda: not next(n['detail'] for n in w.status(FILE)['nodes'] if n['name'] == 'pc2'), 5,
               'nothing is said of pc2 any more')
    w.document = document


@plan.step('a stale base is a conflict; of two calls at once one wins')
def conflict(w):
    refused(w, 'Conflict', w.document, w.generation - 1)
    refused(w, 'Conflict', w.document, w.generation + 1)
    refused(w, 'Conflict', w.document, 2 ** 64 - 1)
    other = dbus.Engine(w.status(FILE)['runtime'])
    text = json.dumps(w.document)
    results = []
    calls = [(engine, engine.send('Apply', ['s', 't', 'a{ss}'], text, w.generation, {}))
             for engine in (w.engine, other)]
    for engine, call in calls:
        try:
            engine.receive(call)
            results.append('done')
        except dbus.Error as error:
            results.append(error.name.rsplit('.')[-1])
    other.close()
    expect_equal(sorted(results), ['Conflict', 'done'], 'results')
    w.generation += 1


@plan.step('documents and names that are wrong: refused, and nothing has changed')
def wrong(w):
    for text in ('', '{', '[' * 200000, '{"lanloom":1,"nodes":5}', '{"lanloom":99}', 'null'):
        refused(w, 'Invalid', text)
    for name in ('', '.', '..', 'a/b', 'a b', 'a\nb', 'x' * 10000, '-rf', 'pc\x1b[2J', '\u202epc',
                 'a,b', 'a:0', '$(reboot)', "'", 'pc2'):
        document = json.loads(json.dumps(w.document))
        node(document, 'pc1')['name'] = name
        document['links'] = []
        refused(w, 'Invalid', document)
    for member, value in (('memory_mib', -1), ('memory_mib', 10 ** 18), ('nics', 1000),
                          ('nics', -1), ('cpus', 10 ** 6), ('boot', 'x' * (1 << 20))):
        document = json.loads(json.dumps(w.document))
        node(document, 'pc1')[member] = value
        refused(w, 'Invalid', document)
    # Renames that are nonsense change no machine.
    change(w, w.document, {'nobody': 'pc1', '': '', '../x': 'pc2', 'pc1': 'pc1'})
    expect_equal(w.states(FILE), {'pc1': 'ready', 'pc2': 'ready'}, 'states')
    w.ping_all(FILE, 'pc1', '10.0.0.2', 2)


@plan.step('power for names and words that are none: an error each')
def wrong_power(w):
    for name, action in (('pc9', 'stop'), ('pc1', 'explode'), ('', 'explode'),
                         ('x' * 100000, 'stop')):
        try:
            w.engine.power(name, action)
        except dbus.Error:
            continue
        raise Failure(f'{name[:20]} {action}: accepted')
    expect_equal(w.pid_of(FILE, 'qemu', 'pc1'), w.qemus[0], 'process of pc1')


@plan.step('resume right after pause: the machines go on')
def pause_and_resume(w):
    for _ in range(5):
        w.engine.power('', 'pause')
        w.engine.power('', 'resume')
    wait_until(lambda: w.states(FILE) == {'pc1': 'ready', 'pc2': 'ready'}, 5, 'both ready')
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 20, 'a ping after it')


@plan.step('stop in the middle of an edit: nothing is left')
def stop(w):
    w.status(FILE)
    document = read(w)
    node(document, 'pc1')['nics'] = 4
    document['nodes'].append({'name': 'pc3', 'kind': 'tiny', 'nics': 2})
    change(w, document)
    w.account_environment()
    w.ctl('stop', FILE)
    w.engine.close()
    w.expect_clean(1)


plan.run(world)
