#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A day of use in an hour: two labs side by side.
#
# - the steady one runs all the time, with a window attached to it, and is edited, paused, pinged,
#   asked and flooded without a rest; its cable is impaired, now so, now so, held and captured. What
#   its processes take in memory and descriptors, and what its folder takes on the disk, has to be
#   flat in the end.
# - the other one is started, edited, has a part killed, is repaired and stopped, over and over.
#   Nothing of it may be left after any stop.
#
# Not part of `make check`; see HACKING.md.
#
# usage: soak.py [--minutes N] [--build FOLDER] [--no-window] [--seed N] [--rest SECONDS]

import argparse
import json
import os
import random
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument('--minutes', type=float, default=60)
    parser.add_argument('--build', default=os.path.join(SOURCE, 'build'))
    parser.add_argument('--no-window', action='store_true')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--rest', type=float, default=0,
                        help='after each round and each life, for others on this computer')
    return parser.parse_args()


options = parse()
os.environ.setdefault('LANLOOM_BUILD', os.path.abspath(options.build))
os.environ.setdefault('LANLOOM_SOURCE', SOURCE)
sys.path[:0] = [os.path.join(SOURCE, 'tests/system'), os.path.join(SOURCE, 'tests/widget')]

import cells  # noqa: E402
import desktop  # noqa: E402
from harness import expect, wait_until  # noqa: E402

# How much more than at first a part may take in the end.
SLACK_RATIO = 1.10
SLACK_MIB = 3
SLACK_FDS = 3
MAX_TROUBLES = 10
WARM_UP = 0.2  # of the time: caches fill, histories reach their bounds
GUESTS = ('qemu',)  # a guest's memory is its own affair: shown, not judged


# --- what is measured ------------------------------------------------------------------------

def memory_mib(pid):
    """The part of PSS that is no file: what of a library falls to a process changes with every other
    process that has it open."""
    with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
        return sum(int(line.split()[1]) for line in file
                   if line.startswith(('Pss_Anon:', 'Pss_Shmem:'))) / 1024


