#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One window through every file that is wrong: each gets one notice that names the file and says
# what is wrong with it, and the lab that is open stays as it is. See desktop.py.

import os
import subprocess
import time

import desktop
from badfiles import BAD, lab
from desktop import Story
from harness import Plan, expect, expect_equal, wait_until

plan = Plan()
HUNDRED_MB = 100 * 1000 * 1000


def wait_for_notice(story, path):
    """The texts of the one notice that says that @path was not opened."""
    hands = story.hands
    wanted = os.path.basename(path) + ' was not opened'

    def notice():
        return [texts for texts in hands.notices() if any(wanted in text for text in texts)]
    found = wait_until(notice, 15, f'“{wanted}”', step=0.1)
    expect_equal(len(hands.notices()), 1, f'notices after {path}: {hands.notices()}')
    return found[0]


def choose(story, path):
    """Opens a file by its name. The chooser completes what is typed, and takes its time."""
    hands = story.hands
    hands.key('ctrl+o')
    hands.focus_window(2)
    hands.key('ctrl+l')
    time.sleep(0.5)
    hands.key('ctrl+a')
    hands.type(path, delay_ms=40)
    time.sleep(0.5)
    hands.key('Return')
    texts = wait_for_notice(story, path)
    hands.focus_window(1)
    return texts


def reload_from(story, content):
    """The file that is open becomes @content, and the person says Reload."""
    hands = story.hands
    story.write(os.path.basename(story.file), content)
    wait_until(lambda: hands.find('Reload', 'push button'), 10, 'Reload') \
        .get_action_iface().do_action(0)
    return wait_for_notice(story, story.file)


@plan.step('a window with work that is not saved', needed=True)
def open_window(story):
    hands = story.hands
    hands.open(story.file)
    hands.focus_window(1)
    hands.click(hands.centre('Hub', 'push button'))
    wait_until(lambda: hands.find('hub1, ', starts=True), 10, 'the hub')
    hands.xdotool('mousemove', 700, 895)  # no tooltip: it would count as a window


@plan.step('a file that is chosen and no lab: refused, and no window is left of it')
def chosen(story):
    texts = choose(story, story.write('b.lanloom', 'hello'))
    expect(len(texts) > 1 and texts[1], f'no reason in {texts}')
    expect_equal(len(story.hands.windows()), 1, 'windows')
    story.hands.shoot('chosen')
    story.hands.close_notice()


for title, (content, words) in BAD.items():
    @plan.step(f'bad input: {title}')
    def bad(story, content=content, words=words):
        texts = reload_from(story, content)
        expect(len(texts) > 1 and texts[1], f'no reason in {texts}')
        for word in words:
            expect(word.lower() in '\n'.join(texts).lower(), f'no “{word}” in {texts}')
        story.hands.close_notice()


@plan.step('bad input: 100 MB')
def large(story):
    path = story.path('large.lanloom')
    with open(path, 'wb') as file:
        file.truncate(HUNDRED_MB)
    texts = choose(story, path)
    expect('large' in '\n'.join(texts).lower(), f'not a word about its size: {texts}')
    story.hands.shoot('large')
    story.hands.close_notice()


@plan.step('the lab that was open is as it was, undo and all')
def untouched(story):
    hands = story.hands
    expect(not hands.is_closed(), 'the window is gone')
    hands.key('ctrl+s')
    hands.click(hands.centre('Overwrite', 'push button'))
    wait_until(lambda: os.stat(story.file).st_size < 10000, 10, 'the file')
    hands.focus_window(1)
    expect_equal([node['name'] for node in story.saved()['nodes']], ['hub1', 'pc1', 'pc2'],
                 'nodes of the open lab')
    hands.key('F6', 'ctrl+z')
    expect_equal([node['name'] for node in story.save()['nodes']], ['pc1', 'pc2'],
                 'nodes after undo')


