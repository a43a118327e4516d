# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured between two guests, whoever runs them.

`run (node, argv)` runs a command in a guest and returns (exit status, standard output)."""

import json
import re

SERVER, CLIENT, ADDRESS = 'pc2', 'pc1', '10.0.0.2'


def start_server(run):
    run(SERVER, ['iperf3', '-s', '-D'])


def iperf_report(run, seconds, *options):
    """What iperf3 says at its end, and of each second."""
    status, output = run(CLIENT, ['iperf3', '-c', ADDRESS, '-t', str(seconds), '-J', *options])
    report = json.loads(output)
    if status != 0 or 'error' in report:
        raise RuntimeError(f'iperf3: {report.get("error", status)}')
    return report['end'], report['intervals']


def iperf(run, seconds, *options):
    return iperf_report(run, seconds, *options)[0]


def tcp_bps(run, seconds):
    """Goodput: payload that arrived."""
    return iperf(run, seconds)['sum_received']['bits_per_second']


def small_fps(run, seconds):
    """64-byte frames that arrived: 18 bytes in UDP, IPv4 and Ethernet, with the frame check."""
    end = iperf(run, seconds, '-u', '-b', '0', '-l', '18')['sum']
    return (end['packets'] - end['lost_packets']) / end['seconds']


def rtt_ms(run, count):
    _, output = run(CLIENT, ['ping', '-q', '-i', '0.05', '-c', str(count), ADDRESS])
    return float(re.search(r'= [\d.]+/([\d.]+)/', output).group(1))


def everything(run, seconds):
    start_server(run)
    return {'tcp': tcp_bps(run, seconds), 'small': small_fps(run, seconds), 'rtt': rtt_ms(run, 40)}
