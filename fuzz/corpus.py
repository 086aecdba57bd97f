#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kept corpus as text, one input a line: hexadecimal digits, "printable bytes", and 512*00 for a byte repeated. It
is compressed, since inputs are much alike: `zcat` shows it."""

import argparse
import gzip
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
    return os.path.join(HERE, 'corpus', target + '.txt.gz')


def lines_of(target):
    if not os.path.exists(path_of(target)):
        return []
    with gzip.open(path_of(target), 'rt', encoding='ascii') as file:
        return [line for line in file if not line.startswith('#')]


def pack(target, folder, most):
    """The shortest first, up to `most` bytes of text; a longer corpus loses its longest inputs."""
    raws = {open(os.path.join(folder, name), 'rb').read() for name in os.listdir(folder)
            if os.path.isfile(os.path.join(folder, name))}
    lines = []
    for raw in raws:
        lines.append(packed(raw) + '\n')
        if unpacked(lines[-1]) != raw:
            sys.exit(f'corpus.py: {lines[-1]!r} would be read as something else')
    lines.sort(key=lambda line: (len(line), line))
    kept = []
    for line in lines:
        most -= len(line)
        if most >= 0:
            kept.append(line)
    raw = gzip.compress((HEAD.format(target) + ''.join(kept)).encode(), 9, mtime=0)
    with open(path_of(target), 'wb') as out:
        out.write(raw)
    print(f'{target}: {len(kept)} of {len(lines)} inputs, {len(raw)} bytes')


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
    parser.add_argument('--most', type=int, default=600000, help='bytes of text before it is compressed')
    asked = parser.parse_args()
    if asked.what == 'pack':
        pack(asked.target, asked.folder, asked.most)
    else:
        unpack(asked.target, asked.folder)


if __name__ == '__main__':
    main()
