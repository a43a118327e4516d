#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Frames in motion where a lab has more cables than are watched at a time: 71 switches in a chain, and no
# machine, which start in a second. All selected, fewer, none; animated and not.

import json
import os
import time

import desktop
from desktop import Story
from harness import Plan, expect, expect_equal, wait_until

plan = Plan()
N_SWITCHES = 71
MAX_CABLES = 64  # of gui/window-motion.c
A_ROW = 12


def chain():
    names = [f's{i}' for i in range(N_SWITCHES)]
    return {
        'lanloom': 1,
        'nodes': [{'name': name, 'kind': 'switch', 'ports': 2} for name in names],
        'links': [{'ends': [f'{a}:1', f'{b}:0']} for a, b in zip(names, names[1:])],
        'canvas': {name: {'x': 120 + i % A_ROW * 140, 'y': 120 + i // A_ROW * 140}
                   for i, name in enumerate(names)},
    }


def n_in_wire(story):
    """How many cables go by it: each has two sockets then. Asking the engine for all takes long."""
    folder = os.path.join(story.status(story.file)['runtime'], 'wire')
    return len([name for name in os.listdir(folder) if name.endswith('.0')]) \
        if os.path.isdir(folder) else 0


def is_through(story, *ends):
    return json.loads(story.ctl('link', story.file, *ends, '--json').stdout)['wire'] == 'through'


def status_line(story, words):
    hands = story.hands
    return next((node.get_name() for node in hands.walk(hands.application())
                 if node.get_role_name() == 'status bar' and words in (node.get_name() or '')), None)


def expect_alive(story):
    """It answers, and nobody has ended it."""
    expect_equal(story.hands.process.poll(), None, 'the exit code of the window')
    expect(story.hands.find('Stop', 'push button'), 'the Stop button')


@plan.step('a lab of 70 cables runs', needed=True)
def start(story):
    story.file = story.write('chain.lanloom', chain())
    # What was freed is not what it was.
    story.hands.open(story.file, MALLOC_PERTURB_='165')
    story.hands.focus_window(1)
    story.hands.key('F5')
    wait_until(lambda: story.hands.find('Stop', 'push button'), 60, 'the Stop button')
    story.status(story.file)
    expect_equal(n_in_wire(story), 0, 'cables in the wire')


@plan.step('all selected: the first 64 are watched, and the limit is said', needed=True)
def all_selected(story):
    hands = story.hands
    hands.key('F6', 'ctrl+a', 'ctrl+m')
    wait_until(lambda: status_line(story, f'on at most {MAX_CABLES}'), 10, 'the limit in the status line')
    hands.shoot('all')
    wait_until(lambda: n_in_wire(story) == MAX_CABLES, 60,
               lambda: f'{MAX_CABLES} cables in the wire, and not {n_in_wire(story)}', step=0.5)
    expect_alive(story)


@plan.step('a few selected: those alone are watched')
def few_selected(story):
    hands = story.hands
    x1, y, width, _ = hands.area('s5, ', starts=True)
    x2, _, _, _ = hands.area('s6, ', starts=True)
    hands.click(((x1 + width + x2) // 2, y + width // 2))
    wait_until(lambda: n_in_wire(story) == 1 and is_through(story, 's5:1', 's6:0'), 60,
               lambda: f'one cable in the wire, and not {n_in_wire(story)}', step=0.5)
    hands.shoot('one')
    expect_alive(story)


@plan.step('nothing selected: none is watched')
def none_selected(story):
    story.hands.key('Escape', 'Escape')
    wait_until(lambda: n_in_wire(story) == 0, 60, 'no cable in the wire', step=0.5)
    expect_alive(story)


@plan.step('turned off with all selected: the wire ends, the window goes on')
def turned_off(story):
    hands = story.hands
    hands.key('F6', 'ctrl+a')
    wait_until(lambda: n_in_wire(story) == MAX_CABLES, 60, 'cables in the wire', step=0.5)
    hands.key('ctrl+m')
    wait_until(lambda: 'wire' not in {p['role'] for p in story.status(story.file)['processes']}, 40,
               'the wire to end', step=0.5)
    time.sleep(1)
    hands.shoot('off')
    expect_alive(story)


@plan.step('the window complained of nothing')
def complaints(story):
    story.expect_no_complaints()


@plan.step('leftovers: none')
def leftovers(story):
    story.ctl('stop', story.file)
    story.expect_nothing_left()


desktop.main(plan, lambda: Story(lab=None), 280)
