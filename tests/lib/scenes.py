# SPDX-License-Identifier: MIT
"""Chains of real images for what confines a reader: their names are hostile, their last file holds what is read."""

import os
import shutil

import images

PATTERN = 0x5A
SIZE = 1 << 20
SYSTEM = ('/usr', '/lib', '/lib64', '/bin', '/sbin', '/etc')

# Each is one component; no path of them means a protocol.
NAMES = (b'plain', b'it\'s "q"', b'two  blanks ', b'100%d%%', b'back\\slash\\', b'\\x41\\101', b'*?[ab]{c,d}^**',
         b'co:lon:x', b'new\nline', b'carriage\rreturn', b'tab\there', b'\x01\x02\x1f\x7f', b'\x0129\n7',
         b'\xff\xfe\xc0\x80', b'$HOME `id` $(id)', b'@{HOME}', b'#,;&<>|!~=', b'-r', b'{', b'&amp;',
         'ü€\U0001f600\u2028\u202e'.encode(), '\ufdd0\uffff'.encode())


def run(*command, **keywords):
    answer = images.run(command, **keywords)
    if answer.status:
        raise OSError(f'{command}: {answer}')
    return answer


def fill(path, value=PATTERN):
    with open(path, 'wb') as out:
        out.write(bytes([value]) * 65536)
        out.truncate(SIZE)


def overlay(path, backing, backing_format, *options):
    """An empty overlay, whose backing file stands at this name seen from it."""
    run('qemu-img', 'create', '-q', '-f', 'qcow2', *options, '-b', backing, '-F', backing_format, path)


def chain(folder, name=b'plain', to_middle=b'link/middle', to_base=b'./beside/../'):
    """top, in its own directory, over a middle one beside which the base stands; both are reached through `..` or a
    link. Absolute name of the top."""
    folder = os.fsencode(folder)
    for directory in (b'tops', b'bases', b'bases/beside'):
        os.mkdir(os.path.join(folder, directory))
    os.symlink(b'../bases', os.path.join(folder, b'tops/link'))
    fill(os.path.join(folder, b'bases', name))
    middle, top = os.path.join(folder, b'bases/middle'), os.path.join(folder, b'tops/top')
    overlay(middle, to_base + name, 'raw')
    overlay(top, to_middle, 'qcow2')
    return top


def reads(top, *before, write=False, **keywords):
    """Whether QEMU, confined by `before`, reads the base through the top, or writes to the top. And what it printed."""
    action = 'write -P 1 0 512' if write else f'read -P {PATTERN} 0 512'
    words = [] if write else ['-r']
    answer = images.run([*before, 'qemu-io', *words, '-f', 'qcow2', '-c', action, top], **keywords)
    return answer.status == 0 and b'ops' in answer.out and b'failed' not in answer.out, answer


def access(program, kind, top, *flags, **keywords):
    return images.run([program, 'access', '-f', 'qcow2', '--root', '/', '--output', kind, *flags, top], **keywords)


def files(program, top, *flags):
    """Every file that access lists, by its name without links."""
    paths = access(program, 'paths', top, '-0', *flags).out.split(b'\0')[:-1]
    return [os.path.realpath(os.path.join(os.path.dirname(top), path)) for path in paths]


class Loop:
    """A loop device over a file, `with Loop(path) as device`; None where the machine has none to give."""

    def __init__(self, path):
        self.path, self.device = path, None

    def __enter__(self):
        if shutil.which('losetup') and os.getuid() == 0:
            answer = images.run(['losetup', '--show', '-f', self.path])
            self.device = os.fsdecode(answer.out.strip()) if answer.status == 0 else None
        return self.device

    def __exit__(self, *_):
        if self.device:
            images.run(['losetup', '-d', self.device])
