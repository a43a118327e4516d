#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the guest that ships: copies the newest cloud kernel and packs an initramfs of the
distribution's tools, their libraries, kernel modules and our init. Needs no privileges; the same
inputs give the same bytes (sorted entries, times and inode numbers of our own)."""

import argparse
import glob
import os
import re
import shutil
import stat
import subprocess
import sys

# Loaded at boot, in this order; their dependencies come first.
BOOT_MODULES = ['virtio_pci', 'virtio_console', 'qemu_fw_cfg', 'virtio_net', 'virtio-rng']
# Loaded when asked for (ip link add …, modprobe).
MODULES = ['8021q', 'bridge', 'bonding', 'dummy', 'veth', 'vxlan', 'tun', 'macvlan', 'ip_gre',
           'sit', 'sch_netem', 'sch_tbf', 'sch_htb', 'cls_u32', 'virtio_blk', 'button', 'evdev']
TOOLS = ['ip', 'bridge', 'tc', 'ss', 'ping', 'tcpdump', 'iperf3', 'ethtool', 'dash', 'bash']
FOLDERS = ['bin', 'dev', 'etc', 'lib', 'proc', 'root', 'run', 'sbin', 'sys', 'tmp', 'usr',
           'usr/bin', 'usr/sbin', 'usr/local', 'usr/local/bin', 'usr/local/sbin', 'var',
           'var/log', 'var/run', 'mnt']
PACKAGE = {'ip': 'iproute2', 'bridge': 'iproute2', 'tc': 'iproute2', 'ss': 'iproute2',
           'ping': 'iputils-ping', 'busybox': 'busybox-static',
           'depmod': 'kmod'}


def fail(message):
    sys.exit('make-initrd: ' + message)


def version_key(path):
    return [int(n) for n in re.findall(r'\d+', os.path.basename(path))]


def roots():
    """Where a kernel may be: installed, or unpacked by the set-up script."""
    cache = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return ['/', os.path.join(cache, 'lanloom', 'guest-kernel')]


def find_kernel():
    """(kernel, folder of its modules, version). A package that was only unpacked lacks the index
    that its installation makes: depmod makes it."""
    for root in roots():
        pattern = os.path.join(root, 'boot', 'vmlinuz-*-cloud-amd64')
        for path in sorted(glob.glob(pattern), key=version_key, reverse=True):
            version = os.path.basename(path)[len('vmlinuz-'):]
            modules = os.path.join(root, 'lib/modules', version)
            if not os.access(path, os.R_OK) or not os.path.isdir(modules):
                continue
            if not os.path.exists(os.path.join(modules, 'modules.dep')):
                subprocess.run(['depmod', '-b', root, version], check=True,
                               executable=find_tool('depmod')) # kmod goes by its name
            return path, modules, version
    fail('no cloud kernel found: “make setup” fetches one for you and installs none')


def find_tool(name):
    for folder in ('/usr/bin', '/usr/sbin', '/bin', '/sbin'):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    fail('%s is missing: install the package %s' % (name, PACKAGE.get(name, name)))


class Modules:
    """What modules.dep says, by name of a module."""

    def __init__(self, folder):
        self.folder = folder
        self.needs = {}
        self.path = {}
        with open(os.path.join(folder, 'modules.dep'), encoding='ascii') as lines:
            for line in lines:
                path, needs = line.split(':')
                self.path[self.name(path)] = path
                # modules.dep lists what to load last first
                self.needs[self.name(path)] = [self.name(n) for n in reversed(needs.split())]

    @staticmethod
    def name(path):
        return os.path.basename(path).split('.ko')[0].replace('-', '_')

    def closure(self, names):
        result = []
        for name in (n.replace('-', '_') for n in names):
            if name not in self.path:
                continue  # built in
            for one in self.needs[name] + [name]:
                if one not in result:
                    result.append(one)
        return result


def libraries(program):
    """The shared libraries of a program, the loader included: (path, soname)."""
    text = subprocess.run(['ldd', program], capture_output=True, text=True, check=False).stdout
    found = []
    for line in text.splitlines():
        match = re.match(r'\s*(?:(\S+) => )?(/\S+) \(0x', line)
        if match:
            found.append((os.path.realpath(match.group(2)), match.group(2)))
    return found


class Archive:
    """A cpio archive in the "newc" format of the kernel's initramfs."""

    def __init__(self):
        self.entries = {}

    def add(self, path, mode, data=b''):
        path = path.strip('/')
        parent = os.path.dirname(path)
        if parent and parent not in self.entries:
            self.add(parent, stat.S_IFDIR | 0o755)
        self.entries[path] = (mode, data)

    def folder(self, path, mode=0o755):
        self.add(path, stat.S_IFDIR | mode)

    def file(self, path, data, mode=0o644):
        self.add(path, stat.S_IFREG | mode, data if isinstance(data, bytes) else data.encode())

    def copy(self, path, source, mode=0o755):
        with open(source, 'rb') as stream:
            self.file(path, stream.read(), mode)

    def link(self, path, target):
        self.add(path, stat.S_IFLNK | 0o777, target.encode())

    def pack(self):
        out = bytearray()

        def entry(number, name, mode, data):
            fields = (number, mode, 0, 0, 2 if stat.S_ISDIR(mode) else 1, 0, len(data), 0, 0, 0, 0,
                      len(name) + 1, 0)
            out.extend(b'070701' + b''.join(b'%08X' % f for f in fields))
            out.extend(name.encode() + b'\0')
            out.extend(b'\0' * (-len(out) % 4))
            out.extend(data)
            out.extend(b'\0' * (-len(out) % 4))

        for number, name in enumerate(sorted(self.entries)):
            entry(number + 1, name, *self.entries[name])
        # The console device must be there before init mounts /dev; cpio can hold it, rootless.
        mode = stat.S_IFCHR | 0o600
        fields = (len(self.entries) + 1, mode, 0, 0, 1, 0, 0, 0, 0, 5, 1, len('dev/console') + 1, 0)
        out.extend(b'070701' + b''.join(b'%08X' % f for f in fields) + b'dev/console\0')
        out.extend(b'\0' * (-len(out) % 4))
        entry(0, 'TRAILER!!!', 0, b'')
        out.extend(b'\0' * (-len(out) % 512))
        return bytes(out)


