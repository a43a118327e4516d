# SPDX-License-Identifier: GPL-3.0-or-later
#
# The window's cells of the kill matrix (tests/system/cells.py): a real window under Xvfb, driven by
# its keys, and ended or stopped while it starts, shows, edits, saves or stops a lab.

import json
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'system'))

import cells  # noqa: E402
import desktop  # noqa: E402
from harness import NOT_RUNNING, OK, Failure, expect, wait_until  # noqa: E402


class WindowLab(cells.Lab):
    def __init__(self):
        super().__init__()
        self.hands = desktop.Hands(self)

    def open(self):
        self.hands.open(self.file)

    def open_again(self):
        """The next window, after one that was killed; it is offered what was not saved."""
        self.hands.open(self.file)

    def strike(self, cell, pause_s):
        pid = self.hands.process.pid
        if cell.action != 'stop':
            cells.end_by(self, cell.action, pid)
            self.hands.process.wait()
            return
        os.kill(pid, signal.SIGSTOP)
        end = time.monotonic() + pause_s
        try:
            # A client that does not read holds nobody up: not each time, if the computer does once.
            took_s = []
            for _ in range(5):
                begin = time.monotonic()
                self.ctl('status', self.file, code=None)
                took_s.append(time.monotonic() - begin)
                time.sleep(1)
            expect(min(took_s) < 3, f'another client waited {took_s} s')
            time.sleep(max(0, end - time.monotonic()))
        finally:
            os.kill(pid, signal.SIGCONT)

    def expect_button(self, *names):
        wait_until(lambda: any(self.hands.find(name, 'push button') for name in names), 30,
                   f'a window with {" or ".join(names)}', step=0.3)

    def is_running(self):
        return self.ctl('status', self.file, code=None).returncode == OK


def run_starting(lab, cell, pause_s):
    lab.open()
    lab.hands.key('F6')
    lab.hands.xdotool('key', 'F5')
    time.sleep(0.6)
    lab.strike(cell, pause_s)
    if cell.action != 'stop':
        # Without a document the engine gives the lab up; with one it goes on.
        time.sleep(1)
        if lab.is_running() and lab.status(lab.file)['generation'] == 0:
            lab.notes.append('had no document')
            wait_until(lambda: not lab.is_running(), 65, 'the lab to end by itself', step=1)
            return
        lab.open_again()
    wait_until(lab.is_whole, 60, 'both machines to be ready', step=0.3)
    lab.expect_button('Stop')


def run_running(lab, cell, pause_s):
    lab.ctl('start', lab.file)
    before = lab.processes()
    lab.open()
    lab.expect_button('Stop')
    lab.begin_ping()
    lab.strike(cell, pause_s)
    expect(lab.is_whole(), 'the lab went on')
    cells.compare(lab, cell, before)
    gap_s = lab.longest_gap_s()
    lab.notes.append(f'silence {gap_s:.1f} s')
    expect(gap_s <= cell.outcome.gap_s, f'no frame for {gap_s:.1f} s')
    if cell.action != 'stop':
        lab.open_again()
    lab.expect_button('Stop')


def run_editing(lab, cell, pause_s):
    lab.ctl('start', lab.file)
    before = lab.processes()
    lab.open()
    lab.expect_button('Stop')
    lab.hands.click(lab.hands.centre('Hub', 'push button'))
    lab.hands.wait_for_autosave('hub1')
    lab.strike(cell, pause_s)
    expect(lab.is_whole(), 'the lab went on')
    expect('hub1' in [node['name'] for node in lab.status(lab.file)['nodes']], 'the edit is there')
    cells.compare(lab, cell, before)
    if cell.action != 'stop':
        lab.open_again()
        lab.expect_button('Restore')
    wait_until(lambda: lab.hands.find('hub1, ', starts=True), 15, 'the hub in the window')


def run_saving(lab, cell, pause_s):
    lab.ctl('start', lab.file)
    before = lab.processes()
    with open(lab.file, encoding='utf-8') as file:
        old = file.read()
    lab.open()
    lab.expect_button('Stop')
    lab.hands.click(lab.hands.centre('Hub', 'push button'))
    lab.hands.xdotool('key', 'ctrl+s')
    lab.strike(cell, pause_s)
    with open(lab.file, encoding='utf-8') as file:
        now = file.read()
    lab.notes.append('the old file' if now == old else 'the new file')
    expect(now == old or 'hub1' in [node['name'] for node in json.loads(now)['nodes']], now[:200])
    expect(lab.is_whole(), 'the lab went on')
    cells.compare(lab, cell, before)
    if cell.action != 'stop':
        lab.open_again()
    lab.expect_button('Stop')


def run_stopping(lab, cell, pause_s):
    lab.ctl('start', lab.file)
    lab.open()
    lab.expect_button('Stop')
    lab.hands.key('F6')
    lab.hands.xdotool('key', 'shift+F5')
    lab.strike(cell, pause_s)
    time.sleep(2)
    lab.notes.append('the lab goes on' if lab.is_running() else 'the lab ended')
    if cell.action == 'stop':
        lab.expect_button('Start')


RUN = {'starting': run_starting, 'running': run_running, 'editing': run_editing,
       'saving': run_saving, 'stopping': run_stopping}


def close_window(lab):
    if lab.hands.process is not None and lab.hands.process.poll() is None:
        lab.hands.process.kill()
        lab.hands.process.wait()


def run_cell(cell, pause_s=cells.PAUSE_S):
    """As cells.run_cell ()."""
    lab = WindowLab()
    failure = None
    try:
        RUN[cell.phase](lab, cell, pause_s)
        close_window(lab)
        expect(lab.ctl('stop', lab.file, code=None).returncode in (OK, NOT_RUNNING), 'stop')
        lab.expect_clean(5)
    except Exception as error:  # a cell reports whatever went wrong
        failure = str(error) if isinstance(error, Failure) else repr(error)
        lab.print_logs()
        lab.hands.shoot('cell-' + str(cell).replace(', ', '-'))
        close_window(lab)
        lab.ctl('stop', lab.file, code=None)
        time.sleep(1)
    left = lab.leftovers()
    lab.close(False)
    return failure, lab.notes, len(left)


def with_display(run):
    """Calls run () where there is an X server and a session bus, which the program is run again
    for."""
    return run() if desktop.is_inner() else desktop.run_outer(None)
