#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Captures from the window where something is missing: neither tshark nor Wireshark on the computer, no
# room on the disk. And with a Wireshark that is only a file, what it is given: live from a cable's menu,
# and from the list with what was listed in front; every frame with its interface and direction, as
# tshark reads them. The window gets a PATH of its own, to which programs are added.

import errno
import os
import shutil
import signal
import subprocess
import time

import desktop
from desktop import READY_S, Story
from harness import Plan, expect, expect_equal, is_alive, skip_all, wait_until

plan = Plan()
INBOUND, OUTBOUND = '0x00000001', '0x00000002'
BOW_PX = 13  # of the upper of two cables

if shutil.which('tshark') is None:
    skip_all('tshark is not installed')


def tshark(path, *fields, wanted='icmp'):
    """A list of fields for each frame that is wanted. A file that is broken fails."""
    args = [arg for field in fields for arg in ('-e', field)]
    said = subprocess.run(['tshark', '-n', '-r', path, '-Y', wanted, '-T', 'fields', *args],
                          capture_output=True, text=True, timeout=60)
    expect_equal(said.returncode, 0, f'tshark on {path}: {said.stderr}')
    return [line.split('\t') for line in said.stdout.splitlines()]


def expect_directions(path, interfaces):
    """Each interface saw requests leave pc1 and answers come, or the other way round."""
    kinds = {'8': OUTBOUND, '0': INBOUND}
    seen = tshark(path, 'frame.interface_name', 'frame.packet_flags_direction', 'icmp.type')
    expect_equal({row[0] for row in seen}, set(interfaces), 'interfaces')
    for interface, direction, kind in seen:
        expect_equal(direction, kinds[kind], f'direction of type {kind} at {interface}')


