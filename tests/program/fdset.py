#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Emulators that are started with descriptors in place of names. When they open the disk every name of its chain is
gone, or is another file's. They serve the right bytes all the same, open nothing by a name of the chain, and inherit
just the descriptors that they were told of."""

import json
import os
import re
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import emulator
import images
import scenes
from tap import Tap

CLUSTER = 65536
LEVELS = 50
# Moves the whole chain away and puts a trap in each place, before the emulator runs.
AMBUSH = ('for f in "$0"/*; do rm -f "$f" && printf trap >"$f"; done; (exec ls -l /proc/self/fd >"$0.fds"); '
          'exec strace -f -s 4096 -e trace=%file -o "$0.strace" "$@"')


def emulators():
    """(name, program, words for its monitor, words for the graph) of each that is there."""
    monitor = ['--chardev', 'stdio,id=m', '--monitor', 'chardev=m']
    found = [('qemu-storage-daemon', 'qemu-storage-daemon')] if images.tool('qemu-storage-daemon') else []
    for version in sorted(os.listdir(emulator.FETCHED)) if os.path.isdir(emulator.FETCHED) else ():
        program = os.path.join(emulator.FETCHED, version, 'bin', 'qemu-storage-daemon')
        found += [(f'qemu-storage-daemon {version}', program)] if os.path.exists(program) else []
    found = [(name, program, monitor, ['--blockdev', '{blockdev-proc}']) for name, program in found]
    if images.tool('qemu-system-x86_64'):
        found.append(('qemu-system', 'qemu-system-x86_64', ['-M', 'none', '-nodefaults', '-display', 'none', '-S',
                                                            '-qmp', 'stdio'],
                      ['{fdset}', '-blockdev', '{blockdev}']))
    return found


class Served:
    """The disk, as the emulator exports it, after the ambush. `own` holds the chain's files and no others."""

    def __init__(self, program, emulated, own, top, *flags):
        _, path, monitor, graph = emulated
        self.own, self.socket = own, own + '.socket'
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        shown = images.run([program, 'access', *flags, '--output', 'fdset', '-0', top])
        words = shown.out.split(b'\0')
        self.node = json.loads(words[-2])['node-name'] if not shown.status else None
        self.numbers = {int(word) for word in re.findall(rb'fd=(\d+),set', shown.out)}
        self.errors = open(own + '.errors', 'wb')
        self.process = subprocess.Popen([program, 'access', *flags, top, '--exec', 'sh', '-c', AMBUSH, own, path,
                                         *monitor, *graph], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors)

    def ask(self, command, **arguments):
        """The monitor's answer; its own greeting and events are passed over."""
        text = json.dumps({'execute': command, 'arguments': arguments}) + '\n'
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        for line in self.process.stdout:
            answer = json.loads(line)
            if 'return' in answer or 'error' in answer:
                return answer
        return None

    def __enter__(self):
        self.ask('qmp_capabilities')
        self.ask('nbd-server-start', addr={'type': 'unix', 'data': {'path': self.socket}})
        self.export = self.ask('block-export-add', type='nbd', id='e', name='e', writable='write' in self.own,
                               **{'node-name': self.node})
        return self

    def __exit__(self, *_):
        self.ask('quit')
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)
        self.errors.close()

    def does(self, *commands):
        """What qemu-io says to these, of the disk that is served."""
        more = [word for command in commands for word in ('-c', command)]
        return images.run(['qemu-io', '-f', 'raw', *([] if 'write' in self.own else ['-r']), *more,
                           f'nbd+unix:///e?socket={self.socket}'])

    def names_opened(self):
        """What was asked for by a name of the chain."""
        text = open(self.own + '.strace', encoding='utf-8', errors='replace').read()
        tried = re.findall(r'^\d+ +(?!execve)\w+\(.*', text, flags=re.M)
        return [line for line in tried if self.own + '/' in line], len(tried)

    def inherited(self):
        """Numbers of descriptors, and the files behind those above 2."""
        lines = re.findall(r' (\d+) -> (?!/proc/)(.*)', open(self.own + '.fds', encoding='utf-8').read())
        return {int(number) for number, _ in lines} - {0, 1, 2}, [name for number, name in lines if int(number) > 2]


