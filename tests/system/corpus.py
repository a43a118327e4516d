# SPDX-License-Identifier: GPL-3.0-or-later
"""Project files as somebody with bad intent would write them. REFUSED: no program may open them. OPENS:
they are right, and harmless."""

import json

ESCAPE = '\u001b]0;owned\u0007\u001b[2J'
BIDI = '\u202egnp.exe\u202c'
MACHINE = {'name': 'pc1', 'kind': 'tiny', 'nics': 1}


def lab(*nodes, **more):
    return json.dumps({'lanloom': 1, 'nodes': list(nodes), **more})


def machine(**more):
    return lab({**MACHINE, **more})


def disk(image):
    return lab({'name': 'vm1', 'kind': 'disk', 'nics': 1, 'image': image})


# What could lead a program out of the lab's folder, or make QEMU open something else than a file.
IMAGES = ['/etc/shadow', '../secret.qcow2', 'a/../../secret.qcow2', './../x', 'a/./b', 'a//b', '~root/x',
          '~/x', 'file:/etc/passwd', 'nbd:localhost:10809', 'nbd+unix:///x?socket=y', 'https://h/x.qcow2',
          'json:{"driver":"raw","file":{"driver":"file","filename":"/etc/passwd"}}', 'fat:rw:/tmp',
          'rbd:pool/x', 'ssh://h/x', 'C:\\x', 'a\\..\\b', 'x\u0000y', 'x\ny', 'x\u202ey', ESCAPE,
          'x' * 2000, '/dev/sda', 'proc/../../proc/self/mem', '..', '.', '/']
NAMES = ['../pc1', '..', '.', 'a/b', '-rf', '.hidden', 'pc 1', 'pc\n1', 'pc\t1', '$(reboot)', '`reboot`',
         'pc;reboot', 'pc|x', 'pc"x', "pc'x", 'pc%n', 'pc\u0000', ESCAPE, BIDI, 'pc\u200b1', 'pc\u00a01',
         'p\u0441', '\ufeffpc', '', 'x' * 33, 'pc,file=/etc/passwd', 'pc:0', '*']
ADDRESSES = ['10.0.0.1/24; reboot', '$(reboot)', '10.0.0.1', '10.0.0.1/33', '10.0.0.1/24\nx', '::1/129',
             '10.0.0.1/-1', '999.0.0.1/8', '10.0.0.1/24,' * 40, ESCAPE, '%s%n/24', '10.0.0.1/024']
MACS = ['01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', '02:00:00:00:00', 'x' * 17,
        '02:00:00:00:00:01,bus=x', ESCAPE]
NUMBERS = ['1e999', '-1', '0.5', '1e30', '18446744073709551616', '"1"', 'null', 'true', '[]', '1000000']

