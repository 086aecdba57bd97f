#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every pair of formats that can stand in one file: never one taken for the other. Prints TAP.

Each format's mark is laid over an image of each other one that a real tool or our builders made, as far as the two don't
stand in the same bytes. Unpinned such a file is ambiguous and both are named; pinned it is what was said, or damaged,
with the other as a finding; pinned raw it refers to nothing, whatever it holds.
"""
import os
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
from tap import Tap

MIB = 1 << 20

# Where each format's mark stands, and its bytes. A trailer's place counts from the end.
MARKS = {
    'qcow2': (0, b'QFI\xfb\0\0\0\3'),
    'qcow': (0, b'QFI\xfb\0\0\0\1'),
    'vmdk': (0, b'KDMV\1\0\0\0'),
    'vhd': (0, b'conectix'),
    'vhdx': (0, b'vhdxfile'),
    'vdi': (64, b'\x7f\x10\xda\xbe'),
    'qed': (0, b'QED\0'),
    'luks': (0, b'LUKS\xba\xbe\0\1'),
    'parallels': (0, b'WithoutFreeSpace'),
    'bochs': (0, b'Bochs Virtual HD Image\0'),
    'cloop': (0, b'#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n'),
    'composite': (0, b'composite_disk\x1d'),
    'cow': (0, b'OOOM\0\0\0\2'),
    'saved': (0, b'LibvirtQemudSave'),
    'diskdescriptor': (0, b'<Parallels_disk_image>'),
    'ovf': (0, b'<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1">'),
    'vbox': (0, b'<VirtualBox>'),
    'pvs': (0, b'<ParallelsVirtualMachine>'),
}
UNMARKED = {
    'dmg': 'a trailer, which is laid behind each other one',
    'raw': 'nothing marks it',
}
MADE = {  # by qemu-img, whose word the key is where it isn't given
    'qcow2': [], 'qcow': [], 'vmdk': [], 'vhd': ['-f', 'vpc'], 'vhdx': [], 'vdi': [], 'qed': [],
    'luks': ['-f', 'luks', '--object', 'secret,id=s,data=x', '-o', 'key-secret=s,iter-time=10'], 'parallels': [],
}


def make(folder, name):
    path = os.path.join(folder, name)
    images.qemu_img('create', '-q', *(MADE[name] or ['-f', name]), path, '4M')
    return open(path, 'rb').read()


def trailers(folder, size):
    """What may stand behind `size` bytes: the footer of a fixed VHD of that size, and a DMG's trailer, whose property
    list may lie anywhere in front of it."""
    path = os.path.join(folder, 'fixed')
    images.qemu_img('create', '-q', '-f', 'vpc', '-o', 'subformat=fixed,force_size', path, str(size))
    koly = bytearray(512)
    koly[:12] = b'koly\0\0\0\4\0\0\2\0'
    return {'vhd': open(path, 'rb').read()[-512:], 'dmg': bytes(koly)}


def ask(program, path, *pinned):
    return images.info(program, '--no-open', *pinned, path)


def heads(tap, program, folder, host, data, guest):
    """`guest`'s mark in an image of `host`."""
    at, mark = MARKS[guest]
    own = MARKS[host]
    if at < own[0] + len(own[1]) and own[0] < at + len(mark):
        return  # they can't stand in one file
    path = os.path.join(folder, f'{host}-{guest}')
    with open(path, 'wb') as file:
        file.write(data[:at] + mark + data[at + len(mark):])
    found = ask(program, path)
    tap.ok(found.status == 8 and {host, guest} <= set(found.own.get('also-matches', [])),
           f'{host} with the mark of {guest} is ambiguous, and both are named', str(found.own))
    for pinned, other in ((host, guest), (guest, host)):
        said = ask(program, path, '-f', pinned)
        tap.ok(said.own.get('format') == pinned and (said.status != 0 or other in said.own['also-matches']),
               f'{host} with the mark of {guest}, said to be {pinned}', str(said.own))
    as_raw(tap, program, path, f'{host} with the mark of {guest}', 'format-mismatch', {host, guest})


def as_raw(tap, program, path, name, finding, others):
    raw = ask(program, path, '-f', 'raw')
    tap.ok(raw.status == 0 and raw.own.get('references-state') == 'none' and raw.own.get('references') == []
           and finding in [f['id'] for f in raw.own['findings']] and others <= set(raw.own['also-matches']),
           f'{name}, said to be raw, refers to nothing', str(raw.own))


def tails(tap, program, folder, host, data):
    """Each trailer behind an image of `host`, on a sector as on a volume."""
    data += bytes(-len(data) % MIB)
    for guest, trailer in trailers(folder, len(data)).items():
        if host != guest:
            tail(tap, program, folder, host, data, guest, trailer)


def tail(tap, program, folder, host, data, guest, trailer):
    """A finding where a head decides, ambiguous where nothing does."""
    path = os.path.join(folder, f'{host}-behind-{guest}')
    with open(path, 'wb') as file:
        file.write(data + trailer)
    found = ask(program, path)
    if host == 'raw':
        tap.ok(found.status == 8, f'a trailer of {guest} alone is ambiguous', str(found.own))
    else:
        tap.ok(found.status != 0 or (found.own['format'] == host and guest in found.own['also-matches'] and
                                     'trailer-also-matches' in [f['id'] for f in found.own['findings']]),
               f'{host} in front of a trailer of {guest}', str(found.own))
    as_raw(tap, program, path, f'{host} in front of a trailer of {guest}', 'trailer-also-matches', {guest})


def disc(tap, program, folder, host):
    """A header of `host` in front of a disc's first descriptor."""
    path = os.path.join(folder, f'{host}-disc')
    make(folder, host)
    with open(os.path.join(folder, host), 'rb') as file:
        data = bytearray(file.read().ljust(MIB, b'\0'))
    data[32768:32775] = b'\1CD001\1'
    with open(path, 'wb') as file:
        file.write(data)
    found = ask(program, path)
    tap.ok(found.status == 8 and found.own.get('content') == ['iso'] and found.own.get('format') == host,
           f'{host} on a disc is ambiguous, and both are named', str(found.own))
    said = ask(program, path, '-f', host)
    tap.ok(said.status == 0 and 'format-mismatch' in [f['id'] for f in said.own['findings']],
           f'{host} on a disc, said to be {host}', str(said.own))
    if host != 'luks':  # with which a guest encrypts its raw disk
        as_raw(tap, program, path, f'{host} on a disc', 'format-mismatch', {host})


def main():
    asked = images.arguments(__doc__)
    tap = Tap()
    if not images.tool('qemu-img'):
        tap.lacking('every pair of formats', 'qemu-img')
        return tap.done()
    with images.scratch() as folder:
        for host in MADE:
            data = make(folder, host)
            for guest in MARKS:
                if guest != host:
                    heads(tap, asked.imgprobe, folder, host, data, guest)
            tails(tap, asked.imgprobe, folder, host, data)
            if host != 'vhd':  # whose head says how long it is, and whose fixed kind may hold a disc
                disc(tap, asked.imgprobe, folder, host)
        tails(tap, asked.imgprobe, folder, 'raw', bytes(MIB))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
