#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Labs as tests (run), interrupted starts, guests that misbehave, images that are wrong.

import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from harness import (FAILED, HOST, NOT_RUNNING, OK, PROBLEMS, USAGE, Plan, World, expect,
                     expect_all_answered, expect_equal, size_of, wait_until)

plan = Plan()
world = World()
FILE = world.take_lab('two-machines')


def one_machine(name, **more):
    node = {'name': 'pc1', 'kind': 'tiny', 'nics': 1, **more}
    return world.write(name, {'lanloom': 1, 'nodes': [node], 'links': []})


@plan.step('run: starts, pings by name, stops, passes exit code 0 on')
def run_ping(w):
    result = w.ctl('run', FILE, '--', 'pc1', 'ping', '-c', '3', '-w', '60', 'pc2')
    expect_all_answered(result.stdout, 3)
    w.expect_clean(0.5)
    w.ctl('status', FILE, code=NOT_RUNNING)


@plan.step('run: the exit code of the command is passed on')
def run_code(w):
    w.ctl('run', FILE, '--', 'pc2', 'sh', '-c', 'exit 42', code=42)
    w.expect_clean(0.5)


@plan.step('run: a node that the lab does not have is wrong usage, and nothing is started')
def run_wrong(w):
    result = w.ctl('run', FILE, '--', 'pc9', 'true', code=USAGE)
    expect('pc1: ' not in result.stderr, f'it was started: {result.stderr}')
    w.expect_clean(0)


@plan.step('run --watch: until all machines have pinged each other, in plain text')
def run_watch(w):
    result = w.ctl('run', '--watch', FILE)
    expect('pc1 reached pc2' in result.stdout and 'pc2 reached pc1' in result.stdout,
           result.stdout)
    expect('\x1b' not in result.stdout, 'escape sequences without a terminal')
    w.expect_clean(0.5)


@plan.step('start interrupted by Ctrl+C: whatever was begun is ended')
def interrupt_start(w):
    for delay in (0.02, 0.1, 0.3, 1.0, 2.5):
        process = w.spawn('start', FILE, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        w.account_environment()
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        if code == OK:  # it came too late, as does that the lab is left alone
            expect_equal(set(w.states(FILE).values()), {'ready'}, f'states after {delay} s')
            w.ctl('stop', FILE)
        else:  # the signal ends what has not begun: 130 to a shell, too
            expect(code in (130, -signal.SIGINT), f'exit code {code} after {delay} s')
        w.expect_clean(0.5)


@plan.step('run interrupted while its command runs: the lab is stopped')
def interrupt_run(w):
    process = w.spawn('run', FILE, '--', 'pc1', 'sleep', '1000', stderr=subprocess.DEVNULL)
    wait_until(lambda: 'sleep 1000' in w.ctl('exec', FILE, 'pc1', 'ps', code=None).stdout, 60,
               'the command runs', step=0.5)
    w.status(FILE)
    process.send_signal(signal.SIGTERM)
    expect_equal(process.wait(60), 128 + 15, 'exit code')
    w.expect_clean(0.5)


# Ends whatever holds the agent's port and takes its place.
SEIZE_AGENT = """
sleep 1
for p in /proc/[0-9]*; do
  ls -l $p/fd 2>/dev/null | grep -q vport && kill -9 ${p#/proc/}
done
for port in /dev/vport?p1; do
  while :; do yes lanloom-flood > $port; done
done
"""


def seize_agent(w, path, node, script=SEIZE_AGENT):
    # A second later nobody is there to say that it was begun.
    w.exec(path, node, 'sh', '-c', 'setsid sh -c "$1" < /dev/null > /dev/null 2>&1 &', 'sh', script,
           code=None)


def engine_kib(w, path):
    return next(p['resident_kib'] for p in w.status(path)['processes'] if p['role'] == 'engine')


def detail_of(w, path, name):
    return next(n['detail'] for n in w.status(path)['nodes'] if n['name'] == name)


def wait_for_detail(w, path, word):
    """What is said of pc2."""
    text = wait_until(lambda: word in (said := detail_of(w, path, 'pc2')) and said, 20,
                      lambda: f'“{word}” and not “{detail_of(w, path, "pc2")}” of pc2', step=0.2)
    expect_equal(w.states(path)['pc2'], 'ready', 'state of pc2')
    print(f'# {text}')


def flood_logs(runtime):
    """What programs print is cut, while they hold the file."""
    logs = glob.glob(f'{runtime}/**/*.log', recursive=True)
    names = {os.path.basename(log) for log in logs}
    expect({'engine.log', 'ovs-vswitchd.log', 'ovsdb-server.log', 'm1.log'} <= names, f'{names}')
    for log in logs:
        with open(log, 'a', encoding='utf-8') as file:
            file.write('one line of a flood\n' * 200000)
    wait_until(lambda: max(os.path.getsize(log) for log in logs) <= 1 << 20, 5, 'logs are cut')


def kill_agent(w, path):
    """An agent that died is no lost machine, but it is said of it."""
    seize_agent(w, path, 'pc2', SEIZE_AGENT.replace('yes', 'sleep 1000; yes'))
    wait_for_detail(w, path, 'silent')
    w.ctl('restart', path, 'pc2')
    wait_until(lambda: w.ctl('exec', path, 'pc2', 'true', code=None).returncode == 0, 60,
               'pc2 answers after a restart', step=0.3)


def flood_agent(w, path):
    """Nonsense instead of the agent: said of the machine, bounded, healed by a restart."""
    seize_agent(w, path, 'pc2')
    wait_for_detail(w, path, 'nonsense')
    before = engine_kib(w, path)
    time.sleep(5)
    after = engine_kib(w, path)
    print(f'# the engine held {before} KiB, 5 s later {after} KiB')
    expect(after - before < 8 * 1024, f'the engine grew from {before} to {after} KiB')
    w.ctl('exec', path, 'pc2', 'true', code=FAILED)
    expect_equal(w.exec(path, 'pc1', 'echo', 'alive').strip(), 'alive', 'the other machine')
    w.ctl('restart', path, 'pc2')
    wait_until(lambda: w.ctl('exec', path, 'pc2', 'true', code=None).returncode == 0, 60,
               'pc2 answers after a restart', step=0.3)
    wait_until(lambda: not detail_of(w, path, 'pc2'), 5, 'nothing is said of pc2 any more')
    seize_agent(w, path, 'pc2')
    wait_until(lambda: detail_of(w, path, 'pc2'), 20, 'the flood goes on', step=0.2)


@plan.step('a guest that floods its serial line, one that floods the agent\'s: '
           'the rest goes on, log and engine stay small')
def flood(w):
    path = w.take_lab('two-machines')

    def change(document):
        document['nodes'][0]['boot'] = 'yes lanloom-flood > /dev/ttyS0 &\n'
    w.edit(path, change)
    w.ctl('start', path)
    runtime = w.status(path)['runtime']
    time.sleep(5)
    expect_equal(w.exec(path, 'pc2', 'echo', 'alive').strip(), 'alive', 'the other machine')
    expect_equal(w.exec(path, 'pc1', 'echo', 'alive').strip(), 'alive', 'the machine itself')
    total = sum(size_of(os.path.join(root, name)) for root, _, names in os.walk(runtime)
                for name in names)
    expect(total < 64 << 20, f'the runtime folder holds {total} bytes')
    expect(engine_kib(w, path) < 200 * 1024, f'the engine holds {engine_kib(w, path)} KiB')
    # A flood out of exec that nobody reads must not fill the engine either.
    process = w.spawn('exec', path, 'pc2', '--', 'yes', stdout=subprocess.PIPE)
    time.sleep(3)
    expect(engine_kib(w, path) < 200 * 1024, f'the engine holds {engine_kib(w, path)} KiB')
    process.terminate()
    process.wait(60)
    process.stdout.close()
    flood_logs(runtime)
    kill_agent(w, path)
    flood_agent(w, path)
    w.ctl('stop', path)
    w.expect_clean(1)


@plan.step('a project and its image below /run, which a lab has for itself')
def below_run(w):
    place = next((p for p in (f'/run/user/{os.getuid()}', '/run') if os.access(p, os.W_OK)), None)
    if place is None:
        print('# skipped: nothing below /run can be written here')
        return
    folder = tempfile.mkdtemp(prefix='lanloom-test-', dir=place)
    try:
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', f'{folder}/vm.qcow2', '1M'],
                       check=True)
        file = f'{folder}/run.lanloom'
        with open(file, 'w', encoding='utf-8') as out:
            json.dump({'lanloom': 1, 'links': [], 'nodes': [
                {'name': 'vm1', 'kind': 'disk', 'nics': 1, 'image': 'vm.qcow2'}]}, out)
        w.ctl('start', file)
        expect_equal(w.states(file), {'vm1': 'ready'}, 'states')
        w.ctl('stop', file)
        w.expect_clean(1)
    finally:
        shutil.rmtree(folder)


