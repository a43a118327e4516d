#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The line icons, drawn once, on a grid of 24 with strokes of 2 and round ends. From this file come
#  - hicolor/scalable/actions/*-symbolic.svg: outlines, since GTK recolours fills and not strokes;
#  - icon-paths.c: the centre lines for the canvas, which strokes them at its own width.
# Run it after a change (python3 icons/draw.py) and commit what it wrote; a lint compares.

import math
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH = 2.0


def line(*points):
    return ('line', [tuple(map(float, p)) for p in points], False)


def loop(*points):
    return ('line', [tuple(map(float, p)) for p in points], True)


def frame(x1, y1, x2, y2, radius):
    return ('frame', (x1, y1, x2, y2, radius))


def ring(x, y, radius):
    return ('ring', (x, y, radius))


def dot(x, y, radius=1.25):
    return ('dot', (x, y, radius))


def arc(x, y, radius, start, end):
    """An open arc, degrees clockwise from three o'clock."""
    return ('arc', (x, y, radius, start, end))


def arcs(*parts):
    """A closed curve of arcs, each (x, y, radius, start, end), joined by straight lines."""
    points = []
    for x, y, radius, start, end in parts:
        n = max(4, int(abs(end - start) / 15))
        for i in range(n + 1):
            a = math.radians(start + (end - start) * i / n)
            points.append((x + radius * math.cos(a), y + radius * math.sin(a)))
    return ('curve', points)


ICONS = {
    'lanloom-machine': [frame(3, 4, 21, 16, 2), line((12, 16), (12, 20)), line((8, 20), (16, 20))],
    'lanloom-server': [frame(5, 3, 19, 21, 2), line((9, 8), (15, 8)), line((9, 12), (15, 12)),
                       dot(12, 16.75)],
    'lanloom-router': [ring(12, 12, 9), line((7, 12), (17, 12)), line((12, 7.5), (12, 16.5)),
                       line((9.25, 9.75), (7, 12), (9.25, 14.25)),
                       line((14.75, 9.75), (17, 12), (14.75, 14.25))],
    'lanloom-switch': [frame(2, 5, 22, 19, 2), line((6, 10), (18, 10), (15.5, 7.75)),
                       line((18, 14), (6, 14), (8.5, 16.25))],
    'lanloom-hub': [frame(2, 7, 22, 17, 5), dot(6.75, 12), dot(10.25, 12), dot(13.75, 12),
                    dot(17.25, 12)],
    'lanloom-internet': [arcs((7, 14.5, 4.5, 90, 262), (11.5, 10, 5.5, 190, 318),
                              (17.75, 14.25, 4.75, 280, 450))],
    'lanloom-cable': [ring(5.5, 18.5, 2.5), ring(18.5, 5.5, 2.5), line((7.5, 16.5), (16.5, 7.5))],
    'lanloom-note': [loop((5, 3), (14, 3), (19, 8), (19, 21), (5, 21)),
                     line((14, 3), (14, 8), (19, 8)), line((9, 13), (15, 13)),
                     line((9, 17), (13, 17))],
    'lanloom-console': [frame(2, 4, 22, 20, 2), line((6.5, 9), (9.5, 12), (6.5, 15)),
                        line((12.5, 15), (17, 15))],
    'lanloom-tile': [frame(3, 4, 21, 20, 2), line((12, 4), (12, 20))],
    'lanloom-unplug': [line((3, 21), (6, 18)), line((18, 6), (21, 3)),
                       line((9, 9), (15, 15)), line((15, 9), (9, 15))],
    'lanloom-state-off': [ring(12, 12, 8)],
    'lanloom-state-wait': [arc(12, 12, 8, -90, 180)],
    'lanloom-state-ready': [ring(12, 12, 9), line((7.75, 12.25), (10.75, 15.25), (16.25, 9.25))],
    'lanloom-state-paused': [ring(12, 12, 9), line((9.5, 8.5), (9.5, 15.5)),
                             line((14.5, 8.5), (14.5, 15.5))],
    'lanloom-state-failed': [loop((12, 3.5), (21.5, 20), (2.5, 20)), line((12, 9.5), (12, 14)),
                             dot(12, 17, 1.2)],
    'lanloom': [line((3, 8), (7, 8)), line((10, 8), (21, 8)), line((3, 16), (14, 16)),
                line((17, 16), (21, 16)), line((8.5, 3), (8.5, 13)), line((8.5, 19), (8.5, 21)),
                line((15.5, 3), (15.5, 5)), line((15.5, 11), (15.5, 21))],
}


