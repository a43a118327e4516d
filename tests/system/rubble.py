#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A lab some of whose ground gives way: a QEMU that never answers, engines that die over it or over a machine
# on its way out, a state that cannot be written, a runtime folder that somebody deletes.

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import time

import dbus
from harness import Plan, World, expect, expect_equal, wait_until

plan = Plan()
world = World()
FILE = world.take_lab('two-machines')


def apply(w, document):
    w.generation = w.engine.apply(json.dumps(document), w.generation)


def only(name):
    return dict(world.document, links=[],
                nodes=[node for node in world.document['nodes'] if node['name'] == name])


def connect(w):
    status = w.status(FILE)
    w.generation = status['generation']
    w.engine = dbus.Engine(status['runtime'])


def kill_engine(w):
    engine = w.pid_of(FILE, 'engine')
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: w.pid_of(FILE, 'engine') != engine, 15, 'another engine', step=0.2)
    connect(w)


def wait_ready(w):
    wait_until(lambda: set(w.states(FILE).values()) == {'ready'}, 60, lambda: f'{w.states(FILE)} to be ready',
               step=0.2)


@plan.step('two-machines runs', needed=True)
def start(w):
    w.ctl('start', FILE)
    w.runtime_dir = w.status(FILE)['runtime']
    w.edit(FILE, lambda document: document.pop('canvas', None))
    with open(FILE, encoding='utf-8') as file:
        w.document = json.load(file)


@plan.step('a QEMU that never answers can be ended and started anew, with an order to it under way')
def never_answers(w):
    connect(w)
    for action in ('stop', 'restart'):
        qemu = w.pid_of(FILE, 'qemu', 'pc2')
        os.kill(qemu, signal.SIGSTOP)
        apply(w, dict(w.document, links=[]))  # pc2 is told that its cable is out
        time.sleep(1)
        w.engine.power('pc2', action)
        wait_until(lambda: not os.path.exists(f'/proc/{qemu}'), 15, 'its QEMU to end')
        if action == 'stop':
            wait_until(lambda: w.states(FILE)['pc2'] == 'off', 5, 'pc2 to be off')
            w.engine.power('pc2', 'start')
        wait_ready(w)
        apply(w, w.document)
    wait_until(lambda: w.reaches(FILE, 'pc1', '10.0.0.2'), 20, 'an answer')


@contextlib.contextmanager
def held(pid):
    """The process stands still, whoever lets it go on."""
    over = threading.Event()

    def hold():
        while not over.is_set():
            os.kill(pid, signal.SIGSTOP)
            over.wait(0.005)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        os.kill(pid, signal.SIGCONT)


@plan.step('two engines die while a QEMU does not answer: it is said of it, and it goes on where it was')
def taken_over_silent(w):
    qemus = {name: w.pid_of(FILE, 'qemu', name) for name in ('pc1', 'pc2')}
    w.exec(FILE, 'pc2', 'touch', '/tmp/mine')
    with held(qemus['pc2']):
        for _ in range(2):
            kill_engine(w)
        wait_until(lambda: 'pc2' in w.status(FILE)['hangs'], 30, lambda: f'pc2 in {w.status(FILE)}', step=0.3)
        print('# ' + w.status(FILE)['hangs']['pc2'])
        wait_until(lambda: w.states(FILE)['pc1'] == 'ready', 10, 'the other to be ready')
    wait_ready(w)
    wait_until(lambda: not w.status(FILE)['hangs'], 10, 'not to be told any more', step=0.2)
    for name, pid in qemus.items():
        expect_equal(w.pid_of(FILE, 'qemu', name), pid, f'the process of {name}')
    w.exec(FILE, 'pc2', 'test', '-e', '/tmp/mine')


@plan.step('the engine dies over a machine that was deleted: its QEMU does not stay')
def deleted_machine(w):
    connect(w)
    qemus = {name: w.pid_of(FILE, 'qemu', name) for name in ('pc1', 'pc2')}
    os.kill(qemus['pc2'], signal.SIGSTOP)
    engine = w.pid_of(FILE, 'engine')
    apply(w, only('pc1'))
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: not os.path.exists(f'/proc/{qemus["pc2"]}'), 15, 'its QEMU to end')
    wait_until(lambda: w.ctl('status', FILE, code=None).returncode == 0, 15, 'another engine', step=0.2)
    expect_equal(w.pid_of(FILE, 'qemu', 'pc1'), qemus['pc1'], 'the other')
    connect(w)
    apply(w, w.document)
    wait_ready(w)


@plan.step('a state that cannot be written is told, and written when it can be')
def unwritable_state(w):
    connect(w)
    state = os.path.join(w.runtime_dir, 'state.json')
    os.makedirs(os.path.join(state + '.d', 'full'))
    os.rename(state, state + '.old')
    os.rename(state + '.d', state)
    apply(w, only('pc1'))
    wait_until(lambda: ':folder' in w.status(FILE)['hangs'], 10, 'to be told', step=0.2)
    print('# ' + w.status(FILE)['hangs'][':folder'])
    shutil.rmtree(state)
    wait_until(lambda: not w.status(FILE)['hangs'], 10, 'not to be told any more', step=0.2)
    os.unlink(state + '.old')
    wanted = w.generation
    kill_engine(w)
    expect_equal(w.generation, wanted, 'the generation')
    expect_equal(set(w.states(FILE)), {'pc1'}, 'the nodes')


@plan.step('the runtime folder is deleted: it is told, and the lab ends with its last client')
def deleted_folder(w):
    connect(w)
    shutil.rmtree(w.runtime_dir)
    w.engine.socket.settimeout(60)
    said = b''
    while b'was deleted' not in said:
        data = w.engine.socket.recv(4096)
        expect(data, 'the engine hung up')
        said += data
    expect(any(os.path.exists(f'/proc/{pid}') for pid in w.pids), 'it ended at once')
    w.engine.close()
    w.expect_clean(45)


@plan.step('a lab whose folder was deleted has ended when its stop returns')
def stop_without_folder(w):
    process = w.spawn('run', FILE, '--', 'pc1', 'sh', '-c',
                      'touch /tmp/begun; while ! test -e /tmp/over; do sleep 0.1; done')
    wait_until(lambda: w.ctl('exec', FILE, 'pc1', '--', 'test', '-e', '/tmp/begun', code=None).returncode == 0, 60, 'the command',
               step=0.2)
    other = w.spawn('exec', FILE, 'pc1', '--', 'sh', '-c', 'echo begun; read line; touch /tmp/over',
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    expect_equal(other.stdout.readline(), b'begun\n', 'what the other command says')
    runtime = w.status(FILE)['runtime']
    first = w.pid_of(FILE, 'init')
    os.kill(w.pid_of(FILE, 'qemu', 'pc2'), signal.SIGSTOP)  # takes a while to end
    shutil.rmtree(runtime)
    other.communicate(b'over\n', timeout=60)
    expect_equal(process.wait(60), 0, 'the end of the command')
    expect(not os.path.exists(f'/proc/{first}'), 'its processes are still there')
    w.expect_clean(5)


plan.run(world)