REFUSED = {
    **{f'image {image[:40]!r}': disk(image) for image in IMAGES},
    **{f'name {name[:40]!r}': lab({**MACHINE, 'name': name}) for name in NAMES},
    **{f'address {address[:40]!r}': machine(addresses=[address]) for address in ADDRESSES},
    **{f'MAC {mac!r}': machine(macs=[mac]) for mac in MACS},
    **{f'{member} {number}': f'{{"lanloom": 1, "nodes": [{{"name": "pc1", "kind": "tiny", '
                             f'"{member}": {number}}}]}}'
       for member in ('nics', 'cpus') for number in NUMBERS},
    'memory 1e999': '{"lanloom": 1, "nodes": [{"name": "a", "kind": "tiny", "memory_mib": 1e999}]}',
    'ports 1e9': lab({'name': 'sw1', 'kind': 'switch', 'ports': 10**9}),
    'VLAN 4095': lab({'name': 'sw1', 'kind': 'switch', 'ports': 4, 'access': {'0': 4095}}),
    'port -1': lab({'name': 'sw1', 'kind': 'switch', 'ports': 4, 'access': {'-1': 1}}),
    'port 00': lab({'name': 'sw1', 'kind': 'switch', 'ports': 4, 'access': {'00': 1}}),
    'kind of a path': lab({'name': 'pc1', 'kind': '../../../tmp/evil', 'nics': 1}),
    'title of escapes': lab(MACHINE, name=ESCAPE),
    'title turned round': lab(MACHINE, name=BIDI),
    'description of escapes': lab(MACHINE, description='a' + ESCAPE),
    'title of a megabyte': lab(MACHINE, name='x' * 1024 * 1024),
    'script of escapes': machine(boot='echo ' + ESCAPE),
    'script turned round': machine(boot='rm -rf /tmp #' + BIDI),
    'script of a megabyte': machine(boot='x' * 1024 * 1024),
    'waits for itself': machine(after=['pc1']),
    'waits in a circle': lab({**MACHINE, 'after': ['b']}, {**MACHINE, 'name': 'b', 'after': ['pc1']}),
    'waits for a path': machine(after=['../../x']),
    'waits for a thousand': machine(after=[f'n{i}' for i in range(1000)]),
    '5,000 nodes': lab(*({**MACHINE, 'name': f'n{i}', 'nics': 0} for i in range(5000))),
    '20,000 cables': lab(MACHINE, links=[{'ends': ['pc1:0', 'pc1:0']}] * 20000),
    '100,000 places': lab(MACHINE, canvas={f'n{i}': {'x': 0, 'y': 0} for i in range(100000)}),
    'place at infinity': lab(MACHINE, canvas={'pc1': {'x': 1e300, 'y': 0}}),
    'end far away': lab(MACHINE, links=[{'ends': ['pc1:4294967296', 'pc1:0']}]),
    'a member twice': '{"lanloom": 1, "lanloom": 1, "nodes": []}',
    'a member twice, escaped': '{"lanloom": 1, "nodes": [], "n\\u006fdes": []}',
    'a comment': '{"lanloom": 1 /* x */}',
    'half a surrogate': '{"lanloom": 1, "name": "\\ud800"}',
    'NUL, escaped': '{"lanloom": 1, "name": "a\\u0000b"}',
    'NUL, raw': b'{"lanloom": 1, "name": "a\0b"}',
    'bytes that are no UTF-8': b'{"lanloom": 1, "name": "\xff\xfe"}',
    'overlong UTF-8': b'{"lanloom": 1, "name": "\xc0\xaf"}',
    'UTF-16': '{"lanloom": 1}'.encode('utf-16'),
    'byte order mark': b'\xef\xbb\xbf{"lanloom": 1}',
    'a shell script': '#!/bin/sh\ntouch /tmp/owned\n',
    'an archive': b'PK\x03\x04' + bytes(1000),
    'lists, 100,000 deep': '{"lanloom": 1, "x": ' + '[' * 100000,
    'objects, 100,000 deep': '{"a":' * 100000,
    'two million values': '{"lanloom": 1, "x": [' + '0,' * 2000000 + '0]}',
    'a member of 30 MB': '{"lanloom": 1, "x": "' + 'y' * (33 * 1024 * 1024) + '"}',
    'a number of a megabyte': '{"lanloom": 1' + '0' * 1024 * 1024 + '}',
}

OPENS = {
    'members of a future version': lab(MACHINE, exec='/bin/sh -c reboot', include='/etc/passwd',
                                       hooks={'start': 'touch /tmp/owned'}),
    'members of a node': machine(command='/bin/sh', args='-drive file=/etc/passwd', qemu=['-S']),
    'a script for the host': machine(boot='touch /tmp/owned; cat /etc/shadow; rm -rf / &\n'),
    'quotes in a title': lab(MACHINE, name='"; DROP TABLE labs; -- <b>&amp;</b> %s%n'),
    'markup in a description': lab(MACHINE, description='<a href="file:///etc/passwd">x</a> & <span'),
    'a name of all that is allowed': lab({**MACHINE, 'name': 'A-z.0_9' + 'x' * 25}),
    'names of devices': lab(*({**MACHINE, 'name': n, 'nics': 0} for n in ('CON', 'null', 'localhost'))),
    'an image that is not there': disk('no/such/image.qcow2'),
}