def check(tap, served, title, reads):
    """`reads`: what qemu-io is to do."""
    with served:
        done = served.does(*reads)
        tap.ok(done.status == 0 and done.out.count(b' ops;') == len(reads) and b'failed' not in done.out,
               f'{title}: the right bytes', f'{served.export} {done}\n' + open(served.own + '.errors').read())
    names, traced = served.names_opened()
    tap.ok(traced > 10 and not names, f'{title}: nothing is opened by a name of the chain', names)
    numbers, files = served.inherited()
    tap.equal(numbers, served.numbers, f'{title}: it inherits just these descriptors')
    tap.ok(numbers and all(name.endswith(' (deleted)') or name.startswith('/dev/') for name in files),
           f'{title}: they are of files that have no name any more', files)


def make_chain(own):
    scenes.fill(f'{own}/0', 1)
    for n in range(1, LEVELS):
        scenes.overlay(f'{own}/{n}', f'{own}/{n - 1}', 'qcow2' if n > 1 else 'raw')
    for n in range(1, LEVELS, 7):
        scenes.run('qemu-io', '-f', 'qcow2', '-c', f'write -P {n + 1} {n % 16 * CLUSTER} 64k', f'{own}/{n}')
    last = {0: 1} | {n % 16: n + 1 for n in range(1, LEVELS, 7)}
    return f'{own}/{LEVELS - 1}', [f'read -P {value} {place * CLUSTER} 64k' for place, value in last.items()]


def chain(tap, program, own, emulated):
    top, reads = make_chain(own)
    check(tap, Served(program, emulated, own, top, '-f', 'qcow2'), f'{emulated[0]}: a chain of {LEVELS}', reads)


def write_data(tap, program, own, emulated):
    """Written, and read back from files that nobody else can reach."""
    top = f'{own}/top'
    scenes.run('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', f'data_file={own}/data', top, '1M')
    scenes.run('qemu-io', '-f', 'qcow2', '-c', 'write -P 7 0 64k', top)
    check(tap, Served(program, emulated, own, top, '-f', 'qcow2', '--write', '--allow-write', own),
          f'{emulated[0]}: a data file', ['read -P 7 0 64k', 'write -P 9 64k 64k', 'read -P 9 64k 64k'])


def device(tap, program, own, emulated):
    disk = own + '.disk'
    scenes.fill(disk)
    with scenes.Loop(disk) as loop:
        if not loop:
            return tap.skip(f'{emulated[0]}: a device', 'this machine gives no loop device')
        scenes.overlay(f'{own}/top', loop, 'raw')
        return check(tap, Served(program, emulated, own, f'{own}/top', '-f', 'qcow2', '--root', '/dev'),
                     f'{emulated[0]}: a device', [f'read -P {scenes.PATTERN} 0 64k'])


def by_descriptor(tap, program, own, emulated):
    """The top is a descriptor without a name."""
    scenes.fill(f'{own}/top')
    with open(f'{own}/top', 'rb') as file:
        done = images.run([program, 'access', '-f', 'raw', f'fd:{file.fileno()}', '--exec', emulated[1], '--help',
                           '{blockdev-proc}'], pass_fds=[file.fileno()])
    tap.ok(done.status == 0 and b'sage' in done.out, f'{emulated[0]}: the top as a descriptor', done)


# ---------------------------------------------------------------------------------------------------------------
# What isn't executed
# ---------------------------------------------------------------------------------------------------------------

