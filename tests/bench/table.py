# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table a bench prints: medians, and ratios taken inside one run."""

import statistics


def number(value, unit):
    if value is None:
        return '–'
    for factor, prefix in ((1e9, 'G'), (1e6, 'M'), (1e3, 'k')):
        if unit in ('bit/s', 'frame/s') and value >= factor:
            return f'{value / factor:.3g} {prefix}{unit}'
    if unit in ('bit/s', 'frame/s'):
        return f'{value:.0f} {unit}'
    return f'{value:.3g} {unit}' if value < 1000 else f'{value:.0f} {unit}'


class Table:
    def __init__(self):
        self.rows = []

    def add(self, name, unit, ours, other_name='', others=(), runs=None):
        """`ours` and `others` are lists of runs; an empty one prints as a dash."""
        a = statistics.median(ours) if ours else None
        b = statistics.median(others) if others else None
        ratio = f'{a / b:.2f}' if a is not None and b else ''
        self.rows.append((name, number(a, unit), other_name, number(b, unit) if other_name else '',
                          ratio, str(runs if runs is not None else len(ours))))

    def note(self, name, text):
        self.rows.append((name, text, '', '', '', ''))

    def print(self):
        head = ('what', 'ours', 'against', 'theirs', 'ratio', 'runs')
        rows = [head, *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        for i, row in enumerate(rows):
            print('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
            if i == 0:
                print('  '.join('-' * width for width in widths))
