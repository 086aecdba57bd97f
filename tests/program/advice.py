#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each piece of advice of `imgprobe access`, carried out on the image that calls it forth: the next answer is
complete, and the guest then reads what it is to read. Every row of the program's table has its scene here, or
a reason."""

import os
import re
import shlex
import shutil
import struct
import sys
import zlib

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

MIB = 1 << 20
ROWS = os.path.join(images.ROOT, 'cli', 'access', 'advice.c')
# A row that no scene here reaches, and why.
REASONS = {
    ('tier-below-floor', None): 'there is nothing to do but to convert the disk, which is not access to it',
}


class Scene:
    """A folder with an image of which access refuses something."""

    def __init__(self, tap, program, folder, title):
        self.tap, self.program, self.folder, self.title = tap, program, folder, title
        self.reasons = set()

    def path(self, name):
        return os.path.join(self.folder, name)

    def img(self, *words):
        images.qemu_img(*words, cwd=self.folder)

    def io(self, fmt, name, *commands):
        words = [word for command in commands for word in ('-c', command)]
        answer = images.run(['qemu-io', '-f', fmt, *words, name], cwd=self.folder)
        if answer.status:
            raise OSError(f'{name}: {answer}')

    def raw(self, name, value, size=MIB):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), 'wb') as out:
            out.write(bytes([value]) * size)

    def read(self, fmt, name):
        """What the guest reads."""
        self.img('convert', '-f', fmt, '-O', 'raw', name, 'read.raw')
        with open(self.path('read.raw'), 'rb') as file:
            return file.read()

    def ask(self, *words, **keywords):
        return images.run([self.program, 'access', '--output', 'json', *words], cwd=self.folder, **keywords)

    def refused(self, reason, *words, **keywords):
        """The advice, line by line, where it is refused for that."""
        answer = self.ask(*words, **keywords)
        document = answer.document or {}
        got = document.get('message', '').rpartition(': ')[2], document.get('reason'), document.get('field')
        member = document.get('at', {}).get('member', 0)
        form = (document.get('members', []) + [{}] * (member + 1))[member].get('format')
        self.reasons |= {(reason, None), (reason, form)}
        self.tap.ok(answer.status != 0 and reason in got, f'{self.title}: {reason}',
                    str(answer))
        for line in document.get('advice', []):
            typed = re.match('-|imgprobe |qemu-img ', line) is not None
            told = f'imgprobe: {"add" if line[0] == "-" else "run" if typed else "hint"}: {line}'
            self.tap.ok(told in answer.error.split('\n') and not (typed and ', ' in line),
                        f'{self.title}: what can be typed is told from what can\'t', str(answer))
        return document.get('advice', [])

    def answered(self, lines, *words, count=None, **keywords):
        """Whether that is a complete answer now."""
        answer = self.ask(*words, **keywords)
        members = (answer.document or {}).get('members', [])
        self.tap.ok(answer.status == 0 and count in (None, len(members)), f'{self.title}: answered with the advice',
                    f'{lines}\n{answer}')

    def guest(self, want, fmt, name):
        self.tap.ok(self.read(fmt, name) == want, f'{self.title}: the guest reads what it should')

    def run(self, line, **filled):
        """A command of the advice, with what was left open filled in."""
        for word, value in filled.items():
            line = line.replace(word, value)
        answer = images.run(['sh', '-c', line], cwd=self.folder)
        self.tap.equal(answer.status, 0, f'{self.title}: {line}')


def options_of(lines, **filled):
    """All options of the advice, for one command line, with what was left open filled in."""
    text = ' '.join(line for line in lines if line.startswith('-'))
    for word, value in filled.items():
        text = text.replace(word, value)
    return shlex.split(text)


def overlay(scene, name='top.qcow2', base='base.raw', form='raw', data=True):
    """A good one with data of its own; what the guest reads."""
    if not os.path.exists(scene.path(base)):
        scene.raw(base, 0x11)
    scene.img('create', '-q', '-f', 'qcow2', '-b', base, '-F', form, name)
    if data:
        scene.io('qcow2', name, 'write -P 0x22 64k 64k')
    return scene.read('qcow2', name)


# name in the image, its declared format, the reason; what access is asked with besides
NAMES = (
    ('nbd://127.0.0.1:1/x', 'raw', 'remote-reference'),
    ('fat:/nowhere', 'raw', 'special-reference'),
    ('nosuch:x', 'raw', 'unknown-protocol'),
    ('json:{', 'raw', 'malformed-name'),
    ('json:{"driver":"raw","read-only":false,"file":{"driver":"file","filename":"base.raw"}}', 'raw',
     'reference-asks-write'),
    ('json:{"driver":"raw","foo":1,"file":{"driver":"file","filename":"base.raw"}}', 'raw', 'unknown-key'),
    ('/dev/fd/0', 'raw', 'process-relative-name'),
    ('file:nbd:base.raw', 'raw', 'name-means-two-things'),
    ('base.raw', 'host_device', 'driver-takes-another-name'),
    ('top.qcow2', 'qcow2', 'loop'),
    ('gone.raw', 'raw', 'no such file'),
)


def renamed(scene):
    """The name is at fault, and another one helps."""
    want = overlay(scene)
    for name, form, reason in NAMES:
        scene.title = f'renamed, {name}'
        scene.img('rebase', '-u', '-b', name, '-F', form, 'top.qcow2')
        words = ['-f', 'qcow2', '--workdir', '.', 'top.qcow2']
        lines = [line for line in scene.refused(reason, *words) if line.startswith('qemu-img ')]
        scene.tap.equal(lines, ['qemu-img rebase -u -F FORMAT -b NAME top.qcow2'], f'{scene.title}: one line')
        scene.run(lines[0], FORMAT='raw', NAME='base.raw')
        scene.answered(lines, *words, count=2)
        scene.guest(want, 'qcow2', 'top.qcow2')


def declared(scene):
    """The format is at fault: one that isn't known, one that isn't there, and one that the command line denies."""
    want = overlay(scene)
    with open(scene.path('top.qcow2'), 'r+b') as image:
        head = image.read(4096)
        image.seek(head.index(b'\xe2\x79\x2a\xca\0\0\0\3raw') + 8)
        image.write(b'foo')
    line = scene.refused('backing format', '-f', 'qcow2', 'top.qcow2')[-1]
    scene.run(line, FORMAT='raw')
    scene.answered(line, '-f', 'qcow2', 'top.qcow2', count=2)
    lines = scene.refused('declared-formats-disagree', '-f', 'qcow2', '--declare', 'base.raw=qcow2', 'top.qcow2')
    scene.tap.equal(lines[0], 'leave out the --declare of base.raw', 'which --declare')
    scene.answered(lines, '-f', 'qcow2', 'top.qcow2', count=2)
    scene.run(lines[1], FORMAT='raw')
    scene.guest(want, 'qcow2', 'top.qcow2')


def probed(scene):
    overlay(scene, 'mid.qcow2')
    want = overlay(scene, base='mid.qcow2', form='qcow2')
    lines = scene.refused('format-probed', 'top.qcow2')
    scene.answered(lines, *shlex.split(lines[0].replace('FORMAT', 'qcow2')), 'top.qcow2', count=3)
    shutil.copy(scene.path('top.qcow2'), scene.path('copy'))
    qed = scene.path('over.qed')
    scene.img('create', '-q', '-f', 'qed', '-b', 'mid.qcow2', '-F', 'qcow2', 'over.qed')
    with open(scene.path('top.qcow2'), 'r+b') as image:
        head = image.read(4096)
        image.seek(head.index(b'\xe2\x79\x2a\xca'))
        image.write(b'\x12\x34\x56\x78')
    for fmt, name in (('qcow2', 'top.qcow2'), ('qed', qed)):
        scene.title = f'a probed member of {fmt}'
        lines = scene.refused('format-probed', '-f', fmt, name)
        scene.answered(lines, '-f', fmt, *shlex.split(lines[0].replace('FORMAT', 'qcow2')), name, count=3)
        mends = [line for line in lines if line.startswith('qemu-img')]
        scene.tap.equal(len(mends), fmt == 'qcow2', f'{scene.title}: rebase only where the header has a field for it')
        for line in mends:
            scene.run(line, FORMAT='qcow2')
            scene.answered(line, '-f', fmt, name, count=3)
            scene.guest(want, fmt, name)


def missing(scene):
    want = overlay(scene)
    overlay(scene, 'over.qcow2', base='top.qcow2', form='qcow2', data=False)
    os.rename(scene.path('base.raw'), scene.path('away'))
    lines = scene.refused('no such file', '-f', 'qcow2', 'over.qcow2')
    scene.tap.equal(lines[0], 'put the file back at base.raw', 'missing: where')
    scene.tap.ok(lines[1].endswith(' top.qcow2'), 'missing: the image whose name it is', lines)
    os.rename(scene.path('away'), scene.path(lines[0].rpartition(' ')[2]))
    scene.answered(lines, '-f', 'qcow2', 'over.qcow2', count=3)
    scene.guest(want, 'qcow2', 'over.qcow2')
    with open(scene.path('flat.vmdk'), 'wb') as out:
        out.write(mkimage.descriptor('monolithicFlat', b'RW 2048 FLAT "gone.raw" 0\n'))
    scene.tap.equal(scene.refused('no such file', '-f', 'vmdk', 'flat.vmdk'), ['put the file back at gone.raw'],
                    'a missing extent')
    os.rename(scene.path('base.raw'), scene.path('gone.raw'))
    scene.answered('', '-f', 'vmdk', 'flat.vmdk', count=2)


def by_link(scene):
    """A base that others share, opened by a link: its own name is right, so nothing in it is rewritten."""
    os.mkdir(scene.path('store'))
    os.mkdir(scene.path('vm'))
    scene.raw('store/base.raw', 0x11)
    scene.img('create', '-q', '-f', 'qcow2', '-b', 'base.raw', '-F', 'raw', 'store/mid.qcow2')
    want = scene.read('qcow2', 'store/mid.qcow2')
    os.symlink('../store/mid.qcow2', scene.path('vm/link.qcow2'))
    scene.img('create', '-q', '-u', '-f', 'qcow2', '-b', 'link.qcow2', '-F', 'qcow2', 'vm/top.qcow2', '1M')
    for words in (['vm/link.qcow2'], ['--root', '.', 'vm/top.qcow2']):
        scene.title = f'by a link, {words[-1]}'
        lines = scene.refused('no such file', '-f', 'qcow2', *words)
        hint = f'name the file itself, {scene.path("store/mid.qcow2")}, and not vm/link.qcow2, a symbolic link to it'
        scene.tap.ok(not any('rebase' in line for line in lines) and any(line.startswith(hint) for line in lines),
                     f'{scene.title}: no rebase, and a hint', lines)
    scene.answered(lines, '-f', 'qcow2', scene.path('store/mid.qcow2'), count=2)
    scene.guest(want, 'qcow2', 'store/mid.qcow2')
    scene.img('rebase', '-u', '-b', scene.path('gone.raw'), '-F', 'raw', 'store/mid.qcow2')
    lines = scene.refused('no such file', '-f', 'qcow2', '--root', '/', 'vm/link.qcow2')
    scene.tap.ok(lines[-1].startswith('qemu-img rebase'), 'by a link, an absolute name: it is wrong wherever it stands', lines)


def in_circles(scene):
    overlay(scene)
    os.unlink(scene.path('base.raw'))
    os.symlink('base.raw', scene.path('base.raw'))
    lines = scene.refused('too many symbolic links', '-f', 'qcow2', 'top.qcow2')
    scene.tap.equal(len(lines), 1, 'in circles: a hint')
    os.unlink(scene.path('base.raw'))
    scene.raw('base.raw', 0x11)
    scene.answered(lines, '-f', 'qcow2', 'top.qcow2', count=2)


def forbidden(scene):
    overlay(scene)
    os.chmod(scene.path('base.raw'), 0)
    os.chmod(scene.folder, 0o755)
    nobody = {'user': 65534} if os.geteuid() == 0 else {}
    lines = scene.refused('permission denied', '-f', 'qcow2', 'top.qcow2', **nobody)
    scene.tap.equal(len(lines), 1, 'forbidden: a hint')
    os.chmod(scene.path('base.raw'), 0o644)
    scene.answered(lines, '-f', 'qcow2', 'top.qcow2', count=2, **nobody)


def workdir(scene):
    """A name that starts from the working directory, of which another one was given."""
    want = overlay(scene)
    scene.img('rebase', '-u', '-b', 'file:base.raw', '-F', 'raw', 'top.qcow2')
    os.mkdir(scene.path('other'))
    for words in (['--workdir', 'other'], ['--workdir', scene.path('other')]):
        lines = scene.refused('no such file', '-f', 'qcow2', *words, 'top.qcow2')
        scene.tap.ok(any(line.startswith('or give another --workdir') for line in lines), 'workdir: it may be wrong', lines)
    scene.answered(lines, '-f', 'qcow2', '--workdir', '.', 'top.qcow2', count=2)
    scene.guest(want, 'qcow2', 'top.qcow2')


def encrypted(scene):
    """qemu-img doesn't rebase what it has no key for, so that isn't advised."""
    scene.title = 'an encrypted overlay of a file that is missing'
    scene.img('create', '-q', '-u', '-f', 'qcow2', '--object', 'secret,id=s,data=abc', '-o',
              'encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10', '-b', 'gone.raw', '-F', 'raw',
              'secret.qcow2', '1M')
    lines = scene.refused('no such file', '-f', 'qcow2', 'secret.qcow2')
    scene.tap.equal([line for line in lines if 'rebase' in line], [], f'{scene.title}: no rebase')
    answer = images.run(['qemu-img', 'rebase', '-u', '-F', 'raw', '-b', 'other.raw', 'secret.qcow2'], cwd=scene.folder)
    scene.tap.ok(answer.status != 0, f'{scene.title}: which would fail', str(answer))


def three_directories(scene):
    """Extents in three directories are all told of in one run, with what else they would be refused for."""
    for number, value in ((1, 0x31), (2, 0x32), (3, 0x33)):
        scene.raw(f'd{number}/e.raw', value)
    os.mkdir(scene.path('vm'))
    with open(scene.path('vm/disk.vmdk'), 'wb') as out:
        lines = ''.join(f'RW 2048 FLAT "../d{number}/e.raw" 0\n' for number in (1, 2, 3, 1))
        out.write(mkimage.descriptor('twoGbMaxExtentFlat', lines.encode()))
    for words in (['-f', 'vmdk'], [], ['-f', 'vmdk', '--write'], ['--write']):
        scene.title = f'three directories, {" ".join(words)}'
        lines = scene.refused('path-escape', *words, 'vm/disk.vmdk')
        options = options_of(lines, FORMAT='vmdk')
        scene.answered(lines, *words, *options, 'vm/disk.vmdk', count=4)
        scene.tap.equal(sum(word == '--root' for word in options), 4, f'{scene.title}: each root once')
    scene.guest(b''.join(bytes([value]) * MIB for value in (0x31, 0x32, 0x33, 0x31)), 'vmdk', 'vm/disk.vmdk')


def three_deep(scene):
    """A chain through three directories: what is behind a file outside is learnt from one more run."""
    for name in ('a', 'b', 'vm'):
        os.mkdir(scene.path(name))
    scene.raw('b/base.raw', 0x41)
    scene.img('create', '-q', '-f', 'qcow2', '-b', '../b/base.raw', '-F', 'raw', 'a/mid.qcow2')
    scene.img('create', '-q', '-f', 'qcow2', '-b', '../a/mid.qcow2', '-F', 'qcow2', 'vm/top.qcow2')
    lines = scene.refused('path-escape', '-f', 'qcow2', 'vm/top.qcow2')
    scene.answered(lines, '-f', 'qcow2', *listed(scene, lines, 3), 'vm/top.qcow2', count=3)
    lines = scene.refused('path-escape', 'vm/top.qcow2')
    scene.answered(lines, '-f', 'qcow2', *listed(scene, lines, 3, FORMAT='qcow2'), 'vm/top.qcow2', count=3)


def listed(scene, lines, roots, **filled):
    """All that it takes, by the command that the advice gives."""
    line = next(line for line in lines if line.startswith('imgprobe '))
    for word, value in filled.items():
        line = line.replace(word, value)
    answer = images.run([scene.program, *shlex.split(line)[1:]], cwd=scene.folder)
    words = shlex.split(answer.out.decode())
    scene.tap.equal((answer.status, words[::2]), (0, ['--root'] * roots), f'{scene.title}: {line}')
    return words


def linked(scene):
    """A link in the way: where it leads is told by that command alone."""
    want = overlay(scene)
    os.mkdir(scene.path('away'))
    os.rename(scene.path('base.raw'), scene.path('away/base.raw'))
    os.mkdir(scene.path('vm'))
    os.rename(scene.path('top.qcow2'), scene.path('vm/top.qcow2'))
    os.symlink('../away/base.raw', scene.path('vm/base.raw'))
    for words in (['--workdir', '.'], ['--workdir', '.', '--root', 'vm', '--reader=qemu', '--declare', 'away/base.raw=raw']):
        lines = scene.refused('path-escape', '-f', 'qcow2', *words, 'vm/top.qcow2')
        scene.tap.ok('away' not in ''.join(lines[:2]) and lines[1].startswith('a symbolic link in vm/base.raw leads out'),
                     'linked: that it is a link is in the advice, and not where it leads', lines)
        scene.answered(lines, '-f', 'qcow2', *words, *listed(scene, lines, 1 + ('--root' not in words)), 'vm/top.qcow2',
                       count=2)
    scene.guest(want, 'qcow2', 'vm/top.qcow2')


def directories(scene):
    """The reader's working directory, and the directory of a descriptor."""
    want = overlay(scene)
    scene.img('rebase', '-u', '-b', 'file:base.raw', '-F', 'raw', 'top.qcow2')
    lines = scene.refused('needs-workdir', '-f', 'qcow2', 'top.qcow2')
    scene.answered(lines, '-f', 'qcow2', *shlex.split(lines[0].replace('DIR', '.')), 'top.qcow2', count=2)
    lines = scene.refused('needs-workdir', 'top.qcow2')
    options = options_of(lines, DIR='.', FORMAT='qcow2')
    scene.answered(lines, *options, 'top.qcow2', count=2)
    scene.guest(want, 'qcow2', 'top.qcow2')
    scene.img('rebase', '-u', '-b', 'base.raw', '-F', 'raw', 'top.qcow2')
    with open(scene.path('top.qcow2'), 'rb') as image:
        given = {'pass_fds': (image.fileno(),)}
        lines = scene.refused('no-directory', '-f', 'qcow2', f'fd:{image.fileno()}', **given)
        file = lines[0].removeprefix('give ').partition(' in place of')[0].replace('NAME', 'top.qcow2')
        scene.answered(lines, '-f', 'qcow2', file, count=2, **given)


