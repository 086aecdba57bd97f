#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a shell reads of imgprobe's output, given to every shell that there is: the words come out as the bytes that
they stand for, and nothing else is run. These are the advice of `access`, and its kinds `acl` and `bwrap`."""

import os
import re
import sys
import unicodedata

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
import scenes
from tap import Tap

SHELLS = (('dash',), ('bash', '--posix'), ('bash',), ('busybox', 'sh'), ('mksh',))
LOCALES = ('C', 'C.UTF-8')
USER = '54321'

# Beside the names of scenes: what would be run where one kind of quotes isn't known, and the corners of the others.
NAMES = (*scenes.NAMES, b"x\x01';touch PWNED;#y", b"x\x01\\';touch PWNED;#y", b'x";touch PWNED;#',
         b"'$(touch PWNED)\x7f", b'\x01`touch PWNED`',
         b'-\x01', b'\x01%d%%45', b'ends\n', b'ends\x01\n\n', b'\n', b'!x\x01!x',
         b'\x88\x81\x82\x83\x84\x85\x86\x87', b'~\x01', b'\\\x01', b'a=b\x01', '\u202e\x85'.encode())


def words_of(shell, locale, text, folder, before=b'', **keywords):
    """What the shell makes of one line of words; the status isn't asked, since a wrong word may end it."""
    script = before + b'set -- ' + text + b'\nfor a; do printf "%s\\0" "$a"; done'
    answer = images.run(['env', f'LC_ALL={locale}', *shell, '-c', script], cwd=folder, **keywords)
    return answer.out.split(b'\0')[:-1], answer


def check_words(tap, title, text, want, folder):
    """In each shell that is there."""
    wrong = []
    for shell in SHELLS:
        for locale in LOCALES:
            if images.tool(shell[0]):
                got, answer = words_of(shell, locale, text, folder)
                wrong += [] if got == want else [f'{shell} {locale}: {got}, not {want}\n{text}\n{answer}']
    ran = os.path.exists(os.path.join(os.fsencode(folder), b'PWNED'))
    tap.ok(not wrong and not ran and want, title, '\n'.join(wrong) + f'\nsomething was run: {ran}')


def qcow2(folder, name, **given):
    with open(os.path.join(os.fsencode(folder), os.fsencode(name)), 'w+b') as out:
        mkimage.qcow2(out, **given)


def advice_of(tap, program, folder, title, *words):
    """The lines that a person pastes: they hold no byte that a terminal would act on."""
    answer = images.run([program, 'access', *words], cwd=folder)
    lines = [found[1] for found in re.finditer(r'^imgprobe: (?:add|run): (.*)$', answer.error, re.M)]
    hostile = [c for c in ''.join(lines) if unicodedata.category(c) in ('Cc', 'Cf', 'Zl', 'Zp')]
    tap.ok(lines and not hostile, f'{title}: printable', str(answer))
    return [line.encode() for line in lines] + [b'']


def advice(tap, program, folder, name):
    title = f'advice, {name!r}'
    own = os.fsencode(folder)
    path = os.path.join(own, name)
    os.makedirs(os.path.join(own, b'dir', name))
    scenes.fill(path)
    qcow2(folder, 'data', data_file=path)
    line = advice_of(tap, program, folder, title, '-f', 'qcow2', '--write', 'data')[0]
    check_words(tap, f'{title}: --allow-write', line, [b'--allow-write', path], folder)
    root = os.path.join(own, b'dir', name)
    qcow2(folder, 'over', backing=os.path.join(root, b'x'), backing_format=b'raw')
    os.makedirs(os.path.join(own, b'else'))
    os.rename(os.path.join(own, b'over'), os.path.join(own, b'else/over'))
    line = advice_of(tap, program, folder, title, '-f', 'qcow2', 'else/over')[0]
    check_words(tap, f'{title}: --root', line, [b'--root', b'else', b'--root', root], folder)
    qcow2(folder, name, backing=b'base', backing_format=b'raw')
    qcow2(folder, 'over', backing=path)
    lines = advice_of(tap, program, folder, title, '-f', 'qcow2', 'over')
    check_words(tap, f'{title}: --declare', lines[0], [b'--declare', path + b'=FORMAT'], folder)
    want = [b'qemu-img', b'rebase', b'-u', b'-F', b'FORMAT', b'-b', path, b'over']
    check_words(tap, f'{title}: rebase', lines[1], want, folder)


def kinds(tap, program, folder, name):
    """What setfacl and bubblewrap are given."""
    scenes.fill(os.path.join(os.fsencode(folder), name))
    top = os.path.join(os.fsencode(folder), b'top')
    with open(top, 'w+b') as out:
        mkimage.qcow2(out, backing=b'./' + name, backing_format=b'raw')
    os.chmod(folder, 0o700)
    path = os.path.join(os.fsencode(folder), name)
    bwrap = scenes.access(program, 'bwrap', top)
    check_words(tap, f'bwrap, {name!r}', bwrap.out.rstrip(b'\n'),
                [b'--ro-bind', top, top, b'--ro-bind', path, path], folder)
    lines = scenes.access(program, 'acl', top, '--user', USER)
    before = b'setfacl() { printf "%s\\0" "$@"; }\n' + lines.out
    want = [[b'-m', f'u:{USER}:{mode}'.encode(), b'--', file] for mode, file in (('r--', top), ('r--', path))]
    wrong = []
    for shell in SHELLS:
        for locale in LOCALES:
            if images.tool(shell[0]):
                got, answer = words_of(shell, locale, b'', folder, before)
                wrong += [] if got[-8:] == sum(want, []) else [f'{shell} {locale}: {got}\n{answer}']
    ran = os.path.exists(os.path.join(os.fsencode(folder), b'PWNED'))
    tap.ok(not wrong and not ran and lines.status == 0, f'acl, {name!r}', '\n'.join(wrong) + f'{lines}')


def main():
    asked = images.arguments(__doc__)
    tap = Tap()
    for shell in SHELLS:
        if not images.tool(shell[0]):
            tap.lacking(shell[0], shell[0])
    for part in (advice, kinds):
        for name in NAMES:
            with images.scratch() as folder:
                part(tap, asked.imgprobe, os.path.realpath(folder), name)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
