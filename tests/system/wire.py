#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is set on cables, in a real lab: faults are seen by `ip link`, delays by ping, rates by iperf3;
# frames are held, stepped and dropped; a capture holds what passed; and cables carry frames as they
# come while the wire is dead, and are what was asked for when it is back, or when the engine is.

import json
import os
import re
import signal
import time

import cells
from harness import (BUILD, FAILED, NotYet, Plan, World, expect, expect_all_answered, expect_equal,
                     skip_all, wait_until)
from pcapng import count_frames

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


def look_for(pattern, text):
    found = re.search(pattern, text)
    if found is None:
        raise NotYet(f'no {pattern} in {text!r}')
    return found


def rtt_ms(w, count=5):
    """(lowest, mean) of a ping from pc1 to pc2."""
    text = w.ping(FILE, 'pc1', 'pc2', count, wait=3)
    low, mean = look_for(r'= ([\d.]+)/([\d.]+)/', text).groups()
    return float(low), float(mean)


def wait_for_delay(w, ms, seconds=15):
    """A ping takes that long. A wire that is kept from its turn for seconds is passed by meanwhile."""
    return wait_until(lambda: (rtt := rtt_ms(w, 3))[0] >= ms and rtt, seconds, f'a ping of {ms} ms')


def received(w, *args):
    """How many answers a ping of pc1 gets."""
    text = w.ctl('exec', FILE, 'pc1', '--', 'ping', *args, 'pc2', code=None).stdout
    return int(look_for(r'(\d+) received', text)[1])


def measured(w, what):
    """What the wire has measured in each direction."""
    directions = shown(w)['directions']
    if not all(direction['measured'] for direction in directions):
        raise NotYet('the wire has measured nothing')
    return [direction['measured'][what] for direction in directions]


def wire_pid(w):
    return next((p['pid'] for p in w.status(FILE)['processes'] if p['role'] == 'wire'), None)


@plan.step('start', needed=True)
def start(w):
    w.ctl('start', FILE)
    w.status(FILE)
    w.know_neighbours(FILE, ('pc1', '10.0.0.2'), ('pc2', '10.0.0.1'))
    w.bare_ms = rtt_ms(w)[0]
    expect(wire_pid(w) is None, 'a wire runs that nobody asked for')


@plan.step('unplugged: no carrier on either side; plugged in: as before')
def unplug(w):
    w.ctl('unplug', FILE, 'pc1')
    wait_until(lambda: not has_carrier(w, 'pc1') and not has_carrier(w, 'pc2'), 5, 'no carrier')
    wait_until(lambda: not w.counters(FILE)['pc1:0 pc2:0']['carrier'], 5, 'no carrier as counted')
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
    wait_until(lambda: seen.add(has_carrier(w, 'pc1')) or len(seen) == 2, 15,
               lambda: f'a carrier that is not always {seen}', step=0.1)
    w.ctl('plug', FILE, 'pc1')
    wait_until(lambda: has_carrier(w, 'pc1') and has_carrier(w, 'pc2'), 5, 'carrier')


@plan.step('40 ms of delay each way: ping takes 80 ms more, and the wire says what it did')
def delay(w):
    began = time.monotonic()
    link(w, 'delay_ms=40')
    print(f'# in force after {time.monotonic() - began:.2f} s')

    def is_right():
        low, mean = rtt_ms(w)
        print(f'# rtt {low} ms at least, {mean} on average; {w.bare_ms} without')
        # A guest under emulation can be late, never early.
        expect(low >= 80, f'{low} ms')
        return low - w.bare_ms < 100
    wait_until(is_right, 10, f'80 ms more than {w.bare_ms}, or little more than that')

    def delays():
        w.ping(FILE, 'pc1', 'pc2', 3, wait=3)
        return measured(w, 'delay_ms')
    # A wire that is kept from its turn is late, for a while.
    wait_until(lambda: all(39 <= ms < 60 for ms in delays()), 10, 'delays of 40 ms, as the wire measures')
    expect(wire_pid(w) is not None, 'no wire')


@plan.step('a change of delay under a ping loses nothing')
def change_under_traffic(w):
    w.exec(FILE, 'pc1', 'sh', '-c', 'ping -i 0.05 -c 100 -w 60 pc2 > /tmp/log 2>&1 & echo $! > /tmp/pid')
    for ms in (5, 60, 20, 1, 40, 10):
        link(w, f'delay_ms={ms}')
        time.sleep(0.3)
    wait_until(lambda: 'packets transmitted' in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 60,
               'the ping ends')
    expect_all_answered(w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 100)


