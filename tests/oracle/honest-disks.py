#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Disks that honest people have, made by the tools they use: `imgprobe check` accepts them, said and probed."""

import os
import struct
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import emulator
import images
from tap import Tap

MIB = 1 << 20
PATH = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
CHEAP = ('--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000')


def run(*command, folder, text=None):
    subprocess.run(command, cwd=folder, check=True, input=text, timeout=images.TIMEOUT, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE, env=dict(os.environ, PATH=PATH, LC_ALL='C'))


def blank(folder, name, size):
    path = os.path.join(folder, name)
    with open(path, 'wb') as out:
        out.truncate(size)
    return path


def put(path, at, raw):
    with open(path, 'r+b') as out:
        out.seek(at)
        out.write(raw)


def vfat(folder, name):
    run('mkfs.vfat', blank(folder, name, 4 * MIB), folder=folder)


def vfat_with_boot_code(folder, name):
    vfat(folder, name)
    put(os.path.join(folder, name), 90, b'\xfa\x31\xc0\x8e\xd0' + bytes(range(256)))


def ext4(folder, name):
    run('mkfs.ext4', '-q', blank(folder, name, 8 * MIB), folder=folder)


def mbr(folder, name):
    path = blank(folder, name, 8 * MIB)
    run('sfdisk', '-q', name, folder=folder, text=b'label: dos\nstart=2048, size=8192, type=83, bootable\ntype=82\n')
    put(path, 0, b'\xeb\x63\x90' + bytes(range(256)))


def gpt(folder, name):
    blank(folder, name, 8 * MIB)
    run('sgdisk', '-n', '1:2048:4095', '-t', '1:ef00', '-n', '2:4096:', name, folder=folder)


def gpt_grown(folder, name):
    gpt(folder, name)
    os.truncate(os.path.join(folder, name), 16 * MIB)


def gpt_cut(folder, name):
    gpt(folder, name)
    os.truncate(os.path.join(folder, name), 7 * MIB)


def iso(folder, name, *more):
    os.makedirs(os.path.join(folder, 'tree'), exist_ok=True)
    with open(os.path.join(folder, 'tree', 'README'), 'wb') as out:
        out.write(b'read me\n' * 40000)
    run('xorriso', '-as', 'mkisofs', '-quiet', '-o', name, '-V', 'HONEST', *more, 'tree', folder=folder)


def iso_hybrid(folder, name):
    blank(folder, 'efi.img', MIB)
    blank(folder, 'boot.bin', 432)
    put(os.path.join(folder, 'boot.bin'), 0, b'\x33\xed' + bytes(range(200)))
    iso(folder, name, '-G', 'boot.bin', '--protective-msdos-label', '--mbr-force-bootable', '-append_partition', '2',
        '0xef', 'efi.img')


def iso_gpt(folder, name):
    blank(folder, 'efi.img', MIB)
    iso(folder, name, '-append_partition', '2', '0xef', 'efi.img', '-appended_part_as_gpt')


def kernel(folder, name):
    """What a Linux kernel for x86 begins with: a PE header for EFI, the boot signature, the setup header."""
    path = blank(folder, name, 2 * MIB + 16)
    put(path, 0, b'MZ\xea\x07\x00\xc0\x07\x8c')
    put(path, 60, struct.pack('<I', 64) + b'PE\0\0')
    put(path, 510, b'\x55\xaa\xebjHdrS' + struct.pack('<H', 0x20f))
    put(path, 20000, b'\x1f\x8b\x08')


def luks(version):
    def build(folder, name):
        blank(folder, name, 20 * MIB)
        more = CHEAP if version == 2 else CHEAP[2:]
        run('cryptsetup', 'luksFormat', '-q', '--type', f'luks{version}', *more, '--key-file', '-', name,
            folder=folder, text=b'imgprobe')
    return build


def qemu(form, *options):
    """Converted from a disk with something on it, as an export is."""
    def build(folder, name):
        mbr(folder, name + '.raw')
        run('qemu-img', 'convert', '-f', 'raw', '-O', form, *options, name + '.raw', name, folder=folder)
    return build


