#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The screen of a machine that boots an image of somebody's: what is pasted is typed, key by key. The
# image is a boot sector of a few bytes that says on its serial line what key was pressed. See
# desktop.py.

import shutil
import socket
import subprocess
import time

import desktop
import dbus
from desktop import READY_S, Story
from harness import Plan, expect, wait_until

plan = Plan()
EVERY_KEY = ''.join(chr(c) for c in range(32, 127))
BOOT_SECTOR = bytes([
    0x31, 0xC0, 0xCD, 0x16,  # again: xor ax, ax; int 16h (wait for a key)
    0xBA, 0xF8, 0x03, 0xEE,  # mov dx, COM1; out dx, al
    0xEB, 0xF6,              # jmp again
])


def make_lab(story):
    raw = story.write('keys.raw', BOOT_SECTOR.ljust(510, b'\0') + b'\x55\xaa' + bytes(1 << 20))
    subprocess.run(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', raw,
                    story.path('keys.qcow2')], check=True)
    return story.write('disk.lanloom', {'lanloom': 1, 'nodes': [
        {'name': name, 'kind': 'disk', 'nics': 1, 'memory_mib': 64, 'image': image}
        for name, image in (('srv1', 'keys.qcow2'), ('srv2', 'late.qcow2'), ('srv3', 'gone.qcow2'))],
        'links': [], 'canvas': {f'srv{i}': {'x': 160 * i, 'y': 160} for i in (1, 2, 3)}})


def has_picture(hands):
    """Whether the screen of srv1 shows letters on black."""
    boxes = [node.get_extents(hands.atspi.CoordType.SCREEN)
             for node in hands.walk(hands.application()) if node.get_name() == 'srv1 · Screen']
    box = max(boxes, key=lambda box: box.width * box.height)
    crop = f'{box.width}x{box.height}+{box.x}+{box.y}'
    data = subprocess.run(['import', '-window', 'root', '-crop', crop, '-depth', '8', 'gray:-'],
                          capture_output=True, check=True, timeout=30).stdout
    return data.count(0) > len(data) / 2 and sum(byte > 60 for byte in data) > 200


class Serial:
    """What the machine said since the last look."""

    def __init__(self, story):
        engine = dbus.Engine(story.status(story.file)['runtime'])
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(engine.console('srv1'))
        self.socket.settimeout(0.1)
        engine.close()
        self.text = ''

    def wait_for(self, wanted, seconds):
        def heard():
            try:
                self.text += self.socket.recv(65536).decode(errors='replace')
            except socket.timeout:
                pass
            return wanted in self.text
        wait_until(heard, seconds, lambda: f'{wanted!r} and not {self.text!r}')
        text, self.text = self.text, ''
        return text


@plan.step('a running machine that boots an image, and its screen', needed=True)
def open_window(story):
    hands = story.hands
    story.file = make_lab(story)
    hands.open(story.file)
    hands.focus_window(1)
    hands.key('F5')
    wait_until(lambda: story.is_ready('srv1'), READY_S, 'the machine to be ready', step=0.5)
    hands.click(hands.tile('srv1'), times=2)
    wait_until(lambda: hands.find('srv1 · Screen', starts=True), 10, 'the screen of srv1')
    time.sleep(2)
    story.serial = Serial(story)
    hands.type('here')
    story.serial.wait_for('here', 20)


@plan.step('two machines that failed: one notice names both')
def failures(story):
    hands = story.hands
    wait_until(lambda: hands.find('2 machines failed.'), 10, lambda: hands.notices())
    notices = hands.notices()
    expect(len(notices) == 1 and all(name in notices[0][1] for name in ('srv2', 'srv3')), notices)
    hands.shoot('failures')


@plan.step('Try Again starts one that can run by now, and the other is told of again')
def try_again(story):
    hands = story.hands
    shutil.copy(story.path('keys.qcow2'), story.path('late.qcow2'))
    hands.click(hands.centre('Try Again', 'push button'))
    wait_until(lambda: story.is_ready('srv2'), READY_S, 'srv2 to be ready', step=0.3)
    told = wait_until(hands.notices, 10, 'the notice about srv3')
    expect(len(told) == 1 and told[0][0].startswith('srv3'), told)
    hands.close_notice()


