#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# SIGKILL of every part of a running lab in turn: what goes on, what comes back, what is said of it,
# and that nothing is left in the end.

import concurrent.futures
import contextlib
import os
import signal
import subprocess
import time

import cells
from harness import (NOT_RUNNING, OK, NotYet, Plan, World, expect, expect_all_answered, expect_equal,
                     list_pids, wait_until)

plan = Plan()
world = World()
FILE = world.take_lab('two-machines')
CABLE = 'pc1:0 pc2:0'


def pids(w):
    return {(p['role'], p['node']): p['pid'] for p in w.status(FILE)['processes']}


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def reaches(w):
    return w.reaches(FILE, 'pc1', '10.0.0.2')


@plan.step('start', needed=True)
def start(w):
    w.ctl('start', FILE)
    w.ping_all(FILE, 'pc1', '10.0.0.2')


def wait_for_engine(w, before):
    """The processes, when another engine answers."""
    engine = ('engine', None)
    return wait_until(lambda: (now := pids(w)).get(engine, before[engine]) != before[engine] and now,
                      15, 'another engine', step=0.2)


def expect_untouched(w, before):
    """Both machines are the processes that they were, and frames pass."""
    after = pids(w)
    for node in ('pc1', 'pc2'):
        expect_equal(after[('qemu', node)], before[('qemu', node)], f'pid of {node}')
    wait_until(lambda: reaches(w), 20, 'a ping after it', step=0.3)


@plan.step('a client killed: the lab goes on')
def kill_client(w):
    before = pids(w)
    process = w.spawn('exec', FILE, 'pc1', '--', 'sleep', '4712')
    wait_until(lambda: 'sleep 4712' in w.exec(FILE, 'pc1', 'ps'), 10, 'sleep runs')
    process.kill()
    process.wait()
    wait_until(lambda: 'sleep 4712' not in w.exec(FILE, 'pc1', 'ps'), 10, 'its command ends')
    expect_equal(pids(w), before, 'processes')


@plan.step('the engine killed: init starts it again, it takes everything over, the ping goes on')
def kill_engine(w):
    before = pids(w)
    frames = w.counters(FILE)[CABLE]['from_a']['frames']
    w.know_neighbours(FILE, ('pc1', '10.0.0.2'), ('pc2', '10.0.0.1'))
    w.exec(FILE, 'pc1', 'sh', '-c',
           'ping -i 0.2 -c 60 -w 120 10.0.0.2 > /tmp/log 2>&1 < /dev/null & echo started')
    time.sleep(0.5)
    kill(before[('engine', None)])
    after = wait_for_engine(w, before)
    for who, pid in before.items():
        if who[0] != 'engine':
            expect_equal(after.get(who), pid, f'pid of {who}')
    # It asks each guest whether it is still there.
    wait_until(lambda: w.states(FILE) == {'pc1': 'ready', 'pc2': 'ready'}, 10, 'both ready')
    expect_equal(w.exec(FILE, 'pc2', 'hostname').strip(), 'pc2', 'exec after it')
    expect(w.counters(FILE)[CABLE]['from_a']['frames'] >= frames, 'counters went back')
    wait_until(lambda: 'packets transmitted' in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 130,
               'ping ends', step=0.5)
    expect_all_answered(w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 60)


@plan.step('the engine after that: live edits work')
def edit_after(w):
    cable = {'ends': ['pc1:0', 'pc2:0']}
    w.edit(FILE, lambda d: d['links'].remove(cable))
    w.ctl('apply', FILE)
    wait_until(lambda: 'NO-CARRIER' in w.exec(FILE, 'pc1', 'ip', '-o', 'link', 'show', 'eth0'), 5,
               'NO-CARRIER')
    w.edit(FILE, lambda d: d['links'].append(cable))
    w.ctl('apply', FILE)
    wait_until(lambda: reaches(w), 10, 'a ping after the cable is back')


@plan.step('a machine killed: it alone has failed, with a reason; start repairs it')
def kill_machine(w):
    before = pids(w)
    kill(before[('qemu', 'pc2')])
    wait_until(lambda: w.states(FILE)['pc2'] == 'failed', 10, 'pc2 has failed', step=0.2)
    status = w.status(FILE)
    detail = next(n['detail'] for n in status['nodes'] if n['name'] == 'pc2')
    expect(detail, 'no reason is given')
    print(f'# {detail}')
    expect_equal(w.exec(FILE, 'pc1', 'hostname').strip(), 'pc1', 'the other machine')
    w.ctl('start', FILE)
    after = pids(w)
    expect_equal(after[('qemu', 'pc1')], before[('qemu', 'pc1')], 'pid of pc1')
    expect(after[('qemu', 'pc2')] != before[('qemu', 'pc2')], 'the same process')
    wait_until(lambda: reaches(w), 10, 'a ping after the repair')


