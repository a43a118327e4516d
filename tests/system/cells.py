# SPDX-License-Identifier: GPL-3.0-or-later
#
# The kill matrix: part × phase × action, and what has to come of it. The table is data (RULES); the
# rest of this file makes each cell happen in a lab of its own, checks it, ends the lab and counts
# what is left. kill.py runs some cells in `make check`, tests/soak/matrix.py all of them. What
# happens to the window is in tests/widget/window_cells.py.

import contextlib
import dataclasses
import os
import re
import signal
import subprocess
import threading
import time

import oom
from harness import NOT_RUNNING, OK, Failure, World, expect, expect_equal, wait_until

PARTS = ('window', 'engine', 'init', 'keeper', 'ovsdb-server', 'ovs-vswitchd', 'wire', 'qemu')
PHASES = ('starting', 'running', 'editing', 'saving', 'stopping')
ACTIONS = ('kill', 'stop', 'oom')  # SIGKILL; SIGSTOP for PAUSE_S, then SIGCONT; out of memory
PAUSE_S = 30
LAB = 'two-machines'
CABLE = ('pc1:0', 'pc2:0')
DELAY_MS = 20  # of the cable, in cells of the wire
VICTIM = 'pc2'  # of the machines; pc1 is the other one
READY = {'pc1': 'ready', 'pc2': 'ready'}


# --- the table -------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Outcome:
    """lab: 'whole' (by itself), 'click' (after one Repair), 'either', 'ends'.
    guests: whose QEMU is the same process afterwards.
    gap_s: the longest silence of a ping that runs meanwhile; on top of a pause if `with_pause`.
    hang: what `lanloomctl status` says does not answer, during a pause; 'status': it says that the
    engine does not; 'process': it names the process as stopped."""
    text: str
    lab: str = 'whole'
    guests: tuple = ('pc1', 'pc2')
    gap_s: float = None
    with_pause: bool = False
    hang: str = None


# How much longer a silence may be on a computer that has other things to do.
BUSY = 3

ANY = None
DEATHS = ('kill', 'oom')
LIVE = ('starting', 'running', 'editing', 'saving')

# The first rule that matches a cell counts: parts, phases, actions, outcome.
RULES = (
    ('window', ('stopping',), ANY,
     Outcome('The lab ends if it was told to before; else it goes on.', lab='either')),
    ('window', ('starting',), DEATHS,
     Outcome('The lab goes on if it had its document; else it ends by itself within 30 s.',
             lab='either', guests=())),
    ('window', ('saving',), DEATHS,
     Outcome('The lab goes on. The file is the old or the new one, whole.')),
    ('window', ('editing',), DEATHS,
     Outcome('The lab goes on with the edits it was sent; the next window shows them, and offers '
             'what was not saved.')),
    ('window', ANY, DEATHS,
     Outcome('The lab goes on; the next window attaches to it.', gap_s=2)),
    ('window', ANY, ('stop',),
     Outcome('The lab goes on and answers others at once; the window goes on where it was.',
             gap_s=2)),

    (('init', 'keeper'), ('stopping',), DEATHS,
     Outcome('The stop ends; the other of the two removes the folders.', lab='ends')),
    (('init', 'keeper'), ANY, DEATHS,
     Outcome('All ends at once, and the other of the two removes the folders. Start it again.',
             lab='ends')),
    (ANY, ('stopping',), ('stop',),
     Outcome('The stop ends it all the same, within 15 s.', lab='ends')),
    (ANY, ('stopping',), ANY, Outcome('The stop ends.', lab='ends')),

    ('engine', ('starting',), DEATHS,
     Outcome('Its successor goes on with the start; machines that were connecting are started '
             'anew.', guests=())),
    ('engine', ANY, DEATHS,
     Outcome('Machines and cables go on; a new engine takes all over and carries the last edit out.',
             gap_s=2)),
    ('engine', ANY, ('stop',),
     Outcome('Machines and cables go on; clients say that the engine does not answer.', gap_s=2,
             hang='status')),
    ('init', ANY, ('stop',),
     Outcome('All goes on; that it was stopped is said.', gap_s=2, hang=':init')),
    ('keeper', ANY, ('stop',),
     Outcome('All goes on; that it was stopped is said.', gap_s=2, hang='process')),

    (('ovsdb-server', 'ovs-vswitchd'), ('starting',), DEATHS,
     Outcome('The switch is started again; machines that were connecting are tried again.',
             guests=())),
    (('ovsdb-server', 'ovs-vswitchd'), ANY, DEATHS,
     Outcome('Machines go on; the switch is started again and carries frames within 5 s.', gap_s=5)),
    ('ovsdb-server', ANY, ('stop',),
     Outcome('Frames flow, changes wait; it is said and passes.', gap_s=2, hang=':switch')),
    ('ovs-vswitchd', ('starting',), ('stop',),
     Outcome('Machines that connect wait for it; one that cannot wait so long is started anew when it '
             'goes on.', guests=())),
    ('ovs-vswitchd', ANY, ('stop',),
     Outcome('Machines go on without frames; it is said and passes.', gap_s=5, with_pause=True,
             hang=':switch')),

    ('wire', ('starting',), DEATHS,
     Outcome('Machines start; the cable carries frames as they come until the wire runs again.')),
    ('wire', ANY, DEATHS,
     Outcome('Machines go on; the cable carries frames as they come at once, and what it was asked '
             'for when the wire runs again.', gap_s=2)),
    ('wire', ('starting',), ('stop',),
     Outcome('Machines start; the cable carries frames as they come until the wire goes on, or '
             'another runs in its place.')),
    ('wire', ANY, ('stop',),
     Outcome('Machines go on; it is said, and from then on the cable carries frames as they come, '
             'until the wire goes on.', gap_s=10, hang=':wire')),

    ('qemu', ('starting',), ('stop',),
     Outcome('The other starts; this one goes on, or has failed after 30 s: Repair starts it.',
             lab='either', guests=('pc1',))),
    ('qemu', ANY, ('stop',),
     Outcome('The other goes on; it is said of this one, and passes.', gap_s=5, with_pause=True,
             hang=VICTIM)),
    ('qemu', ANY, DEATHS,
     Outcome('The other goes on; this one has failed and says why: Repair starts it anew.',
             lab='click', guests=('pc1',))),
)