def consents(scene):
    scene.img('create', '-q', '-f', 'vmdk', '-o', 'subformat=twoGbMaxExtentFlat', 'split.vmdk', '3G')
    lines = scene.refused('write-needs-consent', '-f', 'vmdk', '--write', 'split.vmdk')
    scene.answered(lines, '-f', 'vmdk', '--write', *shlex.split(lines[0]), 'split.vmdk', count=3)
    lines = scene.refused('format-probed', '--write', 'split.vmdk')
    options = options_of(lines, FORMAT='vmdk')
    scene.answered(lines, '--write', *options, 'split.vmdk', count=3)
    scene.raw('other', 0)
    lines = scene.refused('not-a-member', '-f', 'vmdk', '--write-member', 'other', 'split.vmdk')
    scene.tap.equal(lines, ['leave out --write-member other'], 'not a member: which')
    scene.answered(lines, '-f', 'vmdk', 'split.vmdk', count=3)


def cloop(path, blocks):
    """A compressed loop of these blocks, which are of one size."""
    packed = [zlib.compress(block) for block in blocks]
    ends = [sum(map(len, packed[:count])) + 136 + 8 * (len(packed) + 1) for count in range(len(packed) + 1)]
    with open(path, 'wb') as out:
        script = b'#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n'
        out.write(script.ljust(128, b'\0'))
        out.write(struct.pack(f'>II{len(ends)}Q', len(blocks[0]), len(blocks), *ends) + b''.join(packed))


