#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The story of the first lab, told to the real window with a pointer and a keyboard: drag, cable,
# Start, consoles, counters, unplug, undo, save. Verdicts from the saved file, from lanloomctl and
# from what is left. See desktop.py for how it is driven.

import json
import os
import time

import desktop
from desktop import READY_S, Story
from harness import Plan, expect, expect_equal, wait_until


plan = Plan()


def expect_answers(story, node, address):
    """Soon: a ping that asks while the carrier comes back hears of what failed before."""
    wait_until(lambda: '2 received' in story.ping(story.file, node, address, count=2, wait=3,
                                                  code=None), 15, f'{address} to answer {node}')


@plan.step('the window opens on two-machines, not started', needed=True)
def open_window(story):
    story.hands.open(story.file)
    story.hands.tile('pc1')
    story.hands.shoot('opened')


@plan.step('a machine dragged from the palette lands on the canvas', needed=True)
def drag_machine(story):
    hands = story.hands
    x, y = hands.tile('pc1')
    x2, _ = hands.tile('pc2')
    hands.drag(hands.centre('Machine', 'push button'), ((x + x2) // 2, y + 180))
    hands.tile('pc3')
    hands.shoot('third-machine')
    names = [node['name'] for node in story.save()['nodes']]
    expect_equal(names, ['pc1', 'pc2', 'pc3'], 'nodes of the saved file')


@plan.step('undo takes it away, redo brings it back')
def undo_and_redo(story):
    story.hands.key('ctrl+z')
    expect_equal(len(story.save()['nodes']), 2, 'nodes after undo')
    story.hands.key('ctrl+shift+z')
    expect_equal(len(story.save()['nodes']), 3, 'nodes after redo')


@plan.step('copies are pasted beside what was copied, and undone')
def copy_and_paste(story):
    hands = story.hands
    hands.click(hands.tile('pc1'))
    hands.key('ctrl+c')
    hands.key('ctrl+v')
    hands.tile('pc4')
    expect_equal(len(story.save()['nodes']), 4, 'nodes after a paste')
    hands.key('ctrl+z')
    hands.click(hands.tile('pc3'))
    hands.key('ctrl+d')
    hands.tile('pc4')
    hands.key('ctrl+z')
    expect_equal(len(story.save()['nodes']), 3, 'nodes after undo')


@plan.step('a file that someone else wrote is not written over unasked')
def conflict(story):
    hands = story.hands
    text = open(story.file, encoding='utf-8').read()
    with open(story.file, 'w', encoding='utf-8') as file:
        file.write(text.replace('"pc3"', '"theirs"'))
    hands.click(hands.centre('Hub', 'push button'))
    hands.key('ctrl+s')
    hands.find('Overwrite', 'push button')
    expect('theirs' in open(story.file, encoding='utf-8').read(), 'the file was written over')
    hands.shoot('conflict')
    hands.click(hands.centre('Overwrite', 'push button'))
    wait_until(lambda: 'hub1' in open(story.file, encoding='utf-8').read(), 10, 'the file')
    hands.key('ctrl+z')
    story.save()


def save_again(story):
    """By the notice's button, which then goes."""
    hands = story.hands
    hands.click(hands.centre('Save Again', 'push button'))
    wait_until(lambda: os.path.isfile(story.file), 10, 'the file to be written')
    wait_until(lambda: not hands.notices(), 10, 'the notice to go')
    expect_equal([node['name'] for node in story.saved()['nodes']], ['pc1', 'pc2', 'pc3'],
                 'nodes of the saved file')


def wait_for_notice(story, words):
    wait_until(lambda: any(words in text for texts in story.hands.notices() for text in texts), 10,
               f'a notice with “{words}”')


@plan.step('a file that was deleted is told of at once, asked for at Start, and saved again')
def deleted(story):
    os.unlink(story.file)
    wait_for_notice(story, os.path.basename(story.file) + ' is gone')
    story.hands.shoot('deleted')
    story.hands.click(story.hands.centre('Start', 'push button'))
    wait_until(lambda: story.hands.find('Save the Lab'), 5, 'the question for a name')
    story.hands.click(story.hands.centre('Cancel', 'push button'))
    save_again(story)


@plan.step('a folder in place of the file is told of; a save that failed is done again without it')
def hindered(story):
    os.unlink(story.file)
    os.mkdir(story.file)
    wait_for_notice(story, os.path.basename(story.file) + ' is no file any more')
    story.hands.shoot('folder')
    story.hands.key('ctrl+s')
    wait_for_notice(story, 'was not saved')
    story.hands.shoot('not-saved')
    os.rmdir(story.file)
    wait_for_notice(story, os.path.basename(story.file) + ' is gone')
    save_again(story)


@plan.step('a file that grew beyond what a lab may be is told of, and replaced if that is said')
def grown(story):
    hands = story.hands
    with open(story.file, 'ab') as file:
        file.truncate(40 * 1024 * 1024)
    wait_for_notice(story, os.path.basename(story.file) + ' is no lab any more')
    hands.shoot('grown')
    hands.click(hands.centre('Save Again', 'push button'))
    hands.click(hands.centre('Overwrite', 'push button'))
    wait_until(lambda: os.stat(story.file).st_size < 10000, 10, 'the file')
    wait_until(lambda: not hands.notices(), 10, 'the notice to go')


@plan.step('a switch by a click in the palette, cables by dragging', needed=True)
def draw_cables(story):
    hands = story.hands
    before = len(story.saved()['links'])
    # pc1 and pc2 have one NIC each, and it is taken: the third machine gets a switch.
    hands.click(hands.centre('Switch', 'push button'))
    x, y = hands.tile('sw1')
    x3, y3 = hands.tile('pc3')
    hands.drag((x, y), (x3 + 220, y3))
    x, y = hands.tile('sw1')
    hands.xdotool('mousemove', x3, y3)
    time.sleep(0.3)
    hands.drag((x3 + 32, y3), (x, y))
    document = story.save()
    expect_equal(len(document['links']), before + 1, 'cables of the saved file')
    expect(any('pc3:0' in link['ends'] for link in document['links']), 'a cable of pc3')
    hands.shoot('cable-drawn')


@plan.step('addresses are given in the inspector')
def set_address(story):
    hands = story.hands
    hands.click(hands.tile('pc3'))
    hands.click(hands.centre('Addresses of card 0'))
    hands.key('ctrl+a')
    hands.type('10.0.0.3/24')
    hands.key('Return')
    hands.shoot('inspector')
    node = next(node for node in story.save()['nodes'] if node['name'] == 'pc3')
    expect_equal(node.get('addresses'), ['10.0.0.3/24'], 'addresses of pc3 in the file')


def cable_of(document, *ends):
    return next(link for link in document['links'] if link['ends'] == list(ends))


@plan.step('a delay is set on a cable, undone, done again; the cable is unplugged and plugged in')
def set_cable(story):
    hands = story.hands
    x, y = hands.tile('pc1')
    x2, y2 = hands.tile('pc2')
    hands.click(((x + x2) // 2, (y + y2) // 2))
    hands.click(hands.centre('Delay', 'spin button'))
    hands.key('ctrl+a')
    hands.type('20')
    hands.key('Return')
    hands.shoot('cable-delayed')
    cable = cable_of(story.save(), 'pc1:0', 'pc2:0')
    expect_equal(cable.get('delay_ms'), 20, 'the delay in the file')
    hands.key('F6', 'ctrl+z')
    expect('delay_ms' not in cable_of(story.save(), 'pc1:0', 'pc2:0'), 'the delay after undo')
    hands.key('ctrl+shift+z')
    expect_equal(cable_of(story.save(), 'pc1:0', 'pc2:0').get('delay_ms'), 20, 'after redo')
    hands.key('u')
    hands.area('cable from pc1 port 0 to pc2 port 0, unplugged')
    hands.shoot('cable-unplugged')
    expect_equal(cable_of(story.save(), 'pc1:0', 'pc2:0').get('fault'), 'unplugged', 'the fault')
    hands.click(hands.centre('Plug In', 'push button'))
    expect_equal(cable_of(story.save(), 'pc1:0', 'pc2:0'),
                 {'ends': ['pc1:0', 'pc2:0'], 'delay_ms': 20}, 'the cable plugged in')
    hands.click(hands.centre('Presets'))
    hands.click(hands.centre('Perfect Cable', 'menu item'))
    expect_equal(cable_of(story.save(), 'pc1:0', 'pc2:0'), {'ends': ['pc1:0', 'pc2:0']},
                 'the perfect cable')


@plan.step('the menu of a cable unplugs one end, and makes a satellite of it')
def cable_menu(story):
    hands = story.hands
    x, y = hands.tile('pc1')
    x2, y2 = hands.tile('pc2')
    near_pc1 = (x + 50, y + (y2 - y) * 50 // (x2 - x))
    hands.click(near_pc1, button=3)
    hands.click(hands.centre('Unplug at pc1 Only', 'menu item'))
    cable = cable_of(story.save(), 'pc1:0', 'pc2:0')
    expect_equal((cable.get('fault'), cable.get('at')), ('port', 'pc1:0'), 'the fault in the file')
    hands.click(near_pc1, button=3)
    hands.shoot('cable-menu')
    hands.click(hands.centre('Repair', 'menu item'))
    hands.click(near_pc1, button=3)
    hands.click(hands.centre('Impairments', 'menu'))
    hands.click(hands.centre('Satellite, Geostationary', 'radio menu item'))
    cable = cable_of(story.save(), 'pc1:0', 'pc2:0')
    expect_equal((cable.get('fault'), cable.get('delay_ms')), (None, 279), 'the satellite')
    hands.shoot('cable-satellite')
    hands.key('ctrl+z', 'ctrl+z', 'ctrl+z')
    expect_equal(cable_of(story.save(), 'pc1:0', 'pc2:0'), {'ends': ['pc1:0', 'pc2:0']},
                 'the cable after undo')


@plan.step('a start that is given up leaves nothing')
def cancel_start(story):
    hands = story.hands
    hands.key('F6')
    hands.key('F5')
    time.sleep(0.4)
    hands.key('shift+F5')
    wait_until(lambda: hands.find('Start', 'push button'), 20, 'the Start button')
    folder = os.path.join(story.runtime, 'lanloom')
    wait_until(lambda: not os.path.isdir(folder) or not any(
        os.path.isdir(os.path.join(folder, name)) for name in os.listdir(folder)), 5,
        'the lab to be gone')


@plan.step('Start: every machine says ready', needed=True)
def start(story):
    story.hands.click(story.hands.centre('Start', 'push button'))
    time.sleep(1.5)
    story.hands.shoot('starting')
    wait_until(lambda: story.is_ready('pc1', 'pc2', 'pc3', 'sw1'), READY_S, 'the lab to be ready',
               step=1)
    time.sleep(0.5)
    story.hands.shoot('ready')


@plan.step('consoles open by a double click; a ping typed there is answered')
def consoles(story):
    hands = story.hands
    hands.click(hands.tile('pc1'), times=2)
    wait_until(lambda: hands.find('pc1 · Screen', starts=True), 10, 'the screen of pc1')
    time.sleep(2)
    hands.shoot('screen')
    hands.click(hands.tile('pc2'), times=2)
    time.sleep(1)
    hands.click(hands.centre('pc1 · Serial', 'page tab'))
    hands.click(hands.centre('pc2 · Serial', 'page tab'))
    time.sleep(1)
    x, y, width, height = hands.area('pc1 · Serial', 'page tab')
    hands.click((x + width // 2, y + height + 60))
    hands.key('Return')
    hands.type('ping -c 3 -i 0.2 10.0.0.2 > /tmp/ping; ping -i 0.2 10.0.0.2\n')
    story.wait_for_file('pc1', 'ping', 'bytes from')
    hands.click(hands.tile('pc2'))
    hands.shoot('running')


def rename_and_undo(hands, name, new_name):
    """By keys that only the canvas understands."""
    hands.key('F2', 'ctrl+a')
    hands.type(new_name)
    hands.key('Return')
    hands.tile(new_name)
    hands.key('ctrl+z')
    hands.tile(name)


@plan.step('what is typed after a double click goes to that machine; Ctrl+Alt frees the keyboard')
def typing(story):
    hands = story.hands
    hands.click(hands.tile('pc3'), times=2)
    time.sleep(2)
    story.say_in_guest('pc3', 'typed')
    hands.shoot('typed')
    hands.key('ctrl+alt')
    rename_and_undo(hands, 'pc3', 'freed')
    # A click on the canvas takes the keyboard as well.
    hands.click(hands.tile('pc3'), times=2)
    time.sleep(0.5)
    hands.click(hands.tile('pc3'))
    rename_and_undo(hands, 'pc3', 'clicked')


@plan.step('counters of the cable move')
def counters_move(story):
    before = story.frames('pc1:0 pc2:0')
    expect(before is not None, 'no counters')
    wait_until(lambda: story.frames('pc1:0 pc2:0') != before, 5, 'the counters to move')


@plan.step('Pause holds every machine, Resume lets them go on')
def pause(story):
    hands = story.hands

    def states():
        nodes = story.status(story.file)['nodes']
        return {node['state'] for node in nodes if node['name'].startswith('pc')}
    hands.click(hands.centre('Pause', 'push button'))
    wait_until(lambda: states() == {'paused'}, 10, 'every machine to be paused', step=0.3)
    hands.shoot('paused')
    hands.click(hands.centre('Resume', 'push button'))
    wait_until(lambda: states() == {'ready'}, 10, 'every machine to go on', step=0.3)


@plan.step('a deleted cable is seen by the guest, undo brings the ping back')
def unplug(story):
    hands = story.hands
    x, y = hands.tile('pc1')
    x2, y2 = hands.tile('pc2')
    hands.click(((x + x2) // 2, (y + y2) // 2))
    hands.shoot('cable-selected')
    hands.key('Delete')
    wait_until(lambda: 'NO-CARRIER' in story.exec(story.file, 'pc1', 'ip', 'link'), 10,
               'NO-CARRIER in pc1', step=0.3)
    hands.shoot('unplugged')
    hands.key('ctrl+z')
    wait_until(lambda: 'NO-CARRIER' not in story.exec(story.file, 'pc1', 'ip', 'link'), 10,
               'the carrier of pc1', step=0.3)
    expect_answers(story, 'pc1', '10.0.0.2')
    hands.shoot('plugged-again')


@plan.step('a cable unplugged by a key is seen by the guest; plugged in, the ping goes on')
def unplug_by_key(story):
    hands = story.hands
    x, y = hands.tile('pc1')
    x2, y2 = hands.tile('pc2')
    hands.click((x + (x2 - x) // 3, (y + y2) // 2))
    hands.key('u')
    for node in ('pc1', 'pc2'):
        wait_until(lambda name=node: 'NO-CARRIER' in story.exec(story.file, name, 'ip', 'link'), 10,
                   f'NO-CARRIER in {node}', step=0.3)
    hands.shoot('unplugged-by-key')
    hands.key('u')
    wait_until(lambda: 'NO-CARRIER' not in story.exec(story.file, 'pc1', 'ip', 'link'), 10,
               'the carrier of pc1', step=0.3)
    expect_answers(story, 'pc1', '10.0.0.2')


@plan.step('a cable added while it runs carries a ping')
def live_cable(story):
    hands = story.hands
    # A fourth machine at the switch.
    hands.click(hands.centre('Machine', 'push button'))
    x, y = hands.tile('sw1')
    hands.drag(hands.tile('pc4'), (x, y + 120 if y < 300 else y - 120))
    x4, y4 = hands.tile('pc4')
    hands.focus('Addresses of card 0')
    hands.key('ctrl+a')
    hands.type('10.0.0.4/24')
    hands.key('Return')
    hands.xdotool('mousemove', x4, y4)
    time.sleep(0.3)
    hands.drag((x4 + 32, y4), (x, y))
    wait_until(lambda: story.is_ready('pc4'), READY_S, 'pc4 to be ready', step=1)
    expect_answers(story, 'pc3', '10.0.0.4')
    hands.shoot('fourth-machine')


@plan.step('a machine renamed by lanloomctl is renamed in the window')
def rename_outside(story):
    hands = story.hands
    text = json.dumps(story.save()).replace('"pc4"', '"srv4"').replace('pc4:', 'srv4:')
    with open(story.file, 'w', encoding='utf-8') as file:
        file.write(text)
    story.ctl('apply', '--rename', 'pc4=srv4', story.file)
    hands.tile('srv4')
    expect(story.is_ready('srv4'), 'srv4 goes on')
    expect(hands.find('pc1 · Serial', 'page tab'), 'the consoles are still there')
    time.sleep(1)
    expect(not hands.find('Keep Mine', 'push button'), 'a notice about what is drawn already')
    hands.click(hands.tile('srv4'))
    hands.key('F6', 'Right')
    hands.shoot('renamed-outside')


@plan.step('what was drawn is what is saved')
def saved(story):
    document = story.save()
    ends = sorted(' '.join(link['ends']) for link in document['links'])
    expect('pc1:0 pc2:0' in ends, f'the first cable in the file: {ends}')
    expect_equal([node['name'] for node in document['nodes']],
                 ['pc1', 'pc2', 'pc3', 'srv4', 'sw1'], 'nodes of the saved file')
    before = open(story.file, 'rb').read()
    story.ctl('format', story.file, code=None)
    expect_equal(open(story.file, 'rb').read(), before, 'canonical form of the saved file')


@plan.step('a closed window may leave the lab running; the next one attaches')
def keep_running(story):
    hands = story.hands
    hands.key('F6', 'ctrl+w')
    hands.shoot('keep-running')
    hands.click(hands.centre('Keep Running', 'push button'))
    wait_until(hands.is_closed, 10, 'the window to close')
    expect(story.is_ready('pc1', 'pc2'), 'the lab went on')
    hands.open(story.file)
    wait_until(lambda: hands.find('Stop', 'push button'), 20, 'the Stop button')


@plan.step('a window that is killed takes nothing with it; a new one attaches')
def attach(story):
    hands = story.hands
    hands.process.kill()
    hands.process.wait()
    expect(story.is_ready('pc1', 'pc2'), 'the lab went on')
    hands.open(story.file)
    wait_until(lambda: hands.find('Stop', 'push button'), 20, 'the Stop button')
    hands.shoot('attached')


@plan.step('Stop ends the lab')
def stop(story):
    hands = story.hands
    hands.click(hands.centre('Stop', 'push button'))
    hands.shoot('stopping')
    wait_until(lambda: hands.find('Start', 'push button'), 20, 'the Start button')
    hands.shoot('stopped')


@plan.step('unsaved work survives kill -9 of the window')
def autosave(story):
    hands = story.hands
    hands.click(hands.centre('Hub', 'push button'))
    hands.wait_for_autosave('hub1')
    hands.process.kill()
    hands.process.wait()
    hands.open()
    hands.click(hands.centre('Restore', 'push button'))
    wait_until(lambda: hands.find('hub1, ', starts=True), 10, 'the hub of the unsaved work')
    hands.shoot('restored')
    expect(any(node['name'] == 'hub1' for node in story.save()['nodes']), 'hub1 in the file')


@plan.step('the window complained of nothing')
def complaints(story):
    story.expect_no_complaints()


@plan.step('leftovers: none')
def leftovers(story):
    story.expect_nothing_left()


desktop.main(plan, Story, 420)