@dataclasses.dataclass(frozen=True)
class Cell:
    part: str
    phase: str
    action: str

    def __str__(self):
        return f'{self.part}, {self.phase}, {self.action}'

    @property
    def outcome(self):
        for parts, phases, actions, outcome in RULES:
            if (parts is ANY or self.part == parts or self.part in parts) \
                    and (phases is ANY or self.phase in phases) \
                    and (actions is ANY or self.action in actions):
                return outcome
        raise KeyError(f'{self} is not in the table')


def all_cells():
    return [Cell(part, phase, action)
            for action in ACTIONS for part in PARTS for phase in PHASES]


class Lateness:
    """How late this computer wakes a sleeper meanwhile, at worst, on any core: what no lab can do
    anything about."""

    def __init__(self):
        self.worst_s = 0
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.watch, args=(core,))
                        for core in os.sched_getaffinity(0)]

    def watch(self, core):
        os.sched_setaffinity(0, {core})  # this thread alone
        while not self.is_over.is_set():
            begin = time.monotonic()
            time.sleep(0.01)
            self.worst_s = max(self.worst_s, time.monotonic() - begin - 0.01)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


# --- one lab ---------------------------------------------------------------------------------

class Lab(World):
    """A lab, a ping in it, and what was seen."""

    def __init__(self, delay_ms=0):
        super().__init__()
        self.file = self.take_lab(LAB)
        self.delay_ms = delay_ms
        self.notes = []
        if delay_ms:
            self.edit(self.file, lambda d: d['links'][0].update(delay_ms=delay_ms))
            self.ctl('format', '--in-place', self.file)

    def processes(self):
        return {(p['role'], p['node']): p['pid'] for p in self.status(self.file)['processes']}

    def start(self, part):
        """Returns the processes when all is as the file says and @part runs."""
        self.ctl('start', self.file)
        if self.delay_ms:
            wait_until(self.has_delay, 20, 'the delay that the cable is asked for', step=0.3)
        return wait_until(lambda: (now := self.processes()).get(key_of(part)) and now, 20,
                          f'{part} runs')

    def is_whole(self):
        return READY.items() <= self.states(self.file).items()

    def is_answered(self):
        return self.reaches(self.file, 'pc1', '10.0.0.2')

    def has_delay(self):
        """The cable is what its file says, as a ping feels it."""
        text = self.ctl('exec', self.file, 'pc1', '--', 'ping', '-c', '2', '-i', '0.2', '10.0.0.2',
                        code=None).stdout
        lowest = re.search(r'= ([\d.]+)/', text)
        return lowest is not None and float(lowest[1]) >= 2 * self.delay_ms

    def begin_ping(self):
        def n_answers():
            return self.counters(self.file)['pc1:0 pc2:0']['from_b']['frames']

        before = n_answers()
        self.exec(self.file, 'pc1', 'sh', '-c',
                  'ping -D -i 0.1 10.0.0.2 > /tmp/ping 2>&1 < /dev/null & echo started')
        wait_until(lambda: n_answers() >= before + 8, 20, 'answers to the ping', step=0.1)

    def longest_gap_s(self):
        """Ends the ping; seconds between two answers, at most."""
        time.sleep(1)
        text = self.exec(self.file, 'pc1', 'sh', '-c', 'killall -INT ping; sleep 0.3; cat /tmp/ping')
        stamps = [float(line[1:line.index(']')]) for line in text.splitlines()
                  if line.startswith('[') and 'bytes from' in line]
        expect(len(stamps) > 5, f'{len(stamps)} answers to the ping')
        return max(b - a for a, b in zip(stamps, stamps[1:]))


