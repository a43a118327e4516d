# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the end-to-end tests share: an X server and a session bus of their own, the real window, and
# hands that drive it as a person does: pointer and keyboard by xdotool, places asked from AT-SPI by
# accessible name.
#
# Three layers, each a run of the test's file: the outer one owns an X server, the middle one a
# session bus (dbus-run-session), the inner one the window. Pictures stay in
# <build>/tests/widget/shots/<test>/.
#
# usage: TEST.py [--dark] [--size WIDTHxHEIGHT]

import contextlib
import ctypes
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'system'))

from harness import BUILD, Failure, World, expect_equal, wait_until  # noqa: E402

# Another build's window, one under the sanitizers for one, on this build's labs.
WINDOW = os.environ.get('LANLOOM_WINDOW') or os.path.join(BUILD, 'gui/lanloom')
TEST = os.path.splitext(os.path.basename(sys.argv[0]))[0]
SHOTS = os.path.join(BUILD, 'tests/widget/shots', TEST)
READY_S = 180
CLIENT_MESSAGE = 33  # X.h


# --- the outer layers ------------------------------------------------------------------------

def find_missing():
    return [name for name in ('Xvfb', 'xdotool', 'dbus-run-session', 'import')
            if shutil.which(name) is None]


def size():
    return sys.argv[sys.argv.index('--size') + 1] if '--size' in sys.argv else '1440x900'


def start_server():
    """A number of our own, not -displayfd: with that Xvfb takes no lock, and two that start at once
    take each other's socket away. Without -noreset it begins anew, deaf for a moment, whenever its last
    client goes: the accessibility bus is one that comes and goes just when the window comes."""
    for number in range(100 + os.getpid() % 400, 600):
        socket = f'/tmp/.X11-unix/X{number}'
        if os.path.exists(socket) or os.path.exists(f'/tmp/.X{number}-lock'):
            continue
        server = subprocess.Popen(['Xvfb', f':{number}', '-screen', '0', f'{size()}x24',
                                   '-nolisten', 'tcp', '-noreset'], stderr=subprocess.DEVNULL)
        wait_until(lambda: server.poll() is not None or os.path.exists(socket), 20, 'the X server')
        if server.poll() is None:
            return server, number
    raise Failure('no display number is free')


def run_outer(seconds):
    missing = find_missing()
    if missing:
        print(f'1..0 # SKIP missing: {" ".join(missing)}')
        return 0
    server, number = start_server()
    runtime = tempfile.mkdtemp(prefix='lle-', dir='/tmp')
    try:
        env = dict(os.environ, DISPLAY=f':{number}', LANLOOM_E2E='inner', GDK_BACKEND='x11',
                   XDG_RUNTIME_DIR=runtime, LC_ALL='C.UTF-8', GSETTINGS_BACKEND='memory',
                   GTK_THEME='Adwaita:dark' if '--dark' in sys.argv else 'Adwaita')
        for name in ('LANGUAGE', 'WAYLAND_DISPLAY', 'NO_AT_BRIDGE', 'AT_SPI_BUS_ADDRESS'):
            env.pop(name, None)
        # What is said in the session's name, by its daemons too, is no part of the report.
        report = os.dup(1)
        env['LANLOOM_REPORT_FD'] = str(report)
        inner = subprocess.Popen(['dbus-run-session', '--', '/usr/bin/python3', '-B',
                                  os.path.abspath(sys.argv[0]), *sys.argv[1:]], env=env,
                                 stdout=2, pass_fds=[report], start_new_session=True)
        os.close(report)
        try:
            return inner.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(inner.pid, signal.SIGTERM)
            return 1
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(runtime, ignore_errors=True)


def is_inner():
    """Whether this is the process within the session; its standard output is the report's then."""
    report = os.environ.pop('LANLOOM_REPORT_FD', None)
    if report is not None:
        os.dup2(int(report), 1)
        os.close(int(report))
    return os.environ.get('LANLOOM_E2E') == 'inner'


def main(plan, make_story, seconds):
    """What each test ends with; @seconds is the most it may take."""
    if is_inner():
        plan.run(make_story())
    else:
        sys.exit(run_outer(seconds))


# --- the window and its hands ----------------------------------------------------------------