def refusals(tap, program, own):
    top, mark = f'{own}/top', f'{own}/executed'
    scenes.fill(f'{own}/base')
    scenes.overlay(top, f'{own}/base', 'raw')
    scenes.run('qemu-img', 'create', '-q', '-f', 'vmdk', '-o', 'subformat=twoGbMaxExtentSparse', f'{own}/v.vmdk', '4M')
    touch = 'touch', mark, '{blockdev-proc}'
    rows = [
        ('no command', ('-f', 'qcow2', top), (), 2, b'the COMMAND is missing'),
        ('no mark', ('-f', 'qcow2', top), ('touch', mark), 2, b'no argument has'),
        ('sets without a graph', ('-f', 'qcow2', top), ('touch', mark, '{fdset}'), 2, b'go together'),
        ('a graph without sets', ('-f', 'qcow2', top), ('touch', mark, '{blockdev}'), 2, b'go together'),
        ('sets in an argument', ('-f', 'qcow2', top), ('touch', mark, 'x{fdset}', '{blockdev}'), 2, b'by itself'),
        ('with --output', ('-f', 'qcow2', '--output', 'json', top), touch, 2, b'not with --output'),
        ('no FILE', ('-f', 'qcow2'), touch, 2, b'no FILE'),
        ('a probed top', (top,), touch, 3, b'format-probed'),
        ('outside the roots', ('-f', 'qcow2', '--root', '/usr', top), touch, 3, b'path-escape'),
        ('extents', ('-f', 'vmdk', f'{own}/v.vmdk'), touch, 1, b'extents'),
        ('no such file', ('-f', 'qcow2', f'{own}/none'), touch, 1, b'no such file'),
        ('no such command', ('-f', 'qcow2', top), (f'{own}/none', *touch), 1, b'No such file'),
    ]
    for title, words, command, status, error in rows:
        done = images.run([program, 'access', *words, '--exec', *command])
        tap.ok(done.status == status and not done.out and error in done.error.encode() and not os.path.exists(mark),
               f'not executed: {title}', done)
    piped = images.run([program, 'access', '-f', 'raw', '-', '--exec', *touch], input=b'x' * 4096)
    tap.ok(piped.status == 1 and 'from a pipe' in piped.error and not os.path.exists(mark), 'not executed: a pipe', piped)


def words(tap, program, own):
    top = f'{own}/a,b'
    scenes.fill(f'{own}/base')
    scenes.overlay(top, f'{own}/base', 'raw')
    ran = images.run([program, 'access', '-f', 'qcow2', top, '--exec', 'printf', '%s\\n', '{fdset}', '<{blockdev}>',
                      '{other}', '--', '{fdset}'])
    lines = ran.out.decode().split('\n')
    sets = ['-add-fd', f'fd=3,set=3,opaque={own}/a,,b', '-add-fd', f'fd=4,set=4,opaque={own}/base']
    tap.equal([*lines[:4], *lines[5:]], [*sets, '{other}', '--', *sets, ''], '--exec: what stands in braces')
    tap.ok(lines[4][0] == '<' and json.loads(lines[4][1:-1])['file']['filename'] == '/dev/fdset/3',
           '--exec: a graph in an argument', ran)
    free = images.run([program, 'access', '-f', 'qcow2', top, '--exec', 'cat',
                       '/proc/self/status', '/proc/self/limits', '/proc/self/fd/3', '--', '{blockdev-proc}'])
    tap.ok(b'Seccomp:\t0' in free.out and b'NoNewPrivs:\t0' in free.out and b'QFI\xfb' in free.out,
           '--exec: the command is in no sandbox of ours', free)


def emulated_itself(program):
    """By an emulator of user programs, as on some of `./dev machine`."""
    with images.scratch() as folder:
        scenes.fill(f'{folder}/top')
        done = images.run([program, 'access', '-f', 'raw', f'{folder}/top', '--exec', 'true', '{blockdev-proc}'])
    return open(program, 'rb').read(2) == b'#!' and 'Invalid argument' in done.error


def main():
    asked, tap = images.arguments(__doc__), Tap()
    if b'--exec' not in images.run([asked.imgprobe, 'access', '--help']).out:
        tap.skip('fdset', 'this build has no --exec')
        tap.done()
    missing = [tool for tool in ('qemu-img', 'qemu-io', 'strace') if not images.tool(tool)]
    if missing or not emulators():
        tap.lacking('fdset', missing[0] if missing else 'qemu-storage-daemon')
        tap.done()
    if emulated_itself(asked.imgprobe):
        tap.skip('fdset', 'what runs imgprobe here has no processes that share descriptors')
        tap.done()
    with images.scratch() as folder:
        folder = os.path.realpath(folder)
        for number, emulated in enumerate(emulators()):
            for part in chain, write_data, device, by_descriptor:
                own = os.path.join(folder, f'{part.__name__}{number}')
                os.mkdir(own)
                part(tap, asked.imgprobe, own, emulated)
        for part in refusals, words:
            own = os.path.join(folder, part.__name__)
            os.mkdir(own)
            part(tap, asked.imgprobe, own)
    if not images.tool('qemu-system-x86_64'):
        tap.lacking('qemu-system', 'qemu-system-x86_64')
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
