#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The order of starting: what comes "after" another starts when that is ready, says what it waits for
# when that failed, and follows by itself; and however many machines there are, only as many come up
# at a time as there are cores.

import json
import os
import signal
import time

from harness import Plan, World, expect, wait_until

plan = Plan()
N_MANY = 6
N_LAYERS = 30


def machine(name, after=(), **more):
    node = {'name': name, 'kind': 'tiny', 'nics': 1, **more}
    if after:
        node['after'] = list(after)
    return node


def detail_of(world, name):
    for node in world.status(world.lab)['nodes']:
        if node['name'] == name:
            return node['state'], node['detail']
    raise AssertionError(name)


@plan.step('a cycle and an unknown name are refused with line and item')
def _(world):
    for nodes, words in (([machine('a', ['b']), machine('b', ['a'])], 'a → b → a'),
                         ([machine('a', ['nobody'])], 'nobody')):
        path = world.write('wrong.lanloom', {'lanloom': 1, 'nodes': nodes})
        said = world.ctl('check', path, code=1)
        expect(words in said.stdout + said.stderr, said.stdout + said.stderr)


@plan.step('a machine starts when those before it are ready', needed=True)
def _(world):
    world.lab = world.write('order.lanloom', {'lanloom': 1, 'nodes': [
        machine('client', ['server']), machine('server', ['router', 'sw1']), machine('router'),
        {'name': 'sw1', 'kind': 'switch', 'ports': 4}]})
    plan_text = world.ctl('plan', world.lab).stdout
    expect('Start the machine client when server is ready.' in plan_text, plan_text)
    # It tells of each change; a look now and then could miss one.
    lines = world.ctl('start', world.lab).stderr.splitlines()
    world.status(world.lab)

    def place(text):
        found = [i for i, line in enumerate(lines) if line.startswith(text)]
        expect(found, f'“{text}” was not said:\n' + '\n'.join(lines))
        return found[0]

    expect(place('client: preparing: Waits until server is ready.') < place('server: ready'),
           '\n'.join(lines))
    expect(place('router: ready') < place('server: booting'), '\n'.join(lines))
    expect(place('server: ready') < place('client: booting'), '\n'.join(lines))


@plan.step('one whose forerunner failed says so and what to do')
def _(world):
    os.kill(world.pid_of(world.lab, 'qemu', 'router'), signal.SIGKILL)
    wait_until(lambda: detail_of(world, 'router')[0] == 'failed', 10, 'router failed')
    world.ctl('restart', world.lab, 'server')
    said = ('failed', 'Waits for router, which has failed. Start router again: server follows.')
    wait_until(lambda: detail_of(world, 'server') == said, 20, 'server waits')
    expect(detail_of(world, 'client')[0] == 'ready', 'the client runs and has nothing to wait for')


@plan.step('start repairs the forerunner, and the rest follows')
def _(world):
    world.ctl('start', world.lab)
    states = world.states(world.lab)
    expect(set(states.values()) == {'ready'}, states)
    world.ctl('stop', world.lab)


@plan.step('no more machines come up at a time than there are cores')
def _(world):
    cores = len(os.sched_getaffinity(0))
    path = world.write('many.lanloom', {
        'lanloom': 1, 'nodes': [machine(f'pc{i}') for i in range(N_MANY)]})
    starting = world.spawn('start', path)
    since = {}
    most = 0
    before = time.monotonic()
    while starting.poll() is None:
        began = time.monotonic()
        said = world.ctl('status', '--json', path, code=None)
        now = time.monotonic()
        if said.returncode == 0 and said.stdout:
            states = {node['name']: node['state'] for node in json.loads(said.stdout)['nodes']}
            # From the look before the first that saw it: it may be as long as that.
            since = {name: since.get(name, before) for name in states if states[name] == 'booting'}
            # Who has not come up in 20 s holds nobody up any more.
            most = max(most, sum(now - begin < 15 for begin in since.values()))
        before = began
        time.sleep(0.05)
    world.status(path)
    world.ctl('stop', path)
    expect(starting.returncode == 0, f'start: exit {starting.returncode}')
    expect(1 <= most <= cores, f'{most} machines booted at a time on {cores} cores')


@plan.step('sixty that failed, each behind two: start tries each once')
def _(world):
    layers = [[f'{side}{i}' for side in 'ab'] for i in range(N_LAYERS)]
    nodes = [{'name': name, 'kind': 'disk', 'nics': 0, 'memory_mib': 64, 'image': 'gone.qcow2',
              **({'after': layers[i - 1]} if i > 0 else {})}
             for i, layer in enumerate(layers) for name in layer]
    path = world.write('layers.lanloom', {'lanloom': 1, 'nodes': nodes})
    world.ctl('start', '--no-wait', '--force', path)
    wait_until(lambda: set(world.states(path).values()) == {'failed'}, 20, 'all have failed', step=0.3)
    world.ctl('start', '--no-wait', '--force', path, code=None, timeout=60)
    wait_until(lambda: set(world.states(path).values()) == {'failed'}, 20, 'all have failed again', step=0.3)
    world.ctl('stop', path)


@plan.step('leftovers: none')
def _(world):
    world.expect_clean()


plan.run(World())