@plan.step('images that are missing, no qcow2, or have a backing file outside: said of the item')
def images(w):
    w.write('rubbish.qcow2', b'not an image at all' * 100)
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw',
                    w.path('outside.qcow2'), '1M'], check=True)
    for image in ('missing.qcow2', 'rubbish.qcow2', 'outside.qcow2', '/etc/passwd',
                  '../../etc/passwd'):
        path = w.write('image.lanloom', {'lanloom': 1, 'links': [], 'nodes': [
            {'name': 'vm1', 'kind': 'disk', 'nics': 1, 'image': image},
            {'name': 'hub1', 'kind': 'hub'}]})
        result = w.ctl('start', path, code=PROBLEMS)
        expect('vm1' in result.stderr, f'{image}: {result.stderr}')
        if w.ctl('status', path, code=None).returncode == 0:
            w.status(path)
            w.ctl('stop', path)
        w.expect_clean(1)


@plan.step('a machine that gets no memory: failed, with the reason; the other is ready; '
           'start again repairs')
def no_memory(w):
    path = w.take_lab('two-machines')
    w.edit(path, lambda d: d['nodes'][0].update(memory_mib=1024 * 1024))
    refused = w.ctl('start', path, code=HOST)
    expect('pc1' in refused.stderr and '--force' in refused.stderr, refused.stderr)
    w.expect_clean(1)
    result = w.ctl('start', '--force', path, code=PROBLEMS)
    states = w.states(path)
    expect_equal((states['pc1'], states['pc2']), ('failed', 'ready'), f'states ({result.stderr})')
    detail = next(n['detail'] for n in w.status(path)['nodes'] if n['name'] == 'pc1')
    expect(detail, 'no reason is given')
    print(f'# {detail}')
    w.take_lab('two-machines')
    w.ctl('apply', path, code=None)
    w.ctl('start', path)
    w.ping_all(path, 'pc2', '10.0.0.1')
    w.ctl('stop', path)
    w.expect_clean(1)


@plan.step('leftovers: none')
def leftovers(w):
    w.expect_clean()


plan.run(world)
