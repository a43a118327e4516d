# SPDX-License-Identifier: GPL-3.0-or-later
"""The real window on a running lab, on an X server and a bus of its own."""

import os
import shutil
import subprocess
import tempfile
import time

SETTLE_S = 8


class Window:
    """Opens the project file of `lab`; `pid` is that of the window. What it draws into, the X server,
    is a process of its own and not counted."""

    def __init__(self, build, lab):
        self.program = os.path.join(build, 'gui', 'lanloom')
        self.file = lab.file
        self.pid = None

    @staticmethod
    def is_possible(build):
        return os.path.exists(os.path.join(build, 'gui', 'lanloom')) \
            and all(shutil.which(name) for name in ('xvfb-run', 'dbus-run-session'))

    def __enter__(self):
        self.config = tempfile.mkdtemp(prefix='lanloom-bench-')
        self.session = subprocess.Popen(
            ['dbus-run-session', '--', 'xvfb-run', '-a', '-s', '-screen 0 1280x800x24', self.program,
             self.file], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, 'XDG_CONFIG_HOME': self.config, 'GTK_A11Y': 'none',
                 'NO_AT_BRIDGE': '1'})
        time.sleep(SETTLE_S)
        found = subprocess.run(['ps', '-s', str(self.session.pid), '-o', 'pid=,args='], text=True,
                               capture_output=True).stdout
        for line in found.splitlines():
            pid, args = line.strip().split(' ', 1)
            if args.startswith(self.program):
                self.pid = int(pid)
        if self.pid is None:
            self.__exit__()
            raise RuntimeError('the window did not open')
        return self

    def __exit__(self, *_):
        os.killpg(self.session.pid, 15)
        self.session.wait(timeout=10)
        shutil.rmtree(self.config, ignore_errors=True)
