#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# TCP between two machines of a real lab: over the direct cable, through the wire without an effect (a
# delay of 1 µs), and with 1 ms of delay each way, beside what theory allows: a window of W octets
# carries at most W / RTT, and no delay makes a cable faster. In turns, with the window that Linux
# finds by itself and with one of 64 KiB.
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
# What is asked of the cable; nothing: there is no wire in the way.
CABLES = {'direct': 0, 'through the wire': 0.001, '1 ms each way': 1}
WINDOWS = {'window by itself': [], 'window of 64 KiB': ['-w', '64K']}
PATIENCE_S = 20


def set_delay(lab, delay_ms):
    """Returns when it is so."""
    lab.call('link', *CABLE, f'delay_ms={delay_ms}' if delay_ms else '--clear')
    wanted = 'through' if delay_ms else ''
    end = time.monotonic() + PATIENCE_S
    while json.loads(lab.call('link', *CABLE, '--json'))['wire'] != wanted:
        if time.monotonic() > end:
            raise RuntimeError('the cable never became what was asked')
        time.sleep(0.2)


def transfer(lab, seconds, options):
    """Goodput in bit/s, and as the sender saw them the round trip in s and the window in octets, which
    is the smaller of its own and the receiver's."""
    # A server of its own: one that has just served may still be busy.
    lab.run(measure.SERVER, ['sh', '-c', 'killall iperf3; iperf3 -s -D -1'])
    time.sleep(0.5)
    end, intervals = measure.iperf_report(lab.run, seconds, *options)
    samples = [part['streams'][0] for part in intervals]
    return {'bps': end['sum_received']['bits_per_second'],
            'rtt_s': statistics.median(sample['rtt'] for sample in samples) / 1e6,
            'window': statistics.median(min(sample['snd_cwnd'], sample.get('snd_wnd') or sample['snd_cwnd'])
                                        for sample in samples)}


def compare(lab, rounds, seconds):
    """By window and cable: a list of what transfer () returns."""
    found = {(window, cable): [] for window in WINDOWS for cable in CABLES}
    for _ in range(rounds):
        for cable, delay_ms in CABLES.items():
            set_delay(lab, delay_ms)
            for window, options in WINDOWS.items():
                found[window, cable].append(transfer(lab, seconds, options))
    return found


def lines(found):
    """What was found, as (what, text)."""
    for window in WINDOWS:
        rates = {}
        for cable in CABLES:
            runs = found[window, cable]
            bps, rtt_s, octets = (statistics.median(run[key] for run in runs)
                                  for key in ('bps', 'rtt_s', 'window'))
            rates[cable] = bps
            yield (f'TCP, {window}, {cable}',
                   f'{bps / 1e6:.0f} Mbit/s, RTT {1000 * rtt_s:.2f} ms, window {octets / 1024:.0f} KiB')
        bare, delayed = rates['through the wire'], rates['1 ms each way']
        theory = min(bare, 8 * octets / rtt_s)
        yield (f'TCP, {window}, delay against none',
               f'{delayed / bare:.2f}; theory, the window over the round trip, allows {theory / bare:.2f}')


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
