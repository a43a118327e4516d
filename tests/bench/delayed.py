#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# TCP between two machines of a real lab, over a cable as it is and over one with 1 ms of delay each
# way, beside what theory allows: a window of W octets carries at most W / RTT, and no delay makes a
# cable faster. In turns, with the window that Linux finds by itself and with one of 64 KiB.
#
#   delayed.py [--build FOLDER] [--rounds N] [--seconds N]

import argparse
import json
import os
import statistics
import time

import measure
import ours

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LAB = os.path.join(ROOT, 'data', 'labs', 'two-machines.lanloom')
CABLE = ('pc1:0', 'pc2:0')
DELAY_MS = 1
WINDOWS = {'window by itself': [], 'window of 64 KiB': ['-w', '64K']}
PATIENCE_S = 20


def set_delay(lab, delay_ms):
    """Returns when it is so; without delay there is no wire in the way."""
    lab.call('link', *CABLE, f'delay_ms={delay_ms}' if delay_ms else '--clear')
    wanted = 'through' if delay_ms else ''
    end = time.monotonic() + PATIENCE_S
    while json.loads(lab.call('link', *CABLE, '--json'))['wire'] != wanted:
        if time.monotonic() > end:
            raise RuntimeError('the cable never became what was asked')
        time.sleep(0.2)


def transfer(lab, seconds, options):
    """Goodput in bit/s, mean round trip in s, mean window in octets, all as the sender saw them."""
    # A server of its own: one that has just served may still be busy.
    lab.run(measure.SERVER, ['sh', '-c', 'killall iperf3; iperf3 -s -D -1'])
    time.sleep(0.5)
    end, intervals = measure.iperf_report(lab.run, seconds, *options)
    samples = [part['streams'][0] for part in intervals]
    return {'bps': end['sum_received']['bits_per_second'],
            'rtt_s': statistics.mean(sample['rtt'] for sample in samples) / 1e6,
            'window': statistics.mean(sample['snd_cwnd'] for sample in samples)}


def compare(lab, rounds, seconds):
    """By the name of a window: two lists, without and with delay, of what transfer () returns."""
    found = {name: ([], []) for name in WINDOWS}
    for _ in range(rounds):
        for i, delay_ms in enumerate((0, DELAY_MS)):
            set_delay(lab, delay_ms)
            for name, options in WINDOWS.items():
                found[name][i].append(transfer(lab, seconds, options))
    return found


def lines(found):
    """What was found, as (what, text)."""
    for name, (bare, delayed) in found.items():
        def middle(runs, key):
            return statistics.median(run[key] for run in runs)
        limit = 8 * middle(delayed, 'window') / middle(delayed, 'rtt_s')
        theory = min(middle(bare, 'bps'), limit)
        for what, runs in (('no delay', bare), (f'{DELAY_MS} ms each way', delayed)):
            yield (f'TCP, {name}, {what}',
                   f'{middle(runs, "bps") / 1e6:.0f} Mbit/s, RTT {1000 * middle(runs, "rtt_s"):.2f} ms, '
                   f'window {middle(runs, "window") / 1024:.0f} KiB')
        yield (f'TCP, {name}, ratio',
               f'{middle(delayed, "bps") / middle(bare, "bps"):.2f} of no delay; theory allows '
               f'{theory / middle(bare, "bps"):.2f}, of which {middle(delayed, "bps") / theory:.2f}')


def main():
    parser = argparse.ArgumentParser(description='TCP over a cable with delay, beside theory.')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build'))
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=int, default=4)
    options = parser.parse_args()
    with ours.Lab(os.path.abspath(options.build), source=LAB) as lab:
        for what, text in lines(compare(lab, options.rounds, options.seconds)):
            print(f'{what}: {text}')


if __name__ == '__main__':
    main()