def n_fds(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def folder_size(path):
    files = [os.path.join(root, name) for root, _, names in os.walk(path) for name in names]
    blocks = sum(os.lstat(name).st_blocks for name in files if os.path.lexists(name))
    return len(files), blocks * 512 / (1 << 20)


def measure(lab, window):
    sample = {}
    pids = dict(lab.processes())
    if window is not None:
        pids[('window', None)] = window
    for (role, node), pid in pids.items():
        name = f'{role} {node}' if node else role
        sample[name, 'MiB'] = memory_mib(pid)
        sample[name, 'fds'] = n_fds(pid)
    n_files, mib = folder_size(lab.status(lab.file)['runtime'])
    sample['runtime folder', 'MiB'] = mib
    sample['runtime folder', 'files'] = n_files
    return sample


def middle(values):
    return sorted(values)[len(values) // 2]


def is_flat(name, unit, first, last):
    if name.split()[0] in GUESTS:
        return True
    slack = {'MiB': SLACK_MIB, 'fds': SLACK_FDS, 'files': SLACK_FDS}[unit]
    return last <= first * SLACK_RATIO + slack


def print_table(samples):
    """Whether all is flat: medians of the first and of the last fifth after the warm-up."""
    samples = samples[int(len(samples) * WARM_UP):]
    n = max(1, len(samples) // 5)
    flat = True
    print(f'\n{"what":18} {"unit":6} {"at first":>9} {"in the end":>10}')
    for name, unit in sorted(set().union(*samples)):
        # A wire comes and goes.
        first, last = ([s[name, unit] for s in part if (name, unit) in s]
                       for part in (samples[:n], samples[-n:]))
        if not first or not last:
            continue
        first, last = middle(first), middle(last)
        good = is_flat(name, unit, first, last)
        flat = flat and good
        print(f'{name:18} {unit:6} {first:9.1f} {last:10.1f}  {"" if good else "NOT FLAT"}')
    return flat


# --- the steady lab --------------------------------------------------------------------------

# What a ping comes through within a second, in most cases.
IMPAIRMENTS = ({'delay_ms': 1}, {'delay_ms': 30, 'jitter_ms': 10}, {'loss_percent': 5, 'seed': 7},
               {'rate_mbps': 5, 'queue_frames': 50}, {'duplicate_percent': 10, 'reorder_percent': 10},
               {'delay_ms': 5, 'forward': {'rate_mbps': 8}, 'backward': {'loss_percent': 1}})


def plug(lab, n_cards, has_cable, impairment):
    cable = {'ends': ['pc1:0', 'pc2:0'], **impairment}

    def change(document):
        document['nodes'][0]['nics'] = n_cards
        document['links'] = [cable] if has_cable else []
    lab.edit(lab.file, change)
    lab.ctl('apply', lab.file)


def capture(lab):
    """Two pings at least, in a file."""
    path = lab.path('capture.pcapng')
    process = lab.spawn('capture', lab.file, path, 'pc1:0', stdout=-3, stderr=-3)
    wait_until(lambda: os.path.exists(path), 20, 'a capture')
    for _ in range(2):
        wait_until(lab.is_answered, 20, 'a ping that is captured', step=0.3)
    process.send_signal(signal.SIGINT)
    expect(process.wait(20) == 0, f'capture: exit {process.returncode}')
    lab.started.remove(process)
    size = os.path.getsize(path)
    os.unlink(path)
    expect(size > 600, f'{size} octets of four frames')


def hold(lab, dice):
    """An echo request waits, and is let pass or dropped."""
    cable = cells.CABLE
    lab.ctl('hold', lab.file, *cable, '--from', 'pc1', '--filter', 'icmp')
    lab.exec(lab.file, 'pc1', 'ping', '-c', '2', '-i', '0.2', '-W', '1', '10.0.0.2', code=None)
    n_held = len(json.loads(lab.ctl('held', '--json', lab.file, *cable).stdout))
    if n_held > 0:  # it may have been lost before
        lab.ctl(dice.choice(('step', 'drop')), lab.file, *cable)
    lab.ctl('release', lab.file, *cable)


def use(lab, dice):
    """One round: about ten seconds."""
    plug(lab, dice.choice((1, 2, 3)), dice.random() < 0.7, dice.choice(IMPAIRMENTS))
    lab.ctl('counters', '--json', lab.file)
    lab.exec(lab.file, 'pc1', 'sh', '-c',
             f'head -c {dice.randrange(1, 400)}k /dev/urandom | base64 > /dev/ttyS0', code=None)
    lab.exec(lab.file, 'pc2', 'head', '-c', '300k', '/dev/zero')
    console = lab.spawn('console', lab.file, 'pc1', stdout=-3)
    time.sleep(0.2)
    console.kill()
    console.wait()
    lab.started.remove(console)
    lab.ctl('pause', lab.file)
    lab.ctl('resume', lab.file)
    plug(lab, 1, True, dice.choice(IMPAIRMENTS))
    wait_until(lab.is_answered, 20, 'a ping in the steady lab', step=0.3)
    capture(lab)
    hold(lab, dice)


# --- the lab that is killed ------------------------------------------------------------------

def churn(lab, dice):
    """One life: about fifteen seconds. Returns what was killed."""
    lab.ctl('start', '--no-wait', lab.file)
    if dice.random() < 0.7:
        wait_until(lab.is_whole, 60, 'both machines', step=0.3)
    part = dice.choice(('engine', 'ovs-vswitchd', 'ovsdb-server', 'wire', 'qemu', 'init', 'keeper', 'none'))
    pid = lab.processes().get(cells.key_of(part))
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    if part not in ('init', 'keeper'):
        time.sleep(dice.random() * 2)
        lab.ctl('start', lab.file, code=None)
        lab.ctl('stop', lab.file)
    lab.expect_clean(20)
    return part


def churn_until(end, results):
    lab = cells.Lab(cells.DELAY_MS)
    dice = random.Random(options.seed + 1)
    try:
        while time.monotonic() < end:
            try:
                results.append((churn(lab, dice), None))
                time.sleep(options.rest)
            except Exception as error:  # told in the end
                results.append(('?', str(error)))
                lab.print_logs()
                lab.ctl('stop', lab.file, code=None)
                time.sleep(2)
    finally:
        lab.close(False)


# --- all of it -------------------------------------------------------------------------------

def run():
    lab = cells.Lab()
    dice = random.Random(options.seed)
    end = time.monotonic() + options.minutes * 60
    lives, samples, troubles = [], [], []
    lab.ctl('start', lab.file)
    wires = set()
    hands = None
    if not options.no_window:
        hands = desktop.Hands(lab)
        hands.open(lab.file)
    other = threading.Thread(target=churn_until, args=(end, lives))
    other.start()
    while time.monotonic() < end:
        try:
            use(lab, dice)
            samples.append(measure(lab, hands.process.pid if hands else None))
            wires.add(lab.processes().get(('wire', None)))
            time.sleep(options.rest)
        except Exception as error:  # told in the end
            troubles.append(str(error))
            print(f'# {error}', flush=True)
            if len(troubles) > MAX_TROUBLES:
                break
        if len(samples) % 20 == 0:
            print(f'# {len(samples)} rounds, {len(lives)} lives', flush=True)
    other.join()
    flat = print_table(samples)
    if hands is not None:
        hands.process.terminate()
        hands.process.wait()
    lab.ctl('stop', lab.file)
    lab.expect_clean(5)
    bad = [error for _, error in lives if error]
    killed = [part for part, error in lives if not error]
    print(f'\n{len(samples)} rounds of the steady lab, {len(troubles)} with trouble, {len(wires)} wires')
    print(f'{len(lives)} lives of the other, {len(bad)} with trouble or leftovers; killed: '
          + json.dumps({part: killed.count(part) for part in sorted(set(killed))}))
    for error in bad[:5] + troubles[:5]:
        print('  ' + error.replace('\n', '\n  '))
    lab.close(False)
    expect(samples, 'nothing was measured')
    return 0 if flat and not bad and not troubles else 1


def main():
    if options.no_window or desktop.is_inner():
        return run()
    return desktop.run_outer(None)


if __name__ == '__main__':
    sys.exit(main())
