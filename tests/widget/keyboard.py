#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The first lab without a mouse: no step here moves or presses a pointer. See desktop.py.

import os
import time

import desktop
from desktop import READY_S, Story
from harness import Plan, expect, expect_equal, wait_until

plan = Plan()


class Keyboard(Story):
    def __init__(self):
        super().__init__(lab=None)
        self.file = self.path('mine.lanloom')

    def names(self):
        return [node['name'] for node in self.saved()['nodes']]

    def carrier(self, node):
        return 'NO-CARRIER' not in self.exec(self.file, node, 'ip', 'link')


def go_to(hands, what):
    """By Find, as somebody goes to a thing whose name is known."""
    hands.key('ctrl+k')
    hands.type(what)
    hands.key('Return')


@plan.step('an empty window opens, and the keyboard is at the canvas', needed=True)
def open_window(story):
    hands = story.hands
    # The pointer stands where it can hover nothing: without a window manager X would send the keys
    # to the window below it.
    hands.xdotool('mousemove', 1439, 899)
    hands.open()
    hands.focus_window(1)
    hands.shoot('empty')


@plan.step('a window of 800 by 600 shows all of how to begin')
def narrow(story):
    hands = story.hands
    window = hands.windows()[-1]
    hands.xdotool('windowsize', window, 800, 600)
    left, _, width, _ = hands.area('Lab')

    def is_whole(name):
        x, _, w, _ = hands.area(name, 'push button')
        return left <= x and x + w <= left + width and w < 500
    for name in ('Two Machines', 'One Switch', 'Two Switches'):
        wait_until(lambda name=name: is_whole(name), 5,
                   lambda name=name: f'{name} within {left} and {width}: {hands.area(name)}')
    hands.shoot('narrow')
    hands.xdotool('windowsize', window, 1280, 880)


@plan.step('a machine from the palette, another by Find', needed=True)
def add_machines(story):
    hands = story.hands
    for _ in range(12):
        if hands.focused() == 'Machine':
            break
        hands.key('shift+Tab')
    expect_equal(hands.focused(), 'Machine', 'what Shift+Tab comes to')
    hands.key('space')
    wait_until(lambda: hands.find('pc1, ', starts=True), 10, 'pc1')
    hands.key('ctrl+k')
    hands.type('add mach')
    hands.shoot('find')
    hands.key('Return')
    wait_until(lambda: hands.find('pc2, ', starts=True), 10, 'pc2')


@plan.step('Save asks for a name, which is typed')
def save_as(story):
    hands = story.hands
    hands.key('ctrl+s')
    hands.focus_window(2)
    hands.key('ctrl+a')
    hands.type(story.file)
    hands.key('Return')
    wait_until(lambda: os.path.exists(story.file), 10, 'the file')
    hands.focus_window(1)
    expect_equal(story.names(), ['pc1', 'pc2'], 'nodes of the saved file')


@plan.step('a cable: C, Tab to where it ends, Enter', needed=True)
def cable(story):
    hands = story.hands
    go_to(hands, 'pc1')
    hands.key('c')
    hands.key('Tab')
    wait_until(lambda: hands.find('pc1 port 0 → pc2 port 0'), 5, 'where it would end')
    hands.key('Escape')
    wait_until(lambda: not hands.find('pc1 port 0 →', starts=True), 5,
               'a status line that does not speak of what was given up')
    hands.key('c')
    hands.key('Tab')
    hands.shoot('cable')
    hands.key('Return')
    expect_equal([link['ends'] for link in story.save()['links']], [['pc1:0', 'pc2:0']], 'cables')


@plan.step('F2 renames, Alt with arrows moves')
def rename(story):
    hands = story.hands
    before = story.saved()['canvas']
    go_to(hands, 'pc2')
    hands.key('F2')
    hands.key('ctrl+a')
    hands.type('web')
    hands.key('Return')
    hands.key('alt+Down')
    hands.key('alt+Down')
    document = story.save()
    expect_equal(story.names(), ['pc1', 'web'], 'nodes of the saved file')
    expect(document['canvas'] != before, 'nothing moved')


@plan.step('addresses: Enter goes to the inspector, Tab to the field, F6 back')
def addresses(story):
    hands = story.hands
    for node, address in (('pc1', '10.0.0.1/24'), ('web', '10.0.0.2/24')):
        go_to(hands, node)
        hands.key('Return')
        for _ in range(20):
            if hands.focused() == 'Addresses of card 0':
                break
            hands.key('Tab')
        expect_equal(hands.focused(), 'Addresses of card 0', f'the field of {node}')
        hands.type(address)
        hands.key('Return')
        hands.key('F6')
    hands.shoot('addresses')
    expect_equal([node.get('addresses') for node in story.save()['nodes']],
                 [['10.0.0.1/24'], ['10.0.0.2/24']], 'addresses')


@plan.step('F5 starts; both machines say ready', needed=True)
def start(story):
    story.hands.key('F5')
    wait_until(lambda: story.is_ready('pc1', 'web'), READY_S, 'the lab to be ready', step=1)


@plan.step('Enter opens the screen; a ping typed there is answered', needed=True)
def screen(story):
    hands = story.hands
    go_to(hands, 'pc1')
    hands.key('Return')
    wait_until(lambda: hands.find('pc1 · Screen', starts=True), 10, 'the screen of pc1')
    time.sleep(2)
    hands.type('ping -c 3 -i 0.2 web > /tmp/ping; ping web')
    hands.key('Return')
    story.wait_for_file('pc1', 'ping', 'bytes from')
    hands.shoot('screen')
    hands.key('ctrl+alt')


@plan.step('the Menu key opens the serial console; Ctrl+Shift+L leaves it')
def serial(story):
    hands = story.hands
    go_to(hands, 'web')
    hands.key('Menu')
    hands.key('Down', 'Down')
    hands.shoot('menu')
    hands.key('Return')
    wait_until(lambda: hands.find('web · Serial', 'page tab'), 10, 'the serial console of web')
    time.sleep(1)
    story.say_in_guest('web', 'by-keys')
    hands.shoot('serial')
    hands.key('ctrl+shift+l')


@plan.step('the cable is found and deleted; the guest sees it; undo brings the ping back')
def unplug(story):
    hands = story.hands
    go_to(hands, '↔')
    hands.key('Delete')
    wait_until(lambda: not story.carrier('pc1'), 10, 'NO-CARRIER in pc1', step=0.3)
    hands.shoot('unplugged')
    hands.key('ctrl+z')
    wait_until(lambda: story.carrier('pc1'), 10, 'the carrier of pc1', step=0.3)
    story.ping(story.file, 'pc1', '10.0.0.2', count=2, wait=3)


@plan.step('Ctrl+S saves, Shift+F5 stops, Ctrl+W closes')
def stop(story):
    hands = story.hands
    document = story.save()
    expect_equal([link['ends'] for link in document['links']], [['pc1:0', 'web:0']], 'cables')
    hands.key('shift+F5')
    wait_until(lambda: hands.find('Start', 'push button'), 20, 'the Start button')
    hands.shoot('stopped')
    hands.key('ctrl+w')
    wait_until(hands.is_closed, 10, 'the window to close')


@plan.step('the window complained of nothing')
def complaints(story):
    story.expect_no_complaints()


@plan.step('leftovers: none')
def leftovers(story):
    story.expect_nothing_left()


desktop.main(plan, Keyboard, 300)