@plan.step('one direction alone: half of pc2\'s frames are lost, none of pc1\'s')
def loss(w):
    link(w, '--clear', '--from', 'pc2', 'loss_percent=50', 'seed=7')
    w.exec(FILE, 'pc1', 'sh', '-c', 'ping -i 0.05 -w 60 pc2 > /dev/null 2>&1 & echo $! > /tmp/pid')
    wait_until(lambda: (lost := measured(w, 'loss_percent'))[1] > 10 and lost[0] == 0, 30,
               'loss of what pc2 sends, and of that alone')
    w.exec(FILE, 'pc1', 'sh', '-c', 'kill $(cat /tmp/pid) || true')

    # Binomial: outside of 13 … 47 in fewer than 5 of 1,000,000 runs. Answers that are late do not count.
    def are_enough():
        got = received(w, '-c', '60', '-i', '0.05', '-W', '1')
        print(f'# {got} of 60 answers')
        expect(got <= 47, f'{got} of 60 answers')
        return got >= 13
    wait_until(are_enough, 10, '13 of 60 answers')


@plan.step('4 Mbit/s: iperf3 gets less than that, and most of it')
def rate(w):
    link(w, '--clear', 'rate_mbps=4')
    w.exec(FILE, 'pc2', 'iperf3', '-s', '-D')

    # 1448 of 1538 octets on the cable are goodput (RFC 7323 time stamps): never more, and less only
    # while the computer keeps a guest waiting.
    def is_most():
        text = w.exec(FILE, 'pc1', 'iperf3', '-c', 'pc2', '-t', '5', '-J', timeout=60)
        bps = json.loads(text)['end']['sum_received']['bits_per_second']
        print(f'# goodput {bps / 1e6:.2f} Mbit/s')
        expect(bps < 4e6, f'{bps / 1e6:.2f} Mbit/s')
        return bps > 2.5e6
    wait_until(is_most, 15, 'most of it')
    w.exec(FILE, 'pc2', 'killall', 'iperf3')


@plan.step('cleared: the wire lets go, and ends when nobody needs it')
def clear(w):
    link(w, '--clear')
    wait_until(lambda: shown(w)['wire'] == '', 20, 'the cable is direct')
    wait_until(lambda: rtt_ms(w)[0] < 40, 10, 'a ping of less than 40 ms')
    wait_until(lambda: wire_pid(w) is None, 20, 'the wire ends')


@plan.step('held without a wire running: one is started, and has the cable')
def hold_cold(w):
    expect(wire_pid(w) is None, 'a wire runs')
    w.ctl('hold', FILE, *CABLE, '--from', 'pc1', '--filter', 'icmp')
    wait_until(lambda: shown(w)['wire'] == 'through', 10, 'the cable to go by the wire')
    expect_equal(received(w, '-c', '1', '-W', '1'), 0, 'answers to what waits')
    w.ctl('drop', FILE, *CABLE)
    w.ctl('release', FILE, *CABLE)
    wait_until(lambda: received(w, '-c', '1', '-W', '3') == 1, 10, 'an answer')


@plan.step('the wire killed under a ping: direct within 2 s, then as asked again')
def kill_wire(w):
    link(w, 'delay_ms=100')
    wait_for_delay(w, 200)
    with cells.Lateness() as lateness:
        w.exec(FILE, 'pc1', 'sh', '-c', 'ping -D -i 0.1 -c 100 pc2 > /tmp/log 2>&1 & echo $! > /tmp/pid')
        time.sleep(1)
        pid = wire_pid(w)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: wire_pid(w) not in (None, pid), 15, 'another wire')
        wait_until(lambda: shown(w)['wire'] == 'through', 15, 'through again')
        wait_for_delay(w, 200)
        wait_until(lambda: 'packets transmitted' in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 30, 'ping ends')
    stamps = [float(t) for t in re.findall(r'^\[([\d.]+)\] \d+ bytes', w.exec(FILE, 'pc1', 'cat', '/tmp/log'),
                                           re.MULTILINE)]
    gap = max(b - a for a, b in zip(stamps, stamps[1:]))
    print(f'# longest time without an answer: {gap:.2f} s; a sleeper woke {lateness.worst_s:.2f} s late')
    expect(gap < cells.BUSY * (2 + lateness.worst_s), f'{gap:.2f} s without an answer')


@plan.step('the engine killed: the delay stays, with the same wire')
def kill_engine(w):
    pid = wire_pid(w)
    os.kill(w.pid_of(FILE, 'engine'), signal.SIGKILL)
    wait_until(lambda: w.ctl('exec', FILE, 'pc1', '--', 'true', code=None).returncode == 0, 10,
               'an engine')
    wait_for_delay(w, 200)
    wait_until(lambda: shown(w)['wire'] == 'through', 15, 'through')
    expect_equal(wire_pid(w), pid, 'pid of the wire')
    link(w, 'delay_ms=20')
    # A busy host makes it longer, once in a while.
    wait_until(lambda: 40 <= rtt_ms(w, 3)[0] < 200, 30, 'the new delay')
    link(w, '--clear')