# What QEMU reads and doesn't write. Of a dmg the tree has a header alone.
COPIED = (('cloop', None), ('bochs', 'others/good-bochs'), ('vmdk', 'vmdk/good-sparse-version-3'), ('qcow2', None))


def copies(scene):
    """A copy that can be written has the same guest data."""
    overlay(scene)
    for fmt, name in COPIED:
        scene.title = f'a copy of {fmt}'
        image = 'top.qcow2' if fmt == 'qcow2' else 'image'
        if fmt == 'cloop':
            cloop(scene.path(image), [bytes([value]) * 65536 for value in (0x61, 0x62)])
        elif name:
            into = scene.path(fmt)
            built = mkimage.build(mkimage.read(os.path.join(images.TESTIMAGES, name + '.txt')), into)
            image = os.path.relpath(os.fsdecode(built), scene.folder)
        else:
            with open(scene.path(image), 'r+b') as out:
                out.seek(79)
                out.write(b'\2')
        want = scene.read(fmt, image)
        lines = scene.refused('not-writable', '-f', fmt, '--write', image)
        scene.tap.equal(lines[0], 'leave out --write, and it is only read', f'{scene.title}: reading')
        scene.answered(lines, '-f', fmt, image)
        scene.run(lines[1], COPY='copy.qcow2')
        scene.answered(lines, '-f', 'qcow2', '--write', 'copy.qcow2', count=1)
        scene.guest(want, 'qcow2', 'copy.qcow2')


