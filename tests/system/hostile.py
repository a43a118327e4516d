#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Bad intent: project files (corpus.py), and a guest whose root is the enemy. A file is refused, or it
# opens and does nothing; a guest harms only itself.

import hashlib
import io
import json
import os
import tarfile
import time

import corpus
import dbus
from harness import (OK, PROBLEMS, Patience, Plan, World, expect, expect_equal, size_of,
                     wait_until)

plan = Plan()
world = World()
OWNED = '/tmp/owned'
PATIENCE_S = 5
AGENT = '/dev/virtio-ports/org.lanloom.agent'


def fingerprint(folder):
    """Names, sizes and contents of what is in a folder."""
    found = hashlib.sha256()
    for root, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(root, name)
            found.update(path.encode('utf-8', 'surrogateescape'))
            if os.path.isfile(path):
                with open(path, 'rb') as file:
                    found.update(file.read())
    return found.hexdigest()


def is_clean(text):
    """Whether a terminal can show it: no control character, nothing that turns the direction."""
    return not any((ord(c) < 32 and c not in '\n\t') or c in '\u202a\u202b\u202c\u202d\u202e\u2066\u2067'
                   '\u2068\u2069\u200e\u200f' or '\u007f' <= c <= '\u009f' for c in text)


def try_file(w, content, code):
    path = w.write('hostile.lanloom', content)
    patience = Patience(2 * PATIENCE_S)
    for command in ('check', 'plan'):
        result = w.ctl(command, path, code=code, timeout=30)
        expect(is_clean(result.stdout + result.stderr), 'control characters in the answer')
        expect(len(result.stdout + result.stderr) < 100000, 'a very long answer')
    expect(not patience.is_over(), 'it took too long')
    expect(not os.path.exists(OWNED), 'it ran on the host')


def try_all(w, files, code):
    wrong = []
    for title, content in files.items():
        try:
            try_file(w, content, code)
        except Exception as error:  # all of them are told, not the first
            wrong.append(f'{title}: {str(error)[:300]}')
    os.unlink(w.path('hostile.lanloom'))
    print(f'# {len(files)} files')
    expect(not wrong, '\n'.join(wrong))


@plan.step('hostile files are refused, in words that a terminal can show')
def refused(w):
    if os.path.exists(OWNED):
        os.unlink(OWNED)
    before = fingerprint(w.folder)
    try_all(w, corpus.REFUSED, PROBLEMS)
    expect_equal(fingerprint(w.folder), before, 'files of the folder')


@plan.step('files with strange contents that are right open, and do nothing')
def opens(w):
    before = fingerprint(w.folder)
    try_all(w, corpus.OPENS, OK)
    expect_equal(fingerprint(w.folder), before, 'files of the folder')


@plan.step('a project file that is no file: pipe, folder, device, loop of links, closed')
def no_file(w):
    os.mkfifo(w.path('pipe.lanloom'))
    os.mkdir(w.path('folder.lanloom'))
    os.symlink('loop.lanloom', w.path('loop.lanloom'))
    os.symlink('/dev/zero', w.path('device.lanloom'))
    os.symlink('/etc/shadow', w.path('shadow.lanloom'))
    for name in ('pipe', 'folder', 'loop', 'device', 'shadow'):
        patience = Patience(PATIENCE_S)
        result = w.ctl('check', w.path(name + '.lanloom'), code=PROBLEMS, timeout=20)
        expect(not patience.is_over(), f'{name} took too long')
        expect('root:' not in result.stdout + result.stderr, 'it shows what is in the file')


@plan.step('scripts run inside the guest only', needed=True)
def script(w):
    # Tries the host by every name it could have there.
    marks = [OWNED, w.path('owned')]
    tries = '; '.join(f'mkdir -p $(dirname {m}); touch {m}' for m in marks)
    w.file = w.write('guest.lanloom', {
        'lanloom': 1, 'nodes': [
            {**corpus.MACHINE, 'name': 'bad', 'addresses': ['10.0.0.1/24'],
             'boot': f'{tries}; touch /tmp/ran; cat /proc/1/environ > /tmp/env\n'},
            {**corpus.MACHINE, 'name': 'pc1', 'addresses': ['10.0.0.2/24']},
            {**corpus.MACHINE, 'name': 'pc2', 'addresses': ['10.0.0.3/24']},
            {'name': 'sw1', 'kind': 'switch', 'ports': 4}],
        'links': [{'ends': [f'{name}:0', f'sw1:{i}']} for i, name in enumerate(('bad', 'pc1', 'pc2'))]})
    w.ctl('start', w.file)
    wait_until(lambda: w.exec(w.file, 'bad', 'ls', '/tmp/ran', code=None), 20, 'the script ran')
    for mark in marks:
        expect(not os.path.exists(mark), f'{mark} is on the host')
    seen = w.exec(w.file, 'bad', 'cat', '/tmp/env', code=None)
    expect(w.folder not in seen, 'the guest knows paths of the host')


