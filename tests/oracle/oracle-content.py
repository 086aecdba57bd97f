#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Raw disks that real tools make: what imgprobe says they hold, against what file(1) and blkid(8) say."""

import os
import re
import subprocess
import sys

sys.path += [sys.path[0] + '/../lib', sys.path[0] + '/../../testimages']
import images
import mkimage
from tap import Tap

MIB = 1 << 20
PATH = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
KEY = b'imgprobe'
CHEAP = ('--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000')

# What we say, and how the two say it: a pattern for the text of file(1), the values of blkid's TYPE and PTTYPE. None:
# it knows no such thing.
WORDS = {
    'luks2': (r'^LUKS encrypted file, ver 2', ('crypto_LUKS',)),
    'mbr': (r'DOS/MBR boot sector', ('dos', 'PMBR')),
    'gpt': (r'ID=0xee', ('gpt',)),
    'iso': (r'^ISO 9660 CD-ROM', ('iso9660',)),
    'udf': (r'^UDF filesystem', ('udf',)),
    'lvm2': (r'^LVM2 PV', None),
    'bitlocker': (None, None),
    'gzip': (r'^gzip compressed', None),
    'xz': (r'^XZ compressed', None),
    'zstd': (r'^Zstandard compressed', None),
    'bzip2': (r'^bzip2 compressed', None),
    'lz4': (r'^LZ4 compressed', None),
    'tar': (r'tar archive', None),
    'cpio': (r'cpio archive', None),
    'zip': (r'^Zip archive', None),
    'aff4': (None, None),
    '7z': (r'^7-zip archive', None),
    'wim': (r'^Windows imaging \(WIM\)', None),
    'ewf': (r'^EWF/Expert Witness', None),
    'android-sparse': (r'^Android sparse image', None),
    'asif': (None, None),
    'sparseimage': (None, None),
    'chd': (r'^MAME CHD', None),
    'partclone': (None, None),
    'vma': (None, None),
    'qemu-state': (r'^QEMU suspend to disk image', None),
    'squashfs': (r'^Squashfs filesystem', ('squashfs',)),
    'elf': (r'^ELF ', None),
    'pe': (r'^(PE|MS-DOS executable)', None),
    'linux': (r'Linux kernel', None),
    'vmdk-descriptor': (None, None),
    'html': (r'^HTML document', None),
    'xml': (r'^XML ', None),
    'json': (r'^JSON ', None),
    'text': (r'^(ASCII|UTF-8 Unicode|Unicode) text', None),
}
# Image and word on which another says otherwise, and why.
FILE_DIFFERS = {
    ('fat', 'mbr'): "it calls a FAT's boot sector one by its last two bytes",
    ('fat32', 'mbr'): 'the same',
    ('luks2-second', 'luks2'): 'it looks for the first copy alone',
    ('gpt-backup', 'gpt'): 'it looks for the first header alone',
    ('mbr-protective', 'gpt'): 'it goes by the protective entry',
    ('iso-udf', 'udf'): 'UDF beside ISO 9660 stands behind the windows',
    ('iso-udf', 'iso'): 'of a medium that is both it says the one',
    ('tar-v7', 'tar'): 'it takes the first header for one by its sum; there is no magic',
    ('udf', 'udf'): 'it wants a whole volume, and ours is its first descriptors',
    ('linux', 'pe'): 'of a kernel that is both it says the one',
    ('vmdk-descriptor', 'text'): 'it looks for the words of the first line in one spelling',
}
BLKID_DIFFERS = {
    ('gpt', 'mbr'): 'it says what the protective MBR protects',
    ('gpt-sfdisk', 'mbr'): 'the same',
    ('gpt-damaged', 'mbr'): 'the same',
    ('gpt-backup', 'gpt'): 'it goes by the protective MBR, which is lost',
    ('iso-udf', 'udf'): 'UDF beside ISO 9660 stands behind the windows',
    ('iso-udf', 'iso'): 'of a medium that is both it says the one',
    ('udf', 'udf'): 'it wants a whole volume, and ours is its first descriptors',
    ('linux', 'mbr'): 'it goes by the last two bytes of the sector',
}


def run(*command, folder, **keywords):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=images.TIMEOUT, env=dict(os.environ, PATH=PATH, LC_ALL='C'), **keywords)
    if done.returncode:
        raise RuntimeError(f'{command}: {done.stderr.decode(errors="replace")}')
    return done.stdout


def blank(folder, name, size=32 * MIB):
    with open(os.path.join(folder, name), 'wb') as out:
        out.truncate(size)


def overwrite(folder, name, offset, length):
    with open(os.path.join(folder, name), 'r+b') as out:
        out.seek(offset)
        out.write(bytes(length))


