#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Words on the screen: every translatable string is extracted, and every language is complete.

import os
import re
import shutil
import subprocess
import sys
import tempfile

import lint

sys.dont_write_bytecode = True


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=lint.ROOT,
                          env={**os.environ, 'LC_ALL': 'C.UTF-8', 'LANGUAGE': ''})


def messages(path):
    """The set of (context, message) of a catalogue, and the texts that msgattrib leaves."""
    return set(re.findall(r'^msgid (.*(?:\n".*)*)', run('msgcat', '--no-wrap', path).stdout,
                          re.MULTILINE))


def main():
    tap = lint.Tap()
    if not shutil.which('xgettext'):
        tap.skip('translations', 'gettext is not installed')
        tap.done()
    with tempfile.TemporaryDirectory() as folder:
        update = run(sys.executable, 'po/update', '--into', folder)
        tap.check('strings can be extracted',
                  update.stderr.splitlines() + ([f'exit code {update.returncode}']
                                                if update.returncode else []))
        fresh = os.path.join(folder, 'lanloom.pot')
        with open(os.path.join(folder, 'POTFILES'), encoding='utf-8') as file:
            wanted = file.read()
        tap.check('POTFILES lists every file with strings',
                  [] if wanted == lint.read('po/POTFILES') else ['run make po'])
        for language in lint.read('po/LINGUAS').split():
            if language.startswith('#'):
                continue
            path = f'po/{language}.po'
            check = run('msgfmt', '--check', '--statistics', '-o', os.devnull, path)
            incomplete = check.returncode or re.search('fuzzy|untranslated', check.stderr)
            tap.check(f'{language}: every message is translated',
                      check.stderr.splitlines() if incomplete else [])
            missing = sorted(messages(fresh) - messages(path))
            tap.check(f'{language}: no string of the sources is missing',
                      [f'{text} (run make po, then translate)' for text in missing])
    tap.done()


main()
