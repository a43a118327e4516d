#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The same guests without Lanloom: QEMU's command lines as a running lab had them, with other network
# back ends, in namespaces of their own. Started by bench.py as
#
#   unshare --user --map-root-user --net --mount --ipc --pid --fork --kill-child --mount-proc \
#     python3 byhand.py KIND FOLDER SECONDS < JSON, as ours.Lab.machines() has it
#
# KIND: ovs, ovs-sleep (the same, but its poll thread sleeps when idle), unix-stream, unix-dgram, udp, tap. Prints one JSON object: seconds until all guests were
# ready, and what measure.py found between pc1 and pc2 (when SECONDS is not 0). The end of the
# namespaces ends all of it.

import json
import os
import re
import subprocess
import sys
import time

import measure
from agent import Agent

# Eight emulated machines that share the cores of a busy host take longer than 90 s.
PATIENCE_S = 240
SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
DPDK_SWITCHES = ['/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk', '/usr/sbin/ovs-vswitchd']


def call(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def huge_pages():
    with open('/proc/meminfo', encoding='ascii') as file:
        return int(re.search(r'HugePages_Free:\s+(\d+)', file.read()).group(1)) > 0


class Switch:
    """Open vSwitch with DPDK, as its manual says: busy polling, one bridge."""

    def __init__(self, folder, count, sleeps):
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
                     f'other_config:dpdk-extra="{extra}"',
                     f'other_config:pmd-maxsleep={500 if sleeps else 0}')
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


def option(value, name):
    match = re.search(rf'(?:^|,){name}=([^,]+)', value)
    return match.group(1) if match else None


def moved(machine, name, folder):
    """The command line with its files in our folder, sockets by path, and not waiting for anyone."""
    for leaf, text in machine['files'].items():
        with open(os.path.join(folder, leaf), 'w', encoding='utf-8') as file:
            file.write(text)
    result = []
    for argument in machine['argv']:
        argument = argument.replace(machine['folder'], folder)
        if option(argument, 'fd') and argument.startswith('socket,'):
            argument = re.sub(r'\bfd=\d+', f'path={folder}/{name}-{option(argument, "id")}', argument)
        if argument != '-S':
            result.append(argument)
    return result


def vhost_chardevs(argv):
    return [option(value, 'chardev') for value in argv if value.startswith('vhost-user,')]


def vhost_paths(argv):
    wanted = vhost_chardevs(argv)
    return [option(value, 'path') for value in argv
            if value.startswith('socket,') and option(value, 'id') in wanted]


def without_vhost(argv, kind, folder, index):
    """The same, with the vhost-user card's back end replaced, and the card as it was."""
    chardevs = vhost_chardevs(argv)
    result = []
    for flag, value in zip(argv, argv[1:] + ['']):
        if result and result[-1] == '(drop)':
            result.pop()
        elif flag == '-netdev' and value.startswith('vhost-user,'):
            result += ['-netdev', netdev(kind, folder, option(value, 'id'), index), '(drop)']
        elif flag == '-chardev' and option(value, 'id') in chardevs:
            result.append('(drop)')
        else:
            result.append(flag)
    return [value for value in result if value != '(drop)']


def agent_path(argv):
    ports = [option(value, 'chardev') for value in argv if value.startswith('virtserialport,')]
    return next(option(value, 'path') for value in argv
                if value.startswith('socket,') and option(value, 'id') in ports)


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
        argv = moved(lines[name], name, folder)
        commands[name] = argv if kind.startswith('ovs') else without_vhost(argv, kind, folder, index)
        agents[name] = Agent(agent_path(argv))
    if kind.startswith('ovs'):
        switch = Switch(folder, len(names), kind == 'ovs-sleep')
        switch.plug([path for name in names for path in vhost_paths(commands[name])])
    with open(os.path.join(folder, 'qemu.log'), 'wb') as log:
        for name in names:
            subprocess.Popen(commands[name], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            if kind == 'unix-stream':
                time.sleep(0.3)
    for name in names:
        agents[name].connect(PATIENCE_S)
    for name in names:
        agents[name].wait_ready(PATIENCE_S)
    result = {'start': time.monotonic() - started}
    if seconds:
        result.update(measure.everything(lambda node, argv: agents[node].run(argv, 120), seconds))
    print(json.dumps(result), flush=True)
    # PID 1 of the namespace: the kernel ends the rest.
    os._exit(0)


main()
