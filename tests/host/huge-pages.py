#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boots a whole computer with reserved huge pages, in QEMU by emulation, and runs labs on it.

Its root file system is this computer's, read-only below an overlay in its memory, so that nothing
of this computer changes and what was built here runs there. Without a COMMAND it runs
tests/host/checks.py in one scene after the other: enough huge pages; a folder of them that is closed
to ordinary users; too few; free ones that are promised to another program; ones that a control
group refuses. A COMMAND runs in one scene, in the source folder.

Needs qemu-system-x86_64, busybox, kmod and a Debian kernel with 9p (linux-image-amd64; the cloud
kernel has none), installed or unpacked by --get-kernel. No privileges."""

import argparse
import glob
import importlib.util
import json
import lzma
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'lanloom')
KERNELS = os.path.join(CACHE, 'host-kernel')
PACKAGE = 'linux-image-amd64'
BOOT_MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay']
LATER_MODULES = ['tun']
# What the first process says when all is over; see init.py.
OVER = re.compile(r'lanloom-host: exit (\d+)')

# As Debian has it, /dev/hugepages can be listed and not written to.
SCENES = [
    {'name': 'enough', 'pages': 700},
    {'name': 'closed', 'pages': 400, 'mode': 0o700},
    {'name': 'few', 'pages': 20},
    {'name': 'promised', 'pages': 400, 'promised': 390},
    # Of a control group, which sysfs knows nothing of: what is free is refused.
    {'name': 'limited', 'pages': 400, 'limit_mib': 10},
]

INIT = '''#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules); do $b insmod $module || exit 1; done
$b mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,access=any,msize=262144 root /lower &&
$b mount -t tmpfs -o mode=755 upper /upper &&
$b mkdir /upper/data /upper/work &&
$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work overlay /new &&
$b mount -t tmpfs -o mode=755 run /new/run &&
$b cp /settings /new/run/lanloom-host &&
$b umount /proc &&
exec $b switch_root /new /usr/bin/env python3 -B %s
'''


def fail(text):
    sys.exit(f'huge-pages: {text}')


def load_packer():
    """What the guest that ships is packed with packs this computer's first step, too."""
    path = os.path.join(SOURCE, 'backend/guest/make-initrd.py')
    spec = importlib.util.spec_from_file_location('make_initrd', path)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    return module


def get_kernel():
    """Unpacks the newest kernel of apt's lists into the cache; installs nothing."""
    lines = subprocess.run(['apt-cache', 'depends', PACKAGE], capture_output=True, text=True,
                           check=True).stdout
    found = re.search(r'Depends: (linux-image-\S+)', lines)
    if not found:
        fail(f'apt has no package {PACKAGE}; try after: apt-get update')
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['apt-get', 'download', found[1]], cwd=folder, check=True)
        shutil.rmtree(KERNELS, ignore_errors=True)
        os.makedirs(KERNELS)
        subprocess.run(['dpkg-deb', '-x', *glob.glob(folder + '/*.deb'), KERNELS], check=True)


def find_kernel(packer):
    """(kernel, its modules, their folder): the newest that has 9p."""
    for root in ('/', KERNELS):
        paths = glob.glob(os.path.join(root, 'boot/vmlinuz-*'))
        for path in sorted(paths, key=packer.version_key, reverse=True):
            version = os.path.basename(path)[len('vmlinuz-'):]
            folder = os.path.join(root, 'lib/modules', version)
            if not os.access(path, os.R_OK) or not os.path.isdir(folder):
                continue
            if root != '/' and not os.path.exists(folder + '/modules.dep'):
                subprocess.run(['depmod', '-b', root, version], check=True,
                               executable=packer.find_tool('depmod'))
            modules = packer.Modules(folder)
            if '9p' in modules.path:
                return path, modules, folder
    fail(f'no kernel with 9p found: install {PACKAGE}, or unpack it with --get-kernel')


