#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Machines that boot a qcow2 image of somebody's: the image here is a boot sector of a few bytes,
# written below by hand. It says over COM1 and on the VGA screen whether it finds its own mark in
# the disk's second sector, and then puts it there. So a first boot says "first boot", and a restart
# of the same machine "second boot", while the image must not have changed by a byte.

import hashlib
import os
import re
import shutil
import socket
import subprocess
import time

import dbus
from harness import PROBLEMS, Failure, Plan, World, expect, expect_equal, wait_until

plan = Plan()
world = World()
ORIGIN = 0x7C00


def assemble():
    """The boot sector: 16-bit code, its texts, 0x55 0xaa."""
    labels = {}
    holes = []  # (where, label, size): filled in at the end
    code = bytearray()

    def put(*values):
        code.extend(values)

    def refer(label, size):
        holes.append((len(code), label, size))
        put(*[0] * size)

    def say(label):
        put(0xBE)                    # mov si, label
        refer(label, 2)
        put(0xE8)                    # call say
        holes.append((len(code), 'say', 'near'))
        put(0, 0)

    def sector(function):
        put(0xB8, 1, function)       # mov ax, one sector, function
        put(0xBB, 0x00, 0x7E if function == 2 else 0x7C)  # mov bx, buffer
        put(0xB9, 2, 0)              # mov cx, cylinder 0, sector 2
        put(0x5A, 0x52, 0xB6, 0)     # pop dx; push dx; mov dh, head 0
        put(0xCD, 0x13, 0x72)        # int 13h; jc failed
        refer('failed', 1)

    put(0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xC0, 0x8E, 0xD0)  # ax, ds, es, ss = 0
    put(0xBC, 0x00, 0x7C, 0xFC, 0x52)                    # mov sp, 7c00h; cld; push dx (the drive)
    sector(2)
    put(0x81, 0x3E, 0xFE, 0x7F, 0x55, 0xAA, 0x75)        # cmp word [7ffeh], 0aa55h; jne first
    refer('first', 1)
    say('text-second')
    put(0xEB)                                            # jmp write
    refer('write', 1)
    labels['first'] = len(code)
    say('text-first')
    labels['write'] = len(code)
    sector(3)
    say('text-written')
    labels['halt'] = len(code)
    put(0xF4, 0xEB, 0xFD)                                # hlt; jmp halt
    labels['failed'] = len(code)
    say('text-failed')
    put(0xEB)
    refer('halt', 1)

    labels['say'] = len(code)
    put(0xAC, 0x84, 0xC0, 0x74, 22)                      # lodsb; test al, al; jz to the ret
    put(0x50, 0xBA, 0xFD, 0x03)                          # push ax; mov dx, line status
    put(0xEC, 0xA8, 0x20, 0x74, 0xFB)                    # in al, dx; test al, 20h; jz -5 (busy)
    put(0x58, 0xB2, 0xF8, 0xEE)                          # pop ax; mov dl, 0f8h; out dx, al
    put(0xB4, 0x0E, 0xBB, 7, 0, 0xCD, 0x10)              # mov ah, 0eh; mov bx, 7; int 10h
    put(0xEB, 0x100 - 27, 0xC3)                          # jmp say; ret
    for name, text in (('first', 'first boot'), ('second', 'second boot'),
                       ('written', 'disk written'), ('failed', 'disk failed')):
        labels['text-' + name] = len(code)
        put(*b'lanloom: ' + text.encode() + b'\r\n\0')

    for where, label, size in holes:
        target = labels[label]
        if size == 1:
            code[where] = (target - where - 1) & 0xFF
        elif size == 'near':
            code[where:where + 2] = ((target - where - 2) & 0xFFFF).to_bytes(2, 'little')
        else:
            code[where:where + 2] = (ORIGIN + target).to_bytes(2, 'little')
    return bytes(code).ljust(510, b'\0') + b'\x55\xaa'


