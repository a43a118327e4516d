#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Labs need no privilege. Whoever runs the tests as root (a CI machine) gets a test program run as a
# user that is made here: no sudo, no home, no capabilities, and no group but, with --group, that one.
# The user is removed in the end, whatever happens. An ordinary user runs the program as it is.
# --strict: where no such user can be, the program is skipped; without, it runs as root. --scene: on a
# computer whose huge pages are as scenes.py says.
#
#   user.py PROGRAM-OR-SCRIPT [--group NAME] [--strict] [--scene NAME]

import argparse
import contextlib
import fcntl
import grp
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import scenes
from harness import BUILD, CTL, SOURCE, skip_all

NAME = f'lanloom-test-{os.getpid()}'
TIMEOUT_S = 1200  # more than any test takes anywhere; meson has each one's own limit


class NoUser(Exception):
    """Here there is no user who could run the program; says why."""


def command_of(program):
    # By env, as the user: what root finds first in its PATH may be shut to others.
    return ['env', 'python3', '-B', program] if program.endswith('.py') else [program]


def as_user(user, group, command, **kwargs):
    groups = ['--clear-groups']
    if group and group in [g.gr_name for g in grp.getgrall()]:
        groups = ['--groups', group]
    return subprocess.run(['setpriv', f'--reuid={user.pw_uid}', f'--regid={user.pw_gid}', *groups,
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


def wait_for_end(user):
    deadline = time.monotonic() + 20
    while processes_of(user.pw_uid) and time.monotonic() < deadline:
        time.sleep(0.1)


def clean_up(user, home):
    """Returns what of the user was still there."""
    wait_for_end(user)
    left = [f'process {pid}' for pid in processes_of(user.pw_uid)]
    for pid in processes_of(user.pw_uid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for_end(user)  # userdel removes nobody who has processes
    for folder in (f'/tmp/lanloom-{user.pw_uid}', f'/var/tmp/lanloom-{user.pw_uid}'):
        if os.path.exists(folder):
            left.append(folder)
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
    return left


def check_user(user, group, program):
    for path in (CTL, program, os.path.join(BUILD, 'data')):
        if as_user(user, group, ['test', '-r', path]).returncode != 0:
            raise NoUser(f'{path} is closed to other users')
    if as_user(user, group, ['unshare', '-Urn', 'true'], capture_output=True).returncode != 0:
        raise NoUser('user namespaces are closed to ordinary users here')


def run_as(user, program, group, more_env):
    home = tempfile.mkdtemp(prefix='llu-', dir='/tmp')
    os.chown(home, user.pw_uid, user.pw_gid)
    try:
        check_user(user, group, program)
        env = {name: value for name, value in os.environ.items() if not name.startswith('XDG_')}
        env.update(HOME=home, USER=NAME, LOGNAME=NAME, LANLOOM_TEST_UNPRIVILEGED='1', **more_env)
        # Its own TAP, in our place.
        code = as_user(user, group, command_of(program), env=env, timeout=TIMEOUT_S).returncode
    finally:
        left = clean_up(user, home)
    for line in left:
        print(f'# left over: {line}', flush=True)
    return 1 if left else code


def change_users(*command):
    """useradd and userdel give up when another is at work."""
    with open('/etc/passwd', encoding='utf-8') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return subprocess.run([*command, NAME], capture_output=True, text=True)


@contextlib.contextmanager
def new_user():
    for needed in ('useradd', 'userdel', 'setpriv', 'unshare'):
        if not shutil.which(needed):
            raise NoUser(f'{needed} is missing')
    made = change_users('useradd', '--system', '--no-create-home', '--shell', '/bin/false')
    if made.returncode != 0:
        raise NoUser(f'no user can be made: {made.stderr.strip()}')
    try:
        yield pwd.getpwnam(NAME)
    finally:
        change_users('userdel')


def run_here(program, more_env):
    return subprocess.run(command_of(program), env={**os.environ, **more_env},
                          stdin=subprocess.DEVNULL, check=False).returncode


def run(program, options, more_env):
    if os.getuid() != 0:
        return run_here(program, more_env)
    try:
        with new_user() as user:
            return run_as(user, program, options.group, more_env)
    except NoUser as reason:
        if options.strict:
            skip_all(reason)
        print(f'# as root: {reason}', flush=True)
        return run_here(program, more_env)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--group')
    parser.add_argument('--strict', action='store_true')
    parser.add_argument('--scene', choices=scenes.SCENES)
    options = parser.parse_args()
    program = os.path.join(SOURCE, 'tests/system', options.program)
    # Whoever ends a test that takes too long: what was made is removed first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with scenes.scene(options.scene):
            code = run(program, options, {'LANLOOM_SCENE': options.scene} if options.scene else {})
    except scenes.Unfit as unfit:
        skip_all(unfit)
    sys.exit(code)


main()
