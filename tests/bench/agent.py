# SPDX-License-Identifier: GPL-3.0-or-later
"""Talks to the agent of the guest that ships (backend/guest/protocol.h), for guests started by hand."""

import os
import socket
import struct
import time

HELLO, STATE, EXEC, STDOUT, STDERR, CREDIT, EXIT = 1, 2, 3, 5, 6, 7, 10
READY = 2
HELLO_AGAIN_S = 5
HEADER = struct.Struct('<IHHI')


class AgentError(Exception):
    pass


class Agent:
    """One connection. All calls block, for at most `timeout` seconds."""

    def __init__(self, path):
        self.path = path
        self.socket = None
        self.buffer = b''
        self.state = 0
        self.next_id = 1

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def _send(self, kind, number, payload=b''):
        self.socket.sendall(HEADER.pack(len(payload), kind, 0, number) + payload)

    def _fill(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise AgentError(f'{self.path}: no answer in time')
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(65536)
        except socket.timeout as error:
            raise AgentError(f'{self.path}: no answer in time') from error
        if not data:
            raise AgentError(f'{self.path}: the guest hung up')
        self.buffer += data

    def _frame(self, deadline):
        while len(self.buffer) < HEADER.size:
            self._fill(deadline)
        size, kind, _, number = HEADER.unpack_from(self.buffer)
        while len(self.buffer) < HEADER.size + size:
            self._fill(deadline)
        payload = self.buffer[HEADER.size:HEADER.size + size]
        self.buffer = self.buffer[HEADER.size + size:]
        if kind == STATE:
            self.state = struct.unpack_from('<I', payload)[0]
        return kind, number, payload

    def connect(self, timeout):
        """Says hello until the guest answers; the port exists before the guest listens."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.connect(self.path)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        cookie = os.urandom(16)
        while cookie not in self.buffer:
            self._send(HELLO, 0, cookie)
            try:
                self._fill(min(deadline, time.monotonic() + HELLO_AGAIN_S))
            except AgentError:
                if time.monotonic() >= deadline:
                    raise
        self.buffer = self.buffer[self.buffer.index(cookie) - HEADER.size:]
        _, _, payload = self._frame(deadline)
        self.state = struct.unpack_from('<I', payload, 20)[0]

    def wait_ready(self, timeout):
        deadline = time.monotonic() + timeout
        while self.state != READY:
            self._frame(deadline)

    def run(self, argv, timeout=60):
        """(exit status, standard output) of a command in the guest."""
        deadline = time.monotonic() + timeout
        number = self.next_id
        self.next_id += 1
        self._send(EXEC, number, b''.join(a.encode() + b'\0' for a in argv))
        output = b''
        while True:
            kind, of, payload = self._frame(deadline)
            if of != number:
                continue
            if kind in (STDOUT, STDERR):
                self._send(CREDIT, number, struct.pack('<I', len(payload)))
                if kind == STDOUT:
                    output += payload
            elif kind == EXIT:
                return struct.unpack('<I', payload)[0], output.decode(errors='replace')
