#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One life of the lab two-machines: everything that can be asked of a running lab with a cable in it.

import json
import os
import re
import stat
import subprocess
import time

from harness import (FAILED, NOT_RUNNING, OK, USAGE, Patience, Plan, World, expect, expect_equal,
                     is_alive, wait_until)

plan = Plan()
world = World()
FILE = world.take_lab('two-machines')
CABLE = 'pc1:0 pc2:0'


def carrier(node, nic='eth0'):
    """What the guest says of its NIC: 'UP', 'NO-CARRIER'."""
    text = world.exec(FILE, node, 'ip', '-o', 'link', 'show', nic)
    return 'NO-CARRIER' if 'NO-CARRIER' in text else 'UP'


@plan.step('not running: status, exec, stop and counters exit 3')
def not_running(w):
    for args in (['status', FILE], ['exec', FILE, 'pc1', 'true'], ['stop', FILE],
                 ['counters', FILE], ['apply', FILE], ['console', FILE, 'pc1']):
        w.ctl(*args, code=NOT_RUNNING)
    expect_equal(json.loads(w.ctl('status', '--json').stdout), [], 'running labs')


@plan.step('plan of a lab that does not run names every node and cable, and does nothing')
def plan_start(w):
    steps = json.loads(w.ctl('plan', '--json', FILE).stdout)
    items = {step['item'] for step in steps}
    expect({'pc1', 'pc2', CABLE} <= items, f'items: {items}')
    expect(all(step['text'] and step['action'] for step in steps), f'steps: {steps}')
    w.expect_clean(0)


@plan.step('start: both machines say that they are ready', needed=True)
def start(w):
    result = w.ctl('start', FILE)
    expect_equal(w.states(FILE), {'pc1': 'ready', 'pc2': 'ready'}, 'states')
    expect('pc1: booting' in result.stderr, f'no word of booting: {result.stderr}')


@plan.step('status names every process with role, node and the pid that the host knows')
def processes(w):
    status = w.status(FILE)
    roles = sorted((p['role'], p['node']) for p in status['processes'] if p['node'])
    expect_equal(roles, [('qemu', 'pc1'), ('qemu', 'pc2')], 'processes of nodes')
    alone = {p['role'] for p in status['processes'] if not p['node']}
    expect({'keeper', 'init', 'engine', 'ovsdb-server', 'ovs-vswitchd'} <= alone, f'{alone}')
    for process in status['processes']:
        with open(f'/proc/{process["pid"]}/cmdline', 'rb') as file:
            words = file.read().decode().split('\0')
        wanted = {'qemu': 'qemu-system', 'engine': 'lanloom-engine', 'keeper': 'lanloom-init',
                  'init': 'lanloom-init'}.get(process['role'], process['role'])
        expect(any(wanted in word for word in words), f'{process} is {words[:2]}')

    # What runs for a moment, or has ended since, is no part of the lab.
    def unnamed():
        known = {p['pid'] for p in w.status(FILE)['processes']}
        return [pid for pid in w.pids if pid not in known and is_alive(pid)]
    wait_until(lambda: not unnamed(), 5, lambda: f'status does not name {unnamed()}')


@plan.step('status without a file lists the lab')
def listing(w):
    w.wait_listed([FILE])


@plan.step('the lab has its own namespaces, and files that are closed to others')
def privacy(w):
    status = w.status(FILE)
    kinds = {link.split(':')[0] for link in w.namespaces}
    expect({'user', 'pid', 'net', 'mnt', 'ipc'} <= kinds, f'own namespaces: {kinds}')
    expect_equal(stat.S_IMODE(os.stat(status['runtime']).st_mode), 0o700, 'mode of the folder')