def held(w):
    return json.loads(w.ctl('held', '--json', FILE, *CABLE).stdout)


@plan.step('a wire that hangs: said, its cable is direct; Repair lets it go on, as asked')
def hang(w):
    link(w, 'delay_ms=100')
    wait_for_delay(w, 200)
    pid = wire_pid(w)
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    sentence = wait_until(lambda: w.status(FILE)['hangs'].get(':wire'), 15, 'it is said', step=0.3)
    print(f'# said after {time.monotonic() - began:.1f} s: {sentence}')
    wait_until(lambda: rtt_ms(w, 2)[0] < 100, 15, 'frames as they come', step=0.3)
    wait_until(lambda: shown(w)['wire'] == 'direct', 10, 'the cable is said to be direct')
    w.ctl('start', FILE)
    wait_until(lambda: not w.status(FILE)['hangs'], 10, 'it passes', step=0.3)
    wait_until(lambda: shown(w)['wire'] == 'through', 15, 'through again')
    wait_for_delay(w, 200)
    expect_equal(wire_pid(w), pid, 'process of the wire')
    link(w, '--clear')


@plan.step('held: an echo request waits, is let pass, the next is dropped')
def hold(w):
    w.ctl('hold', FILE, *CABLE, '--from', 'pc1', '--filter', 'icmp')
    w.exec(FILE, 'pc1', 'sh', '-c', 'ping -c 1 -W 60 pc2 > /tmp/log 2>&1 & echo $! > /tmp/pid')
    frames = wait_until(lambda: held(w), 10, 'a frame waits')
    expect_equal([f['class'] for f in frames], ['icmp'], 'what waits')
    expect('echo request' in frames[0]['text'], frames[0]['text'])
    w.ctl('step', FILE, *CABLE)
    wait_until(lambda: '1 received' in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 10, 'an answer')
    w.exec(FILE, 'pc1', 'sh', '-c', 'ping -c 1 -W 2 pc2 > /tmp/log 2>&1 & echo $! > /tmp/pid')
    wait_until(lambda: held(w), 10, 'a frame waits')
    w.ctl('drop', FILE, *CABLE)
    wait_until(lambda: '0 received' in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 10, 'no answer')
    w.ctl('hold', FILE, *CABLE, '--filter', 'tcp port (', code=FAILED)
    w.ctl('release', FILE, *CABLE)
    w.ping_all(FILE, 'pc1', 'pc2', 2)


@plan.step('captured: what tcpdump in the guest sees is in the file')
def capture(w):
    path = w.path('out.pcapng')
    process = w.spawn('capture', FILE, path, 'pc1:0', '--filter', 'icmp')
    wait_until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, 30, 'a capture')
    wait_until(lambda: shown(w)['wire'] == 'through', 20, 'the cable to go by the wire')
    link(w, '--clear')  # nothing to clear, and no reason to wait for the end of the capture
    w.exec(FILE, 'pc1', 'sh', '-c', 'tcpdump -Uni eth0 -w /tmp/own.pcap icmp 2> /tmp/log & echo $! > /tmp/pid')
    wait_until(lambda: 'listening on' in w.exec(FILE, 'pc1', 'cat', '/tmp/log'), 20, 'tcpdump listens')
    w.exec(FILE, 'pc1', 'ping', '-c', '20', '-i', '0.05', 'pc2', code=None)

    def seen():
        own = w.exec(FILE, 'pc1', 'sh', '-c', 'tcpdump -nr /tmp/own.pcap 2> /dev/null | wc -l')
        return int(own), count_frames(path).get(0)
    wait_until(lambda: seen() == (40, 40), 10, lambda: f'40 frames each and not {seen()}')
    w.exec(FILE, 'pc1', 'sh', '-c', 'pid=$(cat /tmp/pid); kill -INT $pid; while kill -0 $pid; do sleep 0.1; done')
    process.send_signal(signal.SIGINT)
    expect_equal(process.wait(60), 0, 'the end of the capture')
    expect_equal(seen(), (40, 40), 'frames in the files')


@plan.step('leftovers: none, with a wire and a hold at the time')
def leftovers(w):
    link(w, 'delay_ms=10')
    w.ctl('hold', FILE, *CABLE)
    w.status(FILE)
    w.ctl('stop', FILE)
    w.expect_clean()


plan.run(world)