def luks(folder, name, *options):
    blank(folder, name)
    run('cryptsetup', '-q', 'luksFormat', *CHEAP, *options, name, '-', folder=folder, input=KEY)


def make_luks2(folder):
    luks(folder, 'luks2', '--type', 'luks2')
    luks(folder, 'luks2-second', '--type', 'luks2', '--luks2-metadata-size', '32k')
    overwrite(folder, 'luks2-second', 0, 4096)
    return {'luks2': ['luks2'], 'luks2-second': ['luks2']}


def make_gpt(folder):
    for name in ('gpt', 'gpt-damaged', 'gpt-backup'):
        blank(folder, name)
        run('sgdisk', '--new', '1:2048:4096', name, folder=folder)
    overwrite(folder, 'gpt-damaged', 512, 512)
    overwrite(folder, 'gpt-backup', 0, 1024)
    return {'gpt': ['mbr', 'gpt'], 'gpt-damaged': ['mbr', 'gpt'], 'gpt-backup': ['gpt']}


def make_mbr(folder):
    tables = {'mbr': 'label: dos\n2048,4096,83,*\n', 'mbr-extended': 'label: dos\n2048,40960,5\n',
              'mbr-protective': 'label: dos\n1,,ee\n', 'gpt-sfdisk': 'label: gpt\n2048,4096\n'}
    for name, table in tables.items():
        blank(folder, name)
        run('sfdisk', '-q', name, folder=folder, input=table.encode())
    return {'mbr': ['mbr'], 'mbr-extended': ['mbr'], 'mbr-protective': ['mbr'], 'gpt-sfdisk': ['mbr', 'gpt']}


def tree(folder):
    os.makedirs(os.path.join(folder, 'tree'), exist_ok=True)
    with open(os.path.join(folder, 'tree', 'file'), 'wb') as out:
        out.write(bytes(range(256)) * 64)


def make_iso(folder):
    tree(folder)
    run('genisoimage', '-quiet', '-o', 'iso', '-J', '-R', 'tree', folder=folder)
    run('genisoimage', '-quiet', '-udf', '-o', 'iso-udf', 'tree', folder=folder)
    return {'iso': ['iso'], 'iso-udf': ['iso']}


def make_hybrid(folder):
    tree(folder)
    run('xorriso', '-as', 'mkisofs', '-quiet', '-o', 'iso-hybrid', '--protective-msdos-label', 'tree', folder=folder)
    return {'iso-hybrid': ['mbr', 'iso']}


def make_squashfs(folder):
    tree(folder)
    run('mksquashfs', 'tree', 'squashfs', '-quiet', '-no-progress', folder=folder)
    return {'squashfs': ['squashfs']}


def make_fat(folder):
    blank(folder, 'fat')
    run('mkfs.vfat', 'fat', folder=folder)
    blank(folder, 'fat32', 64 * MIB)
    run('mkfs.vfat', '-F', '32', 'fat32', folder=folder)
    return {'fat': [], 'fat32': []}


def packer(command, word):
    def make(folder):
        tree(folder)
        with open(os.path.join(folder, 'tree', 'file'), 'rb') as source:
            raw = source.read()
        for name, given in ((word, raw), (f'{word}-empty', b'')):
            with open(os.path.join(folder, name), 'wb') as out:
                out.write(run(*command, folder=folder, input=given))
        return {word: [word], f'{word}-empty': [word]}
    return make


def make_tar(folder):
    tree(folder)
    for kind in ('gnu', 'pax', 'ustar', 'v7'):
        run('tar', f'--format={kind}', '-cf', f'tar-{kind}', 'tree', folder=folder)
    return {'tar-gnu': ['tar'], 'tar-pax': ['tar'], 'tar-ustar': ['tar'], 'tar-v7': []}


def make_elf(folder):
    with open(sys.executable, 'rb') as source, open(os.path.join(folder, 'elf'), 'wb') as out:
        out.write(source.read(MIB))
    return {'elf': ['elf']}


def make_zip(folder):
    tree(folder)
    run('zip', '-q', '-r', 'zip.zip', 'tree', folder=folder)
    return {'zip.zip': ['zip']}


# What no tool here writes: crafted images stand for it, for which the two have their words, too.
DESCRIBED = ('udf', 'lvm2', 'bitlocker', 'cpio', 'aff4', '7z', 'wim', 'ewf', 'android-sparse', 'asif', 'sparseimage',
             'chd', 'partclone', 'vma', 'qemu-state', 'pe', 'linux', 'vmdk-descriptor', 'html', 'xml', 'json', 'text')
SEVERAL = {'aff4': ['zip', 'aff4'], 'linux': ['pe', 'linux']}


