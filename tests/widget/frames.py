#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The packet list in the real window, on a real lab: it is asked for on a cable, a ping appears row
# by row, one frame is opened and its bytes are marked, filters choose and are refused, and nothing
# of it is left. See desktop.py for how it is driven.

import os
import shutil
import signal
import time

import desktop
from desktop import READY_S, Story
from harness import Plan, expect, expect_equal, skip_all, wait_until

plan = Plan()

if shutil.which('tshark') is None:
    skip_all('tshark is not installed')


def rows(story):
    """The texts of the list, a row each, as assistive technology has them."""
    table = story.hands.find('Frames', 'table')
    if table is None:
        return []
    texts = [cell.get_name() or '' for cell in story.hands.walk(table)
             if cell.get_role_name() == 'table cell']
    n = 7 if story.hands.find('Source') else 5
    return [texts[i:i + n] for i in range(0, len(texts) - n + 1, n)]


def tree(story):
    view = story.hands.find('Details of the Frame', 'tree table')
    return [] if view is None else [cell.get_name() or '' for cell in story.hands.walk(view)
                                    if cell.get_role_name() == 'table cell']


def select_cable(story):
    hands = story.hands
    (x, y), (x2, y2) = hands.tile('pc1'), hands.tile('pc2')
    hands.click(((x + x2) // 2, (y + y2) // 2))


def helpers(story):
    """Processes of tshark that the window started."""
    pid = story.hands.process.pid
    found = []
    for name in os.listdir('/proc'):
        try:
            with open(f'/proc/{name}/stat', encoding='utf-8') as file:
                stat = file.read()
        except (OSError, ValueError):
            continue
        if '(tshark)' in stat and int(stat.rsplit(')', 1)[1].split()[1]) == pid:
            found.append(int(name))
    return found


def ask_until(story, n):
    """By ARP, again and again: a capture takes a while to begin. Until there are so many rows."""
    def ask():
        story.exec(story.file, 'pc1', 'ip', 'neigh', 'flush', 'dev', 'eth0')
        story.ping(story.file, 'pc1', 'pc2', count=1, wait=5)
        time.sleep(1)
        return len(rows(story)) >= n
    wait_until(ask, 30, f'{n} rows')


@plan.step('a lab runs', needed=True)
def start(story):
    story.ctl('start', story.file)
    wait_until(lambda: story.is_ready('pc1', 'pc2'), READY_S, 'the machines')
    story.hands.open(story.file)
    wait_until(lambda: story.hands.find('Stop', 'push button'), 20, 'the Stop button')
    story.hands.focus_window()


@plan.step('without a selection it says what to do')
def nothing_selected(story):
    story.hands.key('F6', 'Escape', 'ctrl+shift+f')
    wait_until(lambda: story.hands.find('Select a cable', starts=False) is None, 5, 'no dialog')
    expect_equal(story.hands.find('Frames', 'panel'), None, 'the pane')


@plan.step('Ctrl+Shift+F on a cable lists what passes', needed=True)
def list_frames(story):
    hands = story.hands
    select_cable(story)
    began = time.monotonic()
    hands.key('ctrl+shift+f')
    wait_until(lambda: hands.find('Frames', 'panel'), 10, 'the pane')
    wait_until(lambda: not hands.find('A moment…'), 30, 'the capture')
    story.ping(story.file, 'pc1', 'pc2', count=3, wait=5)
    wait_until(lambda: len([row for row in rows(story) if 'ICMP' in row]) >= 6, 20,
               'six rows of ICMP')
    print(f'# after {time.monotonic() - began:.1f} s')
    hands.shoot('listed')
    ways = {row[1] for row in rows(story) if 'ICMP' in row}
    expect_equal(ways, {'pc1 → pc2', 'pc2 → pc1'}, 'ways')
    expect(any('Echo (ping) request' in row[3] for row in rows(story)), str(rows(story)))


@plan.step('a selected frame is shown in full')
def details(story):
    hands = story.hands
    hands.key('Home')
    wait_until(lambda: any('Ethernet II' in text for text in tree(story)), 15, 'the details')
    expect(hands.find('Bytes of the Frame', 'text'), 'the bytes')
    hands.shoot('details')


@plan.step('new frames come in while one is looked at')
def goes_on(story):
    before = len(rows(story))
    story.ping(story.file, 'pc1', 'pc2', count=2, wait=5)
    wait_until(lambda: len(rows(story)) > before, 15, 'more rows')


@plan.step('Show Only: a filter of Wireshark chooses; a wrong one says why')
def show_only(story):
    hands = story.hands
    hands.focus('Show Only')
    hands.type('icmp.type == 0')
    hands.key('Return')
    wait_until(lambda: rows(story) and all('reply' in row[3] for row in rows(story)), 20, 'replies')
    hands.key('ctrl+a')
    hands.type('foo bar')
    hands.key('Return')
    wait_until(lambda: hands.find('The filter is not understood: ', starts=True), 20, 'why')
    hands.shoot('bad-filter')
    wait_until(lambda: rows(story) and all('reply' in row[3] for row in rows(story)), 20,
               'what the filter before chose')
    hands.key('ctrl+a', 'BackSpace', 'Return')
    wait_until(lambda: any('request' in row[3] for row in rows(story)), 20, 'all rows')


@plan.step('Catch Only: one that does not compile says why')
def catch_only(story):
    hands = story.hands
    hands.focus('Catch Only')
    hands.type('tcp port (')
    hands.key('Return')
    wait_until(lambda: hands.find('syntax error', starts=False) or any(
        'syntax' in (node.get_name() or '') for node in hands.walk(hands.application())), 20, 'why')
    hands.shoot('bad-catch')
    hands.key('ctrl+a')
    hands.type('arp')
    hands.key('Return')
    wait_until(lambda: hands.find('Stop', 'push button') and helpers(story), 20, 'a capture')
    ask_until(story, 2)
    expect_equal({row[2] for row in rows(story)}, {'ARP'}, 'protocols')
    hands.shoot('arp')


@plan.step('closed, it leaves no decoder and gives the cable back')
def closed(story):
    hands = story.hands
    hands.click(hands.centre('Close Frames', 'push button'))
    wait_until(lambda: not hands.find('Frames', 'panel'), 10, 'the pane to go')
    wait_until(lambda: 'wire' not in {p['role'] for p in story.status(story.file)['processes']}, 20,
               'the wire to end')
    wait_until(lambda: not helpers(story), 5, 'the decoder to end')
    hands.shoot('closed')


@plan.step('what just happened is listed, if the last seconds are kept')
def recent(story):
    hands = story.hands
    hands.key('F6', 'Escape')
    hands.shoot('lab-page')
    hands.focus('Keep')
    hands.key('space')
    wait_until(lambda: hands.find('Show', 'push button').get_state_set().contains(
        hands.atspi.StateType.SENSITIVE), 30, 'the last seconds to be kept')

    def list_pings():
        story.ping(story.file, 'pc1', 'pc2', count=3, wait=5)
        hands.key('F6', 'ctrl+shift+r')
        time.sleep(2)
        return len([row for row in rows(story) if 'ICMP' in row]) >= 6
    # More than once: a wire that is late on a busy computer is passed by for a moment.
    wait_until(list_pings, 30, 'six rows')
    hands.shoot('recent')
    # A cable that comes back is a new one.
    select_cable(story)
    hands.key('Delete', 'ctrl+z')
    wait_until(lambda: any('What passes on a new cable is not kept' in text
                           for texts in hands.notices() for text in texts), 10, 'what is not kept')
    hands.shoot('not-kept')
    hands.key('F6', 'Escape')
    hands.focus('Keep')
    hands.key('space')
    wait_until(lambda: 'wire' not in {p['role'] for p in story.status(story.file)['processes']}, 20,
               'the wire to end')
    hands.click(hands.centre('Close Frames', 'push button'))


@plan.step('a machine: all of its cables; a wire that dies ends it, which is said')
def ended(story):
    hands = story.hands
    hands.click(hands.tile('pc1'))
    hands.key('ctrl+shift+f')
    wait_until(lambda: helpers(story), 30, 'a decoder')
    pid = wait_until(lambda: next((p['pid'] for p in story.status(story.file)['processes']
                                   if p['role'] == 'wire'), None), 10, 'a wire')
    # ARP is all that is caught yet.
    ask_until(story, 1)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: hands.find('The wire ended: ', starts=True), 20, 'why it ended')
    hands.shoot('ended')
    expect(rows(story), 'what was caught is still there')
    hands.key('Home')
    wait_until(lambda: tree(story), 15, 'details of what was caught')
    hands.click(hands.centre('Close Frames', 'push button'))


@plan.step('the window complained of nothing')
def complaints(story):
    story.expect_no_complaints()


@plan.step('leftovers: none')
def leftovers(story):
    story.ctl('stop', story.file)
    story.expect_nothing_left()


desktop.main(plan, Story, 300)
