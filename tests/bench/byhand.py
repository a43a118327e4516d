#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The same guests without Lanloom: QEMU's command lines as a running lab had them, with other network
# back ends, in namespaces of their own. Started by bench.py as
#
#   unshare --user --map-root-user --net --mount --ipc --pid --fork --kill-child --mount-proc \
#     python3 byhand.py KIND FOLDER SECONDS < JSON {"pc1": [argv…], …}
#
# KIND: ovs, unix-stream, unix-dgram, udp, tap. Prints one JSON object: seconds until all guests were
# ready, and what measure.py found between pc1 and pc2 (when SECONDS is not 0). The end of the
# namespaces ends all of it.

import glob
import json
import os
import re
import subprocess
import sys
import time

import measure
from agent import Agent

SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
DPDK_SWITCHES = ['/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk', '/usr/sbin/ovs-vswitchd']


def call(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def huge_pages():
    with open('/proc/meminfo', encoding='ascii') as file:
        return int(re.search(r'HugePages_Free:\s+(\d+)', file.read()).group(1)) > 0


class Switch:
    """Open vSwitch with DPDK, as its manual says: busy polling, one bridge."""

    def __init__(self, folder, count):
        self.folder = folder
        self.count = count
        os.environ.update(OVS_RUNDIR=folder, OVS_LOGDIR=folder, OVS_DBDIR=folder, OVS_SYSCONFDIR=folder)
        call('ovsdb-tool', 'create', f'{folder}/conf.db', SCHEMA)
        call('ovsdb-server', f'{folder}/conf.db', f'--remote=punix:{folder}/db.sock', '--pidfile',
             '--detach', f'--log-file={folder}/ovsdb.log')
        memory = 256 + 96 * count
        extra = '--no-pci --no-telemetry --iova-mode=va'
        if not huge_pages():
            extra += f' --no-huge --legacy-mem -m {memory}'
        self.control('--no-wait', 'init')
        self.control('--no-wait', 'set', 'Open_vSwitch', '.', 'other_config:dpdk-init=true',
                     'other_config:per-port-memory=true', 'other_config:userspace-tso-enable=true',
                     f'other_config:dpdk-extra="{extra}"')
        program = next(p for p in DPDK_SWITCHES if os.path.exists(p))
        call(program, f'unix:{folder}/db.sock', '--pidfile', '--detach', f'--log-file={folder}/ovs.log')

    def control(self, *argv):
        call('ovs-vsctl', f'--db=unix:{self.folder}/db.sock', *argv)

    def plug(self, paths):
        argv = ['add-br', 'br0', '--', 'set', 'Bridge', 'br0', 'datapath_type=netdev',
                'fail-mode=secure' if len(paths) == 2 else 'fail-mode=standalone']
        for i, path in enumerate(paths):
            argv += ['--', 'add-port', 'br0', f'p{i}', '--', 'set', 'Interface', f'p{i}',
                     'type=dpdkvhostuserclient', f'options:vhost-server-path={path}',
                     f'ofport_request={i + 1}']
        self.control(*argv)
        if len(paths) == 2:
            for one, other in ((1, 2), (2, 1)):
                call('ovs-ofctl', '-O', 'OpenFlow13', 'add-flow', f'unix:{self.folder}/br0.mgmt',
                     f'in_port={one},actions=output:{other}')


def netdev(kind, folder, name, index):
    """The value of -netdev that replaces vhost-user, for the two ends 0 and 1 of one cable."""
    other = 1 - index
    if kind == 'unix-stream':
        server = 'on' if index == 0 else 'off'
        return f'stream,id={name},server={server},addr.type=unix,addr.path={folder}/cable'
    if kind == 'unix-dgram':
        return (f'dgram,id={name},local.type=unix,local.path={folder}/end{index},'
                f'remote.type=unix,remote.path={folder}/end{other}')
    if kind == 'udp':
        return (f'dgram,id={name},local.type=inet,local.host=127.0.0.1,local.port={5000 + index},'
                f'remote.type=inet,remote.host=127.0.0.1,remote.port={5000 + other}')
    return f'tap,id={name},ifname=tap{index},script=no,downscript=no'


def moved(argv, folder):
    """The command line with the lab's runtime folder replaced by ours, and not waiting for us."""
    text = '\0'.join(argv)
    old = re.search(r'([^\0,=:"]*)/[^/\0,"]+\.agent\b', text).group(1)
    return [a for a in text.replace(old, folder).split('\0') if a != '-S'], old


def without_vhost(argv, kind, folder, index):
    """The same, with the vhost-user card's back end replaced, and the card as it was."""
    result, skip = [], False
    chardevs = set(re.findall(r'vhost-user,[^\0]*chardev=([^,\0]+)', '\0'.join(argv)))
    for i, argument in enumerate(argv):
        if skip:
            skip = False
            continue
        value = argv[i + 1] if i + 1 < len(argv) else ''
        if argument == '-netdev' and 'vhost-user' in value:
            name = re.search(r'\bid=([^,]+)', value).group(1)
            result += ['-netdev', netdev(kind, folder, name, index)]
            skip = True
        elif argument == '-chardev' and re.search(r'\bid=([^,]+)', value).group(1) in chardevs:
            skip = True
        else:
            result.append(argument)
    return result


def vhost_paths(argv):
    chardevs = re.findall(r'vhost-user,[^\0]*chardev=([^,\0]+)', '\0'.join(argv))
    paths = []
    for value in argv:
        for chardev in chardevs:
            if re.search(rf'\bid={re.escape(chardev)}(,|$)', value) and 'path=' in value:
                paths.append(re.search(r'\bpath=([^,]+)', value).group(1))
    return paths


def prepare_network(kind, count):
    call('ip', 'link', 'set', 'lo', 'up')
    if kind == 'tap':
        call('ip', 'link', 'add', 'br0', 'type', 'bridge')
        for i in range(count):
            call('ip', 'tuntap', 'add', f'tap{i}', 'mode', 'tap')
            call('ip', 'link', 'set', f'tap{i}', 'master', 'br0', 'up')
        call('ip', 'link', 'set', 'br0', 'up')


def main():
    kind, folder, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    lines = json.load(sys.stdin)
    names = sorted(lines, key=lambda n: (len(n), n))
    call('mount', '-t', 'tmpfs', 'none', '/run')
    prepare_network(kind, len(names))

    started = time.monotonic()
    commands, agents = {}, {}
    for index, name in enumerate(names):
        argv, old = moved(lines[name], folder)
        for path in glob.glob(f'{old}/*.conf'):
            target = os.path.join(folder, os.path.basename(path))
            with open(path, 'rb') as source, open(target, 'wb') as copy:
                copy.write(source.read())
        commands[name] = argv if kind == 'ovs' else without_vhost(argv, kind, folder, index)
        agents[name] = Agent(re.search(r'([^\0,=:"]*/[^/\0,"]+\.agent)\b', '\0'.join(argv)).group(1))
    if kind == 'ovs':
        switch = Switch(folder, len(names))
        switch.plug([path for name in names for path in vhost_paths(commands[name])])
    with open(os.path.join(folder, 'qemu.log'), 'wb') as log:
        for name in names:
            subprocess.Popen(commands[name], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            if kind == 'unix-stream':
                time.sleep(0.3)
    for name in names:
        agents[name].connect(90)
    for name in names:
        agents[name].wait_ready(90)
    result = {'start': time.monotonic() - started}
    if seconds:
        result.update(measure.everything(lambda node, argv: agents[node].run(argv, 120), seconds))
    print(json.dumps(result), flush=True)
    # PID 1 of the namespace: the kernel ends the rest.
    os._exit(0)


main()
