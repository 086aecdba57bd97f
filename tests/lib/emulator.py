# SPDX-License-Identifier: MIT
"""The emulator that an oracle asks: the machine's own, or one of those that `./dev emulators` fetches."""

import functools
import os
import re
import subprocess
import sys

import images
from tap import Tap

FETCHED = os.path.realpath(os.path.join(images.ROOT, 'build', 'emulators'))
OPTION = ('--emulator', dict(metavar='VERSION', help='one that ./dev emulators fetched; else the one in PATH'))
# The options by which we answer for the emulator that was asked for. Without them it's for every version.
reader = []


@functools.cache
def version():
    """MAJOR.MINOR of the emulator that is asked; none where there is none."""
    if not images.tool('qemu-img'):
        return None
    said = subprocess.run(['qemu-img', '--version'], stdout=subprocess.PIPE, check=True).stdout.decode()
    return re.match(r'qemu-img version (\d+\.\d+)', said)[1]


def holds(versions):
    """Whether the emulator is one of these: `9.0-` and later, `-9.2` and before, `7.2-9.2`; empty: all."""
    def number(text):
        return [int(part) for part in text.split('.')]

    since, _, until = versions.partition('-')
    asked = number(version() or '0.0')
    return number(since or '0.0') <= asked and (not until or asked <= number(until))


def arguments(description, *more):
    """The options of the script, with `emulator`: the version of what its usual names stand for from now on."""
    asked = images.arguments(description, OPTION, *more)
    if asked.emulator:
        programs = os.path.join(FETCHED, asked.emulator, 'bin')
        if not os.path.exists(os.path.join(programs, 'qemu-img')):
            tap = Tap()
            tap.lacking(os.path.basename(sys.argv[0]), f'QEMU {asked.emulator}, which ./dev emulators fetches,')
            tap.done()
        os.environ['PATH'] = f'{programs}{os.pathsep}{os.environ["PATH"]}'
        global reader
        reader = ['--reader', f'qemu-{asked.emulator}']
    asked.emulator = version()
    return asked
