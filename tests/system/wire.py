#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is set on cables, in a real lab: faults are seen by `ip link`, delays by ping, rates by iperf3;
# and cables carry frames as they come while the wire is dead, and are what was asked for when it is
# back, or when the engine is.

import json
import os
import re
import signal
import time

from harness import BUILD, Plan, World, expect, expect_equal, skip_all, wait_until

plan = Plan()
world = World()
FILE = world.take_lab('two-machines')
CABLE = ('pc1:0', 'pc2:0')

if not os.path.exists(os.path.join(BUILD, 'backend/wire/lanloom-wire')):
    skip_all('lanloom-wire was not built: DPDK is missing')


def link(w, *args, code=0):
    return w.ctl('link', FILE, *CABLE, *args, code=code).stdout


def shown(w):
    return json.loads(link(w, '--json'))


def has_carrier(w, name):
    return 'LOWER_UP' in w.exec(FILE, name, 'ip', '-o', 'link', 'show', 'eth0')


def rtt_ms(w, count=5):
    """(lowest, mean) of a ping from pc1 to pc2."""
    text = w.ping(FILE, 'pc1', 'pc2', count, wait=3)
    low, mean = re.search(r'= ([\d.]+)/([\d.]+)/', text).groups()
    return float(low), float(mean)


def received(w, *args):
    """How many answers a ping of pc1 gets."""
    text = w.ctl('exec', FILE, 'pc1', '--', 'ping', *args, 'pc2', code=None).stdout
    return int(re.search(r'(\d+) received', text)[1])


def wire_pid(w):
    return next((p['pid'] for p in w.status(FILE)['processes'] if p['role'] == 'wire'), None)


@plan.step('start', needed=True)
def start(w):
    w.ctl('start', FILE)
    w.status(FILE)
    w.ping(FILE, 'pc1', 'pc2', 2, wait=3)
    w.bare_ms = rtt_ms(w)[0]
    expect(wire_pid(w) is None, 'a wire runs that nobody asked for')


@plan.step('unplugged: no carrier on either side; plugged in: as before')
def unplug(w):
    w.ctl('unplug', FILE, 'pc1')
    wait_until(lambda: not has_carrier(w, 'pc1') and not has_carrier(w, 'pc2'), 5, 'no carrier')
    expect_equal(w.counters(FILE)['pc1:0 pc2:0']['carrier'], False, 'carrier as counted')
    w.ctl('plug', FILE, 'pc1')
    wait_until(lambda: has_carrier(w, 'pc1') and has_carrier(w, 'pc2'), 5, 'carrier')
    wait_until(lambda: received(w, '-c', '1', '-W', '1') == 1, 10, 'a ping')


@plan.step('a port fault drops the carrier at one end, a one-way fault at none')
def other_faults(w):
    link(w, 'fault=port', 'at=pc1')
    wait_until(lambda: not has_carrier(w, 'pc1'), 5, 'no carrier at pc1')
    expect(has_carrier(w, 'pc2'), 'pc2 lost its carrier, too')
    link(w, 'fault=one-way', 'at=pc1')
    wait_until(lambda: has_carrier(w, 'pc1'), 5, 'carrier at pc1')
    expect_equal(received(w, '-c', '2', '-i', '0.2', '-W', '1'), 0, 'answers')
    link(w, 'fault=none')
    wait_until(lambda: received(w, '-c', '1', '-W', '1') == 1, 10, 'a ping')


@plan.step('flapping: the carrier goes and comes')
def flapping(w):
    link(w, 'fault=flapping', 'period_s=2', 'up_percent=50')
    seen = set()
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and seen != {True, False}:
        seen.add(has_carrier(w, 'pc1'))
        time.sleep(0.1)
    expect_equal(seen, {True, False}, 'carriers seen')
    w.ctl('plug', FILE, 'pc1')
    wait_until(lambda: has_carrier(w, 'pc1') and has_carrier(w, 'pc2'), 5, 'carrier')


@plan.step('40 ms of delay each way: ping takes 80 ms more, and the wire says what it did')
def delay(w):
    began = time.monotonic()
    link(w, 'delay_ms=40')
    print(f'# in force after {time.monotonic() - began:.2f} s')
    low, mean = rtt_ms(w)
    print(f'# rtt {low} ms at least, {mean} on average; {w.bare_ms} without')
    # A guest under emulation can be late, never early.
    expect(low >= 80, f'{low} ms')
    expect(low - w.bare_ms < 100, f'{low} ms is too much more than {w.bare_ms} ms')
    both = shown(w)
    for direction in both['directions']:
        expect(39 <= direction['measured']['delay_ms'] < 60, json.dumps(direction['measured']))
    expect(wire_pid(w) is not None, 'no wire')