def make_image(w, name, *options):
    raw = w.write(name + '.raw', assemble().ljust(1 << 20, b'\0'))
    path = w.path(name)
    subprocess.run(['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', *options, raw, path],
                   check=True)
    return path


def fingerprint(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest(), os.stat(path).st_mtime_ns


def disk_lab(w, name, images):
    """A lab of disk machines ({name: image or None}) and a machine that ships, on one cable."""
    nodes = [{'name': 'pc1', 'kind': 'tiny', 'nics': 1}]
    for node, image in images.items():
        nodes.append({'name': node, 'kind': 'disk', 'nics': 1, 'memory_mib': 64})
        if image is not None:
            nodes[-1]['image'] = image
    return w.write(name, {'lanloom': 1, 'nodes': nodes,
                          'links': [{'ends': ['pc1:0', next(iter(images)) + ':0']}]})


def engine_of(w, file):
    return dbus.Engine(w.status(file)['runtime'])


def power(w, file, node, action):
    engine = engine_of(w, file)
    engine.power(node, action)
    engine.close()


class Serial:
    """A console by its socket: what was said so far comes first, then what is said now."""

    def __init__(self, w, file, node):
        engine = engine_of(w, file)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(engine.console(node))
        self.socket.settimeout(0.1)
        engine.close()
        self.text = ''

    def read(self):
        try:
            self.text += self.socket.recv(65536).decode(errors='replace')
        except socket.timeout:
            pass
        return self.text

    def wait_for(self, wanted, seconds=60):
        try:
            wait_until(lambda: wanted in self.read(), seconds, repr(wanted))
        except Failure as error:
            raise Failure(f'{error}; the console says {self.text[-500:]!r}') from error


@plan.step('a disk image boots: ready, it speaks on its console, its disk takes writes')
def boot(w):
    image = make_image(w, 'tiny.qcow2')
    w.image_before = fingerprint(image)
    w.file = disk_lab(w, 'disk.lanloom', {'srv1': 'tiny.qcow2'})
    w.ctl('start', w.file)
    expect_equal(w.states(w.file), {'pc1': 'ready', 'srv1': 'ready'}, 'states')
    serial = Serial(w, w.file, 'srv1')
    serial.wait_for('lanloom: first boot\r\nlanloom: disk written')
    expect_equal(fingerprint(image), w.image_before, 'the image')
    # What went to the disk survives a restart of the machine, and is not in the image.
    pid = w.pid_of(w.file, 'qemu', 'srv1')
    power(w, w.file, 'srv1', 'restart')
    serial.wait_for('lanloom: second boot\r\nlanloom: disk written')
    wait_until(lambda: w.states(w.file)['srv1'] == 'ready', 30, 'ready after the restart')
    expect(w.pid_of(w.file, 'qemu', 'srv1') != pid, 'it is the same process')
    serial.socket.close()
    expect_equal(fingerprint(image), w.image_before, 'the image after a restart')


@plan.step('a disk machine off, on again, and a command in it: said what goes and what does not')
def off_and_on(w):
    result = w.ctl('exec', w.file, 'srv1', '--', 'true', code=None)
    expect(result.returncode not in (0, 1) and 'srv1' in result.stderr, result.stderr)
    power(w, w.file, 'srv1', 'stop')
    wait_until(lambda: w.states(w.file)['srv1'] == 'off', 20, 'off')
    expect_equal(w.states(w.file)['pc1'], 'ready', 'the other machine')
    power(w, w.file, 'srv1', 'start')
    wait_until(lambda: w.states(w.file)['srv1'] == 'ready', 30, 'ready again')


@plan.step('the engine killed: it takes the disk machine over')
def adopted(w):
    pid = w.pid_of(w.file, 'qemu', 'srv1')
    os.kill(w.pid_of(w.file, 'engine'), 9)
    time.sleep(0.2)
    wait_until(lambda: w.ctl('status', w.file, code=None).returncode == 0
               and w.states(w.file)['srv1'] == 'ready', 30, 'ready again', step=0.3)
    expect_equal(w.pid_of(w.file, 'qemu', 'srv1'), pid, 'process of srv1')


@plan.step('an overlay that is turned to another file, as a broken QEMU could: that file stays shut')
def turned(w):
    secret = make_image(w, 'secret.qcow2')
    with open(f'/proc/{w.pid_of(w.file, "qemu", "srv1")}/cmdline', encoding='utf-8') as file:
        overlay = re.search(r'driver=file,node-name=file0,filename=([^,]*)', file.read())[1]
    power(w, w.file, 'srv1', 'stop')
    wait_until(lambda: w.states(w.file)['srv1'] == 'off', 20, 'off')
    for base, state in ((secret, 'failed'), (w.path('tiny.qcow2'), 'ready')):
        subprocess.run(['qemu-img', 'rebase', '-q', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', base, overlay],
                       check=True)
        power(w, w.file, 'srv1', 'start')
        wait_until(lambda: w.states(w.file)['srv1'] == state, 30, f'{state} on {base}')


@plan.step('stop: nothing is left, and the image is as it was')
def stop(w):
    w.status(w.file)
    w.ctl('stop', w.file)
    w.expect_clean(1)
    expect_equal(fingerprint(w.path('tiny.qcow2')), w.image_before, 'the image')


@plan.step('wrong images and good ones in one lab: each is said of its machine, the others run')
def wrong_images(w):
    make_image(w, 'good.qcow2')
    w.write('rubbish.qcow2', b'not an image at all' * 100)
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw',
                    w.path('outside.qcow2'), '1M'], check=True)
    with open(w.path('good.qcow2'), 'rb') as file:
        w.write('cut.qcow2', file.read()[:60])
    os.symlink('/etc/passwd', w.path('link.qcow2'))
    os.mkfifo(w.path('fifo.qcow2'))
    # Over an image in the same folder: allowed.
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', 'good.qcow2', '-F', 'qcow2',
                    w.path('layer.qcow2')], check=True)
    wrong = {'missing': 'missing.qcow2', 'rubbish': 'rubbish.qcow2', 'outside': 'outside.qcow2',
             'cut': 'cut.qcow2', 'link': 'link.qcow2', 'fifo': 'fifo.qcow2', 'none': None}
    file = disk_lab(w, 'wrong.lanloom', {'layer': 'layer.qcow2', **wrong})
    result = w.ctl('start', file, code=PROBLEMS)
    nodes = {node['name']: node for node in w.status(file)['nodes']}
    for name in wrong:
        expect_equal(nodes[name]['state'], 'failed', f'state of {name}')
        expect(nodes[name]['detail'], f'no reason for {name}')
        expect(name in result.stderr, f'{name} is not named: {result.stderr}')
        print(f'# {name}: {nodes[name]["detail"]}')
    for name in ('pc1', 'layer'):
        expect_equal(nodes[name]['state'], 'ready', f'state of {name}')
    # Chosen anew while the lab runs, and started again: it works.
    w.edit(file, lambda d: next(n for n in d['nodes'] if n['name'] == 'none')
           .update(image='good.qcow2'))
    w.ctl('apply', file, code=None)
    w.ctl('start', file, code=PROBLEMS)
    expect_equal(w.states(file)['none'], 'ready', 'state of the one that has an image now')
    # Put where it was missed, and started again: it is found.
    shutil.copy(w.path('good.qcow2'), w.path('missing.qcow2'))
    w.ctl('start', file, code=PROBLEMS)
    expect_equal(w.states(file)['missing'], 'ready', 'state of the one whose image is there now')
    w.ctl('stop', file)
    w.expect_clean(1)


@plan.step('leftovers: none')
def leftovers(w):
    w.expect_clean()


plan.run(world)
