# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the system tests share: a little TAP, lanloomctl, and an account of everything that a lab has
# while it runs, so that what is left of it afterwards can be counted: processes (also by the
# namespaces they are in), namespaces, mounts, sockets, folders. Python's standard library only.
#
# Every test program has its own XDG_RUNTIME_DIR; a process belongs to it if it carries that in its
# environment, which everything a lab starts inherits.

import atexit
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = os.environ['LANLOOM_BUILD']
SOURCE = os.environ['LANLOOM_SOURCE']
CTL = os.path.join(BUILD, 'backend/cli/lanloomctl')
NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']

OK, PROBLEMS, USAGE, NOT_RUNNING, HOST, FAILED = range(6)


class Failure(Exception):
    pass


class NotYet(Failure):
    """lanloomctl said no, or what was looked for is not there: whoever waits looks again."""


def expect(condition, text):
    if not condition:
        raise Failure(text)


def expect_equal(got, wanted, what):
    expect(got == wanted, f'{what}: got {got!r}, wanted {wanted!r}')


def answered(text):
    """The numbers of the pings that were answered, of what ping says."""
    return {int(number) for number in re.findall(r'bytes from .*icmp_seq=(\d+) ', text)}


def expect_all_answered(text, count):
    """`ping -c COUNT -w SECONDS` was answered without a gap, however late. (Without -w it waits for the
    last answer for two round trips only, a tenth of a second; with it, it goes on until it has had so
    many answers, and one that is lost is a gap.)"""
    expect(set(range(1, count + 1)) <= answered(text), text)


def idle_s():
    """For how long cores of this computer have had nothing to do, all of them together."""
    with open('/proc/stat', encoding='ascii') as file:
        return int(file.readline().split()[4]) / os.sysconf('SC_CLK_TCK')


class Patience:
    """Is over after so many seconds, in which a core must have been idle for as long: while all have
    something to do, what is awaited may be slow and not broken. SLOW times as long at most. Nor is it
    over before LEAST_S: a computer may stand still for seconds while another, its host, has other
    things to do. What was late is said."""
    SLOW = 4
    LEAST_S = 20

    def __init__(self, seconds):
        self.wanted = seconds
        self.seconds = max(seconds, self.LEAST_S)
        self.begin = time.monotonic()
        self.idle = idle_s()

    def is_over(self):
        took = time.monotonic() - self.begin
        return took > self.seconds and (idle_s() - self.idle > self.seconds
                                        or took > self.SLOW * self.seconds)

    def tell(self, what):
        """It has come. Says so if that took longer than it should."""
        took = time.monotonic() - self.begin
        if took > self.wanted + 1:
            print(f'# LATE: {what}: after {took:.1f} s, not {self.wanted} s', flush=True)


def wait_until(condition, seconds, what, step=0.05):
    """Returns what condition() returned as soon as it is true, which it is to be within so many
    seconds: see Patience. @what: words, or makes them."""
    patience = Patience(seconds)
    while True:
        refused = ''
        try:
            value = condition()
        except NotYet as error:
            value, refused = None, f' ({error})'
        if value:
            patience.tell('what was waited for' if callable(what) else what)
            return value
        if patience.is_over():
            raise Failure(f'{what() if callable(what) else what}: not within {patience.seconds} s{refused}')
        time.sleep(step)


# --- TAP -------------------------------------------------------------------------------------

class Plan:
    """Runs the functions it is given, in order. One that fails does not keep the others from
    running, unless what it prepares is needed by them (`needed`)."""

    def __init__(self):
        self.steps = []

    def step(self, text, needed=False):
        def add(function):
            self.steps.append((text, function, needed))
            return function
        return add

    def run(self, world=None):
        failed = 0
        broken = None
        print(f'1..{len(self.steps)}', flush=True)
        for number, (text, function, needed) in enumerate(self.steps, 1):
            if broken and not text.startswith('leftovers'):
                print(f'not ok {number} - {text}\n# because of: {broken}', flush=True)
                failed += 1
                continue
            begin = time.monotonic()
            try:
                reason = function(world) if world is not None else function()
                took = time.monotonic() - begin
                skip = f' # SKIP {reason}' if isinstance(reason, str) else ''
                print(f'ok {number} - {text}{skip}\n# {took:.1f} s', flush=True)
            except Exception as error:  # a test reports whatever went wrong
                failed += 1
                detail = str(error) if isinstance(error, Failure) else repr(error)
                print(f'not ok {number} - {text}', flush=True)
                for line in detail.splitlines():
                    print(f'# {line}', flush=True)
                if world is not None:
                    world.failed()
                if needed:
                    broken = text
        if world is not None:
            world.close(failed > 0)
        sys.exit(1 if failed else 0)


def skip_all(reason):
    print(f'1..0 # SKIP {reason}')
    sys.exit(0)


# --- /proc -----------------------------------------------------------------------------------

def read_link(path):
    try:
        return os.readlink(path)
    except OSError:
        return None