def strip(data_path, scratch):
    """A copy without symbols; the file itself if strip is missing."""
    copy = os.path.join(scratch, os.path.basename(data_path))
    shutil.copyfile(data_path, copy)
    subprocess.run(['strip', '--strip-unneeded', copy], check=False, stderr=subprocess.DEVNULL)
    return copy


def add_programs(archive, scratch):
    busybox = find_tool('busybox')
    archive.copy('bin/busybox', busybox)
    tools = {name: find_tool(name) for name in TOOLS}
    applets = subprocess.run([busybox, '--list-full'], capture_output=True, text=True, check=True)
    for applet in applets.stdout.split():
        name = os.path.basename(applet)
        if name not in tools and name not in ('busybox', 'init', 'linuxrc', 'sh', 'ash'):
            archive.link(applet, '/bin/busybox')
    # Not busybox's own shell: it takes its applets before what PATH has, and there would be no
    # getting at the real ip and ping.
    archive.link('bin/sh', '/usr/bin/dash')
    archive.link('bin/bash', '/usr/bin/bash')
    for terminal in ('l/linux', 'v/vt100', 'x/xterm', 'x/xterm-256color'):
        if os.path.exists('/lib/terminfo/' + terminal):
            archive.copy('lib/terminfo/' + terminal, '/lib/terminfo/' + terminal, 0o644)
    for name, path in tools.items():
        archive.copy('usr/bin/' + name, strip(path, scratch))
        for source, target in libraries(path):
            target = re.sub(r'^/usr', '', target)
            archive.copy(target, strip(source, scratch))


