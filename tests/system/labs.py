#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Several labs at once, with the same names and addresses: each its own namespaces and switch, none
# hears of another. The same file is one lab, whatever path leads to it. Nobody but the person who
# started them gets in; and memory that one lab was promised is not promised to the next.

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys

import dbus
from harness import HOST, OK, Plan, World, expect, expect_equal, wait_until

plan = Plan()
world = World()
N_LABS = 3
NOBODY = 65534


def take_labs(w):
    """Copies of one lab in folders of their own, all of one name."""
    files = []
    for i in range(N_LABS):
        os.mkdir(w.path(f'place{i}'))
        files.append(os.path.join(w.path(f'place{i}'), 'two-machines.lanloom'))
        shutil.move(w.take_lab('two-machines'), files[-1])
    return files


def frames(w, file):
    link = w.counters(file)['pc1:0 pc2:0']
    return sum(end['frames'] for end in (link['from_a'], link['from_b']))


def pids(w, file):
    return {process['pid'] for process in w.status(file)['processes']}


def allow_few_files():
    """As a program on a desktop."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


@plan.step('three labs start side by side', needed=True)
def start(w):
    w.files = take_labs(w)
    starts = [w.spawn('start', file, preexec_fn=allow_few_files) for file in w.files]
    expect_equal([process.wait(150) for process in starts], [OK] * N_LABS, 'exit codes')
    for file in w.files:
        expect_equal(w.states(file), {'pc1': 'ready', 'pc2': 'ready'}, file)
    w.wait_listed(w.files)


@plan.step('they share no process, namespace, folder or switch')
def apart(w):
    seen = {}
    for file in w.files:
        status = w.status(file)
        for process in status['processes']:
            expect(seen.setdefault(process['pid'], file) == file, f'{process} is in two labs')
        net = {os.readlink(f'/proc/{p["pid"]}/ns/net') for p in status['processes']
               if p['role'] != 'keeper'}
        expect_equal(len(net), 1, f'networks of {file}')
        expect(seen.setdefault(net.pop(), file) == file, 'one network for two labs')
        expect(seen.setdefault(status['runtime'], file) == file, 'one folder for two labs')


@plan.step('what goes over the cable of one is not heard in another')
def silence(w):
    before = [frames(w, file) for file in w.files]
    w.ping_all(w.files[0], 'pc1', '10.0.0.2', 20)
    after = [frames(w, file) for file in w.files]
    # 20 requests and 20 answers; the others say no more than what IPv6 says by itself after a start.
    expect(after[0] - before[0] >= 40, f'{before} {after}')
    for i in range(1, N_LABS):
        expect(after[i] - before[i] <= 25, f'lab {i}: {before} {after}')
    w.edit(w.files[1], lambda document: document.update(links=[]))
    w.ctl('apply', w.files[1])
    w.ping(w.files[1], 'pc1', '10.0.0.2', code=None)
    for file in (w.files[0], w.files[2]):
        w.ping_all(file, 'pc1', '10.0.0.2', 2)


@plan.step('by link, by another folder and by a relative path it is one lab')
def one_lab(w):
    file = w.files[0]
    before = pids(w, file)
    os.symlink(file, w.path('link.lanloom'))
    os.symlink(os.path.dirname(file), w.path('elsewhere'))
    os.symlink('link.lanloom', w.path('link of a link.lanloom'))
    relative = os.path.relpath(file)
    for path in (w.path('link.lanloom'), w.path('elsewhere/two-machines.lanloom'),
                 w.path('link of a link.lanloom'), relative, './' + relative,
                 os.path.join(os.path.dirname(file), '..', 'place0', 'two-machines.lanloom')):
        said = w.ctl('start', path).stderr
        expect('already' in said, f'{path}: {said}')
        expect_equal(w.status(path)['runtime'], w.status(file)['runtime'], path)
    expect_equal(pids(w, file), before, 'processes')
    expect_equal(len(json.loads(w.ctl('status', '--json').stdout)), N_LABS, 'labs')


@plan.step('an engine that was stopped does not keep the others from being listed')
def stopped_engine(w):
    runtime = w.status(w.files[0])['runtime']
    engine = w.pid_of(w.files[0], 'engine')
    wanted = sorted(w.files[1:] + [runtime])
    os.kill(engine, signal.SIGSTOP)
    try:
        # Those of the others may be late, too.
        wait_until(lambda: sorted(w.ctl('status', timeout=60).stdout.split('\n')[:-1]) == wanted, 5,
                   f'{wanted} to be listed')
    finally:
        os.kill(engine, signal.SIGCONT)


@plan.step('a lab may open more files than a program on a desktop')
def many_files(w):
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] <= 1024:
        return 'nor may anything here'
    soft, _ = resource.prlimit(w.pid_of(w.files[0], 'engine'), resource.RLIMIT_NOFILE)
    expect(soft > 1024, f'{soft} files')


@plan.step('every socket is 0600, every folder 0700')
def modes(w):
    n_sockets = 0
    for file in w.files:
        for root, folders, names in os.walk(w.status(file)['runtime']):
            expect_equal(stat.S_IMODE(os.lstat(root).st_mode) & 0o077, 0, f'mode of {root}')
            for name in names:
                path = os.path.join(root, name)
                try:
                    info = os.lstat(path)
                except FileNotFoundError:  # written anew
                    continue
                if stat.S_ISSOCK(info.st_mode):
                    n_sockets += 1
                    expect_equal(oct(stat.S_IMODE(info.st_mode)), '0o600', path)
                else:
                    expect_equal(stat.S_IMODE(info.st_mode) & 0o077, 0, path)
    print(f'# {n_sockets} sockets')
    expect(n_sockets > 10 * N_LABS, f'{n_sockets} sockets')


@plan.step('guests are in a seccomp sandbox, and nothing in a lab has privileges outside')
def sandbox(w):
    for process in w.status(w.files[0])['processes']:
        with open(f'/proc/{process["pid"]}/status', encoding='utf-8') as text:
            fields = dict(line.rstrip('\n').split(':\t', 1) for line in text if ':\t' in line)
        if process['role'] == 'qemu':
            expect_equal(fields['Seccomp'], '2', f'sandbox of {process["node"]}')
        if process['role'] != 'keeper':
            expect(os.readlink(f'/proc/{process["pid"]}/ns/user') != os.readlink('/proc/self/ns/user'),
                   f'{process["role"]} is in our user namespace')


def as_nobody(script, *args):
    return subprocess.run(['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups',
                           sys.executable, '-c', script, *args], capture_output=True, text=True,
                          timeout=20, cwd='/')


@plan.step('another user gets no answer, even with every door wide open')
def other_user(w):
    if os.getuid() != 0:
        return 'only root can become another user'
    with open(dbus.__file__, encoding='utf-8') as text:
        client = text.read()
    runtime = w.status(w.files[0])['runtime']
    ask = client + '\nimport sys\nprint("got", Engine(sys.argv[1]).call("GetNodes"))\n'
    listen = ('import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.settimeout(3)\n'
              's.connect(sys.argv[1])\nprint("got" if s.recv(100) else "nothing")\n')
    closed = as_nobody(ask, runtime)
    expect('got' not in closed.stdout and 'Permission' in closed.stderr, closed.stderr)
    doors = [w.folder, w.runtime, os.path.dirname(runtime), runtime]
    socket_paths = [os.path.join(runtime, name) for name in ('engine.sock', 'm1.console')]
    for path in doors:
        os.chmod(path, 0o755)
    for path in socket_paths:
        os.chmod(path, 0o777)
    asked = as_nobody(ask, runtime)
    heard = as_nobody(listen, socket_paths[1])
    for path in doors:
        os.chmod(path, 0o700)
    for path in socket_paths:
        os.chmod(path, 0o600)
    expect('got' not in asked.stdout and asked.returncode != 0, asked.stdout)
    expect('Permission' not in asked.stderr, 'the door was not open: ' + asked.stderr)
    expect('got' not in heard.stdout, 'the console was heard')
    expect('Permission' not in heard.stderr, 'the console was closed: ' + heard.stderr)
    return None


@plan.step('one stops, and the others do not notice')
def stop_one(w):
    before = [pids(w, file) for file in w.files[1:]]
    w.ctl('stop', w.files[0])
    expect_equal([pids(w, file) for file in w.files[1:]], before, 'processes')
    w.ping_all(w.files[2], 'pc1', '10.0.0.2', 2)
    w.ctl('stop', w.files[1], w.files[2])
    w.expect_clean(2)


def available_mib():
    with open('/proc/meminfo', encoding='utf-8') as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith('MemAvailable'))


@plan.step('two labs that do not fit together are not started together')
def reserved(w):
    size = int(available_mib() * 0.55)
    files = [w.write(f'large{i}.lanloom', {'lanloom': 1, 'nodes': [
        {'name': 'big', 'kind': 'tiny', 'nics': 0, 'memory_mib': size},
        {'name': 'small', 'kind': 'tiny', 'nics': 0}]}) for i in range(2)]
    starts = [w.spawn('start', file, stderr=subprocess.PIPE, text=True) for file in files]
    said = [process.communicate(timeout=150)[1] for process in starts]
    codes = [process.returncode for process in starts]
    expect_equal(sorted(codes), [OK, HOST], f'exit codes: {said}')
    refused = codes.index(HOST)
    expect('big' in said[refused] and 'small' in said[refused], said[refused])
    w.status(files[1 - refused])
    # What would fit was named, and can be started by itself; the rest later, if there is room.
    w.ctl('start', files[refused], 'small')
    expect_equal(w.states(files[refused]), {'big': 'off', 'small': 'ready'}, 'states')
    more = w.ctl('start', files[refused], 'big', code=None)
    expect(more.returncode == HOST and 'needs' in more.stderr, f'{more.returncode}: {more.stderr}')
    w.ctl('stop', files[1 - refused])
    w.ctl('start', files[refused], 'big')
    expect_equal(w.states(files[refused]), {'big': 'ready', 'small': 'ready'}, 'states')
    w.ctl('stop', files[refused])


@plan.step('leftovers: none')
def leftovers(w):
    w.expect_clean()


plan.run(world)
