# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab run by Lanloom, through lanloomctl as a person's script would."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time


class Lab:
    """Starts `text` (a project file's) or a copy of `source`; leaves with everything stopped."""

    def __init__(self, build, source=None, text=None):
        self.control = os.path.join(build, 'backend', 'cli', 'lanloomctl')
        self.folder = tempfile.mkdtemp(prefix='lanloom-bench-')
        self.file = os.path.join(self.folder, 'bench.lanloom')
        self.start_s = None
        if source:
            shutil.copyfile(source, self.file)
        else:
            self.write(text)

    def write(self, text):
        with open(self.file, 'w', encoding='utf-8') as file:
            file.write(text)

    def __enter__(self):
        started = time.monotonic()
        self.call('start', timeout=180)
        self.start_s = time.monotonic() - started
        return self

    def __exit__(self, *_):
        try:
            self.call('stop', timeout=60)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, command, *arguments, timeout=60):
        result = subprocess.run([self.control, command, self.file, *arguments], text=True,
                                capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout)
        if result.returncode != 0:
            raise RuntimeError(f'lanloomctl {command}: {result.stderr.strip() or result.returncode}')
        return result.stdout

    def run(self, node, argv):
        result = subprocess.run([self.control, 'exec', self.file, node, '--', *argv], text=True,
                                capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
        return result.returncode, result.stdout

    def status(self):
        return json.loads(self.call('status', '--json'))

    def processes(self):
        """(role, node, pid) as the host sees them."""
        return [(p['role'], p.get('node') or '', p['pid']) for p in self.status()['processes']]

    def machines(self):
        """Node name to what it takes to start the same guest by hand: QEMU's argument list, the
        runtime folder named in it, and the text of the files in it that QEMU reads."""
        found = {}
        for role, node, pid in self.processes():
            if role != 'qemu':
                continue
            with open(f'/proc/{pid}/cmdline', 'rb') as file:
                argv = file.read().rstrip(b'\0').decode().split('\0')
            path = next(re.search(r',file=(.*)', a).group(1) for a in argv if a.startswith('name=opt/'))
            with open(path, encoding='utf-8') as file:
                text = file.read()
            found[node] = {'argv': argv, 'folder': os.path.dirname(path),
                           'files': {os.path.basename(path): text}}
        return found


def proportional_kib(pid):
    """PSS: each shared page counted by its share."""
    try:
        with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
            for line in file:
                if line.startswith('Pss:'):
                    return int(line.split()[1])
    except OSError:
        pass
    return None


def cpu_s(pid):
    with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def machines_on_a_switch(count):
    nodes = [{'name': f'pc{i + 1}', 'kind': 'tiny', 'nics': 1, 'addresses': [f'10.0.0.{i + 1}/24']}
             for i in range(count)]
    nodes.append({'name': 'sw1', 'kind': 'switch', 'ports': count})
    links = [{'ends': [f'pc{i + 1}:0', f'sw1:{i}']} for i in range(count)]
    return json.dumps({'lanloom': 1, 'nodes': nodes, 'links': links})


def idle_ports(cables):
    """Two switches of 64 ports with `cables` between them: no guest, no frame."""
    nodes = [{'name': 'sw1', 'kind': 'switch', 'ports': 64}, {'name': 'sw2', 'kind': 'switch', 'ports': 64}]
    links = [{'ends': [f'sw1:{i}', f'sw2:{i}']} for i in range(cables)]
    return json.dumps({'lanloom': 1, 'nodes': nodes, 'links': links})


def star(cables):
    """A machine at a switch, and around it switches on a cable each: what the machine broadcasts
    passes every cable."""
    nodes = [{'name': 'pc1', 'kind': 'tiny', 'nics': 1, 'addresses': ['10.0.0.1/24']},
             {'name': 'sw', 'kind': 'switch', 'ports': 64}]
    nodes += [{'name': f'leaf{i}', 'kind': 'switch', 'ports': 2} for i in range(1, cables)]
    links = [{'ends': ['pc1:0', 'sw:0']}]
    links += [{'ends': [f'leaf{i}:0', f'sw:{i}']} for i in range(1, cables)]
    places = {node['name']: {'x': i % 9 * 130, 'y': i // 9 * 130} for i, node in enumerate(nodes)}
    return json.dumps({'lanloom': 1, 'nodes': nodes, 'links': links, 'canvas': places})
