#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Consoles on a running lab: typing into a screen, tearing it off and bringing it back, its picture
# as large as there is room; text selected on it, copied, and pasted into it; copying from one
# terminal and pasting into another; a terminal that changes its size, and what the guest knows of
# it. See desktop.py.

import time

import desktop
from desktop import READY_S, Story
from harness import Plan, expect, wait_until

plan = Plan()
LINE_PX = 17  # at least: a line of the terminal
COLUMNS, ROWS = 80, 25  # of the guest's text screen
PICTURE = 720, 400  # in pixels


def picture(hands):
    """Width and height of the screen of pc1: the largest of what is called so."""
    boxes = [node.get_extents(hands.atspi.CoordType.SCREEN)
             for node in hands.walk(hands.application()) if node.get_name() == 'pc1 · Screen']
    return max((box.width, box.height) for box in boxes)


def cell(hands, column, row):
    """Where on the screen of pc1 a place between two characters is: the height is a row's middle."""
    boxes = [node.get_extents(hands.atspi.CoordType.SCREEN)
             for node in hands.walk(hands.application()) if node.get_name() == 'pc1 · Screen']
    box = max((box for box in boxes if box.width > 0), key=lambda box: box.width * box.height)
    scale = min(box.width / PICTURE[0], box.height / PICTURE[1])
    width, height = PICTURE[0] * scale, PICTURE[1] * scale
    return (int(box.x + (box.width - width) / 2 + width * column / COLUMNS),
            int(box.y + (box.height - height) / 2 + height * (row + 0.5) / ROWS))


def clipboard_file(story, node, name):
    return story.exec(story.file, node, 'sh', '-c', f'cat /tmp/{name} || true')


def size_in_guest(story, node):
    text = story.exec(story.file, node, 'stty', '-F', '/dev/ttyS0', 'size')
    return tuple(int(word) for word in text.split())


@plan.step('a running lab, and the screen of pc1', needed=True)
def open_window(story):
    hands = story.hands
    hands.open(story.file)
    hands.focus_window(1)
    hands.key('F5')
    wait_until(lambda: story.is_ready('pc1', 'pc2'), READY_S, 'the lab to be ready', step=0.5)
    hands.click(hands.tile('pc1'), times=2)
    wait_until(lambda: hands.find('pc1 · Screen', starts=True), 10, 'the screen of pc1')
    time.sleep(1.5)
    story.say_in_guest('pc1', 'docked')


@plan.step('the screen torn off: a window of its own, which takes keys and grows')
def tear_off(story):
    hands = story.hands
    hands.key('ctrl+shift+d')
    hands.focus_window(2)
    window = hands.windows()[-1]
    hands.xdotool('windowsize', window, 600, 400)
    time.sleep(0.7)
    small = picture(hands)
    hands.xdotool('windowmove', window, 200, 100)
    hands.xdotool('windowsize', window, 1000, 700)
    time.sleep(0.7)
    large = picture(hands)
    expect(large[0] > small[0] + 300 and large[1] > small[1] + 200, f'{small} became {large}')
    hands.shoot('torn-off')
    story.say_in_guest('pc1', 'away')


@plan.step('back into the dock, beside its serial console, and it takes keys there')
def back(story):
    hands = story.hands
    hands.key('ctrl+shift+d')
    hands.focus_window(1)
    time.sleep(0.7)
    screen = hands.area('pc1 · Screen', 'page tab')
    serial = hands.area('pc1 · Serial', 'page tab')
    expect(screen[1] == serial[1] and screen[0] + screen[2] > serial[0] - 20, 'not in one tile')
    story.say_in_guest('pc1', 'back')
    hands.shoot('back')


@plan.step('a torn-off console is given back when its window is closed')
def close_torn_off(story):
    hands = story.hands
    hands.key('ctrl+shift+d')
    hands.focus_window(2)
    window = hands.windows()[-1]
    hands.ask_to_close(window)
    hands.focus_window(1)
    wait_until(lambda: hands.find('pc1 · Screen', 'page tab'), 10, 'the screen in the dock')
    expect(not hands.is_closed(), 'the window is gone')


@plan.step('the screen: a double click takes a word, a drag takes lines, Ctrl+Shift+C copies')
def copy_from_screen(story):
    hands = story.hands
    hands.click(cell(hands, 40, 12))
    hands.type("clear; echo; echo first /etc/wo''rd; echo '  second'")
    hands.key('Return')
    time.sleep(1.5)
    hands.click(cell(hands, 10, 1), times=2)
    time.sleep(1)
    hands.shoot('word')
    hands.key('ctrl+shift+c')
    wait_until(lambda: hands.clipboard() == '/etc/word', 5, lambda: repr(hands.clipboard()))
    hands.drag(cell(hands, 6, 1), cell(hands, 6, 2))
    hands.key('ctrl+shift+c')  # at once: it waits for the text
    wait_until(lambda: hands.clipboard() == '/etc/word\n  seco', 5, lambda: repr(hands.clipboard()))
    wait_until(lambda: hands.find('Copied 2 lines from pc1.'), 5, 'a word that it was copied')
    hands.shoot('lines')


@plan.step('the screen: with nothing selected all of it is copied, and that is said')
def copy_all(story):
    hands = story.hands
    hands.key('End')  # a key for the machine ends the selection
    hands.key('ctrl+shift+c')
    wait_until(lambda: hands.find('Nothing was selected: all of', starts=True), 5, 'a word')
    lines = hands.clipboard().split('\n')
    expect(lines[:3] == ['', 'first /etc/word', '  second'] and len(lines) == 4, f'{lines}')


