# SPDX-License-Identifier: GPL-3.0-or-later
#
# As much of D-Bus as it takes to call the engine of a running lab (org.lanloom.Engine, peer to
# peer) from a test without any library: strings, numbers, dictionaries and lists of strings; and the
# handles that come with an answer.

import array
import os
import socket
import struct

PATH = '/org/lanloom/Engine'
INTERFACE = 'org.lanloom.Engine'


class Error(Exception):
    """name: the D-Bus error's."""

    def __init__(self, name, text):
        super().__init__(f'{name}: {text}')
        self.name = name


def align(data, n):
    data.extend(b'\0' * (-len(data) % n))


def put_string(data, text):
    raw = text.encode()
    align(data, 4)
    data += struct.pack('<I', len(raw)) + raw + b'\0'


def marshal(signature, values):
    """signature: of s, t, u, as and a{ss}, one a value, as a list."""
    data = bytearray()
    for kind, value in zip(signature, values):
        if kind == 's':
            put_string(data, value)
        elif kind == 't':
            align(data, 8)
            data += struct.pack('<Q', value)
        elif kind == 'u':
            align(data, 4)
            data += struct.pack('<I', value)
        else:
            align(data, 4)
            where = len(data)
            data += b'\0' * 4
            if kind == 'a{ss}':
                align(data, 8)
            begin = len(data)
            for item in value.items() if kind == 'a{ss}' else [(text,) for text in value]:
                if kind == 'a{ss}':
                    align(data, 8)
                for text in item:
                    put_string(data, text)
            data[where:where + 4] = struct.pack('<I', len(data) - begin)
    return bytes(data)


def put_field(header, code, kind, text):
    align(header, 8)
    header += bytes([code, 1]) + kind.encode() + b'\0'
    if kind == 'g':
        header += bytes([len(text)]) + text.encode() + b'\0'
    else:
        put_string(header, text)


class Engine:
    """A connection. Every call waits for its answer; signals are thrown away."""

    def __init__(self, runtime):
        self.serial = 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(os.path.join(runtime, 'engine.sock'))
        # Who may connect is decided by the socket's peer credentials.
        self.socket.sendall(b'\0AUTH ANONYMOUS\r\n')
        answer = b''
        while not answer.endswith(b'\r\n'):
            answer += self.socket.recv(1) or b'\r\n'
        if not answer.startswith(b'OK'):
            raise Error('auth', repr(answer))
        self.fds = []
        self.socket.sendall(b'NEGOTIATE_UNIX_FD\r\n')
        answer = b''
        while not answer.endswith(b'\r\n'):
            answer += self.socket.recv(1) or b'\r\n'
        if not answer.startswith(b'AGREE'):
            raise Error('auth', repr(answer))
        self.socket.sendall(b'BEGIN\r\n')

    def close(self):
        self.socket.close()

    def read(self, size):
        data = b''
        while len(data) < size:
            more, ancillary, _, _ = self.socket.recvmsg(size - len(data), socket.CMSG_SPACE(16))
            for level, kind, raw in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    self.fds += array.array('i', raw[:len(raw) - len(raw) % 4])
            if not more:
                raise Error('closed', 'the engine closed the connection')
            data += more
        return data

    def send(self, member, signature, *values):
        """Sends a call; returns its number, for receive ()."""
        self.serial += 1
        body = marshal(signature, values)
        fields = bytearray()
        put_field(fields, 1, 'o', PATH)
        put_field(fields, 2, 's', INTERFACE)
        put_field(fields, 3, 's', member)
        if signature:
            put_field(fields, 8, 'g', ''.join(signature))
        header = bytearray(struct.pack('<cBBBIII', b'l', 1, 0, 1, len(body), self.serial,
                                       len(fields)) + fields)
        align(header, 8)
        self.socket.sendall(bytes(header) + body)
        return self.serial

    def receive(self, serial):
        """The body of the answer, as bytes; an Error if it is one."""
        while True:
            head = self.read(16)
            _, kind, _, _, body_size, _, fields_size = struct.unpack('<cBBBIII', head)
            fields = self.read(fields_size + -fields_size % 8)
            body = self.read(body_size)
            # REPLY_SERIAL is the only field with an unsigned number in a variant, but UNIX_FDS.
            at = fields.find(b'\x05\x01u\0')
            if kind not in (2, 3) or at < 0 or \
                    struct.unpack_from('<I', fields, at + 4)[0] != serial:
                continue
            if kind == 2:
                return body
            at = fields.find(b'\x04\x01s\0')
            size = struct.unpack_from('<I', fields, at + 4)[0]
            name = fields[at + 8:at + 8 + size].decode()
            raise Error(name, body[4:-1].decode(errors='replace'))

    def call(self, member, signature=(), *values):
        return self.receive(self.send(member, signature, *values))

    # --- what the tests want

    def power(self, node, action):
        self.call('Power', ['s', 's'], node, action)

    def console(self, node, kind='serial'):
        body = self.call('GetConsole', ['s', 's'], node, kind)
        return body[4:4 + struct.unpack_from('<I', body)[0]].decode()

    def apply(self, document, base, renames=None):
        body = self.call('Apply', ['s', 't', 'a{ss}'], document, base, renames or {})
        return struct.unpack_from('<Q', body)[0]

    def watch(self, links, per_second):
        """The pipe of samples, and by link (number, swapped)."""
        body = self.call('Watch', ['as', 'u'], links, per_second)
        size, = struct.unpack_from('<I', body)
        cables = [(*struct.unpack_from('<Q', body, at), body[at + 8] != 0)
                  for at in range(8, 8 + size, 16)]
        return self.fds.pop(), cables
