#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Feeds every crafted image in pieces of 1, 17, 512, 4,096, 65,536 and random bytes: the answer and what each policy
says of it are the file's, and an image is refused as soon as it can be. Prints TAP; the seed is printed."""

import os
import random
import shlex
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

# Images whose ranges lie in an order in which a stream can't be read: a range is asked for when it has passed.
CANNOT_TELL = set()
LATE = 512
SHARE = 90  # per cent


def formats(made):
    """The formats to which the runs of a description pin it, and none."""
    found = ['']
    for given in made.runs:
        words = shlex.split(given)
        pin = words[words.index('-f') + 1] if '-f' in words else ''
        if pin not in found and pin != 'nosuch':
            found.append(pin)
    return found


def built(folder):
    """A name and a line for the driver, of every image and format."""
    rows = []
    for name, path in mkimage.descriptions():
        made = mkimage.read(path)
        file = os.path.abspath(os.fsdecode(mkimage.build(made, os.path.join(folder, name))))
        rows += [(f'{name} {pin}'.rstrip(), f'{pin}\t{file}\n') for pin in formats(made)]
    return rows


def early(tap, late, count):
    """Those that are refused within LATE bytes of where any reader could know."""
    for name, first, could, why in late:
        print(f'# late: {name}: {why} could be known at {could}, refused at {first if first >= 0 else "the end"}')
    tap.ok(count > 300, f'{count} images are refused', str(count))
    tap.ok(len(late) * 100 <= count * (100 - SHARE),
           f'{count - len(late)} of {count} are refused by {LATE} bytes behind where any reader could know')


def main():
    asked = images.arguments(__doc__, ('--driver', dict(required=True, metavar='PATH', help='the program that feeds')),
                             ('--seed', dict(type=int, default=random.randrange(1, 1 << 32), help='of random pieces')))
    tap, late, count, most = Tap(), [], 0, 0
    print(f'# seed {asked.seed}')
    with images.scratch() as folder:
        rows = built(folder)
        done = subprocess.run([asked.driver, str(asked.seed)], input=''.join(line for _, line in rows).encode(),
                              stdout=subprocess.PIPE, check=False)
        lines = done.stdout.decode().splitlines()
        tap.equal(len(lines), len(rows), 'every image was fed')
        for (name, _), line in zip(rows, lines):
            wrong, first, could, why, used = line.split('\t')
            first, could, most = int(first), int(could), max(most, int(used))
            tap.equal(wrong, 'cannot tell' if name in CANNOT_TELL else 'ok', f'{name}: as the file, in all pieces')
            if could < 0:
                continue
            count += 1
            size = os.path.getsize(rows[[n for n, _ in rows].index(name)][1].split('\t')[1].rstrip('\n'))
            if first > could + LATE or (first < 0 and size > could + LATE):
                late.append((name, first, could, why))
    early(tap, late, count)
    print(f'# at most {most} bytes of a feed were in use')
    tap.done()


if __name__ == '__main__':
    main()
