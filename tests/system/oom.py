# SPDX-License-Identifier: GPL-3.0-or-later
#
# Out of memory, for one process and nobody else: the process is put into a memory control group of
# its own together with a hog, and the kernel's OOM killer, which looks at that group alone, takes the
# process because its oom_score_adj says so. The computer's memory is never short: the group may use
# LIMIT_MIB. Needs a control group that may be written to (root, or delegated); where there is none,
# SIGKILL stands in, which is what the OOM killer sends.

import contextlib
import os
import signal
import subprocess
import sys
import time

from harness import is_alive

LIMIT_MIB = 48
ROOTS = ('/sys/fs/cgroup/memory', '/sys/fs/cgroup')  # version 1, version 2
# Its memory is a file without a name: that counts for the group, and not for how large the hog looks
# to the OOM killer. It waits for a line before it grows.
HOG = f'''
import os, sys, time
print("ready", flush=True)
sys.stdin.readline()
file = os.memfd_create("hog")
for _ in range({2 * LIMIT_MIB}):
    os.write(file, bytes(1 << 20))
time.sleep(60)
'''


def write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(str(text))


def make_group():
    """A new group with a limit: (folder, its file of counts), or None."""
    for root, limit, counts in ((ROOTS[0], 'memory.limit_in_bytes', 'memory.oom_control'),
                                (ROOTS[1], 'memory.max', 'memory.events')):
        folder = os.path.join(root, f'lanloom-oom-{os.getpid()}-{time.monotonic_ns()}')
        try:
            os.mkdir(folder)
            write(os.path.join(folder, limit), LIMIT_MIB << 20)
            return folder, os.path.join(folder, counts)
        except OSError:
            if os.path.isdir(folder):
                os.rmdir(folder)
    return None


def count_kills(path):
    with open(path, encoding='ascii') as file:
        return sum(int(line.split()[1]) for line in file if line.startswith('oom_kill '))


def remove(folder):
    deadline = time.monotonic() + 5
    while os.path.isdir(folder) and time.monotonic() < deadline:
        try:
            os.rmdir(folder)
        except OSError:
            time.sleep(0.05)


class Trap:
    """A group and a hog that waits, for a process that is put in with it when the trap springs."""

    def __init__(self):
        self.group = make_group()
        self.hog = None
        if self.group is not None:
            self.hog = subprocess.Popen([sys.executable, '-c', HOG], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.hog.stdout.readline()  # it has started
            write(os.path.join(self.group[0], 'cgroup.procs'), self.hog.pid)

    def exhaust(self, pid):
        """Whether the kernel ended @pid."""
        folder, counts = self.group
        write(f'/proc/{pid}/oom_score_adj', 1000)
        write(os.path.join(folder, 'cgroup.procs'), pid)
        self.hog.stdin.write(b'grow\n')
        self.hog.stdin.flush()
        deadline = time.monotonic() + 10
        # What the process has started since is in the group as well, and may go before it.
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.002)
        return not is_alive(pid) and count_kills(counts) > 0

    def spring(self, pid):
        """Ends @pid as running out of memory does. Returns 'kernel' or 'SIGKILL': who did it."""
        try:
            if self.group is not None and self.exhaust(pid):
                return 'kernel'
            with contextlib.suppress(ProcessLookupError):  # just now, after all
                os.kill(pid, signal.SIGKILL)
            return 'SIGKILL'
        finally:
            self.close()

    def close(self):
        if self.hog is not None:
            self.hog.kill()
            self.hog.communicate()
            remove(self.group[0])
