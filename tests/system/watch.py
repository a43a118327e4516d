#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Watching a cable of a real lab: every frame of a ping is told of, with its direction and what became of
# it; what a client asks for wrongly is refused; a client that goes, in whatever way, gives the cable
# back; an engine that is killed is not needed for the samples to go on.

import json
import os
import select
import signal
import struct
import time

import dbus
from harness import BUILD, Plan, World, answered, expect, expect_equal, skip_all, wait_until

plan = Plan()
world = World()
FILE = world.take_lab('two-machines')
CABLE = ('pc1:0', 'pc2:0')
LINK = ' '.join(CABLE)
RECORD = struct.Struct('<QqqIIIBBBB84sI')  # backend/proto/frame-sample.h
PASSES, LOST = 0, 1

if not os.path.exists(os.path.join(BUILD, 'backend/wire/lanloom-wire')):
    skip_all('lanloom-wire was not built: DPDK is missing')


class Sample:
    def __init__(self, record):
        (self.cable, self.arrived_ns, self.due_ns, self.n_frames, self.n_missed, self.length, self.direction,
         self.fate, self.marks, size, head, _) = RECORD.unpack(record)
        self.head = head[:size]

    def is_icmp(self):
        return self.head[12:14] == b'\x08\x00' and self.head[23] == 1


def read_all(fd, seconds):
    """The samples that come until none does for so long."""
    data = b''
    while select.select([fd], [], [], seconds)[0]:
        more = os.read(fd, 65536)
        if not more:
            break
        data += more
    expect_equal(len(data) % RECORD.size, 0, 'octets behind whole records')
    return [Sample(data[at:at + RECORD.size]) for at in range(0, len(data), RECORD.size)]


def read_until(w, is_all):
    """The samples of ICMP frames, when they are all: a wire that is late tells of them late."""
    samples = []

    def read():
        samples.extend(s for s in read_all(w.fd, 0.3) if s.is_icmp())
        return is_all(samples)
    wait_until(read, 10, lambda: f'{len(samples)} ICMP frames, which are not all')
    return samples


def of_kind(samples, kind):
    return [s for s in samples if s.head[34] == kind]


def connect(w):
    return dbus.Engine(w.status(FILE)['runtime'])


def way(w):
    return json.loads(w.ctl('link', FILE, *CABLE, '--json').stdout)['wire']


def ping(w, count):
    return w.ctl('exec', FILE, 'pc1', '--', 'ping', '-c', str(count), '-i', '0.1', '-W', '2', '10.0.0.2',
                 code=None).stdout


def hears_all(w):
    read_all(w.fd, 0.3)
    ping(w, 5)
    return len([s for s in read_all(w.fd, 1) if s.is_icmp()]) == 10


@plan.step('start', needed=True)
def start(w):
    w.ctl('start', FILE)
    w.status(FILE)
    w.know_neighbours(FILE, ('pc1', '10.0.0.2'), ('pc2', '10.0.0.1'))


@plan.step('every frame of a ping is told of, in the direction that it went', needed=True)
def watch(w):
    w.engine = connect(w)
    w.fd, cables = w.engine.watch([LINK, 'pc8:0 pc9:0'], 200)
    expect_equal(cables[1][0], 0, 'the number of a cable that there is not')
    wait_until(lambda: way(w) == 'through', 20, 'the cable to go by the wire')
    read_all(w.fd, 0.5)
    began_ns = time.monotonic_ns()
    ping(w, 20)
    samples = read_until(w, lambda samples: len(samples) >= 40)
    number, swapped = cables[0]
    expect_equal({s.cable for s in samples}, {number}, 'cables')
    for forward, kind in ((True, 8), (False, 0)):
        expect_equal([s.direction for s in of_kind(samples, kind)], [swapped == forward] * 20,
                     f'directions of ICMP type {kind}')
    # A request comes before its answer: their numbers are in octets 40 and 41.
    seen = set()
    for s in samples:
        expect(s.head[34] == 8 or s.head[40:42] in seen, 'an answer before its request')
        seen.add(s.head[40:42])
    expect_equal({s.fate for s in samples}, {PASSES}, 'fates')
    expect_equal({s.n_missed for s in samples}, {0}, 'missed')
    expect_equal({s.length for s in samples}, {98}, 'length of an echo')
    expect(all(began_ns < s.arrived_ns <= s.due_ns < time.monotonic_ns() for s in samples), 'times')