def offered(story, node):
    """Which orders the menu of @node takes."""
    hands = story.hands
    hands.click(hands.tile(node), button=3)
    wait_until(lambda: hands.find('Restart', 'menu item'), 5, 'the menu')
    hands.shoot('menu-' + node)
    items = [hands.find(name, 'menu item')
             for name in ('Try Again', 'Power On', 'Power Off', 'Restart')]
    names = [item.get_name() for item in items
             if item and item.get_state_set().contains(hands.atspi.StateType.SENSITIVE)]
    hands.key('Escape')
    return names


def can_try_again(story):
    """Whether the main menu would try again what failed."""
    hands = story.hands
    hands.click(hands.centre('Menu', 'toggle button'))
    item = wait_until(lambda: hands.find('Try Failed Ones Again'), 5, 'the menu')
    can = item.get_state_set().contains(hands.atspi.StateType.SENSITIVE)
    hands.shoot('menu')
    hands.key('Escape')
    wait_until(lambda: not hands.find('Try Failed Ones Again'), 5, 'the menu to go')
    return can


@plan.step('wrong images: said on the machine, the others run, and Start again repairs')
def images(story):
    hands = story.hands
    outside = story.path('outside.qcow2')
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', outside, '1M'], check=True)
    os.mkdir(story.path('labs'))
    story.write('labs/text.qcow2', 'this is no image')
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', outside,
                    story.path('labs/backed.qcow2')], check=True)
    images = {'gone': 'gone.qcow2', 'text': 'text.qcow2', 'backed': 'backed.qcow2'}
    nodes = [{'name': name, 'kind': 'disk', 'nics': 1, 'memory_mib': 64, 'image': image}
             for name, image in images.items()]
    story.file = story.write('labs/images.lanloom',
                             lab([{'name': 'pc1', 'kind': 'tiny', 'nics': 1}, *nodes]))
    hands.process.terminate()
    hands.process.wait()
    hands.open(story.file)
    hands.focus_window(1)
    expect(not can_try_again(story), 'a lab that does not run could be tried again')
    hands.key('F5')

    def failed(name):
        return hands.find(f'{name}, ', starts=True).get_name()
    for name, image in images.items():
        wait_until(lambda name=name: 'failed' in failed(name), 60, f'{name} to have failed', step=0.3)
    wait_until(lambda: story.is_ready('pc1'), desktop.READY_S, 'pc1 to be ready', step=0.5)
    time.sleep(0.5)
    hands.shoot('images')
    for name, image in images.items():
        hands.click(hands.tile(name))
        wait_until(lambda image=image: any(image in (node.get_name() or '') for node in
                                           hands.walk(hands.find('Inspector'))), 5,
                   f'a word about {image} in the inspector')
    hands.shoot('image')
    expect_equal(offered(story, 'gone'), ['Try Again'], 'orders offered to what failed')
    expect_equal(offered(story, 'pc1'), ['Power Off', 'Restart'], 'orders offered to what runs')
    expect(can_try_again(story), 'what failed cannot be tried again')
    # A right image at last, in the person's library.
    library = story.path('data/lanloom/images')
    os.makedirs(library, exist_ok=True)
    os.replace(outside, os.path.join(library, 'gone.qcow2'))
    hands.key('ctrl+k')
    hands.type('try failed')
    hands.key('Return')
    wait_until(lambda: 'failed' not in failed('gone'), 30, 'gone to be repaired', step=0.3)
    for name in ('text', 'backed'):
        hands.click(hands.tile(name))
        hands.key('Delete')
    wait_until(lambda: not can_try_again(story), 10, 'nothing that has failed', step=0.3)
    hands.key('shift+F5')
    wait_until(lambda: hands.find('Start', 'push button'), 20, 'the Start button')


@plan.step('the window complained of nothing')
def complaints(story):
    # GTK's file chooser gives the key that opens its entry to the entry before that is realized.
    story.expect_no_complaints(known='gtk_widget_event: assertion')


@plan.step('leftovers: none')
def leftovers(story):
    story.expect_nothing_left()


desktop.main(plan, Story, 240)
