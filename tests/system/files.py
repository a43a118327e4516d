#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# lanloomctl and project files, with no lab running: check, format, plan, wrong usage, bad input, and
# what it says when the host lacks a program.

import json
import os
import resource
import shutil
import stat
import subprocess

from badfiles import BAD, TWO, lab, machine
from harness import (CTL, HOST, NOT_RUNNING, OK, PROBLEMS, SOURCE, USAGE, Patience, Plan, World, expect,
                     expect_equal)

plan = Plan()
world = World()
LABS = ['two-machines', 'one-switch', 'two-switches']
COMMANDS = ['check', 'format', 'plan', 'start', 'status', 'apply', 'counters', 'link', 'unplug',
            'plug', 'hold', 'held', 'step', 'drop', 'duplicate', 'corrupt', 'delay', 'release',
            'capture', 'exec', 'copy', 'console', 'stop', 'run', 'doctor']


@plan.step('--help and --version of the program and of each command')
def help_texts(w):
    expect('lanloomctl' in w.ctl('--version').stdout, 'version')
    listing = w.ctl('--help').stdout
    for command in COMMANDS:
        expect(command in listing, f'{command} is not listed')
        text = w.ctl(command, '--help').stdout
        expect('Usage' in text and command in text, f'{command} --help: {text}')
        expect_equal(w.ctl('help', command).stdout, text, f'help {command}')


@plan.step('wrong usage exits 2 and says what is right')
def usage(w):
    for args in ([], ['frobnicate'], ['check'], ['start'], ['status', 'a', 'b'], ['check', '--no'],
                 ['exec', 'f', 'n'], ['link', 'f'], ['hold', 'f'], ['capture', 'f', 'p'],
                 ['delay', 'f', 'pc1', '--ms', '-1'], ['drop', 'f', 'pc1', '--count', '0'], ['copy', 'f', 'a', 'b'], ['run', 'f', '--', 'pc1'],
                 ['apply', 'f', '--rename', 'x'], ['format', '-i', '--check', 'f']):
        result = w.ctl(*args, code=USAGE)
        expect(result.stderr.strip() and not result.stdout, f'{args}: {result}')


@plan.step('the labs that ship are right, and in canonical form')
def shipped(w):
    for name in LABS:
        path = os.path.join(SOURCE, 'data/labs', name + '.lanloom')
        w.ctl('check', path)
        w.ctl('format', '--check', path)
        with open(path, encoding='utf-8') as file:
            expect_equal(w.ctl('format', path).stdout, file.read(), name)


@plan.step('format: a compact file becomes canonical, in place, keeping its mode and its link')
def format_file(w):
    path = w.write('compact.lanloom', lab(TWO, [('pc2:0', 'pc1:0')], future={'a': [1, 2]}))
    os.chmod(path, 0o640)
    os.symlink(path, w.path('link.lanloom'))
    w.ctl('format', '--check', path, code=PROBLEMS)
    w.ctl('format', '--in-place', w.path('link.lanloom'))
    expect(os.path.islink(w.path('link.lanloom')), 'the link was replaced')
    expect_equal(stat.S_IMODE(os.stat(path).st_mode), 0o640, 'mode')
    w.ctl('format', '--check', path)
    with open(path, encoding='utf-8') as file:
        document = json.load(file)
    expect_equal(document['future'], {'a': [1, 2]}, 'an unknown member')
    expect_equal(document['links'], [{'ends': ['pc1:0', 'pc2:0']}], 'links')
    w.ctl('format', '-o', w.path('other.lanloom'), path)
    w.ctl('format', '--check', w.path('other.lanloom'))


@plan.step('format: a disk that is full leaves the old file')
def full_disk(w):
    path = w.write('full.lanloom', lab([machine(f'pc{i}') for i in range(300)]))
    with open(path, 'rb') as file:
        before = file.read()

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    result = subprocess.run([CTL, 'format', '-i', path], env=w.env, capture_output=True, text=True,
                            preexec_fn=limit, timeout=20)
    expect(result.returncode not in (0, -25), f'exit {result.returncode}')
    with open(path, 'rb') as file:
        expect(file.read() == before, 'the file changed')
    expect_equal([n for n in os.listdir(w.folder) if n.startswith(('full', '.full')) and
                  n != 'full.lanloom'], [], 'temporary files')