def ignored(scene):
    """What the reader passes over: where nothing helps, nothing is advised."""
    scene.raw('a.raw', 0x51)
    scene.raw('b.raw', 0x52)
    text = mkimage.descriptor('twoGbMaxExtentFlat', b'RW 2048 FLAT "a.raw" 0\nRDONLY 2048 FLAT "b.raw" 0\n')
    with open(scene.path('disk.vmdk'), 'wb') as out:
        out.write(text)
    lines = scene.refused('reference-ignored-by-reader', '-f', 'vmdk', 'disk.vmdk')
    words = re.fullmatch(r'write (\w+) in place of (\w+) into the descriptor, and have the disk only read', lines[0])
    with open(scene.path('disk.vmdk'), 'wb') as out:
        out.write(text.replace(words[2].encode(), words[1].encode()))
    scene.answered(lines, '-f', 'vmdk', 'disk.vmdk', count=3)
    scene.guest(b'\x51' * MIB + b'\x52' * MIB, 'vmdk', 'disk.vmdk')
    for fmt, name, want in (('vhdx', 'others/good-vhdx-parent', []), ('vmdk', 'vmdk/good-extent-vmfsrdm', []),
                            ('vmdk', 'chain/bad-cowd-parent', []),
                            ('vpc', 'vhd/good-differencing', ["--reader xen", "that is only for a disk that Xen's tools are to open"])):
        scene.title = f'ignored, {name}'
        into = scene.path(os.path.basename(name))
        image = mkimage.build(mkimage.read(os.path.join(images.TESTIMAGES, name + '.txt')), into)
        lines = scene.refused('reference-ignored-by-reader', '-f', fmt, image)
        scene.tap.equal(lines, want, f'{scene.title}: advice')
        if want:
            found = images.info(scene.program, '-f', fmt, '--reader', 'xen', '--no-open', image).own['references']
            for path in {r['path'] for r in found if r.get('path', '').startswith(scene.folder)}:
                with open(path, 'w+b') as out:
                    mkimage.vhd_dynamic(out)
            scene.answered(want, '-f', fmt, *want[0].split(), image, count=2)


