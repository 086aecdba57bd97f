#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Images that other tools made, which are no part of the project: each must give the values known of it."""

import bz2
import os
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
from tap import Tap

MIB = 1 << 20
# file, format to pin (none: probed), exit status, and values: a path of keys into the answer.
TABLE = (
    ('virtualpc-dynamic.vhd', 'vpc', 0, {
        'format': 'vpc', 'virtual-size': 136363130880, 'cluster-size': 2 * MIB, 'backing-filename': None,
        'imgprobe.format': 'vhd', 'imgprobe.variant': 'dynamic', 'imgprobe.references-state': 'none',
        'imgprobe.references': [], 'imgprobe.attributes.creator-application': 'vpc '}),
    ('d2v-zerofilled.vhd', 'vpc', 0, {
        'format': 'vpc', 'virtual-size': 263454720, 'cluster-size': 2 * MIB, 'backing-filename': None,
        'imgprobe.format': 'vhd', 'imgprobe.variant': 'dynamic', 'imgprobe.references-state': 'none',
        'imgprobe.references': [], 'imgprobe.attributes.creator-application': 'd2v\0'}),
    ('iotest-version3.vmdk', 'vmdk', 0, {
        'format': 'vmdk', 'virtual-size': 17179869184, 'cluster-size': 65536, 'backing-filename': None,
        'imgprobe.variant': 'streamOptimized', 'imgprobe.attributes.version': 3,
        'format-specific.data.create-type': 'streamOptimized', 'format-specific.data.cid': 2756998986,
        'format-specific.data.extents.#': 1, 'imgprobe.backing.#': 0}),
    ('parallels-v1', 'parallels', 0, {
        'format': 'parallels', 'virtual-size': 2 * MIB, 'cluster-size': 65536, 'imgprobe.format': 'parallels',
        'imgprobe.status': 'ok', 'imgprobe.references-state': 'cannot-tell', 'imgprobe.references': []}),
    ('iotest-dynamic-1G.vhdx', 'vhdx', 0, {
        'format': 'vhdx', 'virtual-size': 1 << 30, 'backing-filename': None, 'imgprobe.format': 'vhdx',
        'imgprobe.references-state': 'none', 'imgprobe.references': []}),
    ('hyperv-log-to-replay.vhdx', 'vhdx', 1, {
        'format': None, 'virtual-size': None, 'imgprobe.format': 'vhdx', 'imgprobe.status': 'unsupported',
        'imgprobe.field': 'log', 'imgprobe.offset': 131072, 'imgprobe.references-state': 'cannot-tell'}),
)


def value(document, path):
    """The value at a path of keys; `#` is the length of a list, `backing` the references of that role."""
    for key in path.split('.'):
        if document is None:
            return None
        if key == '#':
            document = len(document)
        elif key == 'backing':
            document = [r for r in document.get('references', []) if r['role'] == 'backing']
        else:
            document = document.get(key)
    return document


def unpack(source, folder):
    """Writes the image sparse: most of it may be zeros."""
    path = os.path.join(folder, os.path.basename(source)[:-len('.bz2')])
    with bz2.open(source) as packed, open(path, 'wb') as out:
        while block := packed.read(MIB):
            if block.count(0) == len(block):
                out.seek(len(block), os.SEEK_CUR)
            else:
                out.write(block)
        out.truncate(out.tell())
    return path


def check(tap, program, path, row):
    name, pinned, status, wanted = row
    for flags in ([], ['-f', pinned]) if pinned else ([],):
        how = ' '.join(flags) or 'probed'
        answer = images.info(program, *flags, path)
        tap.ok(answer.status == status, f'{name}, {how}: exit {status}', str(answer))
        for key, want in wanted.items():
            tap.equal(value(answer.member, key), want, f'{name}, {how}: {key}')
        if status:
            tap.ok('virtual-size' not in (answer.member or {}), f'{name}, {how}: no size that looks like an answer')


def check_dmg(tap, program, path):
    """dmg is known by its trailer alone: never taken for raw in silence."""
    answer = images.info(program, path)
    own = answer.own
    tap.ok(answer.status in (1, 8), 'simple-dmg.dmg: no answer of success', str(answer))
    tap.ok('dmg' in [own.get('format'), *own.get('also-matches', [])], 'simple-dmg.dmg: recognised', str(answer))
    answer = images.info(program, '-f', 'dmg', path)
    tap.ok(answer.status == 0 and answer.member.get('virtual-size') == 1799168, 'simple-dmg.dmg, -f dmg: its size',
           str(answer))
    tap.equal(answer.own.get('references-state'), 'none', 'simple-dmg.dmg, -f dmg: refers to nothing')


def main():
    usual = os.path.join(os.path.dirname(images.ROOT), 'shared', 'realimages')
    asked = images.arguments(__doc__, ('--real', dict(default=usual, metavar='DIR', help='where these images are')))
    tap, present = Tap(), False
    with images.scratch() as folder:
        for row in (*TABLE, ('simple-dmg.dmg',)):
            source = os.path.join(asked.real, row[0] + '.bz2')
            if not os.path.exists(source):
                tap.skip(row[0], 'no such image here; these are kept outside of the project')
                continue
            present = True
            path = unpack(source, folder)
            check_dmg(tap, asked.imgprobe, path) if len(row) == 1 else check(tap, asked.imgprobe, path, row)
    if not present:
        print(f'oracle-real.py: the real-world images were left out: no folder {asked.real}', file=sys.stderr)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