@plan.step('a change of delay under a ping loses nothing')
def change_under_traffic(w):
    w.exec(FILE, 'pc1', 'sh', '-c', 'ping -i 0.05 -c 100 pc2 > /tmp/log 2>&1 & echo $! > /tmp/pid')
    for ms in (5, 60, 20, 1, 40, 10):
        link(w, f'delay_ms={ms}')
        time.sleep(0.3)
    text = wait_until(lambda: re.search(r'(\d+) packets transmitted, (\d+) received',
                                        w.exec(FILE, 'pc1', 'cat', '/tmp/log')), 30, 'the ping ends')
    expect_equal(text[2], text[1], 'answers')


@plan.step('one direction alone: half of pc2\'s frames are lost, none of pc1\'s')
def loss(w):
    link(w, '--clear', '--from', 'pc2', 'loss_percent=50', 'seed=7')
    got = received(w, '-c', '60', '-i', '0.05', '-W', '1')
    print(f'# {got} of 60 answers')
    # Binomial: outside of 13 … 47 in fewer than 5 of 1,000,000 runs.
    expect(13 <= got <= 47, f'{got} of 60 answers')
    there, back = shown(w)['directions']
    expect_equal(there['measured']['loss_percent'], 0, 'loss of what pc1 sends')
    expect(back['measured']['loss_percent'] > 0, 'no loss of what pc2 sends')


@plan.step('4 Mbit/s: iperf3 gets less than that, and most of it')
def rate(w):
    link(w, '--clear', 'rate_mbps=4')
    w.exec(FILE, 'pc2', 'iperf3', '-s', '-D', '-1')
    text = w.exec(FILE, 'pc1', 'iperf3', '-c', 'pc2', '-t', '5', '-J', timeout=60)
    bps = json.loads(text)['end']['sum_received']['bits_per_second']
    print(f'# goodput {bps / 1e6:.2f} Mbit/s')
    # 1448 of 1538 octets on the cable are goodput (RFC 7323 time stamps).
    expect(2.5e6 < bps < 4e6, f'{bps / 1e6:.2f} Mbit/s')


@plan.step('cleared: the wire lets go, and ends when nobody needs it')
def clear(w):
    link(w, '--clear')
    wait_until(lambda: shown(w)['wire'] == '', 20, 'the cable is direct')
    low, _ = rtt_ms(w)
    expect(low < 40, f'{low} ms')
    wait_until(lambda: wire_pid(w) is None, 20, 'the wire ends')


@plan.step('the wire killed under a ping: direct within 2 s, then as asked again')
def kill_wire(w):
    link(w, 'delay_ms=100')
    expect(rtt_ms(w, 2)[0] >= 200, 'no delay')
    w.exec(FILE, 'pc1', 'sh', '-c', 'ping -D -i 0.1 -c 100 pc2 > /tmp/log 2>&1 & echo $! > /tmp/pid')
    time.sleep(1)
    pid = wire_pid(w)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: wire_pid(w) not in (None, pid), 15, 'another wire')
    wait_until(lambda: shown(w)['wire'] == 'through', 15, 'through again')
    expect(rtt_ms(w, 3)[0] >= 200, 'no delay after the kill')
    wait_until(lambda: 'packets transmitted' in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 30, 'ping ends')
    stamps = [float(t) for t in re.findall(r'^\[([\d.]+)\] \d+ bytes', w.exec(FILE, 'pc1', 'cat', '/tmp/log'),
                                           re.MULTILINE)]
    gap = max(b - a for a, b in zip(stamps, stamps[1:]))
    print(f'# longest time without an answer: {gap:.2f} s')
    expect(gap < 4, f'{gap:.2f} s without an answer')


@plan.step('the engine killed: the delay stays, with the same wire')
def kill_engine(w):
    pid = wire_pid(w)
    os.kill(w.pid_of(FILE, 'engine'), signal.SIGKILL)
    wait_until(lambda: w.ctl('exec', FILE, 'pc1', '--', 'true', code=None).returncode == 0, 10,
               'an engine')
    expect(rtt_ms(w, 3)[0] >= 200, 'no delay')
    wait_until(lambda: shown(w)['wire'] == 'through', 15, 'through')
    expect_equal(wire_pid(w), pid, 'pid of the wire')
    link(w, 'delay_ms=20')
    low, _ = rtt_ms(w, 3)
    expect(40 <= low < 200, f'{low} ms')
    link(w, '--clear')


@plan.step('leftovers: none, with a wire at the time')
def leftovers(w):
    link(w, 'delay_ms=10')
    w.status(FILE)
    w.ctl('stop', FILE)
    w.expect_clean()


plan.run(world)
