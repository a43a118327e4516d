# SPDX-License-Identifier: GPL-3.0-or-later
"""The first process of the computer that huge-pages.py boots: makes what a Linux host has, runs the
scenes one after the other as an ordinary user, says how they ended, and switches off."""

import ctypes
import json
import mmap
import os
import pwd
import shlex
import signal
import stat
import subprocess
import sys
import traceback

HUGE = '/dev/hugepages'
PAGE = 2 << 20
USER = 'lanloom-host'
UID = 64321
LIBC = ctypes.CDLL(None, use_errno=True)
MOUNTS = [('proc', '/proc', ''), ('sysfs', '/sys', ''), ('devtmpfs', '/dev', ''),
          ('devpts', '/dev/pts', 'ptmxmode=666'), ('tmpfs', '/dev/shm', 'mode=1777'),
          ('cgroup2', '/sys/fs/cgroup', ''),
          ('hugetlbfs', HUGE, 'pagesize=2M')]


def mount(kind, where, options):
    os.makedirs(where, exist_ok=True)
    if LIBC.mount(kind.encode(), where.encode(), kind.encode(), 0, options.encode()) != 0:
        print(f'{where}: {os.strerror(ctypes.get_errno())}', flush=True)


def write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)


def read(path):
    with open(path, encoding='ascii') as file:
        return file.read().strip()


def open_way(path):
    """Lets everybody through to @path: only in this computer's memory, the host sees none of it."""
    while path != '/':
        path = os.path.dirname(path)
        os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) | 0o001)


def make_user(source):
    """Whoever owns the source, or somebody new. (name, uid, gid)."""
    owner = os.stat(source)
    uid, gid = (owner.st_uid, owner.st_gid) if owner.st_uid != 0 else (UID, UID)
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = USER
        with open('/etc/passwd', 'a', encoding='utf-8') as file:
            file.write(f'{name}:x:{uid}:{gid}::/run/home:/bin/sh\n')
    for folder in ('/run/home', f'/run/user/{uid}'):
        os.makedirs(folder)
        os.chmod(folder, 0o700)
        os.chown(folder, uid, gid)
    return name, uid, gid


def set_pages(scene):
    write('/proc/sys/vm/nr_hugepages', str(scene['pages']))
    got = int(read('/proc/sys/vm/nr_hugepages'))
    if got != scene['pages']:
        print(f'only {got} huge pages could be reserved', flush=True)
    os.chmod(HUGE, scene.get('mode', 0o755))


def promise(n_pages):
    """A mapping that has its pages only when it is written to; the kernel keeps them until then."""
    return mmap.mmap(-1, n_pages * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)


def limit(mib):
    """Everything from here on may have that much of huge pages, whatever is free. None: no limit."""
    group = '/sys/fs/cgroup/lanloom-host'
    write('/sys/fs/cgroup/cgroup.subtree_control', '+hugetlb')
    os.makedirs(group, exist_ok=True)
    write(group + '/hugetlb.2MB.max', 'max' if mib is None else str(mib << 20))
    write(group + '/cgroup.procs', str(os.getpid()))


def run_as(user, command, settings, scene):
    name, uid, gid = user
    environment = {
        'PATH': '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', 'HOME': '/run/home', 'USER': name,
        'LOGNAME': name, 'XDG_RUNTIME_DIR': f'/run/user/{uid}', 'LANG': 'C.UTF-8',
        'LANLOOM_BUILD': settings['build'], 'LANLOOM_SOURCE': settings['source'],
        'LANLOOM_ACCEL': 'tcg', 'LANLOOM_SCENE': json.dumps(scene)}
    process = subprocess.Popen(command, env=environment, cwd=settings['source'], user=uid,
                               group=gid, extra_groups=[], stdin=subprocess.DEVNULL,
                               start_new_session=True)
    # The first process also reaps those who lost their parents.
    while True:
        pid, status = os.wait()
        if pid == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode


def run_scene(scene, user, settings):
    """Whether all went well."""
    command = scene.get('command') or ['python3', '-B',
                                       os.path.join(os.path.dirname(__file__), 'checks.py')]
    print(f'# scene {scene["name"]}: {shlex.join(command)}', flush=True)
    set_pages(scene)
    limit(scene.get('limit_mib'))
    promised = promise(scene['promised']) if scene.get('promised') else None
    code = run_as(user, command, settings, scene)
    if promised:
        promised.close()
    return code == 0


def run():
    settings = json.loads(read('/run/lanloom-host'))
    for kind, where, options in MOUNTS:
        mount(kind, where, options)
    for link, target in (('fd', '/proc/self/fd'), ('stdin', 'fd/0'), ('stdout', 'fd/1'),
                         ('stderr', 'fd/2'), ('ptmx', 'pts/ptmx')):
        if not os.path.lexists('/dev/' + link):
            os.symlink(target, '/dev/' + link)
    os.makedirs('/dev/net', exist_ok=True)
    if not os.path.exists('/dev/net/tun'):
        os.mknod('/dev/net/tun', 0o666 | stat.S_IFCHR, os.makedev(10, 200))
    for device in ('net/tun', 'null', 'zero', 'random', 'urandom', 'full', 'tty', 'ptmx'):
        os.chmod('/dev/' + device, 0o666, follow_symlinks=True)
    os.chmod('/tmp', 0o1777)
    os.chmod('/var/tmp', 0o1777)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=False)
    open_way(settings['source'] + '/.')
    open_way(settings['build'] + '/.')
    user = make_user(settings['source'])
    results = [run_scene(scene, user, settings) for scene in settings['scenes']]
    return 0 if all(results) else 1


def main():
    code = 3
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        code = run()
    except Exception:
        traceback.print_exc()
    print(f'lanloom-host: exit {code}', flush=True)
    os.sync()
    LIBC.reboot(0x4321fedc)


os.environ['PATH'] = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'
os.umask(0o022)
main()
sys.exit(1)