def versions(scene):
    """Each version alone, of which the newest takes the name, and the oldest refuses it for a reason of its own."""
    overlay(scene)
    name = 'json:{"driver":"raw","active":true,"file":{"driver":"file","filename":"base.raw"}}'
    scene.img('rebase', '-u', '-b', name, '-F', 'raw', 'top.qcow2')
    words = ['-f', 'qcow2', '--workdir', '.', 'top.qcow2']
    lines = scene.refused('versions-differ', *words)
    answers = [images.run([scene.program, *shlex.split(line)[1:]], cwd=scene.folder) for line in lines]
    scene.tap.equal([answer.status for answer in answers], [0, 0, 3], f'{scene.title}: {lines}')
    scene.tap.ok('unknown-key' in answers[-1].error, 'versions: the oldest says why', str(answers[-1]))


def untold(scene):
    """What the image doesn't say, and only the user can know."""
    path = mkimage.build(mkimage.read(os.path.join(images.TESTIMAGES, 'others', 'good-parallels.txt')), scene.folder)
    lines = scene.refused('parent-not-told', '-f', 'parallels', path)
    scene.answered(lines, '-f', 'parallels', *options_of(lines), path, count=1)


def ambiguous(scene):
    path = mkimage.build(mkimage.read(os.path.join(images.TESTIMAGES, 'vhd', 'good-fixed.txt')), scene.folder)
    lines = scene.refused('format', path)
    said = images.run([scene.program, 'info', path]).error
    scene.tap.ok('-f vhd, or -f raw' in said and lines[1].endswith(': vhd, or raw'), 'ambiguous: the choices', (said, lines))
    scene.answered(['-f raw'], '-f', 'raw', path, count=1)
    scene.answered(lines, *shlex.split(lines[0].replace('FORMAT', 'vpc')), path, count=1)
    scene.img('create', '-q', '-u', '-f', 'qcow2', '-b', os.fsdecode(path), '-F', 'raw', 'top.qcow2', '1M')
    with open(scene.path('top.qcow2'), 'r+b') as image:
        head = image.read(4096)
        image.seek(head.index(b'\xe2\x79\x2a\xca'))
        image.write(b'\x12\x34\x56\x78')
    lines = scene.refused('format', '-f', 'qcow2', 'top.qcow2')
    scene.answered(lines, '-f', 'qcow2', *shlex.split(lines[0].replace('FORMAT', 'vpc')), 'top.qcow2', count=2)


SCENES = (renamed, declared, probed, missing, by_link, in_circles, forbidden, workdir, encrypted, three_directories,
          three_deep, linked, directories, consents, copies, ignored, untold, ambiguous, versions)


def table():
    """The rows of the program's own table: reason, format."""
    text = open(ROWS, encoding='utf-8').read()
    return re.findall(r'^    \{ "([^"]+)", +(?:"(\w+)"|NULL),', text, flags=re.M)


def main():
    asked = images.arguments(__doc__, ('--only', {'metavar': 'SCENE'}))
    tap, seen = Tap(), set()
    if not images.tool('qemu-io'):
        tap.lacking('advice', 'qemu-io')
        tap.done()
    for part in SCENES:
        if asked.only in (None, part.__name__):
            with images.scratch() as folder:
                scene = Scene(tap, asked.imgprobe, os.path.realpath(folder), part.__name__)
                part(scene)
                seen |= scene.reasons
    if not asked.only:
        rows = [(reason, form or None) for reason, form in table()]
        tap.ok(len(rows) > 10, 'the table of advice is found', str(rows))
        tap.none([f'{reason}, {form}' for reason, form in rows if (reason, form) not in {*seen, *REASONS}],
                 'every row of advice.c has a scene, or a reason')
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