def read_module(path):
    """As the kernel takes it."""
    with (lzma.open if path.endswith('.xz') else open)(path, 'rb') as file:
        return file.read()


def pack(packer, modules, folder, settings):
    """The initramfs: loads drivers, puts the root file system together, goes there."""
    archive = packer.Archive()
    kept = modules.closure(BOOT_MODULES + LATER_MODULES)
    for name in ('dev', 'proc', 'lower', 'upper', 'new'):
        archive.folder(name)
    archive.copy('bin/busybox', packer.find_tool('busybox'))
    for name in kept:
        archive.file(f'lib/{name}.ko', read_module(os.path.join(folder, modules.path[name])))
    archive.file('modules', ''.join(f'/lib/{name}.ko\n' for name in kept))
    archive.file('settings', json.dumps(settings))
    archive.file('init', INIT % os.path.join(HERE, 'init.py'), 0o755)
    return archive.pack()


def make_settings(options):
    scenes = SCENES
    if options.command:
        scenes = [{'name': 'command', 'pages': options.pages, 'command': options.command}]
    elif options.scene:
        scenes = [scene for scene in SCENES if scene['name'] in options.scene]
    if not scenes:
        fail('no such scene; there are: ' + ', '.join(scene['name'] for scene in SCENES))
    return {'source': SOURCE, 'build': os.path.abspath(options.build), 'scenes': scenes}


def run_qemu(kernel, initrd, options):
    """Shows what the computer prints. Returns its exit code, or None when it ended without one."""
    command = [
        'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
        '-accel', 'tcg,thread=multi,tb-size=1024', '-cpu', 'max,la57=off',
        '-smp', str(options.cpus), '-m', str(options.memory),
        '-kernel', kernel, '-initrd', initrd,
        '-append', 'console=ttyS0 loglevel=3 panic=-1 random.trust_cpu=on mitigations=off',
        '-fsdev', 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap',
        '-device', 'virtio-9p-pci,fsdev=root,mount_tag=root', '-device', 'virtio-rng-pci',
        '-serial', 'stdio']
    code = None
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                               errors='replace')
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.signal(signal.SIGTERM, lambda *_: process.kill())
    signal.alarm(options.timeout)
    try:
        for line in process.stdout:
            over = OVER.search(line)
            if over:
                code = int(over[1])
            else:
                print(line.rstrip(), flush=True)
    finally:
        process.kill()
        process.wait()
    return code


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--get-kernel', action='store_true',
                        help=f'unpack the kernel of {PACKAGE} into {KERNELS} first')
    parser.add_argument('--build', default=os.path.join(SOURCE, 'build'), metavar='FOLDER')
    parser.add_argument('--memory', type=int, default=4096, metavar='MIB')
    parser.add_argument('--cpus', type=int, default=2)
    parser.add_argument('--timeout', type=int, default=3600, metavar='SECONDS')
    parser.add_argument('--scene', action='append', help='one of the tests\' scenes; several times')
    parser.add_argument('--pages', type=int, default=700, help='for COMMAND: how many of 2 MiB')
    parser.add_argument('command', nargs='*', metavar='COMMAND')
    return parser.parse_args()


def main():
    options = parse_options()
    if options.get_kernel:
        get_kernel()
    if not shutil.which('qemu-system-x86_64'):
        fail('qemu-system-x86_64 is missing: install the package qemu-system-x86')
    if not os.path.exists(os.path.join(options.build, 'backend/cli/lanloomctl')):
        fail(f'nothing is built in {options.build}: build, or name another folder with --build')
    packer = load_packer()
    kernel, modules, folder = find_kernel(packer)
    with tempfile.TemporaryDirectory() as scratch:
        initrd = os.path.join(scratch, 'initrd')
        with open(initrd, 'wb') as file:
            file.write(pack(packer, modules, folder, make_settings(options)))
        code = run_qemu(kernel, initrd, options)
    if code is None:
        fail('the computer ended before it was done')
    sys.exit(code)


if __name__ == '__main__':
    main()
