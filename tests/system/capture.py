#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Captures in a real lab: of a cable on which nothing was ever set, of several cables at once, over
# restarts of a machine and of the engine, onto a disk that is full, with a wire that is killed, and
# with a lab that is stopped.

import os
import signal
import subprocess
import time

from harness import FAILED, BUILD, PROBLEMS, Plan, World, expect, expect_equal, skip_all, wait_until
from pcapng import INTERFACE, STATISTICS, blocks, count_frames

plan = Plan()
world = World()
FILE = world.take_lab('one-switch')

if not os.path.exists(os.path.join(BUILD, 'backend/wire/lanloom-wire')):
    skip_all('lanloom-wire was not built: DPDK is missing')


def wait_for_capture(w, path):
    wait_until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, 30, 'a capture')


def finish(process):
    process.send_signal(signal.SIGINT)
    expect_equal(process.wait(60), 0, 'the end of the capture')


def finish_with(process, path, frames):
    """Ends the capture once it holds so many @frames of each interface, and they are all."""
    wait_until(lambda: count_frames(path) == frames, 10, lambda: f'{frames} and not {count_frames(path)}')
    finish(process)
    expect_equal(count_frames(path), frames, 'frames')


def echoes(size):
    """A filter for pings of this size. The answer to one from before may come late, and is none."""
    return f'icmp and len == {14 + 20 + 8 + size}'


def ping(w, count, size=56):
    """So many requests of this size, each of which is answered, maybe when the ping has gone."""
    said = w.exec(FILE, 'pc1', 'ping', '-c', str(count), '-i', '0.2', '-W', '5', '-s', str(size), 'pc2',
                  code=None)
    expect(f'{count} packets transmitted' in said, said)


def know_neighbours(w):
    w.know_neighbours(FILE, ('pc1', '10.0.0.2'), ('pc2', '10.0.0.1'))


@plan.step('start', needed=True)
def start(w):
    w.ctl('start', FILE)
    w.status(FILE)
    know_neighbours(w)


@plan.step('a cable on which nothing was ever set is captured')
def plain(w):
    path = w.path('plain.pcapng')
    process = w.spawn('capture', FILE, path, 'pc1:0', '--filter', echoes(103))
    wait_for_capture(w, path)
    ping(w, 4, 103)
    finish_with(process, path, {0: 8})


@plan.step('several cables in one capture, each an interface')
def several(w):
    path = w.path('several.pcapng')
    process = w.spawn('capture', FILE, path, 'pc1:0', 'pc2:0', '--filter', echoes(104))
    wait_for_capture(w, path)
    ping(w, 3, 104)
    finish_with(process, path, {0: 6, 1: 6})
    expect_equal(sum(kind == INTERFACE for kind, _ in blocks(path)), 2, 'interfaces')


def answers(w):
    return ' 0% packet loss' in w.ping(FILE, 'pc1', 'pc2', 2, wait=5, code=None)


@plan.step('it goes on while a machine restarts, and while the engine is killed')
def restarts(w):
    path = w.path('long.pcapng')
    process = w.spawn('capture', FILE, path, 'pc1:0', '--filter', 'icmp')
    wait_for_capture(w, path)
    ping(w, 2)
    wait_until(lambda: count_frames(path).get(0, 0) >= 4, 10, 'four frames')
    w.ctl('restart', FILE, 'pc1')
    wait_until(lambda: w.ctl('exec', FILE, 'pc1', '--', 'true', code=None).returncode == 0, 120, 'pc1')
    before = count_frames(path)[0]
    wait_until(lambda: answers(w), 10, 'two answers after the restart')
    wait_until(lambda: count_frames(path)[0] >= before + 4, 10, 'frames after the restart')
    expect_equal(process.poll(), None, 'the capture')
    before = count_frames(path)[0]
    os.kill(w.pid_of(FILE, 'engine'), signal.SIGKILL)
    wait_until(lambda: w.ctl('exec', FILE, 'pc1', '--', 'true', code=None).returncode == 0, 20, 'an engine')
    wait_until(lambda: answers(w), 10, 'two answers after the engine')
    wait_until(lambda: count_frames(path)[0] >= before + 4, 10, 'frames after the engine')
    finish(process)
    know_neighbours(w)


def expect_whole(path):
    """It ends by itself, with the counts."""
    wait_until(lambda: [kind for kind, _ in blocks(path)][-1] == STATISTICS, 10, f'the end of {path}')


@plan.step('one who is killed takes the capture along: the file is whole, and does not grow')
def killed_client(w):
    path = w.path('orphan.pcapng')
    process = w.spawn('capture', FILE, path, 'pc1:0', '--filter', echoes(101))
    wait_for_capture(w, path)
    ping(w, 2, 101)
    wait_until(lambda: count_frames(path) == {0: 4}, 10, 'four frames')
    process.kill()
    process.wait()
    expect_whole(path)
    ping(w, 2, 101)
    expect_equal(count_frames(path), {0: 4}, 'frames')


@plan.step('one that is stopped while there is no engine ends')
def no_engine(w):
    path = w.path('alone.pcapng')
    process = w.spawn('capture', FILE, path, 'pc1:0', '--filter', echoes(102), stderr=subprocess.PIPE)
    wait_for_capture(w, path)
    ping(w, 2, 102)
    wait_until(lambda: count_frames(path) == {0: 4}, 10, 'four frames')
    os.kill(w.pid_of(FILE, 'engine'), signal.SIGKILL)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    expect_equal(process.returncode, 0, f'the end of the capture ({said})')
    expect('4 frames, ' in said, said)
    expect_whole(path)
    wait_until(lambda: w.ctl('exec', FILE, 'pc1', '--', 'true', code=None).returncode == 0, 20, 'an engine')
    ping(w, 2, 102)
    expect_equal(count_frames(path), {0: 4}, 'frames')