def number(value):
    text = f'{value:.2f}'.rstrip('0').rstrip('.')
    return '0' if text == '-0' else text


def pair(x, y):
    return f'{number(x)} {number(y)}'


def circle_path(x, y, radius, clockwise=True):
    sweep = 1 if clockwise else 0
    r = number(radius)
    return (f'M{pair(x - radius, y)}A{r} {r} 0 0 {sweep} {pair(x + radius, y)}'
            f'A{r} {r} 0 0 {sweep} {pair(x - radius, y)}Z')


def frame_path(x1, y1, x2, y2, radius, clockwise=True):
    r = number(radius)
    if clockwise:
        return (f'M{pair(x1 + radius, y1)}H{number(x2 - radius)}A{r} {r} 0 0 1 {pair(x2, y1 + radius)}'
                f'V{number(y2 - radius)}A{r} {r} 0 0 1 {pair(x2 - radius, y2)}'
                f'H{number(x1 + radius)}A{r} {r} 0 0 1 {pair(x1, y2 - radius)}'
                f'V{number(y1 + radius)}A{r} {r} 0 0 1 {pair(x1 + radius, y1)}Z')
    return (f'M{pair(x1 + radius, y1)}A{r} {r} 0 0 0 {pair(x1, y1 + radius)}'
            f'V{number(y2 - radius)}A{r} {r} 0 0 0 {pair(x1 + radius, y2)}'
            f'H{number(x2 - radius)}A{r} {r} 0 0 0 {pair(x2, y2 - radius)}'
            f'V{number(y1 + radius)}A{r} {r} 0 0 0 {pair(x2 - radius, y1)}Z')


def capsule_path(a, b):
    """A segment with round ends, clockwise."""
    (ax, ay), (bx, by) = a, b
    length = math.hypot(bx - ax, by - ay)
    half = WIDTH / 2
    nx, ny = (by - ay) / length * half, -(bx - ax) / length * half
    r = number(half)
    return (f'M{pair(ax + nx, ay + ny)}L{pair(bx + nx, by + ny)}'
            f'A{r} {r} 0 0 1 {pair(bx - nx, by - ny)}L{pair(ax - nx, ay - ny)}'
            f'A{r} {r} 0 0 1 {pair(ax + nx, ay + ny)}Z')


def on_circle(x, y, radius, degrees):
    a = math.radians(degrees)
    return x + radius * math.cos(a), y + radius * math.sin(a)


def curve_path(points):
    """A closed clockwise curve as a band: the points pushed out, then the points pushed in, backwards."""
    count = len(points)
    bands = ([], [])
    for i in range(count):
        px, py = points[i - 1]
        qx, qy = points[(i + 1) % count]
        length = math.hypot(qx - px, qy - py) or 1.0
        nx, ny = (qy - py) / length, -(qx - px) / length
        x, y = points[i]
        bands[0].append((x + nx * WIDTH / 2, y + ny * WIDTH / 2))
        bands[1].append((x - nx * WIDTH / 2, y - ny * WIDTH / 2))
    outer = 'M' + 'L'.join(pair(*p) for p in bands[0]) + 'Z'
    inner = 'M' + 'L'.join(pair(*p) for p in reversed(bands[1])) + 'Z'
    return outer + inner


def outline(shape):
    """The shape's stroke as an outline to be filled (nonzero)."""
    half = WIDTH / 2
    kind, data = shape[0], shape[1]
    if kind == 'line':
        points = data + data[:1] if shape[2] else data
        return ''.join(capsule_path(a, b) for a, b in zip(points, points[1:]))
    if kind == 'frame':
        x1, y1, x2, y2, radius = data
        return (frame_path(x1 - half, y1 - half, x2 + half, y2 + half, radius + half)
                + frame_path(x1 + half, y1 + half, x2 - half, y2 - half, max(radius - half, 0), False))
    if kind == 'ring':
        x, y, radius = data
        return circle_path(x, y, radius + half) + circle_path(x, y, radius - half, False)
    if kind == 'dot':
        return circle_path(*data)
    if kind == 'arc':
        x, y, radius, start, end = data
        large = 1 if end - start > 180 else 0
        outer, inner, cap = number(radius + half), number(radius - half), number(half)
        return (f'M{pair(*on_circle(x, y, radius + half, start))}'
                f'A{outer} {outer} 0 {large} 1 {pair(*on_circle(x, y, radius + half, end))}'
                f'A{cap} {cap} 0 0 1 {pair(*on_circle(x, y, radius - half, end))}'
                f'A{inner} {inner} 0 {large} 0 {pair(*on_circle(x, y, radius - half, start))}'
                f'A{cap} {cap} 0 0 1 {pair(*on_circle(x, y, radius + half, start))}Z')
    return curve_path(data)