def key_of(part):
    return ('qemu', VICTIM) if part == 'qemu' else (part, None)


def end_by(lab, action, pid, trap=None):
    if action == 'oom':
        lab.notes.append(f'out of memory by {(trap or oom.Trap()).spring(pid)}')
    else:
        os.kill(pid, signal.SIGKILL)


def sees_hang(lab, wanted):
    result = lab.ctl('status', '--json', lab.file, code=None)
    if wanted == 'status':
        return result.returncode != OK and 'does not answer' in result.stderr
    if result.returncode != OK:
        return False
    status = lab.status(lab.file)
    if wanted == 'process':
        return any(p['stopped'] for p in status['processes'] if p['role'] == 'keeper')
    return wanted in status['hangs']


def hold(lab, cell, pid, pause_s, meanwhile=None):
    """Stops @pid for @pause_s; what is to be said of it must be said by then, and no sooner go."""
    end = time.monotonic() + pause_s
    os.kill(pid, signal.SIGSTOP)
    try:
        if cell.outcome.hang and cell.phase != 'starting':
            begin = time.monotonic()
            wait_until(lambda: sees_hang(lab, cell.outcome.hang), min(pause_s - 1, 15),
                       f'“{cell.outcome.hang}” among what does not answer', step=0.3)
            lab.notes.append(f'said after {time.monotonic() - begin:.1f} s')
        if meanwhile is not None:
            meanwhile()
        time.sleep(max(0, end - time.monotonic()))
    finally:
        with contextlib.suppress(ProcessLookupError):  # given up by the engine
            os.kill(pid, signal.SIGCONT)
    if cell.outcome.hang and cell.phase != 'starting':
        wait_until(lambda: not sees_hang(lab, cell.outcome.hang), 15, 'it passes', step=0.3)


def strike(lab, cell, pid, pause_s, meanwhile=None):
    if cell.action == 'stop':
        hold(lab, cell, pid, pause_s, meanwhile)
    else:
        end_by(lab, cell.action, pid)


def recover(lab, cell):
    """Waits for what the outcome promises; clicks Repair where it says so."""
    outcome = cell.outcome
    if outcome.lab in ('whole', 'either'):
        try:
            wait_until(lab.is_whole, 45, 'both machines to be ready by themselves', step=0.2)
            return
        except Failure:
            if outcome.lab == 'whole':
                raise
    if outcome.lab == 'click':
        wait_until(lambda: lab.states(lab.file)[VICTIM] == 'failed', 10, f'{VICTIM} has failed',
                   step=0.1)
        node = next(n for n in lab.status(lab.file)['nodes'] if n['name'] == VICTIM)
        expect(node['detail'], 'no reason is given')
        expect('out of memory by kernel' not in lab.notes or 'memory' in node['detail'],
               f'the reason does not speak of memory: {node["detail"]}')
        lab.notes.append(f'“{node["detail"]}”')
        wait_until(lambda: lab.states(lab.file)['pc1'] == 'ready', 45, 'the other machine is ready',
                   step=0.2)
    lab.notes.append('one click')
    lab.ctl('start', lab.file)
    wait_until(lab.is_whole, 45, 'both machines to be ready after Repair', step=0.2)


def compare(lab, cell, before):
    after = lab.processes()
    for node in cell.outcome.guests:
        expect_equal(after.get(('qemu', node)), before.get(('qemu', node)), f'process of {node}')
    if cell.action == 'stop' and cell.outcome.lab == 'whole' and cell.phase != 'starting':
        expect_equal(after, before, 'processes')
    wait_until(lab.is_answered, 20, 'a ping at the end', step=0.3)
    if lab.delay_ms:
        wait_until(lab.has_delay, 20, 'the delay that the cable was asked for', step=0.3)