for daemon in ('ovs-vswitchd', 'ovsdb-server'):
    @plan.step(f'{daemon} killed: the lab is whole again, by itself or by start')
    def kill_daemon(w, role=(daemon, None)):
        before = pids(w)
        kill(before[role])
        time.sleep(1)  # by now it is seen to be gone
        w.ctl('start', FILE)
        wait_until(lambda: pids(w).get(role, before[role]) != before[role], 20, f'a new {role[0]}',
                   step=0.2)
        expect_untouched(w, before)


@plan.step('a lab with a part that is stopped can still be ended')
def stop_frozen(w):
    os.kill(pids(w)[('qemu', 'pc2')], signal.SIGSTOP)
    os.kill(pids(w)[('ovs-vswitchd', None)], signal.SIGSTOP)
    w.status(FILE)
    w.ctl('stop', FILE)
    w.expect_clean(2)


@plan.step('so can one whose engine is gone and does not come back, by who never knew it')
def stop_headless(w):
    w.ctl('start', '--no-wait', FILE)
    before = pids(w)
    os.kill(before[('init', None)], signal.SIGSTOP)
    kill(before[('engine', None)])
    w.ctl('stop', FILE)
    w.expect_clean(2)


@plan.step('so can one whose keeper or init is stopped again and again while it ends')
def stop_stubborn(w):
    for role in ('keeper', 'init'):
        w.ctl('start', '--no-wait', FILE)
        pid = pids(w)[(role, None)]
        process = w.spawn('stop', FILE)
        begin = time.monotonic()
        while process.poll() is None and time.monotonic() - begin < 1:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
            time.sleep(0.003)
        expect_equal(process.wait(60), OK, f'stop with {role} stopped')
        w.expect_clean(2)
    w.ctl('start', FILE)


def is_whole(w):
    """Both machines are ready, by themselves."""
    try:
        return w.states(FILE) == {'pc1': 'ready', 'pc2': 'ready'}
    except NotYet:
        return False


def count_cards(w):
    return w.exec(FILE, 'pc1', 'ip', '-o', 'link', code=None).count(': eth')


@plan.step('the engine killed right after an edit was taken: its successor carries the edit out')
def kill_editing(w):
    for n in (3, 1):
        time.sleep(1)  # a card in the guest is not yet the end of plugging it in
        before = pids(w)
        w.edit(FILE, lambda d, n=n: d['nodes'][0].update(nics=n))
        w.ctl('apply', '--no-wait', FILE)
        kill(before[('engine', None)])
        wait_until(lambda: is_whole(w), 30, 'both ready', step=0.2)
        wait_until(lambda n=n: count_cards(w) == n, 20, f'{n} cards in pc1', step=0.3)
        wait_for_engine(w, before)
        expect_untouched(w, before)


@plan.step('stop after all that: nothing is left')
def stop(w):
    w.status(FILE)
    w.ctl('stop', FILE)
    w.expect_clean(0.5)


@plan.step('init (PID 1 of the lab) killed: everything ends, nothing is left')
def kill_init(w):
    w.ctl('start', '--no-wait', FILE)
    time.sleep(1)
    kill(pids(w)[('init', None)])
    w.expect_clean(5)
    w.ctl('status', FILE, code=NOT_RUNNING)


@plan.step('the keeper killed: everything ends, PID 1 of the lab removes the folders')
def kill_keeper(w):
    w.ctl('start', '--no-wait', FILE)
    time.sleep(1)
    kill(pids(w)[('keeper', None)])
    w.expect_clean(20)
    base = os.path.join(w.runtime, 'lanloom')
    expect(not os.path.exists(base), f'{base} is left')
    w.ctl('status', FILE, code=NOT_RUNNING)


@plan.step('keeper and init killed at once: the sweep of the next start leaves nothing')
def kill_both(w):
    w.ctl('start', '--no-wait', FILE)
    now = pids(w)
    kill(now[('keeper', None)])
    with contextlib.suppress(ProcessLookupError):  # who came late: init ends with the keeper
        kill(now[('init', None)])
    other = w.take_lab('one-switch')
    wait_until(lambda: all(line.startswith(('folder', 'socket')) for line in w.leftovers()), 5,
               'processes and namespaces end')
    w.ctl('start', '--no-wait', other)
    w.status(other)
    w.ctl('stop', other)
    w.expect_clean(1)


@plan.step('init or keeper killed as soon as there is a lab: everything ends, nothing is left')
def kill_frame_starting(w):
    for role in ('init', 'keeper'):
        w.ctl('start', '--no-wait', FILE)
        kill(pids(w)[(role, None)])
        w.expect_clean(20)
        w.ctl('status', FILE, code=NOT_RUNNING)


@plan.step('engine, ovs-vswitchd, ovsdb-server or a QEMU killed while all starts: '
           'it starts all the same, or start again repairs it')
