#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The library doesn't grow unnoticed: its lines of code and the bytes of the stripped shared library are at most what
sizes.txt says. Who adds what is worth it raises the figure there, in the same commit. Prints TAP.

check-sizes.py LIBRARY OPTIMIZATION

Bytes depend on the compiler, so they are compared where it is the one that sizes.txt names.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.append(sys.path[0] + '/../lib')
import csource
from tap import Tap

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def recorded():
    """The lines of sizes.txt, `NAME: TEXT`."""
    with open(os.path.join(HERE, 'sizes.txt'), encoding='utf-8') as file:
        return dict(re.findall(r'^(\w+): (.*)$', file.read(), flags=re.MULTILINE))


def code_lines():
    count = 0
    for path in csource.paths(ROOT, ('libimgprobe', 'formats')):
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            count += sum(bool(line.strip()) for line in csource.without_comments(file.read()).split('\n'))
    return count


def compiler_of(library):
    done = subprocess.run(['readelf', '-p', '.comment', library], stdout=subprocess.PIPE, check=True, text=True)
    return ', '.join(re.findall(r'\]  (.*)', done.stdout))


def stripped(library):
    with tempfile.TemporaryDirectory() as scratch:
        bare = os.path.join(scratch, 'bare')
        subprocess.run(['strip', '-o', bare, library], check=True)
        return os.path.getsize(bare)


# Of imgprobe.h: a caller reads it as the documentation that it is.
HEADER = 'libimgprobe/imgprobe.h'
HEADER_LINES = 660


def header():
    """Its lines, and the characters of its comments and of all else but blanks."""
    with open(os.path.join(ROOT, HEADER), encoding='utf-8') as file:
        text = file.read()
    code = csource.without_comments(text)
    count = [sum(len(line.strip()) for line in part.split('\n')) for part in (text, code)]
    return text.count('\n'), count[0] - count[1], count[1]


def main():
    library, optimization = sys.argv[1:]
    tap, most = Tap(), recorded()
    lines = code_lines()
    tap.ok(0 < lines <= int(most['lines']), f'{lines} lines of code in libimgprobe/ and formats/, at most {most["lines"]}')
    lines, comment, code = header()
    tap.ok(0 < lines <= HEADER_LINES and comment > code, f'{HEADER} has {lines} lines, at most {HEADER_LINES}, and more '
           'comment than code', f'{comment} characters of comment, {code} of code')
    name, size = 'the stripped library is no larger than sizes.txt says', stripped(library)
    if (compiler_of(library), optimization) == (most['compiler'], most['optimization']):
        tap.ok(size <= int(most['bytes']), name, f'{size} bytes, and {most["bytes"]} are recorded')
    else:
        tap.skip(name, f'it is by {compiler_of(library)} with -O{optimization}')
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
