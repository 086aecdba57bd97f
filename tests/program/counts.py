#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a run asks of the kernel: its system calls, writes and page faults, counted and never timed. Prints TAP."""
import math
import os
import re
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

STATIC = os.path.join(images.ROOT, 'build', 'static', 'imgprobe')
SANDBOX = 18  # system calls, to close it
MEMBER = 9    # for a further member of a chain, writes apart
ONE = 36      # of the static program for one image, its sandbox and execve among them
FAULTS = 24   # of it, those before execve among them
PIECE = 65536  # bytes, that one write takes at least, but for the last


def trace(folder, *words):
    """The calls' names, and what standard output got."""
    log = os.path.join(folder, 'strace.log')
    done = images.run(['strace', '-o', log, *words], cwd=folder)
    with open(log, encoding='utf-8', errors='replace') as file:
        return re.findall(r'^(\w+)\(', file.read(), flags=re.M), done.out


def writes(calls):
    return sum(call in ('write', 'writev') for call in calls)


def chain(folder, count):
    for i in range(count):
        below = dict(backing=b'chain-%d-%d' % (count, i + 1), backing_format=b'qcow2') if i + 1 < count else {}
        with open(os.path.join(folder, f'chain-{count}-{i}'), 'w+b') as out:
            mkimage.qcow2(out, **below)
    return f'chain-{count}-0'


def faults(spawn, folder, *words):
    done = subprocess.run([spawn, '9'], input='\t'.join(words) + '\n', stdout=subprocess.PIPE, cwd=folder, check=True,
                          text=True)
    return int(done.stdout.split()[1])


def check(tap, asked, folder):
    ask = ('info', '--backing-chain', '--output', 'json')
    one, few, many = (chain(folder, count) for count in (1, 10, 200))
    calls, _ = trace(folder, asked.imgprobe, *ask, one)
    if 'execve' not in calls:
        return tap.skip('what a run asks of the kernel', 'strace cannot trace here')
    outside, _ = trace(folder, asked.unlocked, *ask, one)
    if 'seccomp' in calls:
        tap.ok(0 < len(calls) - len(outside) <= SANDBOX, f'the sandbox is closed by at most {SANDBOX} system calls',
               f'{len(calls)} and {len(outside)}: {calls}')
    shallow, _ = trace(folder, asked.imgprobe, *ask, few)
    deep, out = trace(folder, asked.imgprobe, *ask, many)
    member = (len(deep) - writes(deep) - len(shallow) + writes(shallow)) / 190
    tap.ok(3 < member <= MEMBER, f'a further member takes at most {MEMBER} system calls', str(member))
    for title, words in (('a chain', (*ask, many)), ('files', ('info', '--output', 'json', *[one] * 300)),
                         ('text', ('info', '--backing-chain', many))):
        calls, out = trace(folder, asked.imgprobe, *words)
        tap.ok(0 < writes(calls) <= math.ceil(len(out) / PIECE), f'{title}: one write for each 64 KiB',
               f'{writes(calls)} for {len(out)} bytes')
    if not os.path.exists(STATIC):
        return tap.lacking('the static program', 'build/static/imgprobe')
    calls, _ = trace(folder, STATIC, 'info', '--output', 'json', os.path.join(folder, one))
    tap.ok(10 < len(calls) <= ONE, f'the static program takes at most {ONE} system calls for an image', str(calls))
    found = faults(asked.spawn, folder, STATIC, 'info', '--output', 'json', one)
    return tap.ok(5 < found <= FAULTS, f'and at most {FAULTS} page faults', str(found))


def main():
    asked = images.arguments(__doc__, ('--unlocked', dict(metavar='PATH', help='the program without a sandbox')),
                             ('--spawn', dict(metavar='PATH', help='what counts page faults')))
    tap = Tap()
    if not images.tool('strace'):
        tap.lacking('what a run asks of the kernel', 'strace')
        return tap.done()
    with images.scratch() as folder:
        check(tap, asked, os.path.realpath(folder))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