@plan.step('the screen: one line is pasted at once, several are asked about')
def paste_into_screen(story):
    hands = story.hands
    hands.type('echo ')
    hands.set_clipboard("past\x1b[31med$((1 + 1))'~' > /tmp/screen")
    hands.key('ctrl+shift+v')
    time.sleep(0.5)
    hands.key('Return')
    wait_until(lambda: 'past[31med2~' in clipboard_file(story, 'pc1', 'screen'), 10,
               lambda: clipboard_file(story, 'pc1', 'screen'), step=0.3)
    hands.set_clipboard('echo one > /tmp/several\necho two >> /tmp/several\n')
    hands.key('ctrl+shift+v')
    wait_until(lambda: hands.find('Paste 2 lines into pc1?'), 5, 'a question')
    hands.shoot('question')
    expect('one' not in clipboard_file(story, 'pc1', 'several'), 'pasted before the answer')
    hands.click(hands.centre('Paste', 'push button'))
    hands.focus_window()
    wait_until(lambda: clipboard_file(story, 'pc1', 'several').split() == ['one', 'two'], 10,
               lambda: clipboard_file(story, 'pc1', 'several'), step=0.3)


@plan.step('a machine that does not read: the paste waits, and can be given up')
def give_up_paste(story):
    hands = story.hands
    hands.type('sleep 1000')
    hands.key('Return')
    hands.set_clipboard(('x' * 70 + '\n') * 60)
    hands.key('ctrl+shift+v')
    hands.click(hands.centre('Paste', 'push button'))
    hands.focus_window()
    wait_until(lambda: hands.find('Pasting into pc1…'), 5, 'a word that it is under way')
    hands.click(hands.centre('Cancel', 'push button'))
    wait_until(lambda: hands.find('The rest was not pasted.'), 5, 'a word that it was given up')
    wait_until(lambda: 'lanloom-screen' not in story.exec(story.file, 'pc1', 'ps'), 5,
               'the command in pc1 to end', step=0.5)
    hands.key('ctrl+c')
    story.say_in_guest('pc1', 'after')


@plan.step('the other mouse button has Copy and Paste')
def context_menu(story):
    hands = story.hands
    hands.click(cell(hands, 40, 12), button=3)
    wait_until(lambda: hands.find('Paste', 'menu item'), 5, 'the menu')
    hands.shoot('menu')
    hands.click(hands.centre('Copy', 'menu item'))
    wait_until(lambda: 'after' in hands.clipboard(), 5, 'all of the screen')


@plan.step('a word is copied in one terminal and pasted in another')
def copy_and_paste(story):
    hands = story.hands
    hands.click(hands.centre('pc1 · Serial', 'page tab'))
    x, y, _, _ = hands.area('Terminal', 'terminal')
    hands.click((x + 60, y + 60))
    hands.type("clear; echo; echo; echo copied''word")
    hands.key('Return')
    time.sleep(1)
    # Wherever the line stands exactly: its word is selected and copied.
    hands.click((x + 30, y + 2 * LINE_PX + LINE_PX // 2), times=2)
    hands.key('ctrl+shift+c')
    hands.shoot('copied')
    hands.click(hands.tile('pc2'), times=2)
    time.sleep(1)
    hands.click(hands.centre('pc2 · Serial', 'page tab'))
    x2, y2, width, height = hands.area('pc2 · Serial', 'page tab')
    hands.click((x2 + width // 2, y2 + height + 60))
    hands.type('echo ')
    hands.key('ctrl+shift+v')
    hands.type(' > /tmp/pasted')
    hands.key('Return')
    wait_until(lambda: 'copiedword' in story.exec(story.file, 'pc2', 'sh', '-c',
                                                  'cat /tmp/pasted || true'), 10,
               'the pasted word in pc2', step=0.3)
    hands.shoot('pasted')


@plan.step('a terminal that grows: the guest knows its new size by itself')
def resize(story):
    hands = story.hands
    before = size_in_guest(story, 'pc2')
    hands.key('ctrl+shift+d')
    hands.focus_window(2)
    window = hands.windows()[-1]
    hands.xdotool('windowsize', window, 1100, 800)
    wait_until(lambda: size_in_guest(story, 'pc2') > (before[0] + 10, 0), 10,
               f'more lines than {before}', step=0.5)
    grown = size_in_guest(story, 'pc2')
    hands.shoot('resized')
    hands.xdotool('windowsize', window, 640, 400)
    wait_until(lambda: size_in_guest(story, 'pc2') < (grown[0] - 10, 0), 10,
               f'fewer lines than {grown}', step=0.5)
    story.say_in_guest('pc2', 'resized')


@plan.step('Stop, and the torn-off window says that the machine is off')
def stop(story):
    hands = story.hands
    hands.xdotool('windowfocus', hands.windows()[0])
    hands.key('shift+F5')
    wait_until(lambda: hands.find('Start', 'push button'), 20, 'the Start button')
    wait_until(lambda: hands.find('pc2 is off', starts=True), 10, 'a word in the console')
    hands.shoot('off')


@plan.step('the window complained of nothing')
def complaints(story):
    story.expect_no_complaints()


@plan.step('leftovers: none')
def leftovers(story):
    story.expect_nothing_left()


desktop.main(plan, Story, 300)