def kill_starting(w):
    for who in (('engine', None), ('ovs-vswitchd', None), ('ovsdb-server', None), ('qemu', 'pc1')):
        w.ctl('start', '--no-wait', FILE)
        kill(wait_until(lambda who=who: pids(w).get(who), 20, f'{who[0]} runs'))
        begin = time.monotonic()
        while time.monotonic() - begin < 15 and not is_whole(w):
            time.sleep(0.2)
        if is_whole(w):
            print(f'# {who[0]}: by itself')
        else:
            print(f'# {who[0]}: after start; before {w.ctl("status", FILE, code=None).stdout!r}')
            w.ctl('start', FILE)
        wait_until(lambda: reaches(w), 20, f'a ping after {who[0]}', step=0.3)
        w.status(FILE)
        w.ctl('stop', FILE)
        w.expect_clean(1)


def find_switch(w):
    """The pid of ovs-vswitchd as soon as there is one, before anybody tells it."""
    for pid in list_pids():
        try:
            with open(f'/proc/{pid}/cmdline', encoding='utf-8', errors='replace') as file:
                words = file.read().split('\0')
        except OSError:
            continue
        if 'vswitchd' in words[0] and any(w.runtime in word for word in words):
            return pid
    return None


@plan.step('ovs-vswitchd killed before the switch is up: another comes up in its place')
def kill_unborn_switch(w):
    w.spawn('start', '--no-wait', FILE, stderr=subprocess.DEVNULL)
    kill(wait_until(lambda: find_switch(w), 20, 'ovs-vswitchd', step=0.001))
    wait_until(lambda: is_whole(w), 30, 'both ready', step=0.2)
    wait_until(lambda: reaches(w), 20, 'a ping after it', step=0.3)
    w.ctl('stop', FILE)
    w.expect_clean(1)


@plan.step('each part killed while all stops: it stops, and nothing is left')
def kill_stopping(w):
    for who in (('engine', None), ('init', None), ('keeper', None), ('ovs-vswitchd', None),
                ('ovsdb-server', None), ('qemu', 'pc1')):
        w.ctl('start', '--no-wait', FILE)
        wanted = {who, ('qemu', 'pc1'), ('qemu', 'pc2')}
        pid = wait_until(lambda wanted=wanted: wanted <= (now := pids(w)).keys() and now, 20,
                         f'both machines and {who[0]} run')[who]
        begin = time.monotonic()
        process = w.spawn('stop', FILE, stderr=subprocess.DEVNULL)
        time.sleep(0.015)
        try:
            kill(pid)
            print(f'# {who[0]} killed')
        except ProcessLookupError:
            print(f'# {who[0]} had ended')
        code = process.wait(60)
        print(f'# stop: {code} after {time.monotonic() - begin:.1f} s')
        expect(code in (OK, NOT_RUNNING), f'stop: exit {code} when {who[0]} was killed')
        w.expect_clean(5)


# The rest of the matrix that a CI run has the time for. Cells that wait for 30 s do so side by side,
# each in a lab of its own; all cells: tests/soak/matrix.py.
FROZEN = [cells.Cell('engine', 'running', 'stop'), cells.Cell('ovs-vswitchd', 'editing', 'stop'),
          cells.Cell('ovsdb-server', 'running', 'stop'), cells.Cell('qemu', 'running', 'stop'),
          cells.Cell('wire', 'running', 'stop')]
STARVED = [cells.Cell('qemu', 'running', 'oom'), cells.Cell('ovs-vswitchd', 'running', 'oom'),
           cells.Cell('wire', 'running', 'oom'), cells.Cell('engine', 'running', 'kill')]


def judge(results):
    bad = []
    for cell, (failure, notes, n_left) in results:
        print(f'# {cell}: {"; ".join(notes)}; {n_left} left')
        if failure or n_left:
            bad.append(f'{cell}: {failure or "leftovers"}')
    expect(not bad, '\n'.join(bad))


@plan.step('the table of the kill matrix has one outcome for every cell')
def table(w):
    outcomes = {cell: cell.outcome for cell in cells.all_cells()}
    expect_equal(len(outcomes), len(cells.PARTS) * len(cells.PHASES) * len(cells.ACTIONS), 'cells')


@plan.step(f'stopped (SIGSTOP) for {cells.PAUSE_S} s: said, nothing is lost, all goes on')
def frozen(w):
    with concurrent.futures.ThreadPoolExecutor(len(FROZEN)) as pool:
        judge(zip(FROZEN, pool.map(cells.run_cell, FROZEN)))


@plan.step('out of memory, and silence of a ping: as the matrix says')
def starved(w):
    judge([(cell, cells.run_cell(cell)) for cell in STARVED])


@plan.step('leftovers: none')
def leftovers(w):
    w.expect_clean()


plan.run(world)
