# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lints share: the files of the tree, C without its comments, and TAP on standard output."""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED_FOLDERS = {'.git', '__pycache__', 'subprojects'}


def files(*suffixes, under=''):
    """Paths below the source folder, '/'-separated and sorted; all files when no suffix is given."""
    found = []
    for folder, names, leaves in os.walk(os.path.normpath(os.path.join(ROOT, under))):
        names[:] = [n for n in names if n not in SKIPPED_FOLDERS
                    and not (folder == ROOT and n.startswith('build'))]
        for leaf in leaves:
            if leaf != '.git' and (not suffixes or leaf.endswith(suffixes)):
                found.append(os.path.relpath(os.path.join(folder, leaf), ROOT))
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8', errors='replace') as file:
        return file.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def without_comments(text):
    """C text with its comments blanked, line numbers kept."""
    def blank(match):
        token = match.group(0)
        return re.sub(r'[^\n]', ' ', token) if token.startswith('/') else token
    return TOKEN.sub(blank, text)


def without_strings(text):
    """C text with comments and the insides of strings blanked, line numbers kept."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group(0))
    return TOKEN.sub(blank, text)


def line_of(text, position):
    return text.count('\n', 0, position) + 1


class Tap:
    """Collects checks; done() prints the plan and gives the exit code."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, problems):
        """One test: passes when `problems` is empty; each problem is a line for people."""
        self.count += 1
        problems = list(problems)
        print(f'{"not ok" if problems else "ok"} {self.count} - {name}')
        for problem in problems:
            print(f'# {problem}')
        self.failed += bool(problems)

    def skip(self, name, reason):
        self.count += 1
        print(f'ok {self.count} - {name} # SKIP {reason}')

    def note(self, text):
        print(f'# {text}')

    def done(self):
        print(f'1..{self.count}')
        sys.exit(1 if self.failed else 0)
