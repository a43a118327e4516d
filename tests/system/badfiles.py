# SPDX-License-Identifier: GPL-3.0-or-later
#
# Project files that are wrong, each in one way; lanloomctl and the window are tried with them.


def lab(nodes, links=(), **more):
    return {'lanloom': 1, 'nodes': nodes, 'links': [{'ends': list(ends)} for ends in links], **more}


def machine(name, **more):
    return {'name': name, 'kind': 'tiny', 'nics': 1, **more}


TWO = [machine('pc1'), machine('pc2')]

# What a file says, and what the sentence about it must hold (in lower case).
BAD = {
    'not JSON': ('hello', []),
    'empty': ('', []),
    'truncated': ('{"lanloom": 1, "nodes": [{"name": "pc1", ', []),
    'deep': ('[' * 200000, []),
    'binary': (bytes(range(256)) * 10, []),
    'an array': ('[]', []),
    'no version': ({'nodes': [], 'links': []}, ['lanloom']),
    'newer': ({'lanloom': 999, 'nodes': [], 'links': []}, ['newer']),
    'nodes is text': ({'lanloom': 1, 'nodes': 'x', 'links': []}, ['nodes']),
    'name is a number': (lab([{'name': 5, 'kind': 'tiny'}]), ['name']),
    'unknown kind': (lab([{'name': 'pc1', 'kind': 'teapot'}]), ['pc1', 'teapot']),
    'cable to nowhere': (lab(TWO, [('pc1:0', 'nowhere:0')]), ['nowhere']),
    'cable to no such NIC': (lab(TWO, [('pc1:7', 'pc2:0')]), ['pc1']),
    'cable to itself': (lab(TWO, [('pc1:0', 'pc1:0')]), ['pc1:0']),
    'one end, two cables': (lab([*TWO, machine('pc3')],
                                [('pc1:0', 'pc2:0'), ('pc1:0', 'pc3:0')]), ['pc1:0']),
    'three ends': (lab(TWO, [('pc1:0', 'pc2:0', 'pc2:0')]), []),
    'same name': (lab([machine('pc1'), machine('pc1')]), ['pc1']),
    'same MAC': (lab([machine('pc1', macs=['02:00:00:00:00:01']),
                      machine('pc2', macs=['02:00:00:00:00:01'])]),
                 ['02:00:00:00:00:01']),
    'slash in a name': (lab([machine('../pc1')]), ['name']),
    'control in a name': (lab([machine('pc\u0007\u001b[2J')]), ['name']),
    'long name': (lab([machine('x' * 10000)]), ['name']),
    'memory -1': (lab([machine('pc1', memory_mib=-1)]), ['pc1', 'memory']),
    'memory 10^18': (lab([machine('pc1', memory_mib=10**18)]), ['pc1', 'memory']),
    'memory 10^30': (lab([machine('pc1', memory_mib=10**30)]), []),
    'ten thousand NICs': (lab([machine('pc1', nics=10000)]), ['pc1']),
    'image outside': (lab([{'name': 'vm1', 'kind': 'disk', 'nics': 1, 'image': '/etc/passwd'}]),
                      ['vm1', 'image']),
    'image above': (lab([{'name': 'vm1', 'kind': 'disk', 'nics': 1, 'image': '../../x.qcow2'}]),
                    ['vm1', 'image']),
}
