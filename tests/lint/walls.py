#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The walls between the folders, as DESIGN.md draws them: who may include whom, what must not be
# named where, and what no part of the product does.

import re

import lint

GLIB = r'glib(-object|-unix)?\.h|glib/.*|gmodule\.h'
PURE_LIBC = r'(arpa/inet|assert|ctype|errno|float|inttypes|limits|locale|math|stdarg|stdbool|stddef|stdint|stdlib|string)\.h'
ANY = r'.*'
NO_WINDOW = r'(?!gtk/|gdk/|gdk-pixbuf/|cairo|pango|vte/|spice-client).*'

# Folder: what it may include of ours, and what of others. The longest matching folder counts.
WALLS = {
    'canvas/model': (('canvas/model/',), f'(?!glib/gstdio)({GLIB}|{PURE_LIBC})'),
    'canvas/scene': (('canvas/model/', 'canvas/scene/', 'icons/'),
                     rf'{GLIB}|gio/.*|cairo.*|pango/.*|{PURE_LIBC}'),
    'canvas/widget': (('canvas/', 'icons/'), r'(?!vte/|spice-client).*'),
    'backend/proto': (('backend/proto/',), NO_WINDOW),
    'backend/ovs': (('backend/proto/', 'backend/ovs/'), NO_WINDOW),
    'backend/qemu': (('backend/proto/', 'backend/qemu/', 'backend/guest/', 'lanloom-config.h'), NO_WINDOW),
    'backend/wire': (('backend/proto/', 'backend/wire/', 'lanloom-config.h'), NO_WINDOW),
    'backend/wire/law': (('backend/proto/', 'backend/wire/law/'), f'{GLIB}|json-glib/.*|{PURE_LIBC}'),
    'backend/guest': (('backend/guest/',), NO_WINDOW),
    'backend/init': (('backend/init/', 'backend/engine/', 'lanloom-config.h'), NO_WINDOW),
    'backend/engine': (('backend/', 'canvas/model/', 'lanloom-config.h'), NO_WINDOW),
    'backend/cli': (('backend/cli/', 'backend/engine/', 'canvas/model/', 'lanloom-config.h'), NO_WINDOW),
    'gui': (('gui/', 'canvas/', 'backend/engine/', 'icons/', 'lanloom-config.h', 'lanloom-icons.h',
             'lanloom-gui-resources.h'), ANY),
    'icons': (('icons/',), PURE_LIBC),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
BACKEND_WORDS = re.compile(r'open ?v ?switch|\bovs|qemu|dpdk|vhost', re.IGNORECASE)
SHELL = re.compile(r'\b(system|popen|wordexp|g_spawn_command_line_\w+|g_shell_parse_argv|'
                   r'g_app_info_create_from_commandline)\s*\(|"(/bin/)?(ba)?sh"')
FILE_CALLS = re.compile(r'\b(fopen|open|openat|creat|g_open|g_fopen|g_mkdir\w*|g_unlink|g_rename|'
                        r'g_file_(get|set)_contents\w*|g_key_file_(load_from|save_to)_\w*file|'
                        r'g_spawn_\w+|g_dir_open|getenv|g_getenv|g_get_(real|monotonic)_time|time)\s*\(')


def wall_of(path):
    best = None
    for folder in WALLS:
        if path.startswith(folder + '/') and (best is None or len(folder) > len(best)):
            best = folder
    return best


def includes(path):
    text = lint.read(path)
    for match in INCLUDE.finditer(lint.without_comments(text)):
        yield lint.line_of(text, match.start()), match.group(1), match.group(2)


def includes_over_walls(sources, folder):
    ours, others = WALLS[folder]
    for path in sources:
        if wall_of(path) != folder:
            continue
        for line, kind, name in includes(path):
            if kind == '"' and '/' not in name and name not in ours:
                # Generated headers stand beside their sources.
                if not name.endswith(('-dbus.h', '-resources.h', '-marshal.h')):
                    yield f'{path}:{line}: "{name}" is not written from the root'
            elif kind == '"' and not name.startswith(ours):
                yield f'{path}:{line}: {folder} must not know {name}'
            elif kind == '<' and not re.fullmatch(others, name):
                yield f'{path}:{line}: {folder} must not use <{name}>'


def words(sources, pattern, why, clean):
    for path in sources:
        text = lint.read(path)
        for match in pattern.finditer(clean(text)):
            yield f'{path}:{lint.line_of(text, match.start())}: {match.group(0).strip()}: {why}'


def including(sources, prefix):
    return sorted({path for path in sources for _, _, name in includes(path)
                   if name.startswith(prefix)})


def main():
    tap = lint.Tap()
    product = [p for p in lint.files('.c', '.h') if not p.startswith('tests/')]

    homeless = [f'{p}: this folder has no wall in tests/lint/walls.py'
                for p in product if not wall_of(p)]
    tap.check('every source stands behind a wall', homeless)
    for folder in WALLS:
        tap.check(f'{folder} includes only what it may', includes_over_walls(product, folder))
    canvas = [p for p in product if p.startswith('canvas/')]
    tap.check('the canvas names no part of the backend',
              words(canvas, BACKEND_WORDS, 'the canvas must not name it', lint.without_comments))
    model = [p for p in product if p.startswith('canvas/model/')]
    tap.check('the model does no I/O and takes time as an argument',
              words(model, FILE_CALLS, 'the model does no I/O', lint.without_strings))
    tap.check('no shell runs on the host',
              words([p for p in product if not p.startswith('backend/guest/')], SHELL,
                    'give an argument list', lint.without_comments))
    for prefix, what in (('spice-client', 'SPICE'), ('vte/', 'VTE')):
        found = including(product, prefix)
        tap.check(f'at most one file includes {what}',
                  [f'{p} includes {what}' for p in found] if len(found) > 1 else [])
    tap.done()


main()
