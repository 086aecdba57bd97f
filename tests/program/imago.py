#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Images of every odd kind, and what imago opened for them.

imago-rows.txt has a block for each: the lines of it are made in a directory of its own.

    qcow2 FILE WHAT         WHAT is JSON: arguments of mkimage.qcow2; with `long` the name gets as many bytes
    patch FILE OFFSET WHAT  WHAT is hexadecimal
    raw FILE                a disk of 1 MiB
    vmdk FILE               a monolithicSparse one
    text FILE WHAT          a VMDK's text. WHAT is JSON: arguments of mkimage.descriptor; `behind` stands behind it
    link FILE TARGET
    cd FOLDER               from where the program is started
    opens FILE:MODE ...     what imago 0.2.2 opened, read or write: FILE is the name by which it did that. The first is
                            the top. `for writing`: the top was to be written
    fails FILE              it opened the image and then failed
    as FORMAT               of the top, if it isn't qcow2
    but WORD                we open nothing, and say this: we are stricter, and README.md says why

A character U+DC80 to U+DCFF of the JSON is a byte.
"""

import json
import os
import sys

sys.path.append(sys.path[0] + '/../lib')
import blocks
import images

sys.path.append(os.path.join(images.ROOT, 'testimages'))
import mkimage

ROWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'imago-rows.txt')
LAST = ('opens', 'fails', 'but', 'as', 'for', 'cd')


def in_bytes(value):
    return value.encode('utf-8', 'surrogateescape') if isinstance(value, str) else value


def named(text):
    return {key: in_bytes(value) for key, value in json.loads(text or '{}').items()}


def descriptor(text):
    given = {'extents': b'RW 2048 FLAT "b" 0', **named(text)}
    behind = given.pop('behind', b'')
    return mkimage.descriptor(given.pop('kind', b'monolithicFlat').decode(), **given) + behind


def arguments(text):
    """What a line gives mkimage.qcow2."""
    given = named(text)
    length = given.pop('long', None)
    if length:
        given['backing'] = b'./' * ((length - 1) // 2) + b'/' * (1 - length % 2) + given['backing']
    return given


def build(folder, lines):
    """Makes what the lines of a block say."""
    for line in lines:
        word, name, rest = (line.split(' ', 2) + [''])[:3]
        path = os.path.join(folder, name)
        if word in LAST:
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if word == 'link':
            os.symlink(rest, path)
            continue
        with open(path, 'r+b' if word == 'patch' else 'wb') as out:
            if word == 'qcow2':
                mkimage.qcow2(out, **arguments(rest))
            elif word == 'text':
                out.write(descriptor(rest))
            elif word == 'vmdk':
                mkimage.kdmv(out)
            elif word == 'patch':
                offset, raw = rest.split(' ')
                out.seek(int(offset))
                out.write(bytes.fromhex(raw))
            else:
                out.write(b'RAWDATA!' + bytes((1 << 20) - 8))


def granted(document):
    """Every name that is granted, and how: as opens has them. The top comes first."""
    found = []
    for member in document['members']:
        names = [name['path'] for name in member.get('names', [member])]
        found += [f'{name}:{"write" if member["mode"] == "read-write" else "read"}' for name in names]
    return found


def look(tap, program, folder, block):
    what, lines, last = block
    build(folder, lines)
    start = os.path.join(folder, last.get('cd', ''))
    os.makedirs(start, exist_ok=True)
    files = (last.get('opens') or last['fails']).split()
    ask = [os.path.abspath(program), 'access', '-f', last.get('as', 'qcow2'), '--reader', 'imago', '--output', 'json',
           *(['--write'] if 'for' in last else []), files[0].rsplit(':', 1)[0] if 'opens' in last else files[0]]
    answer = images.run([*ask, '--allow-write', folder], cwd=start)
    if 'but' in last or 'fails' in last:
        tap.ok(answer.status not in (0, 2) and last.get('but', '') in answer.error, f'{what}: refused', str(answer))
        return
    tap.equal((answer.status, sorted(granted(answer.document)) if not answer.status else answer.error),
              (0, sorted(files)), f'{what}: {" ".join(files)}')
    if any(name.endswith(':write') for name in files[1:]):
        answer = images.run(ask, cwd=start)
        tap.equal((answer.document['reason'], answer.status), ('write-needs-consent', 3), f'{what}: not without consent')


if __name__ == '__main__':
    blocks.run(__doc__, ROWS, LAST, look, 50)
