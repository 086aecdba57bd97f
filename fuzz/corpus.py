#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kept corpus as text, one input a line: hexadecimal digits, "printable bytes", and 512*00 for a byte repeated."""

import argparse
import hashlib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PART = re.compile(rb'(?P<run>(?P<byte>.)(?P=byte){7,})|(?P<text>[ !#-\[\]-~]{4,})|(?P<other>.)', re.S)
HEAD = '# SPDX-License-Identifier: MIT\n# Inputs of the fuzz target {}: fuzz/corpus.py says how to read them.\n'


def packed(raw):
    parts, pending = [], b''
    for m in PART.finditer(raw):
        if m['other'] is not None:
            pending += m['other']
            continue
        if pending:
            parts.append(pending.hex())
            pending = b''
        parts.append(f'{len(m["run"])}*{m["byte"].hex()}' if m['run'] else f'"{m["text"].decode()}"')
    if pending:
        parts.append(pending.hex())
    return ' '.join(parts) or '""'


def unpacked(line):
    out = b''
    for m in re.finditer(r'"([^"]*)"|(\d+)\*([0-9a-f]{2})|([0-9a-f]+)', line):
        if m[1] is not None:
            out += m[1].encode()
        else:
            out += bytes.fromhex(m[3]) * int(m[2]) if m[2] else bytes.fromhex(m[4])
    return out


def path_of(target):
    return os.path.join(HERE, 'corpus', target + '.txt')


def lines_of(target):
    if not os.path.exists(path_of(target)):
        return []
    return [line for line in open(path_of(target), encoding='ascii') if not line.startswith('#')]


def pack(target, folder, most):
    """The shortest first, up to `most` bytes of text; a longer corpus loses its longest inputs."""
    raws = {open(os.path.join(folder, name), 'rb').read() for name in os.listdir(folder)
            if os.path.isfile(os.path.join(folder, name))}
    lines, used, left = [], 0, 0
    for raw in sorted(raws, key=lambda raw: (len(packed(raw)), raw)):
        line = packed(raw) + '\n'
        if unpacked(line) != raw:
            sys.exit(f'corpus.py: {line!r} would be read as something else')
        if used + len(line) > most:
            left += 1
            continue
        used += len(line)
        lines.append(line)
    with open(path_of(target), 'w', encoding='ascii') as out:
        out.write(HEAD.format(target) + ''.join(lines))
    print(f'{target}: {len(lines)} inputs, {used} bytes, {left} left out')


def unpack(target, folder):
    os.makedirs(folder, exist_ok=True)
    for line in lines_of(target):
        raw = unpacked(line)
        with open(os.path.join(folder, hashlib.sha1(raw).hexdigest()[:16]), 'wb') as out:
            out.write(raw)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('what', choices=('pack', 'unpack'))
    parser.add_argument('target')
    parser.add_argument('folder')
    parser.add_argument('--most', type=int, default=40000, help='bytes of text')
    asked = parser.parse_args()
    if asked.what == 'pack':
        pack(asked.target, asked.folder, asked.most)
    else:
        unpack(asked.target, asked.folder)


if __name__ == '__main__':
    main()
