#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `./dev build --static` made: one file that needs nothing beside it, and answers as the other program does, in
its sandbox too. The other loads libc and no further library. Prints TAP.
"""
import os
import re
import shutil
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

PROGRAM = os.path.join(images.ROOT, 'build', 'static', 'imgprobe')
INTERPRETER = 3  # elf(5): PT_INTERP, what loads libraries


def kinds_of_segments(path):
    """elf(5), of a program of 64 bits, least byte first."""
    with open(path, 'rb') as file:
        text = file.read(4096)
    at, size, count = (int.from_bytes(text[a:a + n], 'little') for a, n in ((32, 8), (54, 2), (56, 2)))
    return [int.from_bytes(text[at + i * size:at + i * size + 4], 'little') for i in range(count)]


def main():
    asked, tap = images.arguments(__doc__), Tap()
    if not os.path.exists(PROGRAM):
        tap.lacking('the static program', 'build/static/imgprobe')
        return tap.done()
    tap.ok(INTERPRETER in kinds_of_segments(asked.imgprobe), 'the other program asks for what loads libraries')
    tap.ok(INTERPRETER not in kinds_of_segments(PROGRAM), 'the static one doesn\'t')
    if images.tool('readelf'):
        loaded = re.findall(r'\(NEEDED\).*\[(.*?)\.so', images.run(['readelf', '-d', asked.imgprobe]).out.decode())
        tap.equal(loaded, ['libc'], 'the other loads no library but libc')
    else:
        tap.lacking('what the other program loads', 'readelf')
    with images.scratch() as folder:
        alone = shutil.copy(PROGRAM, os.path.join(folder, 'imgprobe'))
        for name, more in (('base', {}), ('top', dict(backing=b'base', backing_format=b'qcow2'))):
            with open(os.path.join(folder, name), 'w+b') as out:
                mkimage.qcow2(out, **more)
        for words in (['--version'], ['info', 'top'], ['info', '--backing-chain', '--output', 'json', 'top', 'nosuch'],
                      ['access', '-f', 'qcow2', '--output', 'json', 'top'], ['check', 'top'], ['formats']):
            found, want = [images.run([program, *words], cwd=folder) for program in (alone, asked.imgprobe)]
            tap.equal((found.status, found.out, found.error), (want.status, want.out, want.error),
                      f'the same answer: {" ".join(words)}')
        answer = images.run([alone, 'info', '--require-sandbox', 'top'], cwd=folder)
        want = images.run([asked.imgprobe, 'info', '--require-sandbox', 'top'], cwd=folder)
        tap.equal((answer.status, answer.error), (want.status, want.error), 'every layer of the sandbox is in force')
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
