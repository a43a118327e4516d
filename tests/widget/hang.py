#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Parts of a running lab that hang, as the person sees it: a notice says which, its one button brings
# the part back, and the notice goes, by the button or by itself. A part hangs by SIGSTOP here.

import json
import os
import signal
import time

import desktop
from harness import OK, Plan, expect, expect_equal, state_of, wait_until

NOTICED_S = 20

# Part → words of its notice.
PARTS = {
    'ovs-vswitchd': 'Open vSwitch has not answered',
    'engine': 'The engine of the lab has not answered',
    'keeper': 'The keeper of the lab',
}

plan = Plan()


def pids(story):
    return {(p['role'], p['node']): p['pid'] for p in story.status(story.file)['processes']}


def shows(story, words):
    return any(words in text for notice in story.hands.notices() for text in notice)


@plan.step('a lab, and a window that shows it', needed=True)
def start(story):
    story.ctl('start', story.file)
    story.hands.open(story.file)
    wait_until(lambda: story.hands.find('Stop', 'push button'), 20, 'the Stop button')


for part, words in PARTS.items():
    @plan.step(f'{part} hangs: a notice says so, and Repair brings it back')
    def hang(story, part=part, words=words):
        before = pids(story)
        pid = before[part, None]
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(lambda: shows(story, words), NOTICED_S, f'“{words}…”', step=0.3)
            story.hands.shoot('hangs-' + part)
            story.hands.click(story.hands.centre('Repair', 'push button'))
            wait_until(lambda: state_of(pid) != 'T', 5, f'{part} goes on')
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: not shows(story, words), NOTICED_S, 'the notice to go', step=0.3)
        expect_equal(pids(story), before, 'processes')


@plan.step('a machine hangs: a notice names it, and goes by itself')
def machine(story):
    pid = pids(story)['qemu', 'pc2']
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: shows(story, 'pc2 has not answered'), NOTICED_S, 'the notice', step=0.3)
        expect(not shows(story, 'pc1 has not answered'), 'the other machine is named, too')
        story.hands.shoot('hangs-pc2')
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: not shows(story, 'pc2 has not answered'), NOTICED_S, 'the notice to go',
               step=0.3)
    expect(story.is_ready('pc1', 'pc2'), 'both machines are ready')


def parent_of(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as file:
        return int(file.read().rpartition(')')[2].split()[1])


def carries(story, link):
    """Whether the lab that runs has the cable; None: its engine is not there."""
    result = story.ctl('counters', '--json', story.file, code=None)
    if result.returncode != OK:
        return None
    return link in {row['id'] for row in json.loads(result.stdout)['links']}


@plan.step('what is drawn while the engine is started again reaches it')
def drawn_meanwhile(story):
    engine = story.pid_of(story.file, 'engine')
    init = parent_of(engine)
    (x, y), (x2, y2) = story.hands.tile('pc1'), story.hands.tile('pc2')
    expect_equal(carries(story, 'pc1:0 pc2:0'), True, 'the cable before')
    story.hands.click(((x + x2) // 2, (y + y2) // 2))
    os.kill(init, signal.SIGSTOP)
    try:
        os.kill(engine, signal.SIGKILL)
        time.sleep(0.5)
        story.hands.key('Delete')
        time.sleep(1)
    finally:
        os.kill(init, signal.SIGCONT)
    wait_until(lambda: carries(story, 'pc1:0 pc2:0') is False, 15, 'the cable to go', step=0.3)
    story.hands.key('ctrl+z')
    wait_until(lambda: carries(story, 'pc1:0 pc2:0'), 15, 'the cable to be back', step=0.3)


def lose_engine(story):
    """It is killed, and who would start it again is stopped. Returns the latter's pid."""
    engine = story.pid_of(story.file, 'engine')
    init = parent_of(engine)
    os.kill(init, signal.SIGSTOP)
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: shows(story, PARTS['engine']), NOTICED_S, 'a notice of the engine', step=0.3)
    return init


@plan.step('an engine that does not come back: a notice says so, and Repair brings it back')
def away(story):
    init = lose_engine(story)
    try:
        time.sleep(12)  # longer than any engine takes
        expect(shows(story, PARTS['engine']), 'the notice is gone')
        story.hands.shoot('engine-away')
        story.hands.click(story.hands.centre('Repair', 'push button'))
        wait_until(lambda: state_of(init) != 'T', 5, 'PID 1 of the lab goes on')
    finally:
        os.kill(init, signal.SIGCONT)
    wait_until(lambda: not story.hands.notices(), NOTICED_S, 'the notice to go', step=0.3)
    expect(story.is_ready('pc1', 'pc2'), 'both machines are ready')


@plan.step('Stop ends a lab whose engine does not come back')
def stop_without(story):
    lose_engine(story)
    story.hands.click(story.hands.centre('Stop', 'push button'))
    wait_until(lambda: story.hands.find('Start', 'push button'), 40, 'the Start button')
    expect_equal(story.hands.notices(), [], 'notices')


@plan.step('leftovers: none')
def leftovers(story):
    story.ctl('stop', story.file, code=None)
    story.expect_nothing_left()


desktop.main(plan, desktop.Story, 220)