def bezier_arc(x, y, radius, start, end):
    """The arc as cubic curves of at most 90 degrees each, without the first point."""
    pieces = max(1, math.ceil(abs(end - start) / 90 - 1e-9))
    text = ''
    for i in range(pieces):
        a = math.radians(start + (end - start) * i / pieces)
        b = math.radians(start + (end - start) * (i + 1) / pieces)
        k = 4 / 3 * math.tan((b - a) / 4) * radius
        ax, ay = x + radius * math.cos(a), y + radius * math.sin(a)
        bx, by = x + radius * math.cos(b), y + radius * math.sin(b)
        text += (f'C {pair(ax - k * math.sin(a), ay + k * math.cos(a))} '
                 f'{pair(bx + k * math.sin(b), by - k * math.cos(b))} {pair(bx, by)} ')
    return text


def centre(shape):
    """The shape's centre line in M, L, C and Z; D marks a filled dot: x, y, radius."""
    kind, data = shape[0], shape[1]
    if kind == 'line':
        return ('M ' + ' L '.join(pair(*p) for p in data) + (' Z' if shape[2] else '')).strip()
    if kind == 'frame':
        x1, y1, x2, y2, r = data
        corners = [(x2 - r, y1 + r, -90), (x2 - r, y2 - r, 0), (x1 + r, y2 - r, 90),
                   (x1 + r, y1 + r, 180)]
        text = f'M {pair(x1 + r, y1)} '
        for x, y, start in corners:
            text += f'L {pair(*on_circle(x, y, r, start))} ' + bezier_arc(x, y, r, start, start + 90)
        return text + 'Z'
    if kind == 'ring':
        x, y, r = data
        return f'M {pair(x + r, y)} ' + bezier_arc(x, y, r, 0, 360) + 'Z'
    if kind == 'dot':
        return 'D ' + ' '.join(number(v) for v in data)
    if kind == 'arc':
        x, y, r, start, end = data
        return (f'M {pair(*on_circle(x, y, r, start))} ' + bezier_arc(x, y, r, start, end)).strip()
    return 'M ' + ' L '.join(pair(*p) for p in data) + ' Z'


def symbolic(shapes):
    body = '\n'.join(f'  <path d="{outline(shape)}"/>' for shape in shapes)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<!-- SPDX-License-Identifier: GPL-3.0-or-later; drawn by icons/draw.py -->\n'
            '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" '
            'color="#2e3436" fill="currentColor">\n' + body + '\n</svg>\n')


def c_table():
    rows = ''
    for name in sorted(ICONS):
        pieces = [centre(shape) for shape in ICONS[name]]
        text = ''.join(f'\n    "{piece}{" " if i + 1 < len(pieces) else ""}"'
                       for i, piece in enumerate(pieces))
        rows += f'  {{"{name}",{text}}},\n'
    return ('/* SPDX-License-Identifier: GPL-3.0-or-later */\n\n'
            '/* Written by icons/draw.py: change that, not this. */\n\n'
            '#include "icons/icon-paths.h"\n\n'
            '#include <string.h>\n\n'
            '/* clang-format off */\n'
            'static const struct {\n  const char *name;\n  const char *path;\n} icons[] = {\n'
            + rows + '};\n/* clang-format on */\n\n'
            'const char *\nloom_icon_path_lookup (const char *name)\n{\n'
            '  for (size_t i = 0; i < sizeof icons / sizeof icons[0]; i++)\n'
            '    if (strcmp (icons[i].name, name) == 0)\n'
            '      return icons[i].path;\n'
            '  return NULL;\n}\n')


def files():
    folder = os.path.join(HERE, 'hicolor', 'scalable', 'actions')
    for name, shapes in ICONS.items():
        yield os.path.join(folder, f'{name}-symbolic.svg'), symbolic(shapes)
    yield os.path.join(HERE, 'icon-paths.c'), c_table()


def main():
    """With --check, writes nothing and fails if a file is not what this program would write."""
    check = '--check' in sys.argv[1:]
    stale = 0
    for path, text in files():
        if check:
            try:
                with open(path, encoding='utf-8') as old:
                    same = old.read() == text
            except FileNotFoundError:
                same = False
            if not same:
                print(f'{os.path.relpath(path)} is not what icons/draw.py draws')
                stale += 1
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as new:
            new.write(text)
    return 1 if stale else 0


if __name__ == '__main__':
    sys.exit(main())