class Hands:
    """A window, its accessible tree, and a pointer."""

    def __init__(self, world):
        import gi
        gi.require_version('Atspi', '2.0')
        from gi.repository import Atspi
        self.atspi = Atspi
        # 0.8 s unless told, which a busy computer does not keep.
        Atspi.set_timeout(5000, 15000)
        self.world = world
        self.process = None
        self.n_shots = 0
        os.makedirs(SHOTS, exist_ok=True)
        self.log_path = os.path.join(SHOTS, 'window.log')
        if os.path.exists(self.log_path):
            os.unlink(self.log_path)

    def open(self, *args, **variables):
        """@variables: of its environment, PATH for one."""
        env = dict(os.environ, XDG_RUNTIME_DIR=self.world.runtime,
                   XDG_STATE_HOME=self.world.path('state'), XDG_DATA_HOME=self.world.path('data'),
                   G_DEBUG='', **variables)
        self.log = open(self.log_path, 'a', encoding='utf-8')
        self.process = subprocess.Popen([WINDOW, *args], env=env, stderr=self.log)
        self.world.started.append(self.process)
        wait_until(lambda: self.find('Start', 'push button') or self.find('Stop', 'push button'),
                   30, 'the window with its Start button')
        time.sleep(0.5)

    def wait_for_autosave(self, text):
        """Until @text is in what the window keeps in case that it dies."""
        def is_kept():
            for path in glob.glob(self.world.path('state') + '/**/*.lanloom-autosave', recursive=True):
                with contextlib.suppress(FileNotFoundError), open(path, encoding='utf-8') as file:
                    if text in file.read():
                        return True
            return False
        wait_until(is_kept, 15, f'“{text}” in an autosave', step=0.2)

    def application(self):
        desktop = self.atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            try:
                if child is not None and child.get_process_id() == self.process.pid:
                    return child
            except Exception:  # it went away while we looked
                pass
        return None

    def walk(self, node, depth=0):
        if node is None or depth > 30:
            return
        yield node
        try:
            for i in range(min(node.get_child_count(), 200)):
                yield from self.walk(node.get_child_at_index(i), depth + 1)
        except Exception:
            return

    def find(self, name, role=None, starts=False):
        """The first that is showing."""
        for node in self.walk(self.application()):
            try:
                got = node.get_name() or ''
                if (got.startswith(name) if starts else got == name) \
                        and (role is None or node.get_role_name() == role) \
                        and node.get_state_set().contains(self.atspi.StateType.SHOWING):
                    return node
            except Exception:
                pass
        return None

    def area(self, name, role=None, starts=False):
        node = wait_until(lambda: self.find(name, role, starts), 10, f'“{name}” on the screen')
        box = node.get_extents(self.atspi.CoordType.SCREEN)
        return box.x, box.y, box.width, box.height

    def centre(self, name, role=None, starts=False):
        x, y, width, height = self.area(name, role, starts)
        return x + width // 2, y + height // 2

    def tile(self, node):
        """The middle of a node's tile: the area has the name below it."""
        x, y, width, _ = self.area(node + ', ', starts=True)
        return x + width // 2, y + 32

    @staticmethod
    def xdotool(*args):
        subprocess.run(['xdotool', *map(str, args)], check=True, timeout=20)

    def click(self, point, button=1, times=1):
        self.xdotool('mousemove', *point)
        time.sleep(0.15)
        self.xdotool('click', '--repeat', times, '--delay', 60, button)
        time.sleep(0.3)

    def focus(self, name):
        """The keyboard goes there, and what was out of sight is scrolled to."""
        node = wait_until(lambda: self.find(name), 10, f'“{name}” in the window')
        node.get_component_iface().grab_focus()
        time.sleep(0.3)

    def drag(self, start, end):
        self.xdotool('mousemove', *start)
        time.sleep(0.2)
        self.xdotool('mousedown', 1)
        time.sleep(0.1)
        for i in range(1, 13):
            self.xdotool('mousemove', start[0] + (end[0] - start[0]) * i // 12,
                         start[1] + (end[1] - start[1]) * i // 12)
            time.sleep(0.03)
        time.sleep(0.2)
        self.xdotool('mouseup', 1)
        time.sleep(0.5)

    def key(self, *keys):
        self.xdotool('key', *keys)
        time.sleep(0.3)

    def type(self, text, delay_ms=25):
        self.xdotool('type', '--delay', delay_ms, text)
        time.sleep(0.2)

    @staticmethod
    def gtk_clipboard():
        import gi
        gi.require_version('Gdk', '3.0')
        gi.require_version('Gtk', '3.0')
        from gi.repository import Gdk, Gtk
        return Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)

    def clipboard(self):
        return self.gtk_clipboard().wait_for_text() or ''

    def set_clipboard(self, text):
        """Another program owns it, as when a person copies there: it lives until it is replaced."""
        program = ('import gi, sys\ngi.require_version("Gtk", "3.0")\n'
                   'from gi.repository import Gdk, Gtk, GLib\n'
                   'c = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)\n'
                   'c.set_text(sys.argv[1], -1)\n'
                   'c.connect("owner-change", lambda c, e: Gtk.main_quit()\n'
                   '          if c.wait_for_text() != sys.argv[1] else None)\n'
                   'GLib.timeout_add_seconds(60, Gtk.main_quit)\nGtk.main()\n')
        self.world.started.append(
            subprocess.Popen(['/usr/bin/python3', '-c', program, text], stderr=subprocess.DEVNULL))
        wait_until(lambda: self.clipboard() == text, 10, 'the clipboard to be ours')

    def windows(self):
        """X's numbers of the windows that show, the topmost last."""
        found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'lanloom'],
                               capture_output=True, text=True, timeout=20)
        return found.stdout.split()

    def focus_window(self, n_windows=None):
        """The topmost window gets the keyboard, which a window manager would see to. Waits until
        there are so many."""
        wait_until(lambda: n_windows in (None, len(self.windows())), 10,
                   f'{n_windows} windows and not {self.windows()}')
        self.xdotool('windowfocus', self.windows()[-1])
        time.sleep(0.3)

    @staticmethod
    def ask_to_close(window):
        """As a window manager does: xdotool can only destroy."""
        x = ctypes.CDLL('libX11.so.6')
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x.XOpenDisplay(None))
        protocols, delete = (x.XInternAtom(display, name, 0)
                             for name in (b'WM_PROTOCOLS', b'WM_DELETE_WINDOW'))
        # XClientMessageEvent: type, serial, sent, display, window, message, format, data.
        event = (ctypes.c_long * 24)(CLIENT_MESSAGE, 0, 1, 0, int(window), protocols, 32, delete)
        x.XSendEvent(display, ctypes.c_ulong(int(window)), 0, ctypes.c_long(0), event)
        x.XCloseDisplay(display)

    def notices(self):
        """The texts of each notice that is shown."""
        return [[node.get_name() or '' for node in self.walk(alert)
                 if node.get_role_name() == 'label']
                for alert in self.walk(self.application()) if alert.get_role_name() == 'alert']

    def close_notice(self):
        """The first, by its last button."""
        alert = next(node for node in self.walk(self.application())
                     if node.get_role_name() == 'alert')
        button = [node for node in self.walk(alert) if node.get_role_name() == 'push button'][-1]
        button.get_action_iface().do_action(0)
        wait_until(lambda: not self.notices(), 5, 'the notice to go')

    def focused(self):
        """Name of what the keyboard goes to, as a screen reader hears it."""
        for node in self.walk(self.application()):
            try:
                if node.get_state_set().contains(self.atspi.StateType.FOCUSED):
                    return node.get_name()
            except Exception:
                pass
        return None

    def shoot(self, name):
        self.n_shots += 1
        prefix = 'dark-' if '--dark' in sys.argv else ''
        path = os.path.join(SHOTS, f'{prefix}{self.n_shots:02}-{name}.png')
        subprocess.run(['import', '-window', 'root', path], check=False, timeout=30)

    def is_closed(self):
        return self.process.poll() is not None


