# SPDX-License-Identifier: GPL-3.0-or-later
"""How a computer can be off for huge pages, made for the time of a test and given back, even if the
test is killed. Takes root, and a computer whose huge pages nobody has set up; where some are free
already, labs that want them run there as it is. What is mounted is seen by the test alone."""

import contextlib
import ctypes
import mmap
import os
import signal
import tempfile
import time

import hugepages

# A switch takes 88 MiB, a wire 200; the rest is for labs that others may run meanwhile.
SCENES = {
    'enough': {'pages': 320},
    # The folder that distributions mount, closed to ordinary users.
    'closed': {'pages': 320, 'mode': 0o700},
    'few': {'pages': 20},
    # Free, and promised to a program that has not touched them yet.
    'promised': {'pages': 320, 'promised': 300},
    # Of a control group, which sysfs knows nothing of: what is free is refused.
    'limited': {'pages': 320, 'limit_mib': 10},
}
# What is left to all others, at least.
LEFT_MIB = 3072
MAP_HUGETLB = 0x40000
CLONE_NEWNS = 0x20000
MS_REC_PRIVATE = 0x44000
UNDO_S = 60
LIBC = ctypes.CDLL(None, use_errno=True)


class Unfit(Exception):
    """The scene cannot be made here; says why."""


def write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(str(text))


def read(path):
    with open(path, encoding='ascii') as file:
        return file.read().strip()


def call(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(kind, where, options=''):
    call(LIBC.mount(kind.encode(), where.encode(), kind.encode(), 0, options.encode()))


@contextlib.contextmanager
def undone(undo):
    """Calls undo() when the block ends, or this process, in whatever way: by a process that waits
    for either. It does so until it is true, for a minute at most."""
    reading, writing = os.pipe()
    guard = os.fork()
    if guard == 0:
        # What ends a test ends its session, and waits for its output.
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.close(writing)
        null = os.open('/dev/null', os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        os.read(reading, 1)
        deadline = time.monotonic() + UNDO_S
        while not undo() and time.monotonic() < deadline:
            time.sleep(0.1)
        os._exit(0)
    os.close(reading)
    try:
        yield
    finally:
        os.close(writing)
        os.waitpid(guard, 0)


@contextlib.contextmanager
def pages(number):
    mib = number * hugepages.PAGE_MIB
    if hugepages.available_mib() < mib + LEFT_MIB:
        raise Unfit(f'{mib} MiB for huge pages are too much for this computer')

    # What a lab of others has by now stays until it ends.
    def give_back():
        hugepages.set_pages(0)
        return hugepages.read_number('nr_hugepages') == 0

    with undone(give_back):
        hugepages.set_pages(number)
        if hugepages.read_number('nr_hugepages') != number:
            raise Unfit(f'{mib} MiB of huge pages could not be reserved')
        yield


@contextlib.contextmanager
def mounts():
    """A folder for mounts of this process and those it starts."""
    call(LIBC.unshare(CLONE_NEWNS))
    call(LIBC.mount(None, b'/', None, MS_REC_PRIVATE, None))
    with tempfile.TemporaryDirectory(prefix='lls-', dir='/tmp') as folder:
        mount('tmpfs', folder, 'mode=755')
        try:
            yield folder
        finally:
            call(LIBC.umount2(folder.encode(), 2))


@contextlib.contextmanager
def limit(folder, mib):
    """Everything this process starts may have that much of huge pages, whatever is free."""
    root = os.path.join(folder, 'cgroup')
    os.mkdir(root)
    mount('cgroup2', root)
    if 'hugetlb' not in read(root + '/cgroup.controllers').split():
        raise Unfit('no control group of version 2 limits huge pages here')
    control = root + '/cgroup.subtree_control'
    was_on = 'hugetlb' in read(control).split()
    group = f'{root}/lanloom-test-{os.getpid()}'
    own = root + next(line[3:] for line in read('/proc/self/cgroup').splitlines()
                      if line.startswith('0::')) + '/cgroup.procs'

    def remove():
        try:
            if os.path.isdir(group):
                os.rmdir(group)
            if not was_on:
                write(control, '-hugetlb')
        except OSError:
            return False
        return True

    with undone(remove):
        write(control, '+hugetlb')
        os.mkdir(group)
        write(group + '/hugetlb.2MB.max', mib << 20)
        write(group + '/cgroup.procs', os.getpid())
        try:
            yield
        finally:
            write(own, os.getpid())


@contextlib.contextmanager
def scene(name):
    """Makes it. Raises Unfit."""
    if not name:
        yield
        return
    wanted = SCENES[name]
    if not os.path.isdir(hugepages.POOL):
        raise Unfit('this kernel has no huge pages of 2 MiB')
    if name == 'enough' and hugepages.free_mib() >= wanted['pages'] * hugepages.PAGE_MIB:
        yield
        return
    if os.getuid() != 0:
        raise Unfit('only root can make a computer with such huge pages')
    if hugepages.read_number('nr_hugepages') != 0:
        raise Unfit('this computer has huge pages of its own')
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(mounts())
        stack.enter_context(pages(wanted['pages']))
        huge = os.path.join(folder, 'huge')
        os.mkdir(huge)
        mount('hugetlbfs', huge, f'pagesize=2M,mode={wanted.get("mode", 0o755):o}')
        if 'promised' in wanted:
            # They are handed over when they are written to; until then the kernel keeps them.
            stack.enter_context(contextlib.closing(
                mmap.mmap(-1, wanted['promised'] * hugepages.PAGE_MIB << 20,
                          flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_HUGETLB)))
        if 'limit_mib' in wanted:
            stack.enter_context(limit(folder, wanted['limit_mib']))
        yield
