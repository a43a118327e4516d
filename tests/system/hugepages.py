# SPDX-License-Identifier: GPL-3.0-or-later
"""Huge pages of 2 MiB: how many there are, and who has some."""

import re

PAGE_MIB = 2
POOL = '/sys/kernel/mm/hugepages/hugepages-2048kB/'


def read_number(name):
    with open(POOL + name, encoding='ascii') as file:
        return int(file.read())


def set_pages(number):
    with open(POOL + 'nr_hugepages', 'w', encoding='ascii') as file:
        file.write(str(number))


def free_mib():
    """Free and promised to nobody."""
    return PAGE_MIB * (read_number('free_hugepages') - read_number('resv_hugepages'))


def of_process(pid):
    """(ordinary memory, huge pages) of a process, in MiB."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        text = file.read()
    resident, huge = (re.search(rf'{name}:\s+(\d+) kB', text) for name in ('VmRSS', 'HugetlbPages'))
    return int(resident[1]) // 1024, int(huge[1]) // 1024 if huge else 0


def available_mib():
    """Of ordinary memory, as the kernel estimates it."""
    with open('/proc/meminfo', encoding='ascii') as file:
        return int(re.search(r'MemAvailable:\s+(\d+) kB', file.read())[1]) // 1024