def install(story, name, script):
    path = os.path.join(story.bin, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(script)
    os.chmod(path, 0o700)


def click_cable(story, button=1):
    """The upper of the two: it leads from pc1:0 to pc2:0."""
    hands = story.hands
    (x1, y), (x2, _) = hands.tile('pc1'), hands.tile('pc2')
    hands.click(((x1 + x2) // 2 + 40, y - BOW_PX), button=button)


def ask_cable(story, item):
    """An item of the cable's menu."""
    hands = story.hands
    click_cable(story)
    click_cable(story, button=3)
    hands.click(hands.centre(item, 'menu item'))


def press(hands, name):
    wait_until(lambda: hands.find(name, 'push button'), 15, f'the button “{name}”') \
        .get_action_iface().do_action(0)


def answer_with(hands, path):
    """The file chooser's question, at once: it completes what is typed."""
    def entry():
        return next((node for node in hands.walk(hands.application())
                     if node.get_role_name() == 'text'
                     and node.get_state_set().contains(hands.atspi.StateType.FOCUSED)
                     and (node.get_text_iface().get_text(0, -1) or '').endswith('.pcapng')), None)
    hands.focus_window(2)
    wait_until(entry, 10, 'the name of the file').get_editable_text_iface().set_text_contents(path)
    time.sleep(0.5)
    hands.key('Return')
    hands.focus_window(1)


def wait_for_notice(hands, beginning):
    def find():
        return next((texts for texts in hands.notices()
                     if any(text.startswith(beginning) for text in texts)), None)
    return wait_until(find, 30, lambda: f'“{beginning}” among {hands.notices()}')


def wait_for_size(path, more_than=0):
    wait_until(lambda: os.path.exists(path) and os.path.getsize(path) > more_than, 30,
               f'{path} to grow')


def wait_for_list(hands):
    wait_until(lambda: hands.find('Frames', 'panel'), 10, 'the pane')
    wait_until(lambda: not hands.find('A moment…'), 30, 'the capture that is listed')


def ping(story, count=3):
    story.ping(story.file, 'pc1', '10.0.0.2', count=count, wait=5)


def capture_pings(story, path):
    """Three pings while the capture runs that has just been begun, which is stopped then."""
    wait_for_notice(story.hands, 'Capturing ')
    wait_for_size(path)
    ping(story)
    time.sleep(0.3)
    press(story.hands, 'Stop Capturing')
    wait_until(lambda: not story.hands.notices(), 20, 'the notice to go')


@plan.step('a lab runs, and the window finds no other program', needed=True)
def start(story):
    def add_cable(document):
        for node in document['nodes']:
            node['nics'] = 2
        document['links'].append({'ends': ['pc1:1', 'pc2:1']})
    story.edit(story.file, add_cable)
    story.ctl('start', story.file)
    wait_until(lambda: story.is_ready('pc1', 'pc2'), READY_S, 'the machines')
    for name, address in (('pc1', '10.0.1.1/24'), ('pc2', '10.0.1.2/24')):
        story.exec(story.file, name, 'ip', 'link', 'set', 'eth1', 'up')
        story.exec(story.file, name, 'ip', 'addr', 'add', address, 'dev', 'eth1')
    story.bin = story.path('bin')
    os.mkdir(story.bin)
    story.hands.open(story.file, PATH=story.bin)
    wait_until(lambda: story.hands.find('Stop', 'push button'), 20, 'the Stop button')
    story.hands.focus_window()


@plan.step('without Wireshark, the menu of a cable offers a file, which is right')
def no_wireshark(story):
    hands = story.hands
    path = story.path('menu.pcapng')
    ask_cable(story, 'Capture in Wireshark')
    wait_for_notice(hands, 'Wireshark is not installed: the package wireshark has it.')
    hands.shoot('no-wireshark')
    expect_equal(len(hands.windows()), 1, 'windows before a file is asked for')
    press(hands, 'Capture to a File Instead…')
    answer_with(hands, path)
    capture_pings(story, path)
    hands.shoot('captured')
    expect_equal(len(tshark(path, 'icmp.type')), 6, 'frames')
    expect_directions(path, ['pc1:0'])


@plan.step('without tshark, frames are listed in few words, and a file is offered')
def no_tshark(story):
    hands = story.hands
    path = story.path('pane.pcapng')
    click_cable(story)
    hands.key('ctrl+shift+f')
    wait_for_list(hands)
    ping(story)
    wait_until(lambda: hands.find('6 frames. Frames are told in few words: tshark is missing', starts=True),
               20, 'the count, and the word about tshark')
    wait_until(lambda: any('request' in (cell.get_name() or '') for cell in
                           hands.walk(hands.find('Frames', 'table'))), 20, 'a row')
    hands.shoot('no-tshark')
    press(hands, 'Capture to a File Instead…')
    answer_with(hands, path)
    capture_pings(story, path)
    expect_equal(len(tshark(path, 'icmp.type')), 6, 'frames')


@plan.step('without Wireshark, the list can be saved, and is right')
def save_list(story):
    hands = story.hands
    path = story.path('list.pcapng')
    press(hands, 'Open in Wireshark')
    wait_for_notice(hands, 'Wireshark is not installed: the package wireshark has it.')
    hands.shoot('no-viewer')
    press(hands, 'Save Frames…')
    answer_with(hands, path)
    wait_for_size(path)
    expect(len(tshark(path, 'icmp.type')) >= 6, 'frames of the list')
    expect_directions(path, ['pc1:0'])


@plan.step('Open in Wireshark: what is listed, and then what comes, until the list stops')
def view_live(story):
    hands = story.hands
    path = story.path('viewed.pcapng')
    install(story, 'wireshark', f'#!/bin/sh\n[ "$*" = "-k -i -" ] && exec /bin/cat > {path}\n')
    press(hands, 'Open in Wireshark')
    wait_for_size(path)
    listed = wait_until(lambda: len(tshark(path, 'icmp.type')), 10, 'frames in front')
    expect(listed >= 6, f'frames in front: {listed}')
    before = os.path.getsize(path)
    ping(story)
    wait_for_size(path, before)
    wait_until(lambda: len(tshark(path, 'icmp.type')) == listed + 6, 15, 'what came then')
    expect_directions(path, ['pc1:0'])
    # The list's own button: the header has one of the same name.
    bar = hands.find('Frames', 'panel')
    next(node for node in hands.walk(bar) if node.get_name() == 'Stop').get_action_iface().do_action(0)
    wait_until(lambda: not programs(story, 'cat'), 15, 'the end of what Wireshark is given')
    ping(story)
    expect_equal(len(tshark(path, 'icmp.type')), listed + 6, 'frames after the end')


def programs(story, name):
    """What the window started, by name."""
    found = subprocess.run(['pgrep', '-P', str(story.hands.process.pid), '-x', name],
                           capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]


@plan.step('a Wireshark that is closed ends nothing but itself')
def viewer_closed(story):
    hands = story.hands
    press(hands, 'Start Again')
    wait_for_list(hands)
    ping(story)
    press(hands, 'Open in Wireshark')
    pid = wait_until(lambda: programs(story, 'cat'), 15, 'a Wireshark')[0]
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not programs(story, 'cat'), 15, 'its end')
    ping(story)
    ping(story)
    wait_until(lambda: hands.find('12 frames', starts=True) or len(
        [cell for cell in hands.walk(hands.find('Frames', 'table'))
         if 'request' in (cell.get_name() or '')]) >= 9, 20, 'rows that came after it')
    hands.shoot('viewer-closed')
    press(hands, 'Close Frames')


@plan.step('live from the menu, of several cables: each its interface, each frame its direction')
def live(story):
    hands = story.hands
    path = story.path('live.pcapng')
    install(story, 'wireshark', f'#!/bin/sh\n[ "$1 $2" = "-k -i" ] && exec /bin/cat "$3" > {path}\n')
    hands.key('F6', 'ctrl+a')
    click_cable(story, button=3)
    hands.shoot('menu')
    hands.click(hands.centre('Capture in Wireshark', 'menu item'))
    wait_for_notice(hands, 'Capturing 2 cables into Wireshark.')
    wait_for_size(path)
    hands.shoot('live')
    ping(story)
    story.ping(story.file, 'pc1', '10.0.1.2', count=3, wait=5)
    wait_until(lambda: len(tshark(path, 'icmp.type')) == 12, 15, 'all pings while it goes on')
    expect_directions(path, ['pc1:0', 'pc1:1'])
    by_interface = tshark(path, 'frame.interface_name', 'ip.addr')
    expect(all(('10.0.0.' in addresses) == (name == 'pc1:0') for name, addresses in by_interface),
           f'addresses at interfaces: {by_interface}')
    os.kill(programs(story, 'cat')[0], signal.SIGTERM)
    wait_until(lambda: not hands.notices(), 20, 'the notice to go with Wireshark')


def capture_to_small_disk(story, name):
    """(folder, path in it as it is seen from here): a capture to there that has begun."""
    folder = story.path(name)
    os.mkdir(folder)
    # In the lab's own mount namespace, where captures are written: it goes with the lab.
    init = story.pid_of(story.file, 'init')
    subprocess.run(['nsenter', '--user', '--mount', '--preserve-credentials', '-t', str(init),
                    'mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', folder], check=True)
    ask_cable(story, 'Capture to File…')
    answer_with(story.hands, os.path.join(folder, 'full.pcapng'))
    wait_for_notice(story.hands, 'Capturing ')
    return f'/proc/{init}/root{folder}'


@plan.step('a disk that is full ends a capture: it is said, and what there is can be read')
def full_disk(story):
    hands = story.hands
    folder = capture_to_small_disk(story, 'small')
    story.exec(story.file, 'pc1', 'ping', '-c', '60', '-i', '0.02', '-s', '1400', '10.0.0.2', code=None)
    texts = wait_for_notice(hands, 'The capture of pc1:0 pc2:0 ended.')
    hands.shoot('full-disk')
    expect(any('no room left for' in text and 'full.pcapng' in text and 'make room' in text
               for text in texts), f'what to do: {texts}')
    path = story.path('kept.pcapng')
    shutil.copyfile(os.path.join(folder, 'full.pcapng'), path)
    n_frames = len(tshark(path, 'frame.number', wanted='frame'))
    expect(10 < n_frames < 60, f'frames that are kept: {n_frames}')
    expect(any(f'What came before is kept: {n_frames} frames.' in text for text in texts),
           f'how much there is, {n_frames}: {texts}')
    hands.close_notice()


def fill(folder):
    try:
        with open(os.path.join(folder, 'filler'), 'wb', buffering=0) as file:
            while file.write(b'x' * 4096):
                pass
    except OSError as error:
        expect_equal(error.errno, errno.ENOSPC, 'what ends the writing')


@plan.step('so it is while the engine is being started again')
def full_disk_alone(story):
    hands = story.hands
    folder = capture_to_small_disk(story, 'small-alone')
    story.exec(story.file, 'pc1', 'sh', '-c',
               'ping -i 0.2 10.0.0.2 > /dev/null 2>&1 < /dev/null & echo begun')
    wait_for_size(os.path.join(folder, 'full.pcapng'))
    init, engine = story.pid_of(story.file, 'init'), story.pid_of(story.file, 'engine')
    os.kill(init, signal.SIGSTOP)  # starts no other
    try:
        os.kill(engine, signal.SIGKILL)
        wait_until(lambda: not is_alive(engine), 10, 'the end of the engine')
        fill(folder)
        texts = wait_for_notice(hands, 'The capture of pc1:0 pc2:0 ended.')
        expect(any('no room left for' in text for text in texts), f'why: {texts}')
    finally:
        os.kill(init, signal.SIGCONT)
    wait_until(lambda: story.ctl('exec', story.file, 'pc1', '--', 'killall', 'ping', code=None).returncode == 0,
               20, 'an engine')
    hands.close_notice()


@plan.step('the window complained of nothing')
def complaints(story):
    # GTK's file chooser gives the key that opens its entry to the entry before that is realized.
    story.expect_no_complaints(known='gtk_widget_event: assertion')


@plan.step('leftovers: none')
def leftovers(story):
    story.ctl('stop', story.file)
    story.expect_nothing_left()


desktop.main(plan, Story, 300)
