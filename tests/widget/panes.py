#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The panes of a window without a lab: how to begin is legible with all of them open in a small
# window, and which of them the next window opens with. See desktop.py.

import desktop
from desktop import Story
from harness import Plan, expect, expect_equal, wait_until

plan = Plan()
CONSOLES = 'Double-click a running machine to open its consoles here.'


class Panes(Story):
    def __init__(self):
        super().__init__(lab=None)


def open_window(story):
    hands = story.hands
    # The pointer stands where it can hover nothing: without a window manager X would send the keys
    # to the window below it.
    hands.xdotool('mousemove', 1439, 899)
    hands.open()
    hands.focus_window(1)


def is_within_canvas(hands, name, role):
    left, top, width, height = hands.area('Lab')
    x, y, w, h = hands.area(name, role)
    return left <= x and x + w <= left + width and top <= y and y + h <= top + height


@plan.step('a window opens with neither consoles nor frames', needed=True)
def begin(story):
    open_window(story)
    expect_equal(story.hands.find('Frames', 'panel'), None, 'the frames')
    expect_equal(story.hands.find(CONSOLES), None, 'the consoles')
    story.hands.shoot('first')


@plan.step('with all panes open in 800 by 600, how to begin is in sight or scrolled to')
def all_panes(story):
    hands = story.hands
    hands.xdotool('windowsize', hands.windows()[-1], 800, 600)
    hands.key('ctrl+j', 'ctrl+shift+j')
    wait_until(lambda: hands.find('Frames', 'panel') and hands.find(CONSOLES), 10, 'all panes')
    wait_until(lambda: is_within_canvas(hands, 'Draw Your Lab', 'label'), 5,
               lambda: f'the title in sight: {hands.area("Draw Your Lab", "label")}')
    hands.shoot('all-panes')
    for name in ('Two Switches', 'Two Machines'):
        hands.focus(name)
        wait_until(lambda name=name: is_within_canvas(hands, name, 'push button'), 5,
                   lambda name=name: f'{name} in sight: {hands.area(name, "push button")}')
        hands.shoot('all-panes-' + name.split()[1].lower())


@plan.step('a machine dropped on what an empty canvas says lands there')
def drop(story):
    hands = story.hands
    hands.drag(hands.centre('Machine', 'push button'), hands.centre('Two Machines', 'push button'))
    wait_until(lambda: hands.find('pc1, ', starts=True), 10, 'pc1')
    expect(hands.find('Draw Your Lab') is None, 'the canvas says how to begin')
    hands.key('F6', 'ctrl+z')
    wait_until(lambda: hands.find('Draw Your Lab'), 5, 'how to begin')


@plan.step('the next window has the consoles again, and no list of frames that nobody asked for')
def again(story):
    hands = story.hands
    hands.key('F6', 'ctrl+w')
    wait_until(hands.is_closed, 10, 'the window to close')
    open_window(story)
    wait_until(lambda: hands.find(CONSOLES), 10, 'the consoles')
    expect(hands.find('Frames', 'panel') is None, 'the frames are back')
    hands.shoot('again')


@plan.step('the window complained of nothing')
def complaints(story):
    story.expect_no_complaints()


@plan.step('leftovers: none')
def leftovers(story):
    story.expect_nothing_left()


desktop.main(plan, Panes, 120)