def add_modules(archive, folder, version):
    modules = Modules(folder)
    boot = modules.closure(BOOT_MODULES)
    kept = boot + [m for m in modules.closure(MODULES) if m not in boot]
    place = 'lib/modules/%s/' % version
    for name in kept:
        archive.copy(place + modules.path[name], os.path.join(folder, modules.path[name]), 0o644)
    archive.file('etc/modules-boot', ''.join('/%s%s\n' % (place, modules.path[m]) for m in boot))
    archive.file(place + 'modules.dep', ''.join(
        '%s: %s\n' % (modules.path[m], ' '.join(modules.path[n] for n in reversed(modules.needs[m])))
        for m in sorted(kept)))
    with open(os.path.join(folder, 'modules.alias'), encoding='ascii') as lines:
        archive.file(place + 'modules.alias', ''.join(
            line for line in lines if line.split()[-1].replace('-', '_') in kept))
    archive.file(place + 'modules.symbols', '')


def add_settings(archive):
    archive.file('etc/passwd', 'root::0:0:root:/root:/bin/sh\n'
                 'tcpdump:x:100:100::/nonexistent:/bin/false\n'
                 'nobody:x:65534:65534::/nonexistent:/bin/false\n')
    archive.file('etc/group', 'root:x:0:\ntcpdump:x:100:\nnogroup:x:65534:\n')
    archive.file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files\n')
    archive.file('etc/hosts', '127.0.0.1 localhost\n')
    archive.file('etc/host.conf', 'multi on\n')
    archive.file('etc/profile', "export PS1='\\u@\\h:\\w\\$ '\n"
                 "export PAGER=less HISTFILE=\nalias ll='ls -l'\n"
                 # The screen still shows what the firmware said.
                 "[ \"$TERM\" != linux ] || printf '\\033[H\\033[2J'\n"
                 'cat /etc/motd\n'
                 # Without the state: carrier may come a moment after the prompt.
                 'ip -brief address show scope global | while read -r name state rest; do\n'
                 '  echo "$name  $rest"\ndone\n')
    archive.file('etc/motd', 'A tiny machine of Lanloom, with ip, ping, tcpdump, iperf3, '
                 'ethtool, tc, bridge.\n\n')
    for name in ('protocols', 'services'):
        if os.path.exists('/etc/' + name):
            archive.copy('etc/' + name, '/etc/' + name, 0o644)


def compress(data, method):
    if method == 'none':
        return data
    command = {'gzip': ['gzip', '-n', '-9'], 'lz4': ['lz4', '-l', '-9', '-c'],
               'zstd': ['zstd', '-19', '-c', '-q']}[method]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--init', required=True, help='our init, linked statically')
    parser.add_argument('--kernel', required=True, help='where the kernel goes')
    parser.add_argument('--initrd', required=True, help='where the initramfs goes')
    parser.add_argument('--also', help='a folder that gets links to both files')
    parser.add_argument('--compress', default='gzip', choices=['gzip', 'lz4', 'zstd', 'none'])
    options = parser.parse_args()

    kernel, modules, version = find_kernel()
    scratch = options.initrd + '.tmp'
    os.makedirs(scratch, exist_ok=True)
    try:
        archive = Archive()
        for path in FOLDERS:
            archive.folder(path)
        archive.folder('tmp', 0o1777)
        archive.folder('root', 0o700)
        archive.copy('init', strip(options.init, scratch))
        archive.link('usr/bin/lanloom-screen', '/init')
        add_programs(archive, scratch)
        add_modules(archive, modules, version)
        add_settings(archive)
        with open(options.initrd, 'wb') as stream:
            stream.write(compress(archive.pack(), options.compress))
    finally:
        shutil.rmtree(scratch)
    shutil.copyfile(kernel, options.kernel)
    if options.also:
        os.makedirs(options.also, exist_ok=True)
        for path in (options.kernel, options.initrd):
            link = os.path.join(options.also, os.path.basename(path))
            if os.path.lexists(link):
                os.unlink(link)
            os.link(path, link)


if __name__ == '__main__':
    main()
