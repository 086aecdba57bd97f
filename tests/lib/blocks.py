# SPDX-License-Identifier: MIT
"""A file of rows with a block for each: a line that says what it is about, and lines of words. A directory of its own
is made for each block."""

import os

import images
from tap import Tap


def blocks(path, last):
    """What a block is about, its lines, and those that make no file: by their first word, one of `last`."""
    with open(path, encoding='ascii') as file:
        texts = file.read().split('\n\n')
    for text in texts[1:]:
        what, *lines = text.strip('\n').split('\n')
        yield what.removeprefix('# '), lines, dict(line.split(' ', 1) for line in lines if line.split(' ')[0] in last)


def run(description, path, last, look, least):
    """Calls `look(tap, program, folder, block)` for each block, of which there are more than `least`."""
    asked, tap = images.arguments(description), Tap()
    count = 0
    for count, block in enumerate(blocks(path, last), 1):
        with images.scratch() as folder:
            look(tap, asked.imgprobe, os.path.realpath(folder), block)
    tap.ok(count > least, 'there are rows')
    tap.done()