@plan.step('half of the frames are lost, and told to be')
def lose(w):
    w.ctl('link', FILE, *CABLE, 'loss_percent=50', 'delay_ms=30')
    read_all(w.fd, 0.5)
    text = ping(w, 40)
    samples = read_until(w, lambda samples: len(of_kind(samples, 8)) >= 40 and len(of_kind(samples, 0))
                         >= sum(s.fate == PASSES for s in of_kind(samples, 8)))
    w.ctl('link', FILE, *CABLE, '--clear')
    lost = [s for s in samples if s.fate == LOST]
    print(f'# {len(samples)} frames, {len(lost)} lost, {len(answered(text))} answers')
    # 40 requests, and an answer to those that passed; an answer arrived if it was not lost either.
    requests, replies = of_kind(samples, 8), of_kind(samples, 0)
    expect_equal(len(requests), 40, 'requests')
    expect_equal(len(replies), sum(s.fate == PASSES for s in requests), 'replies')
    # The last may come when the ping has gone.
    passed = {int.from_bytes(s.head[40:42], 'big') for s in replies if s.fate == PASSES}
    last = max(answered(text))
    expect_equal(answered(text), {number for number in passed if number <= last}, 'answers')
    expect(8 <= sum(s.fate == LOST for s in requests) <= 32, 'how many are lost of 40')
    expect({s.due_ns for s in lost} == {0}, 'a lost frame leaves')
    expect_equal({s.due_ns - s.arrived_ns for s in samples if s.fate == PASSES}, {30000000}, 'delays')


@plan.step('what makes no sense is refused')
def refuse(w):
    for links, per_second in (([], 10), ([LINK], 0), ([LINK], 1001), (['a b'], 10), ([LINK] * 257, 10)):
        try:
            w.engine.watch(links, per_second)
        except dbus.Error as error:
            print(f'# {error}')
        else:
            expect(False, f'{len(links)} links, {per_second} a second were taken')


@plan.step('samples go on without the engine, and its successor knows of them')
def kill_engine(w):
    os.kill(w.pid_of(FILE, 'engine'), signal.SIGKILL)
    wait_until(lambda: w.ctl('exec', FILE, 'pc1', '--', 'true', code=None).returncode == 0, 10,
               'another engine')
    # On a busy host the wire may be late with its answer, and the cable be direct for a moment.
    wait_until(lambda: hears_all(w), 20, 'every frame of a ping to be told of')
    time.sleep(2)
    wait_until(lambda: way(w) == 'through', 10, 'the cable to go by the wire')


@plan.step('the wire killed: the pipe ends, and another can be had')
def kill_wire(w):
    w.engine.close()
    w.engine = connect(w)
    pid = next(p['pid'] for p in w.status(FILE)['processes'] if p['role'] == 'wire')
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: select.select([w.fd], [], [], 0)[0] and os.read(w.fd, 65536) == b'', 10,
               'the end of the pipe')
    os.close(w.fd)
    w.fd, _ = w.engine.watch([LINK], 200)
    wait_until(lambda: way(w) == 'through', 20, 'the cable to go by the new wire')
    wait_until(lambda: hears_all(w), 20, 'every frame of a ping to be told of')


@plan.step('a client that goes gives the cable back')
def go(w):
    w.engine.close()
    os.close(w.fd)
    wait_until(lambda: way(w) == '', 20, 'the cable to be direct', step=0.3)
    runtime = w.status(FILE)['runtime']
    wait_until(lambda: not [name for name in os.listdir(runtime) if 'watch' in name], 5, 'no pipe is left')


@plan.step('leftovers: none, with a watch at the time')
def leftovers(w):
    engine = connect(w)
    fd, _ = engine.watch([LINK], 30)
    w.ctl('stop', FILE)
    w.expect_clean()
    os.close(fd)


plan.run(world)
