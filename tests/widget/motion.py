#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the canvas shows of frames, and the handles that unplug a cable: a click beside its middle and
# its ends, in a lab that is off and in one that runs; a ping as dots on the cable, slowed down and with
# losses; frames on hold, queued at their mark. See desktop.py.

import os
import subprocess
import time

import desktop
from desktop import READY_S, Story
from harness import BUILD, Plan, expect, expect_equal, wait_until

plan = Plan()
CABLE = ('pc1:0', 'pc2:0')
BESIDE_PX = 18
END_PX = 32 + 42


def fault(story):
    return story.save()['links'][0].get('fault')


def handle(hands, where):
    """Beside the cable from pc1 (left) to pc2 (right), once it shows its handles."""
    x1, y1 = hands.tile('pc1')
    x2, y2 = hands.tile('pc2')
    along = {'middle': (x1 + x2) // 2, 'pc1': x1 + END_PX, 'pc2': x2 - END_PX}[where]
    hands.xdotool('mousemove', (x1 + x2) // 2 + 40, y1)
    time.sleep(0.2)
    hands.xdotool('mousemove', along, y1)
    time.sleep(0.2)
    return along, y1 - BESIDE_PX


def rest(hands):
    """The pointer goes where it has nothing to say."""
    x, y = hands.tile('pc1')
    hands.xdotool('mousemove', x, y - 150)
    time.sleep(0.3)


def count_pixels(hands):
    """Of the purple of ICMP, light or dark, on the cable between pc1 and pc2."""
    x1, y1 = hands.tile('pc1')
    x2, _ = hands.tile('pc2')
    crop = f'{x2 - x1 - 80}x60+{x1 + 40}+{y1 - 30}'
    data = subprocess.run(['import', '-window', 'root', '-crop', crop, '-depth', '8', 'rgb:-'],
                          stdout=subprocess.PIPE, check=True).stdout
    return sum(red > green + 50 and blue > green + 50 and blue > red
               for red, green, blue in zip(data[::3], data[1::3], data[2::3]))


def count_note_pixels(hands):
    """Where what is set on the cable has its upper edge, unless it leaves the way of frames free."""
    x1, y1 = hands.tile('pc1')
    x2, _ = hands.tile('pc2')
    data = subprocess.run(['import', '-window', 'root', '-crop', f'60x4+{(x1 + x2) // 2 - 30}+{y1 - 12}',
                           '-depth', '8', 'rgb:-'], stdout=subprocess.PIPE, check=True).stdout
    return sum(red > green + 30 and red > blue + 60
               for red, green, blue in zip(data[::3], data[1::3], data[2::3]))


def cpu_s(pid):
    with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def ping(story, *args):
    return subprocess.Popen([BUILD + '/backend/cli/lanloomctl', 'exec', story.file, 'pc1', '--',
                             'ping', *args, '10.0.0.2'], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, env=story.env)


@plan.step('a click beside a cable unplugs it, another plugs it in, and undo knows both', needed=True)
def click_unplug(story):
    hands = story.hands
    hands.open(story.file)
    hands.focus_window(1)
    x1, y1 = hands.tile('pc1')
    x2, _ = hands.tile('pc2')
    hands.click(((x1 + x2) // 2, y1))
    expect_equal(fault(story), None, 'the fault after a click on the cable itself')
    at = handle(hands, 'middle')
    hands.shoot('handles')
    hands.click(at)
    expect_equal(fault(story), 'unplugged', 'the fault after a click')
    hands.click(at)
    expect_equal(fault(story), None, 'the fault after another')
    hands.click(at)
    rest(hands)
    hands.shoot('unplugged')
    hands.key('F6', 'ctrl+z')
    for where, end in (('pc1', 'pc1:0'), ('pc2', 'pc2:0')):
        hands.click(handle(hands, where))
        expect_equal(fault(story), 'port', f'the fault at {where}')
        expect_equal(story.save()['links'][0].get('at'), end, 'its end')
        rest(hands)
        hands.shoot(f'port-fault-{where}')
        hands.key('F6', 'ctrl+z')
        expect_equal(fault(story), None, 'the fault after undo')


@plan.step('a ping travels as dots, and nothing is drawn when it is over', needed=True)
def animate(story):
    hands = story.hands
    hands.key('F5')
    wait_until(lambda: story.is_ready('pc1', 'pc2'), READY_S, 'the lab to be ready', step=0.5)
    hands.key('F6', 'ctrl+m')
    expect_equal(count_pixels(hands), 0, 'purple pixels before')
    pinger = ping(story, '-i', '0.3', '-c', '60')
    wait_until(lambda: count_pixels(hands) > 20, 20, 'dots of ICMP on the cable', step=0.05)
    hands.shoot('real-time')
    pinger.terminate()
    pinger.wait()
    pinger = ping(story, '-i', '0.02', '-c', '1000')
    time.sleep(1)
    before = cpu_s(hands.process.pid)
    time.sleep(4)
    print(f'# the window at 50 pings a second: {(cpu_s(hands.process.pid) - before) * 25:.0f} % of a core')
    pinger.terminate()
    pinger.wait()
    wait_until(lambda: count_pixels(hands) == 0, 10, 'the dots to be gone', step=0.3)


@plan.step('frames that are lost and delayed are seen to be')
def losses(story):
    hands = story.hands
    story.ctl('link', story.file, *CABLE, 'delay_ms=800', 'loss_percent=50', 'duplicate_percent=30')
    time.sleep(1)
    rest(hands)
    expect_equal(count_note_pixels(hands), 0, 'pixels of the note on the way of frames')
    hands.key('F6', 'ctrl+m')
    wait_until(lambda: count_note_pixels(hands) > 30, 10, 'the note on the cable, without frames')
    hands.key('ctrl+m')
    wait_until(lambda: count_note_pixels(hands) == 0, 10, 'the note beside the cable again')
    pinger = ping(story, '-i', '0.4', '-c', '60')
    time.sleep(6)
    for i in range(4):
        hands.shoot(f'losses-{i}')
        time.sleep(0.4)
    pinger.terminate()
    pinger.wait()
    story.ctl('link', story.file, *CABLE, 'delay_ms=0', 'loss_percent=0', 'duplicate_percent=0')


@plan.step('frames on hold queue on the cable; a click on their mark shows them')
def held(story):
    hands = story.hands
    story.ctl('hold', story.file, *CABLE)
    pinger = ping(story, '-i', '0.2', '-c', '5')
    wait_until(lambda: count_pixels(hands) > 200, 20, 'a row of dots', step=0.2)
    time.sleep(1.5)
    hands.shoot('held')
    x1, y1 = hands.tile('pc1')
    x2, _ = hands.tile('pc2')
    hands.click(((x1 + x2) // 2, y1))
    wait_until(lambda: len(hands.windows()) == 2, 10, 'the window of what is held')
    hands.shoot('hold-window')
    hands.ask_to_close(hands.windows()[-1])
    wait_until(lambda: len(hands.windows()) == 1, 10, 'that window to close')
    story.ctl('release', story.file, *CABLE)
    wait_until(lambda: count_pixels(hands) == 0, 10, 'the row to be gone', step=0.2)
    pinger.wait()


@plan.step('a click unplugs a cable that carries a ping, and the guest sees it')
def unplug_live(story):
    hands = story.hands
    rest(hands)
    hands.focus_window(1)
    hands.click(handle(hands, 'pc1'))
    wait_until(lambda: 'NO-CARRIER' in story.exec(story.file, 'pc1', 'ip', 'link'), 10,
               'NO-CARRIER in pc1', step=0.3)
    expect('NO-CARRIER' not in story.exec(story.file, 'pc2', 'ip', 'link'), 'the carrier of pc2')
    hands.click(handle(hands, 'pc1'))
    wait_until(lambda: 'NO-CARRIER' not in story.exec(story.file, 'pc1', 'ip', 'link'), 10,
               'the carrier of pc1', step=0.3)


@plan.step('the window complained of nothing')
def complaints(story):
    hands = story.hands
    hands.key('F6', 'ctrl+m')
    story.ctl('stop', story.file)
    story.expect_no_complaints()


desktop.main(plan, Story, 300)