@plan.step('exec passes output, error output, input and exit code')
def execute(w):
    expect_equal(w.exec(FILE, 'pc1', 'hostname').strip(), 'pc1', 'hostname')
    result = w.ctl('exec', FILE, 'pc2', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7', code=7)
    expect_equal((result.stdout, result.stderr), ('out\n', 'err\n'), 'streams')
    text = 'line\n' * 50000
    expect_equal(w.exec(FILE, 'pc1', 'cat', stdin=text) == text, True, 'cat of 250 kB')
    expect_equal(w.exec(FILE, 'pc1', 'wc', '-c', stdin='').strip(), '0', 'empty input')
    w.exec(FILE, 'pc1', 'false', code=1)
    w.ctl('exec', FILE, 'pc1', 'sh', '-c', 'kill -9 $$', code=128 + 9)


@plan.step('exec of what is not there says so')
def execute_wrong(w):
    result = w.ctl('exec', FILE, 'pc9', 'true', code=USAGE)
    expect('pc9' in result.stderr, result.stderr)
    result = w.ctl('exec', FILE, 'pc1', '--', 'no-such-program', code=None)
    expect(result.returncode != 0, 'a program that is missing exits 0')
    w.ctl('exec', FILE, 'pc1', code=USAGE)


@plan.step('exec ended by a signal ends the command in the guest')
def execute_interrupted(w):
    process = w.spawn('exec', FILE, 'pc1', '--', 'sleep', '4711')
    wait_until(lambda: 'sleep 4711' in w.exec(FILE, 'pc1', 'ps'), 10, 'sleep runs')
    process.terminate()
    expect_equal(process.wait(30), 128 + 15, 'exit code')
    wait_until(lambda: 'sleep 4711' not in w.exec(FILE, 'pc1', 'ps'), 10, 'sleep has ended')


@plan.step('ping goes, by address and by name')
def ping(w):
    w.ping_all(FILE, 'pc1', '10.0.0.2')
    w.ping_all(FILE, 'pc2', 'pc1')


@plan.step('counters agree with the count of pings')
def count(w):
    before = w.counters(FILE)[CABLE]
    said = w.exec(FILE, 'pc1', 'ping', '-c', '20', '-i', '0.1', '-w', '60', '-s', '1000', '10.0.0.2')
    # It asks again for what is late.
    n = int(re.search(r'(\d+) packets transmitted', said)[1])
    after = wait_until(lambda: (now := w.counters(FILE)[CABLE])['from_b']['frames']
                       >= before['from_b']['frames'] + n and now, 5, f'{n} answers to be counted')
    expect(after['carrier'], 'no carrier')
    for way in ('from_a', 'from_b'):
        frames = after[way]['frames'] - before[way]['frames']
        n_bytes = after[way]['bytes'] - before[way]['bytes']
        # Besides the pings there may be an ARP or a neighbour solicitation.
        expect(n <= frames <= n + 10, f'{way}: {frames} frames for {n} pings')
        expect(n * 1042 <= n_bytes <= n * 1042 + 1500, f'{way}: {n_bytes} bytes')
        # What a machine said before the other one was there to hear it was dropped, rightly.
        for what in ('drops', 'errors'):
            expect_equal(after[way][what], before[way][what], f'{way}: {what}')


@plan.step('counters: the rate of a running ping is seen, and ends with it')
def rates(w):
    process = w.spawn('exec', FILE, 'pc1', '--', 'ping', '-i', '0.02', '-s', '1000', '10.0.0.2',
                      stdout=subprocess.DEVNULL)
    wait_until(lambda: w.counters(FILE)[CABLE]['from_a']['rate_bps'] > 50000, 10, 'a rate',
               step=0.3)
    process.terminate()
    process.wait(30)
    wait_until(lambda: w.counters(FILE)[CABLE]['from_a']['rate_bps'] < 5000, 10, 'the rate falls',
               step=0.3)


@plan.step('counters --watch --json writes one object a second')
def watch_counters(w):
    process = w.spawn('counters', '--watch', '--json', FILE, stdout=subprocess.PIPE, text=True)
    times = [json.loads(process.stdout.readline())['time_us']]
    # One may be late: the next will be on time.
    while len(times) < 2 or (len(times) < 10 and times[-1] - times[-2] > 3e6):
        times.append(json.loads(process.stdout.readline())['time_us'])
    process.terminate()
    expect_equal(process.wait(30), OK, 'exit code')
    process.stdout.close()
    expect(0.8e6 < times[-1] - times[-2] < 3e6, f'times {times}')


@plan.step('TCP between the machines works')
def tcp(w):
    w.exec(FILE, 'pc2', 'iperf3', '-s', '-D')

    # The server may not listen yet when its parent has ended.
    def is_fast():
        text = w.exec(FILE, 'pc1', 'iperf3', '-c', '10.0.0.2', '-t', '2', '-J')
        rate = json.loads(text)['end']['sum_received']['bits_per_second']
        print(f'# {rate / 1e6:.0f} Mbit/s')
        return rate > 1e6
    wait_until(is_fast, 20, '1 Mbit/s')


@plan.step('copy: a file in and out, with its mode; a folder in and out')
def copy(w):
    data = os.urandom(300000)
    path = w.write('a file', data)
    os.chmod(path, 0o750)
    w.ctl('copy', FILE, path, 'pc1:/tmp')
    expect_equal(w.exec(FILE, 'pc1', 'stat', '-c', '%a %s', '/tmp/a file').split(),
                 ['750', '300000'], 'the file inside')
    w.ctl('copy', FILE, 'pc1:/tmp/a file', w.path('back'))
    with open(w.path('back'), 'rb') as file:
        expect(file.read() == data, 'what came back differs')
    expect_equal(stat.S_IMODE(os.stat(w.path('back')).st_mode), 0o750, 'mode')

    os.makedirs(w.path('tree/deep'))
    w.write('tree/deep/one', '1')
    os.symlink('one', w.path('tree/deep/link'))
    w.ctl('copy', FILE, w.path('tree'), 'pc1:/tmp')
    os.mkdir(w.path('out'))
    w.ctl('copy', FILE, 'pc1:/tmp/tree', w.path('out'))
    expect_equal(os.readlink(w.path('out/tree/deep/link')), 'one', 'link')
    result = w.ctl('copy', FILE, 'pc1:/no/such', w.path('x'), code=None)
    expect(result.returncode in (1, FAILED), f'a missing file: exit {result.returncode}')
    expect(not os.path.exists(w.path('x')), 'a failed copy left a file')
    w.ctl('copy', FILE, 'a', 'b', code=USAGE)


@plan.step('console: what is typed is done, and what was said before is shown')
def console(w):
    # It leaves when nothing was said for a second; the answer may come later.
    def says(stdin):
        return 'con42sole' in w.ctl('console', FILE, 'pc1', stdin=stdin).stdout
    wait_until(lambda: says('\necho con$((40+2))sole\n'), 10, 'an answer to what was typed')
    wait_until(lambda: says('\n'), 10, 'what was said to the first client')


@plan.step('apply: a third machine and a cable, live, and it answers', needed=True)
def add_machine(w):
    pids = {node: w.pid_of(FILE, 'qemu', node) for node in ('pc1', 'pc2')}

    def change(document):
        document['nodes'][0]['nics'] = 2
        document['nodes'][0]['addresses'] = ['10.0.0.1/24', '10.1.0.1/24']
        document['nodes'].append({'name': 'pc3', 'kind': 'tiny', 'nics': 1,
                                  'addresses': ['10.1.0.3/24']})
        document['links'].append({'ends': ['pc1:1', 'pc3:0']})

    w.edit(FILE, change)
    steps = json.loads(w.ctl('plan', '--json', FILE).stdout)
    items = [step['item'] for step in steps]
    expect('pc3' in items and 'pc1:1 pc3:0' in items and 'pc2' not in items, f'plan: {steps}')
    w.ctl('apply', FILE)
    expect_equal(json.loads(w.ctl('plan', '--json', FILE).stdout), [], 'plan afterwards')
    for node, pid in pids.items():
        expect_equal(w.pid_of(FILE, 'qemu', node), pid, f'pid of {node}')
    wait_until(lambda: w.reaches(FILE, 'pc3', '10.1.0.1'), 10, 'pc3 reaches pc1')


@plan.step('a cable deleted while a ping runs: carrier drops; back again: the ping goes on',
           needed=False)
def unplug(w):
    path = w.path('ping.log')
    with open(path, 'w', encoding='utf-8') as log:
        process = w.spawn('exec', FILE, 'pc1', '--', 'ping', '-O', '-i', '0.2', '10.0.0.2', stdout=log)
    cable = {'ends': ['pc1:0', 'pc2:0']}

    def said(words, begin=0):
        with open(path, encoding='utf-8') as log:
            return re.search(words, log.read()[begin:])

    wait_until(lambda: said('bytes from'), 20, 'a ping')
    w.edit(FILE, lambda d: d['links'].remove(cable))
    w.ctl('apply', FILE)
    wait_until(lambda: carrier('pc1') == 'NO-CARRIER', 3, 'NO-CARRIER at pc1')
    wait_until(lambda: carrier('pc2') == 'NO-CARRIER', 3, 'NO-CARRIER at pc2')
    expect(CABLE not in w.counters(FILE), 'the cable still counts')
    w.ping_all(FILE, 'pc3', '10.1.0.1')
    wait_until(lambda: said('no answer yet|Unreachable'), 10, 'the ping to notice')
    w.edit(FILE, lambda d: d['links'].append(cable))
    w.ctl('apply', FILE)
    wait_until(lambda: carrier('pc1') == 'UP', 3, 'carrier at pc1')
    size = os.path.getsize(path)
    wait_until(lambda: said('bytes from', size), 10, 'the ping goes on', step=0.2)
    process.terminate()
    process.wait(30)


@plan.step('a rename keeps the machine, its memory and its connections')
def rename(w):
    pid = w.pid_of(FILE, 'qemu', 'pc3')
    w.exec(FILE, 'pc3', 'sh', '-c', 'echo kept > /tmp/mark')

    def change(document):
        for node in document['nodes']:
            if node['name'] == 'pc3':
                node['name'] = 'server'
        document['links'] = [link for link in document['links'] if 'pc3:0' not in link['ends']]
        document['links'].append({'ends': ['pc1:1', 'server:0']})

    w.edit(FILE, change)
    w.ctl('apply', '--rename', 'pc3=server', FILE)
    expect_equal(w.pid_of(FILE, 'qemu', 'server'), pid, 'pid')
    expect_equal(w.exec(FILE, 'server', 'cat', '/tmp/mark'), 'kept\n', 'a file in memory')
    w.ping_all(FILE, 'server', '10.1.0.1')
    expect_equal(sorted(w.states(FILE)), ['pc1', 'pc2', 'server'], 'nodes')


@plan.step('the same file by another path is the same lab; starting it again changes nothing')
def same_file(w):
    link = w.path('other-name.lanloom')
    os.symlink(FILE, link)
    before = w.status(FILE)
    w.ctl('start', link)
    after = w.status(link)
    expect_equal(after['runtime'], before['runtime'], 'runtime folder')
    expect_equal({p['pid'] for p in after['processes']}, {p['pid'] for p in before['processes']},
                 'processes')
    result = w.ctl('run', FILE, '--', 'pc1', 'true', code=FAILED)
    expect('already' in result.stderr, result.stderr)
    expect_equal(w.states(FILE)['pc1'], 'ready', 'state after a refused run')


@plan.step('run leaves a lab alone that runs already, says so, and exits 5')
def run_running(w):
    before = w.status(FILE)['generation'], w.pid_of(FILE, 'qemu', 'pc1')
    result = w.ctl('run', FILE, '--', 'pc1', 'true', code=FAILED)
    expect('runs already' in result.stderr and 'exec' in result.stderr, result.stderr)
    expect_equal((w.status(FILE)['generation'], w.pid_of(FILE, 'qemu', 'pc1')), before, 'the lab')


@plan.step('two clients stay in step: what one applies, the other sees')
def two_clients(w):
    watcher = w.spawn('counters', '--watch', '--json', FILE, stdout=subprocess.PIPE, text=True)
    watcher.stdout.readline()
    w.edit(FILE, lambda d: d['links'].remove({'ends': ['pc1:1', 'server:0']}))
    w.ctl('apply', FILE)

    # One a second: those of the time that the edit took come first.
    wait_until(lambda: [link['id'] for link in json.loads(watcher.stdout.readline())['links']] == [CABLE],
               4, 'the other client sees one cable alone', step=0)
    watcher.terminate()
    watcher.wait(30)
    watcher.stdout.close()


@plan.step('a machine deleted, live: its process ends, the others go on')
def delete_machine(w):
    pid = w.pid_of(FILE, 'qemu', 'server')
    w.edit(FILE, lambda d: d.update(nodes=[n for n in d['nodes'] if n['name'] != 'server']))
    w.ctl('apply', FILE)
    wait_until(lambda: not os.path.exists(f'/proc/{pid}'), 10, 'the process ends')
    wait_until(lambda: sorted(w.states(FILE)) == ['pc1', 'pc2'], 5, 'two nodes')
    w.ping_all(FILE, 'pc1', '10.0.0.2')


@plan.step('a bad edit is refused and changes nothing')
def bad_edit(w):
    before = open(FILE, encoding='utf-8').read()
    generation = w.status(FILE)['generation']
    w.edit(FILE, lambda d: d['links'].append({'ends': ['pc1:0', 'nowhere:0']}))
    result = w.ctl('apply', FILE, code=1)
    expect('nowhere' in result.stderr, result.stderr)
    w.write(os.path.basename(FILE), before)
    expect_equal(w.status(FILE)['generation'], generation, 'generation')


@plan.step('pause holds the whole lab, which then costs nothing; resume lets it go on')
def pause(w):
    pids = [p['pid'] for p in w.status(FILE)['processes'] if p['role'] == 'qemu']

    def ticks():
        return sum(int(value) for pid in pids
                   for value in open(f'/proc/{pid}/stat', encoding='utf-8').read().split()[13:15])

    w.ctl('pause', FILE)
    wait_until(lambda: set(w.states(FILE).values()) == {'paused'}, 5, 'all are paused', step=0.1)
    before, begin = ticks(), time.monotonic()
    time.sleep(1)
    expect(ticks() - before <= 5 * (time.monotonic() - begin), 'a paused lab uses the processor')
    w.ctl('pause', FILE)
    w.ctl('resume', FILE)
    wait_until(lambda: set(w.states(FILE).values()) == {'ready'}, 1, 'all go on', step=0.05)
    w.ctl('pause', FILE, 'pc9', code=USAGE)


@plan.step('stop: all is gone within 5 s')
def stop(w):
    w.status(FILE)
    patience = Patience(5)
    w.ctl('stop', FILE)
    patience.tell('stop')
    expect(not patience.is_over(), 'stop is slow')
    w.expect_clean(0.5)
    w.ctl('status', FILE, code=NOT_RUNNING)


@plan.step('leftovers: none')
def leftovers(w):
    w.expect_clean()


plan.run(world)
