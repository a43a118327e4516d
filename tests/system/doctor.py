#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The host check on this computer, as the person and as a stranger, and the fit check before a start.

import json
import os
import shutil

from harness import BUILD, CTL, HOST, OK, USAGE, Plan, World, expect, expect_equal, wait_until

plan = Plan()
world = World()
SEVERITIES = ['ok', 'advice', 'problem']
IDS = ['namespaces', 'apparmor', 'kvm', 'tun', 'memory', 'cores', 'hugepages',
       'program-qemu-system-x86_64', 'program-qemu-img', 'program-ovsdb-server',
       'program-ovs-vswitchd-dpdk', 'program-librte_mempool_ring', 'spice', 'guest',
       'folder-runtime', 'folder-disks', 'folder-cache']


def examine(w, code, **env):
    text = w.ctl('doctor', '--json', code=code, env=dict(w.env, **env)).stdout
    report = json.loads(text)
    return report, {finding['id']: finding for finding in report['findings']}


@plan.step('a report with every subject, its verdict the worst of it')
def report(w):
    whole, by_id = examine(w, None)
    for name in IDS:
        expect(name in by_id, f'no finding {name}')
    for finding in whole['findings']:
        expect(finding['severity'] in SEVERITIES and finding['title'] and finding['found'],
               f'{finding}')
    worst = max((finding['severity'] for finding in whole['findings']), key=SEVERITIES.index)
    expect_equal(whole['verdict'], worst, 'verdict')
    w.ctl('doctor', '--json', code=HOST if worst == 'problem' else OK)
    w.ctl('doctor', 'more', code=USAGE)


@plan.step('what the tests of this suite need is found good here')
def good(w):
    has_wire = os.path.exists(os.path.join(BUILD, 'backend/wire/lanloom-wire'))
    needed = ['namespaces', 'spice', 'guest', 'program-qemu-system-x86_64', 'folder-runtime',
              *(['wire'] if has_wire else [])]

    # What is asked on a busy computer may not answer in time.
    def find_good():
        found = examine(w, OK)[1]
        return all(found[name]['severity'] == 'ok' for name in needed) and found
    by_id = wait_until(find_good, 10, lambda: f'{needed} to be found good: {examine(w, None)[1]}')
    if has_wire:
        expect('DPDK' in by_id['wire']['found'], by_id['wire']['found'])
    expect('7.' in by_id['program-qemu-system-x86_64']['found']
           or '.' in by_id['program-qemu-system-x86_64']['found'], 'no version')


@plan.step('a program that is not there is named with its package, exit code 4')
def missing(w):
    folder = w.path('bin')
    os.mkdir(folder)
    os.symlink(shutil.which('ovsdb-tool'), os.path.join(folder, 'ovsdb-tool'))
    _, by_id = examine(w, HOST, PATH=folder)
    finding = by_id['program-qemu-img']
    expect_equal(finding['severity'], 'problem', 'qemu-img')
    expect_equal(finding['remedy'], 'sudo apt install qemu-utils', 'remedy')


@plan.step('a program that hangs, floods or fails is a finding, not the end')
def bad_programs(w):
    folder = w.path('bad')
    os.mkdir(folder)
    for name, body in [('qemu-img', 'sleep 60'), ('qemu-system-x86_64', 'yes'),
                       ('ovsdb-tool', 'echo lost; exit 1')]:
        path = os.path.join(folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write('#!/bin/sh\nPATH=/usr/bin:/bin\nexec ' + body + '\n' if 'exit' not in body
                       else '#!/bin/sh\n' + body + '\n')
        os.chmod(path, 0o755)
    _, by_id = examine(w, HOST, PATH=folder, XDG_CACHE_HOME=w.path('cache'))
    # What hangs may be a computer that is busy.
    for name, severity in [('qemu-img', 'advice'), ('qemu-system-x86_64', 'problem'),
                           ('ovsdb-tool', 'problem')]:
        expect_equal(by_id['program-' + name]['severity'], severity, name)
    expect_equal(by_id['spice']['severity'], 'problem', 'spice')


@plan.step('it leaves nothing but the kept answer of the trial boot')
def leaves_nothing(w):
    before = sorted(os.listdir(w.runtime))
    cache = w.path('fresh-cache')
    examine(w, OK, XDG_CACHE_HOME=cache)
    expect_equal(sorted(os.listdir(w.runtime)), before, 'runtime folder')
    for folder, _, files in os.walk(cache):
        expect(all(name == 'accel' for name in files), f'{folder}: {files}')
    expect_equal(w.leftovers(), [], 'leftovers')


@plan.step('a lab that needs more than there is is refused with numbers, and leaves nothing')
def too_large(w):
    path = w.write('big.lanloom', {'lanloom': 1, 'links': [{'ends': ['big:0', 'pc1:0']}], 'nodes': [
        {'name': 'big', 'kind': 'tiny', 'nics': 1, 'memory_mib': 1048576},
        {'name': 'pc1', 'kind': 'tiny', 'nics': 1}]})
    for command in ['start', 'run']:
        said = w.ctl(command, path, code=HOST).stderr
        expect('big (1024' in said and 'GiB' in said and 'pc1' in said and '--force' in said, said)
    w.expect_clean()
    cost = json.loads(w.ctl('plan', '--cost', '--json', path).stdout)
    expect_equal(cost['verdict'], 'too-large', 'verdict')
    expect_equal(cost['start_first'], ['pc1'], 'start first')
    expect_equal(cost['consumers'][0]['item'], 'big', 'largest')
    expect(cost['memory_mib']['need'] > cost['memory_mib']['have'], f'{cost["memory_mib"]}')


@plan.step('an edit that adds more than there is is refused; the lab runs on')
def too_large_edit(w):
    path = w.write('edit.lanloom', {'lanloom': 1, 'links': [], 'nodes': [
        {'name': 'sw1', 'kind': 'switch', 'ports': 2}]})
    w.ctl('start', path)
    try:
        w.edit(path, lambda lab: lab['nodes'].append(
            {'name': 'big', 'kind': 'tiny', 'nics': 1, 'memory_mib': 1048576}))
        said = w.ctl('apply', path, code=HOST).stderr
        expect('1024' in said and 'GiB' in said, said)
        expect_equal(w.states(path), {'sw1': 'ready'}, 'states')
    finally:
        w.ctl('stop', path)
    w.expect_clean()


@plan.step('plan says what a lab that fits costs')
def cost(w):
    path = w.take_lab('two-machines')
    expect('MiB' in w.ctl('plan', path).stdout, 'no cost')
    need = json.loads(w.ctl('plan', '--cost', '--json', path).stdout)
    expect_equal(need['verdict'], 'fits', 'verdict')
    expect(500 < need['memory_mib']['need'] < 1200, f'{need["memory_mib"]}')


expect(os.path.exists(CTL), CTL)
plan.run(world)