@plan.step('a limit that is reached ends it well')
def limits(w):
    path = w.path('seconds.pcapng')
    said = w.ctl('capture', FILE, path, 'pc1:0', '--seconds', '2', timeout=30).stderr
    expect('The time that was asked for is over.' in said and ' frames, ' in said, said)
    path = w.path('bytes.pcapng')
    process = w.spawn('capture', FILE, path, 'pc1:0', '--max-bytes', '4000')
    wait_for_capture(w, path)
    ping(w, 40)
    expect_equal(process.wait(60), 0, 'the end of the capture')
    expect(os.path.getsize(path) <= 4000, 'a file above its limit')


@plan.step('a limit that is reached while there is no engine ends it well, too')
def limit_alone(w):
    path = w.path('bytes-alone.pcapng')
    w.exec(FILE, 'pc1', 'sh', '-c', 'ping -i 0.2 pc2 > /dev/null 2>&1 < /dev/null & echo begun')
    process = w.spawn('capture', FILE, path, 'pc1:0', '--filter', 'icmp', '--max-bytes', '4000',
                      stderr=subprocess.PIPE)
    wait_for_capture(w, path)
    init = w.pid_of(FILE, 'init')
    engine = w.pid_of(FILE, 'engine')
    os.kill(init, signal.SIGSTOP)  # starts no other
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: os.path.getsize(path) > 3800, 30, 'as many bytes as it may have', step=0.2)
    time.sleep(1)  # the next frame is too much
    os.kill(init, signal.SIGCONT)
    said = process.communicate(timeout=60)[1].decode()
    expect_equal(process.returncode, 0, f'the end of the capture ({said})')
    expect(f'{count_frames(path)[0]} frames, ' in said, said)
    wait_until(lambda: w.ctl('exec', FILE, 'pc1', '--', 'killall', 'ping', code=None).returncode == 0, 20,
               'an engine')


@plan.step('a place that the lab does not see is refused')
def hidden(w):
    for path in '/run/hidden.pcapng', '/run/nowhere/at/all.pcapng':
        said = w.ctl('capture', FILE, path, 'pc1:0', '--seconds', '1', code=FAILED).stderr
        expect('A lab has a folder /run of its own' in said and path in said, said)


@plan.step('a time that is none is refused, and harms nobody')
def no_time(w):
    path = w.path('never.pcapng')
    other = w.spawn('capture', FILE, w.path('other.pcapng'), 'pc2:0')
    wait_for_capture(w, w.path('other.pcapng'))
    for seconds in 'inf', '-inf', 'nan', '-1', '1e10':
        said = w.ctl('capture', FILE, path, 'pc1:0', f'--seconds={seconds}', code=PROBLEMS,
                     timeout=30).stderr
        expect('A capture takes 0 to 1000000000 seconds.' in said, said)
    expect(not os.path.exists(path), 'a file of a capture that was refused')
    finish(other)


@plan.step('a pipe that nobody reads any more is no limit, however small the one that was asked for')
def reader_gone(w):
    path = w.path('pipe')
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    process = w.spawn('capture', FILE, path, 'pc1:0', '--max-bytes', '60000', stderr=subprocess.PIPE)
    wait_until(lambda: read_some(reader), 30, 'the head of the capture')
    os.close(reader)
    ping(w, 2)
    said = process.communicate(timeout=60)[1].decode()
    expect_equal(process.returncode, FAILED, f'the end of the capture ({said})')
    expect(f'Nobody reads “{path}” any more.' in said, said)


def read_some(fd):
    try:
        return os.read(fd, 4096)
    except BlockingIOError:
        return b''


@plan.step('a disk that is full ends it, and says so')
def full(w):
    said = w.ctl('capture', FILE, '/dev/full', 'pc2:0', code=FAILED, timeout=40).stderr
    expect('no room left for “/dev/full”' in said, said)


@plan.step('a wire that is killed ends it, and says so')
def killed(w):
    path = w.path('killed.pcapng')
    process = w.spawn('capture', FILE, path, 'pc2:0', stderr=subprocess.PIPE)
    wait_for_capture(w, path)
    pid = next(p['pid'] for p in w.status(FILE)['processes'] if p['role'] == 'wire')
    os.kill(pid, signal.SIGKILL)
    said = process.communicate(timeout=60)[1].decode()
    expect_equal(process.returncode, FAILED, f'how the capture ended ({said})')
    expect('The wire ended' in said, said)


@plan.step('one that goes on when the lab is stopped ends with it, and says so once')
def stopped(w):
    path = w.path('stopped.pcapng')
    wait_until(lambda: any(p['role'] == 'wire' for p in w.status(FILE)['processes']), 20, 'the next wire')
    process = w.spawn('capture', FILE, path, 'pc2:0', stderr=subprocess.PIPE)
    wait_for_capture(w, path)
    w.ctl('stop', FILE)
    said = process.communicate(timeout=60)[1].decode()
    expect_equal(process.returncode, FAILED, f'how the capture ended ({said})')
    expect_equal(said.count('The lab has ended, and the capture with it.'), 1, said)


@plan.step('leftovers: none')
def leftovers(w):
    w.ctl('stop', FILE, code=None)
    w.expect_clean()


plan.run(world)