# --- a window and its labs -------------------------------------------------------------------

class Story(World):
    """A window that can be opened, on a copy of a lab that ships (None: on nothing)."""

    def __init__(self, lab='two-machines'):
        super().__init__()
        self.hands = Hands(self)
        self.file = self.take_lab(lab) if lab else None

    def saved(self):
        with open(self.file, encoding='utf-8') as file:
            return json.load(file)

    def save(self):
        before = os.stat(self.file).st_mtime_ns
        self.hands.key('ctrl+s')
        wait_until(lambda: os.stat(self.file).st_mtime_ns != before, 10, 'the file to be written')
        return self.saved()

    def is_ready(self, *names):
        result = self.ctl('status', '--json', self.file, code=None)
        if result.returncode != 0:
            return False
        status = json.loads(result.stdout)
        self.account(status)
        states = {node['name']: node['state'] for node in status['nodes']}
        return all(states.get(name) == 'ready' for name in names)

    def frames(self, link):
        counters = self.counters(self.file)
        return json.dumps(counters[link], sort_keys=True) if link in counters else None

    def say_in_guest(self, node, text):
        """Types a command that writes @text to a file in @node, and waits for it there."""
        self.hands.type(f'echo {text} > /tmp/{text}', delay_ms=50)
        self.hands.key('Return')
        self.wait_for_file(node, text, text)

    def wait_for_file(self, node, name, text):
        """Until /tmp/@name in @node holds @text."""
        wait_until(lambda: text in self.exec(self.file, node, 'sh', '-c', f'cat /tmp/{name} || true'),
                   15, f'“{text}” in /tmp/{name} of {node}', step=0.3)

    def failed(self):
        """What the screen looked like when a step went wrong."""
        self.hands.shoot('failed')

    def expect_no_complaints(self, known=None):
        """Neither GLib nor a sanitizer found anything wrong, but for lines that hold @known."""
        with open(self.hands.log_path, encoding='utf-8', errors='replace') as log:
            lines = [line.strip() for line in log
                     if not (known and known in line) and any(word in line for word in ('-CRITICAL **', '-ERROR **',
                                                      'ERROR: AddressSanitizer',
                                                      'ERROR: LeakSanitizer', 'runtime error:'))]
        expect_equal(lines, [], 'complaints in the log')

    def expect_nothing_left(self):
        if not self.hands.is_closed():
            self.hands.process.terminate()
            self.hands.process.wait()
        self.expect_clean()