@plan.step('from a guest nothing is to be seen but what is on its cable')
def reach(w):
    links = w.exec(w.file, 'bad', 'ip', '-o', 'link')
    expect(links.count('\n') == 2, f'more than lo and eth0: {links}')
    for address in ('192.168.0.1', '10.0.2.2', '169.254.169.254', '172.17.0.1'):
        w.exec(w.file, 'bad', 'ip', 'route', 'add', address, 'dev', 'eth0', code=None)
        said = w.exec(w.file, 'bad', 'ping', '-c', '1', '-W', '1', address, code=None)
        expect('100% packet loss' in said, f'{address} answers: {said}')


def hostile_archive():
    """A link to where it lies, and files behind it."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode='w') as archive:
        link = tarfile.TarInfo('stuff')
        link.type, link.linkname = tarfile.SYMTYPE, '.'
        archive.addfile(link)
        for name in ('stuff/.bashrc', 'stuff/.ssh/authorized_keys', '.profile'):
            file = tarfile.TarInfo(name)
            file.size = 5
            archive.addfile(file, io.BytesIO(b'owned'))
    return data.getvalue()


@plan.step('a folder that is copied out is that folder, whatever the guest sends')
def copy_out(w):
    home = w.path('home')
    os.mkdir(home)
    os.mkdir(w.path('home/.ssh'))
    w.ctl('copy', w.file, w.write('x.tar', hostile_archive()), 'bad:/tmp')
    w.exec(w.file, 'bad', 'sh', '-c', 'mkdir /tmp/stuff; tar=$(command -v tar); mv $tar /tmp/tar; '
           'printf "#!/bin/sh\ncat /tmp/x.tar\n" > $tar; chmod 755 $tar')
    expect(w.ctl('copy', w.file, 'bad:/tmp/stuff', home, code=None).returncode != 0, 'it was taken')
    expect_equal(sorted(os.listdir(home)), ['.ssh'], 'files in the home folder')
    expect_equal(os.listdir(w.path('home/.ssh')), [], 'keys')


def others_are_well(w, what):
    """The engine and the switch are the same and no larger; the others have their network."""
    for process in w.status(w.file)['processes']:
        role = process['role']
        if role in ('engine', 'ovs-vswitchd', 'init'):
            expect_equal(process['pid'], w.parts[role][0], f'{role} after {what}')
            grown = process['resident_kib'] - w.parts[role][1]
            expect(grown < 48 * 1024, f'{role} grew by {grown} KiB with {what}')
    expect_equal({n: s for n, s in w.states(w.file).items() if n != 'bad'},
                 {'pc1': 'ready', 'pc2': 'ready', 'sw1': 'ready'}, f'states after {what}')
    patience = Patience(PATIENCE_S)
    wait_until(lambda: w.reaches(w.file, 'pc1', '10.0.0.3'), PATIENCE_S, f'a ping with {what}')
    expect(not patience.is_over(), f'a ping is slow with {what}')


@plan.step('a guest that floods its serial line and its agent port with noise harms only itself')
def flood(w):
    w.parts = {p['role']: (p['pid'], p['resident_kib']) for p in w.status(w.file)['processes']
               if p['role'] != 'qemu'}
    engine = dbus.Engine(w.status(w.file)['runtime'])
    # Left running in the guest: what starts them answers at once.
    w.exec(w.file, 'bad', 'sh', '-c',
           '(while :; do cat /dev/urandom; done > /dev/ttyS0 2>/dev/null) > /dev/null 2>&1 < /dev/null &')
    others_are_well(w, 'a serial flood')
    w.exec(w.file, 'bad', 'sh', '-c',
           f'(sleep 1; while :; do head -c 100000 /dev/urandom; yes; done > {AGENT}) > /dev/null 2>&1 '
           '< /dev/null &', code=None)
    time.sleep(6)
    others_are_well(w, 'noise from its agent')
    patience = Patience(1)
    engine.call('GetNodes')
    patience.tell('an answer of the engine')
    expect(not patience.is_over(), 'the engine answers late')
    engine.close()
    print('# bad: ' + json.dumps([n for n in w.status(w.file)['nodes'] if n['name'] == 'bad']))


@plan.step('its logs stay within their limits')
def logs(w):
    runtime = w.status(w.file)['runtime']
    sizes = {name: size_of(os.path.join(runtime, name)) for name in os.listdir(runtime)}
    expect(max(sizes.values()) < 4 * 1024 * 1024, f'{sizes}')


@plan.step('a guest that tears its own kernel down: the others go on, and it can be started anew')
def crash(w):
    w.ctl('restart', w.file, 'bad')
    wait_until(lambda: w.states(w.file)['bad'] == 'ready', 40, 'bad is ready again', step=0.3)
    # Writes over its own memory, rings of its network card and of its ports included.
    w.exec(w.file, 'bad', 'sh', '-c',
           '(sleep 1; echo 1 > /proc/sys/kernel/sysrq; dd if=/dev/urandom of=/dev/mem bs=64k seek=256 '
           'count=1500; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 < /dev/null &', code=None)
    time.sleep(5)
    others_are_well(w, 'a torn down kernel')


@plan.step('stop: all is gone within 5 s, whatever the guest does')
def stop(w):
    w.status(w.file)
    patience = Patience(5)
    w.ctl('stop', w.file)
    patience.tell('stop')
    expect(not patience.is_over(), 'stop is slow')
    w.expect_clean(1)


plan.run(world)
