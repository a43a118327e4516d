# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a pcapng file (draft-ietf-opsawg-pcapng section 3), also while it is written."""

import struct

INTERFACE, STATISTICS, FRAME = 1, 5, 6


def blocks(path):
    """(type, body) of the blocks that are there as a whole."""
    with open(path, 'rb') as file:
        data = file.read()
    at = 0
    while at + 12 <= len(data):
        kind, size = struct.unpack_from('<II', data, at)
        if size < 12:
            raise ValueError(f'a broken block at {at} of {path}')
        if at + size > len(data):
            return
        yield kind, data[at + 8:at + size - 4]
        at += size


def count_frames(path):
    """{interface: frames}"""
    found = {}
    for kind, body in blocks(path):
        if kind == FRAME:
            interface = struct.unpack_from('<I', body)[0]
            found[interface] = found.get(interface, 0) + 1
    return found