def make_described(folder):
    for word in DESCRIBED:
        made = mkimage.read(os.path.join(images.TESTIMAGES, 'content', f'good-{word}.txt'))
        os.rename(mkimage.build(made, os.path.join(folder, 'made-' + word)), os.path.join(folder, word))
    return {word: SEVERAL.get(word, [word]) for word in DESCRIBED}


# The tool that makes them, and how; None: no tool is needed.
MAKERS = (
    ('cryptsetup', make_luks2), ('sgdisk', make_gpt), ('sfdisk', make_mbr), ('genisoimage', make_iso),
    ('xorriso', make_hybrid), ('mksquashfs', make_squashfs), ('mkfs.vfat', make_fat),
    ('gzip', packer(('gzip', '-c'), 'gzip')), ('xz', packer(('xz', '-c'), 'xz')),
    ('zstd', packer(('zstd', '-q', '-c'), 'zstd')), ('bzip2', packer(('bzip2', '-c'), 'bzip2')), ('tar', make_tar),
    ('lz4', packer(('lz4', '-q', '-c'), 'lz4')), ('zip', make_zip), (None, make_elf), (None, make_described),
)


def tool(name):
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in PATH.split(':'))


def by_file(folder, name):
    text = run('file', '-b', name, folder=folder).decode(errors='replace')
    return {word for word, (pattern, _) in WORDS.items() if pattern and re.search(pattern, text)}, text.strip()


def by_blkid(folder, name):
    done = subprocess.run(['blkid', '-p', '-o', 'export', name], cwd=folder, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.PIPE, env=dict(os.environ, PATH=PATH, LC_ALL='C'), timeout=images.TIMEOUT)
    text = done.stdout.decode(errors='replace')
    found = set(re.findall(r'^(?:TYPE|PTTYPE)=(.*)$', text, re.M))
    return {word for word, (_, values) in WORDS.items() if values and found & set(values)}, text.strip()


def compare(tap, name, ours, theirs, who, text, table, known):
    for word in known:
        if word in ours or word in theirs:
            same = (word in ours) == (word in theirs)
            listed = (name, word) in table
            tap.ok(same != listed, f'{name}: {word}, {"not " if listed else ""}as {who} has it',
                   f'ours: {sorted(ours)}, {who}: {text}')


def check(tap, program, folder, name, wanted):
    """Pinned or not, the content is the same and the disk is raw, without references."""
    for flags in ((), ('-f', 'raw')):
        answer = images.info(program, *flags, name, cwd=folder)
        own = answer.own
        tap.ok(answer.status == 0 and own.get('format') == 'raw' and own.get('references-state') == 'none',
               f'{name} {" ".join(flags)}: raw, without references', str(answer))
        tap.equal(own.get('content', []), wanted, f'{name} {" ".join(flags)}: its content')
    if tool('file'):
        theirs, text = by_file(folder, name)
        compare(tap, name, wanted, theirs, 'file', text, FILE_DIFFERS, [w for w, (p, _) in WORDS.items() if p])
    if tool('blkid'):
        theirs, text = by_blkid(folder, name)
        compare(tap, name, wanted, theirs, 'blkid', text, BLKID_DIFFERS, [w for w, (_, v) in WORDS.items() if v])


def check_luks1(tap, program, folder):
    """LUKS 1 is a format of its own: its size is what cryptsetup says is left of the file."""
    luks(folder, 'luks1', '--type', 'luks1')
    text = run('cryptsetup', 'luksDump', 'luks1', folder=folder).decode()
    payload = int(re.search(r'Payload offset:\s*(\d+)', text)[1]) * 512
    answer = images.info(program, 'luks1', cwd=folder)
    tap.ok(answer.status == 0 and answer.own.get('format') == 'luks', 'LUKS 1: answered', str(answer))
    tap.equal(answer.member.get('virtual-size'), 32 * MIB - payload, 'LUKS 1: its size')
    tap.equal(answer.member.get('format-specific', {}).get('data', {}).get('uuid'),
              re.search(r'UUID:\s*(\S+)', text)[1], 'LUKS 1: its UUID')


def main():
    asked, tap, made = images.arguments(__doc__), Tap(), set()
    for name in ('file', 'blkid'):
        if not tool(name):
            tap.lacking(f'content, compared with {name}', name)
    for needed, make in MAKERS:
        if needed and not tool(needed):
            tap.lacking(f'what {needed} makes', needed)
            continue
        with images.scratch() as folder:
            for name, wanted in make(folder).items():
                check(tap, asked.imgprobe, folder, name, wanted)
                made |= set(wanted)
    if all(tool(needed) for needed, _ in MAKERS if needed):
        tap.equal(sorted(made), sorted(WORDS), 'a tool has made each content')
    if tool('cryptsetup'):
        with images.scratch() as folder:
            check_luks1(tap, asked.imgprobe, folder)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