# --- the phases ------------------------------------------------------------------------------

def run_starting(lab, cell, pause_s):
    lab.ctl('start', '--no-wait', lab.file)
    before = wait_until(lambda: (now := lab.processes()).get(key_of(cell.part)) and now, 20,
                        f'{cell.part} runs')
    strike(lab, cell, before[key_of(cell.part)], pause_s)
    if cell.outcome.lab != 'ends':
        recover(lab, cell)
        compare(lab, cell, before if ('qemu', 'pc2') in before else lab.processes())


def run_running(lab, cell, pause_s):
    before = lab.start(cell.part)
    with Lateness() as lateness:
        lab.begin_ping()
        strike(lab, cell, before[key_of(cell.part)], pause_s)
        if cell.outcome.lab == 'ends':
            return
        recover(lab, cell)
        compare(lab, cell, before)
        gap_s = lab.longest_gap_s() if cell.outcome.gap_s is not None else None
    if gap_s is not None:
        lab.notes.append(f'silence {gap_s:.1f} s')
        limit = cell.outcome.gap_s + (pause_s if cell.outcome.with_pause else 0)
        if gap_s > limit:
            lab.notes.append(f'MORE THAN {limit} s, a sleeper woke {lateness.worst_s:.1f} s late')
        # No test fails on time: what the table promises is judged on a quiet computer.
        expect(gap_s <= BUSY * (limit + lateness.worst_s),
               f'no frame for {gap_s:.1f} s, wanted at most {limit} s')


def run_editing(lab, cell, pause_s):
    before = lab.start(cell.part)
    lab.edit(lab.file, lambda d: d['nodes'][0].update(nics=3))
    lab.ctl('apply', '--no-wait', lab.file)
    strike(lab, cell, before[key_of(cell.part)], pause_s)
    if cell.outcome.lab == 'ends':
        return
    recover(lab, cell)
    wait_until(lambda: lab.exec(lab.file, 'pc1', 'ip', '-o', 'link', code=None).count(': eth') == 3,
               30, 'the edit is carried out', step=0.3)
    compare(lab, cell, before)


def run_saving(lab, cell, pause_s):
    before = lab.start(cell.part)
    with open(lab.file, encoding='utf-8') as file:
        canonical = file.read()
    lab.edit(lab.file, lambda d: None)  # not canonical any more
    save = lab.spawn('format', '--in-place', lab.file)
    strike(lab, cell, before[key_of(cell.part)], pause_s)
    expect_equal(save.wait(60), OK, 'exit code of the save')
    with open(lab.file, encoding='utf-8') as file:
        expect_equal(file.read(), canonical, 'the file')
    if cell.outcome.lab == 'ends':
        return
    recover(lab, cell)
    compare(lab, cell, before)


def run_stopping(lab, cell, pause_s):
    before = lab.start(cell.part)
    trap = oom.Trap() if cell.action == 'oom' else None
    process = lab.spawn('stop', lab.file, stderr=subprocess.DEVNULL)
    time.sleep(0.008)  # lanloomctl is on its way to the engine
    try:
        if cell.action == 'stop':
            os.kill(before[key_of(cell.part)], signal.SIGSTOP)  # and nobody lets it go on
        else:
            end_by(lab, cell.action, before[key_of(cell.part)], trap)
    except OSError:
        lab.notes.append('had ended by itself')
    code = process.wait(60)
    expect(code in (OK, NOT_RUNNING), f'stop: exit {code}')


RUN = {'starting': run_starting, 'running': run_running, 'editing': run_editing,
       'saving': run_saving, 'stopping': run_stopping}


def finish(lab, cell):
    """Ends the lab, if it is not to have ended; nothing may be left either way."""
    ends = cell.outcome.lab == 'ends'
    if not ends:
        lab.ctl('stop', lab.file)
    lab.expect_clean(20 if ends else 5)
    lab.ctl('status', lab.file, code=NOT_RUNNING)


def run_cell(cell, pause_s=PAUSE_S):
    """Returns (None or what was wrong, notes, number of leftovers)."""
    lab = Lab(DELAY_MS if cell.part == 'wire' else 0)
    failure = None
    try:
        RUN[cell.phase](lab, cell, pause_s)
        finish(lab, cell)
    except Exception as error:  # a cell reports whatever went wrong
        failure = str(error) if isinstance(error, Failure) else repr(error)
        lab.print_logs()
        if lab.ctl('stop', lab.file, code=None).returncode == OK:
            time.sleep(1)
    left = lab.leftovers()
    lab.close(False)
    return failure, lab.notes, len(left)