def list_pids():
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]


def namespaces_of(pid):
    """{'net:[4026531840]', …} of a process."""
    links = (read_link(f'/proc/{pid}/ns/{kind}') for kind in NAMESPACES)
    return {link for link in links if link}


def name_of(pid):
    try:
        with open(f'/proc/{pid}/comm', encoding='utf-8', errors='replace') as file:
            return file.read().strip()
    except OSError:
        return '?'


def state_of(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
            return file.read().rsplit(')', 1)[1].split()[0]
    except (OSError, IndexError):
        return None


def is_alive(pid):
    return state_of(pid) not in (None, 'Z', 'X')


def runtime_of(pid):
    """XDG_RUNTIME_DIR of a process, if it can be told."""
    try:
        with open(f'/proc/{pid}/environ', 'rb') as file:
            return next((word[16:].decode() for word in file.read().split(b'\0')
                         if word.startswith(b'XDG_RUNTIME_DIR=')), None)
    except (OSError, UnicodeDecodeError):
        return None


def pids_with_environment(text):
    wanted = text.encode()
    found = []
    for pid in list_pids():
        if pid == os.getpid():
            continue
        try:
            with open(f'/proc/{pid}/environ', 'rb') as file:
                if wanted in file.read().split(b'\0'):
                    found.append(pid)
        except OSError:
            pass
    return found


def size_of(path):
    """0 for what is no file, or none any more."""
    try:
        return os.path.getsize(path) if os.path.isfile(path) else 0
    except OSError:
        return 0


def interfaces():
    return sorted(os.listdir('/sys/class/net'))


def mounts():
    with open('/proc/self/mountinfo', encoding='utf-8') as file:
        return sorted(' '.join(line.split()[3:5]) for line in file)


# --- a place for labs ------------------------------------------------------------------------

class World:
    """A folder for project files and one for runtime folders, and the labs that run in them."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='llt-', dir='/tmp')
        self.runtime = os.path.join(self.folder, 'run')
        os.mkdir(self.runtime, 0o700)
        self.env = dict(os.environ, XDG_RUNTIME_DIR=self.runtime, LC_ALL='C.UTF-8')
        self.env.pop('LANGUAGE', None)
        self.host_namespaces = namespaces_of('self')
        self.interfaces = interfaces()
        self.mounts = mounts()
        self.pids = set()
        self.namespaces = set()
        self.runtime_dirs = set()
        self.started = []
        atexit.register(self.kill_everything)

    # --- files

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        path = self.path(name)
        mode = 'wb' if isinstance(content, bytes) else 'w'
        with open(path, mode) as file:
            if isinstance(content, (str, bytes)):
                file.write(content)
            else:
                json.dump(content, file)
        return path

    def take_lab(self, name):
        """A copy of one of the labs that ship."""
        path = self.path(name + '.lanloom')
        shutil.copy(os.path.join(SOURCE, 'data/labs', name + '.lanloom'), path)
        return path

    def edit(self, path, change):
        """Reads the project file, lets change(document) alter it, writes it."""
        with open(path, encoding='utf-8') as file:
            document = json.load(file)
        change(document)
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(document, file)

    # --- lanloomctl

    def spawn(self, *args, **kwargs):
        """lanloomctl in the background."""
        kwargs.setdefault('env', self.env)
        kwargs.setdefault('stdin', subprocess.DEVNULL)
        process = subprocess.Popen([CTL, *args], **kwargs)
        self.started.append(process)
        return process

    def ctl(self, *args, code=OK, timeout=150, stdin=None, env=None, text=True):
        """Runs lanloomctl; a code of None allows any. Returns the CompletedProcess."""
        result = subprocess.run([CTL, *args], env=env or self.env, capture_output=True, text=text,
                                timeout=timeout, input=stdin,
                                **({} if stdin is not None else {'stdin': subprocess.DEVNULL}))
        if code is not None and result.returncode != code:
            raise NotYet(f'lanloomctl {" ".join(args)}: exit {result.returncode}, wanted {code}\n'
                         f'{result.stdout}\n{result.stderr}')
        return result

    def exec(self, file, node, *command, code=OK, **kwargs):
        return self.ctl('exec', file, node, '--', *command, code=code, **kwargs).stdout

    def ping(self, file, node, address, count=1, wait=1, code=OK):
        """What ping says of so many: the last answers may come when it has gone."""
        return self.exec(file, node, 'ping', '-c', str(count), '-i', '0.2', '-W', str(wait),
                         address, code=code)

    def reaches(self, file, node, address):
        return self.ping(file, node, address, code=None).find('bytes from') >= 0

    def ping_all(self, file, node, address, count=1, interval=0.2):
        """None of so many pings is lost, however late."""
        def text():
            said = self.exec(file, node, 'ping', '-c', str(count), '-i', str(interval), '-w', '60',
                             address, code=None)
            # Nobody said within 3 s who has the address: late, too.
            return 'Host Unreachable' not in said and said
        expect_all_answered(wait_until(text, 60, f'{node} to know who {address} is'), count)

    def know_neighbours(self, file, *pairs):
        """Machines (name, address of the other) ask for that address no more: the frames of a ping are
        its requests and answers alone, and none waits for another."""
        for node, address in pairs:
            self.ping_all(file, node, address)
            self.exec(file, node, 'ip', 'neigh', 'change', address, 'dev', 'eth0', 'nud', 'permanent')

    def status(self, file):
        status = json.loads(self.ctl('status', '--json', file).stdout)
        self.account(status)
        return status

    def wait_listed(self, files):
        """lanloomctl lists these labs; it does not wait long for an engine to say of which file it is."""
        wanted = sorted(files)
        wait_until(lambda: sorted(lab['file'] or '' for lab in json.loads(self.ctl('status', '--json').stdout))
                   == wanted, 5, f'{wanted} to be listed')

    def states(self, file):
        return {node['name']: node['state'] for node in self.status(file)['nodes']}

    def pid_of(self, file, role, node=None):
        for process in self.status(file)['processes']:
            if process['role'] == role and process['node'] == node:
                return process['pid']
        raise NotYet(f'no process with role {role} of {node}')

    def counters(self, file):
        links = json.loads(self.ctl('counters', '--json', file).stdout)['links']
        return {link['id']: link for link in links}

    def failed(self):
        """A step has failed, just now."""

    # --- the account

    def account(self, status):
        """Remembers what belongs to a lab, to look for it when the lab has ended."""
        self.runtime_dirs.add(status['runtime'])
        for process in status['processes']:
            expect(process['pid'] > 0, f'status names no host pid for {process}')
            self.pids.add(process['pid'])
            self.namespaces |= namespaces_of(process['pid']) - self.host_namespaces
        self.account_environment()

    def account_environment(self):
        for pid in pids_with_environment('XDG_RUNTIME_DIR=' + self.runtime):
            if pid not in (process.pid for process in self.started):
                self.pids.add(pid)
                self.namespaces |= namespaces_of(pid) - self.host_namespaces

    def leftovers(self):
        """What is still there of labs that should be gone: a list of sentences."""
        left = []
        started = {process.pid for process in self.started}
        for pid in sorted(self.pids):
            if is_alive(pid) and namespaces_of(pid) & self.namespaces \
                    and runtime_of(pid) in (None, self.runtime):
                left.append(f'process {pid} ({name_of(pid)})')
        for pid in pids_with_environment('XDG_RUNTIME_DIR=' + self.runtime):
            if pid not in started and is_alive(pid):
                left.append(f'process {pid} ({name_of(pid)}), by its environment')
        for pid in list_pids():
            # The number of a namespace that has ended is given to the next, of another test's lab.
            shared = namespaces_of(pid) & self.namespaces
            if shared and is_alive(pid) and runtime_of(pid) in (None, self.runtime):
                left.append(f'namespaces {" ".join(sorted(shared))} in {pid} ({name_of(pid)})')
        for mount in mounts():
            if self.folder in mount:
                left.append(f'mount {mount}')
        with open('/proc/net/unix', encoding='utf-8', errors='replace') as file:
            left += [f'socket {line.split()[-1]}' for line in file if self.runtime in line]
        base = os.path.join(self.runtime, 'lanloom')
        if os.path.isdir(base):
            left += [f'folder {os.path.join(base, name)}' for name in os.listdir(base)]
        for runtime in self.runtime_dirs:
            disks = f'/var/tmp/lanloom-{os.getuid()}/{os.path.basename(runtime)}'
            left += [f'folder {path}' for path in glob.glob(glob.escape(disks) + '*')]
        for name in interfaces():
            if name not in self.interfaces and name.startswith(('ovs', 'panel', 'br')):
                left.append(f'interface {name}')
        return left

    def expect_clean(self, seconds=5):
        """Everything of all labs is gone, at the latest after so many seconds."""
        patience = Patience(seconds)
        while True:
            left = self.leftovers()
            if not left:
                break
            if patience.is_over():
                raise Failure('left over:\n' + '\n'.join(left))
            time.sleep(0.1)
        patience.tell('nothing is left')
        self.pids.clear()
        self.namespaces.clear()
        self.runtime_dirs.clear()

    def kill_everything(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        for pid in pids_with_environment('XDG_RUNTIME_DIR=' + self.runtime):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass

    def close(self, keep_logs):
        if keep_logs:
            self.print_logs()
        self.kill_everything()
        time.sleep(0.3)
        shutil.rmtree(self.folder, ignore_errors=True)

    def print_logs(self):
        for root, _, files in os.walk(self.runtime):
            for name in files:
                if name == 'engine.log':
                    path = os.path.join(root, name)
                    print(f'# --- {path}')
                    with open(path, encoding='utf-8', errors='replace') as file:
                        for line in file.readlines()[-40:]:
                            print('# ' + line.rstrip())