for title, (content, words) in BAD.items():
    @plan.step(f'bad input: {title}')
    def bad(w, title=title, content=content, words=words):
        path = w.write('bad.lanloom', content)
        patience = Patience(5)
        result = w.ctl('check', path, code=PROBLEMS, timeout=100)
        expect(not patience.is_over(), 'took longer than 5 s')
        lines = [line for line in result.stdout.splitlines() if line]
        expect(lines and all(line.startswith(path) for line in lines), f'output: {result.stdout}')
        for word in words:
            expect(any(word.lower() in line.lower() for line in lines), f'no “{word}” in {lines}')
        expect(all(len(line) < 1000 for line in lines), 'a line of more than 1,000 characters')
        expect('\x1b' not in result.stdout and '\x07' not in result.stdout, 'control characters')
        problems = json.loads(w.ctl('check', '--json', path, code=PROBLEMS).stdout)[0]
        expect(not problems['ok'] and problems['problems'], f'{problems}')
        w.ctl('start', path, code=PROBLEMS)
        expect_equal(w.leftovers(), [], 'leftovers')


@plan.step('bad input: 100 MB, a folder, a device, no such file')
def large(w):
    path = w.path('large.lanloom')
    with open(path, 'wb') as file:
        file.write(b'{"lanloom": 1, "nodes": [')
        file.truncate(100 * 1000 * 1000)
    for name in (path, w.folder, '/dev/zero', w.path('missing.lanloom')):
        patience = Patience(5)
        result = w.ctl('check', name, code=PROBLEMS, timeout=100)
        expect(not patience.is_over(), f'{name} took longer than 5 s')
        expect(name in result.stdout, f'{name}: {result.stdout}')
        w.ctl('start', name, code=PROBLEMS, timeout=100)


@plan.step('a problem is told with the line it is on')
def lines(w):
    text = open(os.path.join(SOURCE, 'data/labs/two-machines.lanloom'), encoding='utf-8').read()
    path = w.write('line.lanloom', text.replace('"pc2:0"', '"pc7:0"'))
    number = 1 + text[:text.index('"ends"')].count('\n')
    result = w.ctl('check', path, code=PROBLEMS)
    expect(f'{path}:{number}: ' in result.stdout and 'pc7' in result.stdout, result.stdout)


@plan.step('plan writes JSON, and the same each time')
def plan_json(w):
    path = os.path.join(SOURCE, 'data/labs/two-switches.lanloom')
    first = w.ctl('plan', '--json', path).stdout
    expect_equal(w.ctl('plan', '--json', path).stdout, first, 'second plan')
    items = [step['item'] for step in json.loads(first)]
    expect({'pc1', 'pc4', 'sw1', 'sw2', 'sw1:3 sw2:3'} <= set(items), f'{items}')


@plan.step('missing programs are named with their package, before anything is started')
def missing_program(w):
    path = w.take_lab('two-machines')
    empty = w.path('bin')
    os.mkdir(empty)
    result = w.ctl('start', path, code=HOST, env=dict(w.env, PATH=empty))
    expect('qemu-system-x86_64' in result.stderr and 'qemu-system-x86' in result.stderr
           and 'qemu-utils' in result.stderr, result.stderr)
    expect_equal(w.leftovers(), [], 'leftovers')


@plan.step('a missing Open vSwitch is named with its package')
def missing_switch(w):
    place = '/usr/lib/openvswitch-switch-dpdk'
    hide = f'mount -t tmpfs none {place} && exec "$@"'
    base = [shutil.which('unshare'), '-Urm', 'sh', '-c', hide, 'sh']
    if subprocess.run([*base, 'true'], capture_output=True).returncode != 0:
        return 'mount namespaces are not allowed here'
    path = w.take_lab('two-machines')
    result = subprocess.run([*base, CTL, 'start', path], env=w.env, capture_output=True, text=True,
                            timeout=30)
    expect_equal(result.returncode, HOST, f'exit code ({result.stderr})')
    expect('openvswitch-switch-dpdk' in result.stderr, result.stderr)


@plan.step('nothing runs, and status says so')
def nothing_runs(w):
    w.ctl('status', w.take_lab('two-machines'), code=NOT_RUNNING)
    expect_equal(json.loads(w.ctl('status', '--json', code=OK).stdout), [], 'labs')


@plan.step('leftovers: none')
def leftovers(w):
    w.expect_clean(0)


plan.run(world)
