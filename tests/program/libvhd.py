#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Differencing VHDs of every odd kind, and the parents that libvhd opened for them.

libvhd-rows.txt has a block for each: the lines of it are made in a directory of its own.

    disk FILE ID        a dynamic VHD with that unique id; `fixed` is another kind; a raw file with `raw`
    folder NAME
    link NAME TARGET    a symbolic link; in TARGET, @ is the block's directory
    child FILE ID PARENT-ID HEADER-NAME LOCATORS    a differencing VHD
    opens FILE PARENT...    what libvhd (xapi-project/blktap, its vhd_open and vhd_parent_locator_get, with glibc on
                            ext4) opened for FILE. `fails FILE`: it opened no whole chain
    but WORD            we open nothing, and say this: we are stricter, and README.md says why

HEADER-NAME and LOCATORS are JSON. A locator is a code, a text, and where they aren't a writer's: `space`, `length`,
`offset` as they stand in the header; `skew` is added to the place of the text.
"""

import json
import os
import sys

sys.path.append(sys.path[0] + '/../lib')
import blocks
import images

sys.path.append(os.path.join(images.ROOT, 'testimages'))
import vhdfile

ROWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'libvhd-rows.txt')
LAST = ('opens', 'fails', 'but')
SIZE = 4 << 20
DATA = 2048  # where the data of locators begins, behind header and table


def unique(number):
    return bytes([int(number)]) * 16


def locators(given):
    """The rows of the header, the data with its places, and the end of it."""
    place, table, data = DATA, [], []
    for code, text, *more in given:
        odd = more[0] if more else {}
        wide = code in ('W2ru', 'W2ku')
        raw = text.encode('utf-16-le' if wide else 'utf-8', 'surrogatepass')
        sectors = vhdfile.SECTOR * max(1, -(-(len(raw) + odd.get('skew', 0)) // vhdfile.SECTOR))
        at = place + odd.get('skew', 0)
        table.append((code.encode().ljust(4, b' ') if code else bytes(4), odd.get('space', sectors),
                      odd.get('length', len(raw)), odd.get('offset', at)))
        data.append((at, raw))
        place += sectors
    return table, data, place


def write_child(path, own, parent, header, given):
    table, data, end = locators(given)
    head = vhdfile.footer('differencing', SIZE, b'tap\0', unique(own))
    with open(path, 'wb') as out:
        out.write(head)
        out.write(vhdfile.dynamic_header(1536, 2, 2 << 20, unique(parent), header, table))
        out.write(b'\xff' * vhdfile.SECTOR)
        for at, raw in data:
            out.seek(at)
            out.write(raw)
        out.truncate(end)
        out.seek(end)
        out.write(head)


def write_disk(path, kind, own):
    with open(path, 'wb') as out:
        if kind == 'disk':
            vhdfile.write(out, 'dynamic', SIZE, b'tap\0', unique(own))
            return
        out.truncate(SIZE)
        out.seek(SIZE)
        if kind == 'fixed':
            out.write(vhdfile.footer('fixed', SIZE, b'tap\0', unique(own)))


def build(folder, lines):
    """Makes what the lines of a block say."""
    for line in lines:
        word, name, rest = (line.split(' ', 2) + [''])[:3]
        path = os.path.join(folder, name)
        if word in ('disk', 'fixed', 'raw', 'child', 'link'):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        if word == 'folder':
            os.makedirs(path, exist_ok=True)
        elif word == 'link':
            os.symlink(rest.replace('@', folder), path)
        elif word == 'child':
            own, parent, rest = rest.split(' ', 2)
            header, end = json.JSONDecoder().raw_decode(rest)
            write_child(path, own, parent, header, json.loads(rest[end:]))
        elif word in ('disk', 'fixed', 'raw'):
            write_disk(path, word, rest or 0)


def look(tap, program, folder, block):
    what, lines, last = block
    build(folder, lines)
    files = (last.get('opens') or last['fails']).split()
    answer = images.info(program, '-f', 'vpc', '--reader', 'xen', '--backing-chain', files[0], cwd=folder)
    complete = answer.own.get('chain-state') == 'complete'
    if 'but' in last or 'fails' in last:
        tap.ok(not complete and answer.status != 0 and last.get('but', '') in answer.error, f'{what}: refused',
               str(answer))
        return
    found = [os.path.join(folder, m['filename']) for m in images.members(answer.document)] if complete else []
    same = len(found) == len(files) and all(os.path.samefile(os.path.join(folder, a), b) for a, b in zip(files, found))
    tap.ok(same, f'{what}: {" ".join(files)}', str(answer))


if __name__ == '__main__':
    blocks.run(__doc__, ROWS, LAST, look, 100)
