#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The data that ships: desktop file, metainfo, man page, D-Bus interface, labs against the schema.

import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

import lint
import schema


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, cwd=lint.ROOT,
                            env={**os.environ, 'LC_ALL': 'C.UTF-8'})
    return result.returncode, (result.stdout + result.stderr).splitlines()


def tool(tap, name, program, command, quiet=False):
    """A validator as a test; `quiet`: what it prints is a problem even when it exits 0."""
    if not shutil.which(program):
        tap.skip(name, f'{program} is not installed')
        return
    code, lines = run(program, *command)
    tap.check(name, lines or [f'{program} failed'] if code or (quiet and lines) else [])


def not_well_formed():
    for path in lint.files('.xml', '.xml.in', '.svg'):
        try:
            xml.etree.ElementTree.parse(os.path.join(lint.ROOT, path))
        except xml.etree.ElementTree.ParseError as error:
            yield f'{path}: {error}'


def bad_labs(rules):
    for path in lint.files('.lanloom', under='data/labs'):
        for problem in schema.validate(json.loads(lint.read(path)), rules):
            yield f'{path}: {problem}'


CABLE = {'ends': ['pc1:0', 'pc2:0'], 'rate_mbps': 0, 'forward': {'delay_ms': 20}, 'fault': 'flapping'}
GOOD = {'lanloom': 1, 'nodes': [{'name': 'pc1', 'kind': 'tiny', 'nics': 1}], 'links': [CABLE]}


def accepted_nonsense(rules):
    """Changes of a good lab that the schema must refuse."""
    if schema.validate(GOOD, rules):
        yield 'the schema refuses a good lab'
    node = GOOD['nodes'][0]
    for change in ({'lanloom': 'one'}, {'lanloom': 0}, {'nodes': {}}, {'nodes': [{'kind': 'tiny'}]},
                   {'nodes': [{**node, 'name': 'a/b'}]}, {'nodes': [{**node, 'name': 'x' * 33}]},
                   {'nodes': [{**node, 'memory_mib': -1}]}, {'nodes': [{**node, 'nics': 65}]},
                   {'nodes': [{**node, 'macs': ['zz']}]},
                   {'nodes': [{**node, 'macs': {'0': '02:00:00:00:00:01'}}]},
                   {'nodes': [{**node, 'image': '/etc/shadow'}]},
                   {'links': [{'ends': ['pc1:0']}]}, {'links': [{'ends': ['pc1:0', 'pc2']}]},
                   {'links': [{**CABLE, 'delay_ms': -1}]}, {'links': [{**CABLE, 'rate_mbps': 0.0001}]},
                   {'links': [{**CABLE, 'forward': {'loss_percent': 101}}]},
                   {'links': [{**CABLE, 'backward': {'queue_frames': 0}}]},
                   {'links': [{**CABLE, 'fault': 'cut'}]}, {'links': [{**CABLE, 'at': 'pc1'}]},
                   {'canvas': {'pc1': {'x': 'left'}}}):
        if not schema.validate({**GOOD, **change}, rules):
            yield f'the schema accepts {json.dumps(change)}'


def unlisted_packages():
    for line in lint.read('data/packages.txt').splitlines():
        if line and not line.startswith('#') \
                and not re.fullmatch(r'(build|run|guest|test) +[a-z0-9.+-]+ +\S.*', line):
            yield f'data/packages.txt: {line}'


def main():
    tap = lint.Tap()
    tap.check('every XML file is well-formed', not_well_formed())
    tap.check('the package list can be read', unlisted_packages())
    if os.path.exists(os.path.join(lint.ROOT, 'data/lanloom.schema.json')):
        rules = json.loads(lint.read('data/lanloom.schema.json'))
        tap.check('the shipped labs fit the schema', bad_labs(rules))
        tap.check('the schema refuses what is wrong', accepted_nonsense(rules))
    else:
        tap.skip('the shipped labs fit the schema', 'there is no schema')
    with tempfile.TemporaryDirectory() as folder:
        tool(tap, 'the D-Bus interface generates', 'gdbus-codegen',
             ['--interface-info-header', '--output', os.path.join(folder, 'info.h'),
              'backend/engine/org.lanloom.Engine.xml'])
    tool(tap, 'the desktop file is valid', 'desktop-file-validate',
         ['data/org.lanloom.Lanloom.desktop'], quiet=True)
    tool(tap, 'the metainfo is valid', 'appstreamcli',
         ['validate', '--no-net', 'data/org.lanloom.Lanloom.metainfo.xml'])
    for page in lint.files('.1'):
        tool(tap, f'{page} reads without warnings', 'man',
             ['--warnings', '-E', 'UTF-8', '-l', '-T', 'utf8', '-Z', page], quiet=False)
        if shutil.which('groff'):
            _, lines = run('groff', '-man', '-Tutf8', '-ww', '-z', page)
            tap.check(f'{page} has no groff warnings', lines)
    tap.done()


main()
