#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a person at a terminal is shown: nothing in a name drives it, whatever is asked for. The program's standard
output and error are a pseudo-terminal's here."""

import os
import pty
import subprocess
import sys
import tty
import unicodedata

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
import scenes
from tap import Tap

KINDS = ('paths', 'acl', 'bwrap', 'apparmor', 'systemd', 'libvirt')
ESCAPED = ('landlock', 'blockdev')
USER = ('--user', '54321')

# Bytes that a terminal acts on, or that a person doesn't see. None of them makes a name impossible.
ACTS = (*(bytes([n]) for n in (*range(1, 32), 127)), *(chr(n).encode() for n in (0x80, 0x85, 0x9b, 0x9f)),
        b'\x9b', b'\xff',
        *(chr(n).encode() for n in (0xad, 0x61c, 0x200b, 0x200e, 0x2028, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff,
                                    0xfff9, 0xfe0f, 0xe0041)))
# What is as odd and does nothing.
HARMLESS = ("it's", '100%', 'ü', '€', '\U0001f600', '\u00a0', 'a b', '\\', '$(x)')


def shown(words, folder, error=False):
    """What a terminal gets of the program's standard output, or of both, without our own colours; its exit status and
    the rest."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    with subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=slave,
                          stderr=slave if error else subprocess.PIPE, env=dict(os.environ, NO_COLOR='1')) as child:
        os.close(slave)
        got = b''
        try:
            while part := os.read(master, 65536):
                got += part
        except OSError: # Linux's end of it
            pass
        rest = b'' if error else child.stderr.read()
        child.wait(timeout=images.TIMEOUT)
    os.close(master)
    return child.returncode, got, rest.decode(errors='backslashreplace')


def harmless(got):
    """Only what a person sees, and the ends of lines."""
    try:
        text = got.decode()
    except ValueError:
        return False
    return not [c for c in text if c != '\n' and (unicodedata.category(c) in ('Cc', 'Cf', 'Zl', 'Zp', 'Cs')
                                                   or 0xfe00 <= ord(c) <= 0xfe0f)]


def chain(folder, name):
    """An image over a file of that name."""
    scenes.fill(os.path.join(os.fsencode(folder), name))
    with open(os.path.join(folder, 'top'), 'w+b') as out:
        mkimage.qcow2(out, backing=b'./' + name, backing_format=b'raw')


def kind_words(program, kind):
    return [program, 'access', '-f', 'qcow2', '--output', kind, *(USER if kind == 'acl' else ()), 'top']


def acts(tap, program, folder, byte):
    chain(folder, b'x' + byte + b'y')
    wrong = []
    for kind in KINDS:
        for more in ([], ['-0']) if kind in ('paths', 'bwrap') else ([],):
            status, got, error = shown([*kind_words(program, kind), *more], folder)
            if status != 1 or got or f'act on byte 0x{byte[0]:02x} at offset' not in error or 'json' not in error \
                    or not harmless(error.encode()) or error.count('\n') != 1:
                wrong.append(f'{kind} {more}: exit {status}, {got}, {error}')
            piped = images.run([*kind_words(program, kind), *more], cwd=folder)
            if piped.status == 0 and kind not in error.partition('and so can')[2]:
                wrong.append(f'{kind} {more}: no word of a pipe in {error}')
    odd = os.path.join(os.fsencode(folder), b'd' + byte)
    os.makedirs(odd, exist_ok=True)
    with open(os.path.join(odd, b'top'), 'w+b') as out:
        mkimage.qcow2(out, backing=b'../base', backing_format=b'raw')
    scenes.fill(os.path.join(os.fsencode(folder), b'base'))
    words = [program, 'access', '-f', 'qcow2', '--output', 'options', os.path.join(odd, b'top')]
    status, got, error = shown(words, folder)
    if status != 1 or got or f'act on byte 0x{byte[0]:02x} at offset' not in error or not harmless(error.encode()) \
            or 'but so can options to a pipe' not in error or not images.run(words).out.startswith(b'--root '):
        wrong.append(f'options: exit {status}, {got}, {error}')
    tap.none(wrong, f'{byte!r}: no kind shows it, and each says which byte it is')
    wrong = []
    for words in (*(kind_words(program, kind) for kind in ESCAPED), [program, 'access', '--output', 'json', 'top'],
                  [program, 'access', '-f', 'qcow2', 'top'], [program, 'access', 'top'],
                  [program, 'info', '--backing-chain', 'top'], [program, 'info', '--output', 'json', 'top'],
                  [program, 'check', 'top'], [program, 'check', '--output', 'json', 'top']):
        status, got, _ = shown(words, folder, error=True)
        if status not in (0, 3) and 'blockdev' not in words or not got or not harmless(got):
            wrong.append(f'{words[1:]}: exit {status}, {got}')
    tap.none(wrong, f'{byte!r}: escaped everywhere else')
    tap.equal(sorted(remarks(program, folder)), ['name-control-character' if text(byte) else 'name-invalid-utf8'],
              f'{byte!r}: a finding')


def text(name):
    try:
        return name.decode() is not None
    except ValueError:
        return False


def remarks(program, folder):
    """The findings about the name."""
    answer = images.run([program, 'check', '-f', 'qcow2', '--output', 'json', 'top'], cwd=folder)
    return {found['id'] for found in answer.document['findings'] if found['id'].startswith('name-')}


def sees(tap, program, folder, name):
    chain(folder, name.encode())
    for kind in (*KINDS, *ESCAPED):
        words = kind_words(program, kind)
        status, got, error = shown(words, folder)
        piped = images.run(words, cwd=folder)
        tap.ok(status == piped.status == 0 and got == piped.out and not error, f'{name!r}: {kind} as in a pipe',
               f'{status} {got} {error}\n{piped}')
    tap.equal(remarks(program, folder), set(), f'{name!r}: no finding')


def once(tap, program, folder):
    """An error stands once where text and errors go to one terminal, and in both where they don't."""
    for name, given in (('missing', {'backing': b'gone.raw', 'backing_format': b'raw'}), ('fine', {}), ('cut', {})):
        with open(os.path.join(folder, name), 'w+b') as out:
            mkimage.qcow2(out, **given)
    os.truncate(os.path.join(folder, 'cut'), 60)
    with open(os.path.join(folder, 'flat'), 'wb') as out:
        out.write(mkimage.descriptor('monolithicFlat', b'RW 8 FLAT "gone.raw" 0\n'))
    allowed = ('check', '--allow', 'member-missing', '--allow', 'backing-file')
    for words, fmt, name, message in (
            (('info',), 'qcow2', 'cut', 'qcow2 truncated'),
            (('info', '--backing-chain'), 'qcow2', 'cut', 'qcow2 truncated'),
            (('info',), 'qcow2', 'nosuch', 'no such file'), (('info',), 'vmdk', 'flat', 'system error: no such file'),
            (('info', '--backing-chain'), 'qcow2', 'missing', 'system error: no such file'),
            (('check',), 'qcow2', 'cut', 'qcow2 truncated'), (('check',), 'qcow2', 'nosuch', 'no such file'),
            (allowed, 'qcow2', 'missing', 'system error: no such file'),
            (('access',), 'qcow2', 'missing', 'system error: no such file'),
            (('access',), 'qcow2', 'cut', 'qcow2 truncated')):
        words = [program, *words, '-f', fmt, name]
        _, got, _ = shown(words, folder, error=True)
        tap.equal(got.count(message.encode()), 1, f'{words[1:]}: the error once')
        piped = images.run(words, cwd=folder)
        tap.ok(message in piped.error and piped.error.startswith('imgprobe: '),
               f'{words[1:]}: it is an error in a pipe', str(piped))
        status, got, error = shown(words, folder)
        tap.ok(status == piped.status and got == piped.out and error == piped.error,
               f'{words[1:]}: as in a pipe where only the text is shown', f'{got} {error}')


def main():
    asked = images.arguments(__doc__)
    tap = Tap()
    with images.scratch() as folder:
        once(tap, asked.imgprobe, os.path.realpath(folder))
    for part, names in ((acts, ACTS), (sees, HARMLESS)):
        for name in names:
            with images.scratch() as folder:
                part(tap, asked.imgprobe, os.path.realpath(folder), name)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
