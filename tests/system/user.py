#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Labs need no privilege. Whoever runs the tests as root (a CI machine) gets the first lab's tests
# run once more as a user that is made here: no sudo, no group but kvm, no home. The user is removed
# in the end, whatever happens. An ordinary user has shown it already by all the other tests.

import grp
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from harness import BUILD, CTL, SOURCE, skip_all

PROGRAM = os.path.join(SOURCE, 'tests/system/two-machines.py')
NAME = f'lanloom-test-{os.getpid()}'


def as_user(user, command, **kwargs):
    group = ['--clear-groups']
    if 'kvm' in [g.gr_name for g in grp.getgrall()]:
        group = ['--groups', 'kvm']
    return subprocess.run(['setpriv', f'--reuid={user.pw_uid}', f'--regid={user.pw_gid}', *group,
                           '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all', *command],
                          stdin=subprocess.DEVNULL, cwd='/', **kwargs)


def processes_of(uid):
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.stat('/proc/' + name).st_uid == uid:
                found.append(int(name))
        except OSError:
            pass
    return found


def clean_up(user, home):
    """Returns what of the user was still there."""
    deadline = time.monotonic() + 5
    while processes_of(user.pw_uid) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = [f'process {pid}' for pid in processes_of(user.pw_uid)]
    for pid in processes_of(user.pw_uid):
        os.kill(pid, signal.SIGKILL)
    for folder in (f'/tmp/lanloom-{user.pw_uid}', f'/var/tmp/lanloom-{user.pw_uid}'):
        if os.path.exists(folder):
            left.append(folder)
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
    return left


def run(user):
    home = tempfile.mkdtemp(prefix='llu-', dir='/tmp')
    os.chown(home, user.pw_uid, user.pw_gid)
    try:
        for path in (CTL, PROGRAM, os.path.join(BUILD, 'data')):
            if as_user(user, ['test', '-r', path]).returncode != 0:
                skip_all(f'{path} is closed to other users')
        if as_user(user, ['unshare', '-Urn', 'true'], capture_output=True).returncode != 0:
            skip_all('user namespaces are closed to ordinary users here')
        env = {name: value for name, value in os.environ.items() if not name.startswith('XDG_')}
        env.update(HOME=home, USER=NAME, LOGNAME=NAME)
        # Its own TAP, in our place.
        code = as_user(user, ['python3', '-B', PROGRAM], env=env, timeout=300).returncode
    finally:
        left = clean_up(user, home)
    for line in left:
        print(f'# left over: {line}', flush=True)
    return 1 if left else code


def main():
    if os.getuid() != 0:
        skip_all('the other tests ran as an ordinary user')
    for program in ('useradd', 'userdel', 'setpriv', 'unshare'):
        if not shutil.which(program):
            skip_all(f'{program} is missing')
    made = subprocess.run(['useradd', '--system', '--no-create-home', '--shell', '/bin/false',
                           NAME], capture_output=True, text=True)
    if made.returncode != 0:
        skip_all(f'no user can be made: {made.stderr.strip()}')
    try:
        code = run(pwd.getpwnam(NAME))
    finally:
        subprocess.run(['userdel', NAME], capture_output=True)
    sys.exit(code)


main()