@plan.step('every character of the keyboard is pasted, in one line')
def paste(story):
    hands = story.hands
    hands.set_clipboard(EVERY_KEY)
    heard = []
    # A machine that gets no processor for half a second loses keys: once more then.
    while EVERY_KEY not in heard and len(heard) < 3:
        hands.key('ctrl+shift+v')
        wait_until(lambda: not hands.find('Pasting into srv1…'), 20, 'the end of the paste')
        heard.append(story.serial.wait_for('~', 20))
    expect(EVERY_KEY in heard, f'{heard!r}')


@plan.step('several lines are asked about first')
def lines(story):
    hands = story.hands
    hands.set_clipboard('One\nTwo\tthree\n')
    hands.key('ctrl+shift+v')
    wait_until(lambda: hands.find('Paste 2 lines into srv1?'), 5, 'a question')
    hands.click(hands.centre('Paste', 'push button'))
    hands.focus_window()
    heard = story.serial.wait_for('three\r', 20)
    expect(heard == 'One\rTwo\tthree\r', f'{heard!r}')


@plan.step('what no key types is said, and nothing is pasted')
def untypable(story):
    hands = story.hands
    hands.set_clipboard('5 €')
    hands.key('ctrl+shift+v')
    wait_until(lambda: hands.find('Nothing was pasted: no key of srv1 types “€”.'), 5, 'why')
    hands.shoot('untypable')
    hands.type('x')
    expect(story.serial.wait_for('x', 10) == 'x', 'something was typed')


@plan.step('a long paste can be given up')
def give_up(story):
    hands = story.hands
    hands.set_clipboard('y' * 2000)
    hands.key('ctrl+shift+v')
    wait_until(lambda: hands.find('Pasting into srv1…'), 5, 'a word that it is under way')
    hands.click(hands.centre('Cancel', 'push button'))
    time.sleep(0.5)
    hands.type('end')
    heard = story.serial.wait_for('end', 10)
    expect(0 < heard.count('y') < 1900, f'{heard.count("y")} of 2000')


@plan.step('Copy says that a picture has no text')
def copy(story):
    hands = story.hands
    hands.key('ctrl+shift+c')
    wait_until(lambda: hands.find('The screen of srv1 is a picture', starts=True), 5, 'why not')


@plan.step('Ctrl+Shift+W closes the console')
def close(story):
    hands = story.hands
    hands.key('ctrl+shift+w')
    wait_until(lambda: not hands.find('srv1 · Screen', 'page tab'), 5, 'the screen to go')
    expect(hands.find('srv1 · Serial', 'page tab'), 'the serial console is gone, too')
    hands.click(hands.centre('srv1 · Serial', 'page tab'))
    hands.key('ctrl+shift+w')
    wait_until(lambda: not hands.find('srv1 · Serial', 'page tab'), 5, 'the serial console to go')


@plan.step('a paused machine that dozes: its screen opens, and shows what was last on it')
def look_while_paused(story):
    hands = story.hands
    story.ctl('pause', story.file)
    wait_until(lambda: any(p['role'] == 'qemu' and p['stopped']
                           for p in story.status(story.file)['processes']), 15, 'it to doze', step=0.3)
    hands.click(hands.tile('srv1'), times=2)
    wait_until(lambda: hands.find('srv1 · Screen', 'page tab'), 10, 'the screen of srv1')
    wait_until(lambda: has_picture(hands), 10, 'a picture', step=0.3)
    hands.shoot('paused')
    story.ctl('resume', story.file)
    hands.type('z')
    story.serial.wait_for('z', 10)


@plan.step('the window complained of nothing')
def complaints(story):
    story.expect_no_complaints()


@plan.step('leftovers: none')
def leftovers(story):
    story.serial.socket.close()
    story.hands.click(story.hands.centre('Stop', 'push button'))
    wait_until(lambda: story.hands.find('Start', 'push button'), 20, 'the Start button')
    story.expect_nothing_left()


desktop.main(plan, lambda: Story(None), 110)
