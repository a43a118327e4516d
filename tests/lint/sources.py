#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What every file keeps to: the licence line, clang-format, text that belongs to no one machine,
# scripts that parse, pictures that are what their program draws. Ends with the ten longest files and
# functions, which fail nothing: they are there to be seen.

import ast
import os
import re
import shutil
import subprocess
import sys

import lint

FORMATTER = 'clang-format-14'
BINARY = ('.png', '.gz', '.qcow2', '.bin')
# Paths that exist on one machine only, and the hosts of package registries.
FOREIGN = re.compile(r'(?<![\w.])/(?:work|root)/|\b(?:deb|security|snapshot)\.debian\b|'
                     r'\bregistry\.\w+\.(?:org|com|io)\b|\bproxy\.golang\b')


def licences():
    for path in lint.files('.c', '.h', '.py'):
        if 'SPDX-License-Identifier: GPL-3.0-or-later' not in lint.read(path)[:300]:
            yield f'{path}: no SPDX line at the top'
    for path in lint.files('.c', '.h'):
        if not lint.read(path).startswith('/* SPDX-License-Identifier: GPL-3.0-or-later */\n'):
            yield f'{path}: the first line is not the SPDX line'


def foreign():
    for path in lint.files():
        if path.endswith(BINARY) or '/corpus/' in path:
            continue
        text = lint.read(path)
        for match in FOREIGN.finditer(text):
            if path != 'tests/lint/sources.py':
                yield f'{path}:{lint.line_of(text, match.start())}: {match.group(0)}'


def unformatted():
    sources = [os.path.join(lint.ROOT, p) for p in lint.files('.c', '.h')]
    for start in range(0, len(sources), 40):
        result = subprocess.run([FORMATTER, '--dry-run', '--Werror', '--ferror-limit=1'] +
                                sources[start:start + 40], capture_output=True, text=True)
        for line in result.stderr.splitlines():
            if ' error: ' in line or ' warning: ' in line:
                yield os.path.relpath(line.split(' error: ')[0], lint.ROOT) + ' (make format)'


def broken_scripts():
    for path in lint.files():
        if path.endswith(BINARY):
            continue
        text = lint.read(path)
        first = text.split('\n', 1)[0]
        if path.endswith('.py') or (first.startswith('#!') and 'python' in first):
            try:
                ast.parse(text)
            except SyntaxError as error:
                yield f'{path}:{error.lineno}: {error.msg}'
        elif first.startswith('#!') and first.rstrip().endswith(('/sh', '/bash')):
            shell = 'bash' if first.rstrip().endswith('bash') else 'sh'
            result = subprocess.run([shell, '-n', os.path.join(lint.ROOT, path)],
                                    capture_output=True, text=True)
            if result.returncode:
                yield f'{path}: {result.stderr.strip()}'


def functions(path):
    """(lines, name) of each function: from its name to the brace at the start of a line."""
    lines = lint.without_strings(lint.read(path)).split('\n')
    name, start = None, 0
    for i, line in enumerate(lines):
        match = re.match(r'^(\w+) \(', line)
        if match:
            name, start = match.group(1), i
        elif line.startswith('}') and name:
            yield i - start + 1, name
            name = None


def longest(tap):
    sources = lint.files('.c', '.h')
    sizes = sorted(((lint.read(p).count('\n'), p) for p in sources), reverse=True)
    tap.note('The longest files:')
    for size, path in sizes[:10]:
        tap.note(f'  {size:5} {path}')
    spans = sorted(((n, name, p) for p in sources if p.endswith('.c') for n, name in functions(p)),
                   reverse=True)
    tap.note('The longest functions:')
    for size, name, path in spans[:10]:
        tap.note(f'  {size:5} {name} ({path})')
    if sizes:
        tap.note(f'Median file {sizes[len(sizes) // 2][0]} lines, '
                 f'median function {spans[len(spans) // 2][0] if spans else 0} lines.')


def main():
    tap = lint.Tap()
    tap.check('every source names its licence', licences())
    tap.check('nothing names one machine or a package registry', foreign())
    tap.check('every script parses', broken_scripts())
    if shutil.which(FORMATTER):
        tap.check('all C is formatted', unformatted())
    else:
        tap.skip('all C is formatted', f'{FORMATTER} is not installed')
    drawn = subprocess.run([sys.executable, os.path.join(lint.ROOT, 'icons', 'draw.py'), '--check'],
                           capture_output=True, text=True)
    tap.check('the icons are what icons/draw.py draws',
              drawn.stdout.splitlines() if drawn.returncode else [])
    longest(tap)
    tap.done()


main()