ALL = ('upload', 'base', 'guest')
IMPORT = ('upload', 'base')

# name, what makes it, the tool that does, its format in `-f`, the policies that accept it when that is said
DISKS = (
    ('vfat', vfat, 'mkfs.vfat', 'raw', ALL),
    ('vfat-with-boot-code', vfat_with_boot_code, 'mkfs.vfat', 'raw', ALL),
    ('ext4', ext4, 'mkfs.ext4', 'raw', ALL),
    ('mbr-bootable', mbr, 'sfdisk', 'raw', ALL),
    ('gpt', gpt, 'sgdisk', 'raw', ALL),
    ('gpt-grown', gpt_grown, 'sgdisk', 'raw', ALL),
    ('gpt-cut', gpt_cut, 'sgdisk', 'raw', ALL),
    ('iso', iso, 'xorriso', 'raw', ALL),
    ('iso-hybrid', iso_hybrid, 'xorriso', 'raw', ALL),
    ('iso-gpt', iso_gpt, 'xorriso', 'raw', ALL),
    ('kernel', kernel, 'qemu-img', 'raw', ALL),
    ('luks1', luks(1), 'cryptsetup', 'luks', ALL),
    ('luks1 in a raw disk', luks(1), 'cryptsetup', 'raw', ALL),
    ('luks2', luks(2), 'cryptsetup', 'raw', ALL),
    ('raw', qemu('raw'), 'sfdisk', 'raw', ALL),
    ('qcow2', qemu('qcow2'), 'sfdisk', 'qcow2', ALL),
    ('qcow2-compressed', qemu('qcow2', '-c'), 'sfdisk', 'qcow2', ALL),
    ('qcow2-0.10', qemu('qcow2', '-o', 'compat=0.10'), 'sfdisk', 'qcow2', ALL),
    ('qcow2-zstd', qemu('qcow2', '-c', '-o', 'compression_type=zstd'), 'sfdisk', 'qcow2', ALL),
    ('vmdk-sparse', qemu('vmdk', '-o', 'subformat=monolithicSparse'), 'sfdisk', 'vmdk', IMPORT),
    ('vmdk-stream', qemu('vmdk', '-o', 'subformat=streamOptimized'), 'sfdisk', 'vmdk', IMPORT),
    ('vhd-dynamic', qemu('vpc'), 'sfdisk', 'vpc', IMPORT),
    ('vhd-fixed', qemu('vpc', '-o', 'subformat=fixed'), 'sfdisk', 'vpc', IMPORT),
    ('vhdx', qemu('vhdx'), 'sfdisk', 'vhdx', IMPORT),
    ('vdi', qemu('vdi'), 'sfdisk', 'vdi', IMPORT),
)
# Whose format has to be said: at its head it's like any raw disk.
AMBIGUOUS = ('vhd-fixed',)


def check(tap, program, folder, disk):
    name, _, _, form, policies = disk
    for policy in ALL:
        answer = images.run([program, 'check', '--policy', policy, '-f', form, name], cwd=folder)
        tap.equal(answer.status, 0 if policy in policies else 3, f'{name}, said to be {form}, by policy {policy}') or \
            tap.note(answer.out.decode())
    for policy in IMPORT:
        answer = images.run([program, 'check', '--policy', policy, name], cwd=folder)
        tap.equal(answer.status, 8 if name in AMBIGUOUS else 0, f'{name}, probed, by policy {policy}') or \
            tap.note(answer.out.decode())


def main():
    asked, tap = emulator.arguments(__doc__), Tap()
    os.environ['PATH'] = PATH
    with images.scratch() as folder:
        for disk in DISKS:
            name, build, tool = disk[:3]
            if any(images.tool(needed) is None for needed in (tool, 'qemu-img')):
                tap.lacking(name, tool if images.tool(tool) is None else 'qemu-img')
                continue
            build(folder, name)
            check(tap, asked.imgprobe, folder, disk)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
