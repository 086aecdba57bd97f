#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the inputs that a target starts from: seeds.py TARGET FOLDER. They are the crafted images of testimages/,
images that qemu-img makes if it's there, chains of them, and the names in the tests."""

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from dictionary import LITERAL, ROOT, decoded

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, 'testimages'))
import mkimage  # noqa: E402  pylint: disable=wrong-import-position

HEAD, TAIL = 12288, 1024  # of a long file, what is kept of its ends
PIECE, STEP, FAR = 1024, 65536, (3 << 20) + (128 << 10)  # of a file that is spread
GAPS = (0, 0, 512, 4096, 28672, 32768, 65536, 1 << 18, 1 << 20, (2 << 20) + 512, 1 << 32, 1 << 41)
MEMBER_GAPS = (0, 0, 512, 65536, 1 << 20, (64 << 20) + 512, 1 << 41, (1 << 63) - 65537)
PINS = ('qcow2', 'vmdk', 'vhd', 'raw')
CREATE = (  # what qemu-img is asked for
    '-f qcow2 X 1M', '-f qcow2 -o compat=0.10 X 1M', '-f qcow2 -u -b b -F qcow2 X 1M', '-f qcow2 -u -b b X 1M',
    '-f qcow2 -o data_file=b,data_file_raw=on X 1M', '-f qcow2 -o extended_l2=on,lazy_refcounts=on X 1M',
    '-f qcow2 -o compression_type=zstd X 1M', '-f vmdk X 1M', '-f vmdk -o subformat=streamOptimized X 1M',
    '-f vmdk -o subformat=monolithicFlat X 1M', '-f vmdk -o subformat=twoGbMaxExtentSparse X 3G',
    '-f vmdk -o compat6 X 1M', '-f vpc X 1M', '-f vpc -o subformat=fixed X 1M', '-f vhdx X 1M', '-f vdi X 1M',
    '-f qed X 1M', '-f qed -u -b b -F raw X 1M', '-f parallels X 1M', '-f qcow X 1M', '-f qcow -u -b b X 1M',
    '-f luks --object secret,id=s,data=x -o key-secret=s,iter-time=10 X 1M')


class Kept:
    """A file as bytes, a place, and a gap of zeros there; or the first of each step, as a VHDX wants it."""

    def __init__(self, path):
        size = os.path.getsize(path)
        with open(path, 'rb') as file:
            self.spread = file.read(8) == b'vhdxfile'
            if self.spread:
                self.split = self.gap = 0
                self.raw = b''.join(file.read(PIECE).ljust(PIECE, b'\0') for at in range(0, min(size, FAR), STEP)
                                    if file.seek(at) == at)
                return
            file.seek(0)
            if size <= HEAD + TAIL:
                self.raw, self.split, self.gap = file.read(), 0, 0
                return
            head = file.read(HEAD).rstrip(b'\0')
            file.seek(size - TAIL)
            tail = file.read()
        if not tail.strip(b'\0'):
            tail = b''
        self.raw, self.split, self.gap = head + tail, len(head), size - len(head) - len(tail)

    def selector(self, gaps):
        if self.spread:
            return 1
        if self.gap == 0:
            return 0
        return min(range(2, len(gaps)), key=lambda i: (gaps[i] < self.gap, abs(gaps[i] - self.gap)))

    def as_file(self):
        """Selector, place, bytes."""
        return bytes([self.selector(GAPS)]) + (self.split & 0xffff).to_bytes(2, 'little') + self.raw


def crafted():
    with tempfile.TemporaryDirectory() as folder:
        for name, path in mkimage.descriptions():
            yield name, Kept(mkimage.build(mkimage.read(path), os.path.join(folder, name)))
            shutil.rmtree(os.path.join(folder, name))


def real():
    if not shutil.which('qemu-img'):
        return
    for line in CREATE:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(['qemu-img', 'create', '-q', *line.split()], cwd=folder, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if done.returncode == 0:
                yield 'qcow2' if 'qcow2' in line else 'vmdk' if 'vmdk' in line else line, Kept(
                    os.path.join(folder, 'X'))


def images():
    yield from crafted()
    yield from real()


def image():
    for _, kept in images():
        yield b'\0\0' + kept.as_file()


def pinned():
    for name, kept in images():
        pin = [i for i, word in enumerate(PINS) if word in name] or [3]
        yield bytes([pin[0], 0]) + kept.as_file()


def inside():
    """Images to be stored, and gzip files as they are."""
    for name, kept in images():
        yield b'\0\0' + kept.raw
        if 'gzip' in name:
            yield b'\0\1' + kept.raw
            yield b'\0\x83' + kept.raw


def stream():
    for i, (_, kept) in enumerate(images()):
        yield b'\0\0' + bytes((i * 37 + j * 11) % 256 for j in range(16)) + kept.as_file()


def descriptor():
    for _, kept in images():
        at = kept.raw.find(b'# Disk DescriptorFile')
        if at >= 0:
            text = kept.raw[at:].split(b'\0')[0]
            yield b'\0\1' + text
            yield b'\0\2' + text


def names():
    yield from (b'b', b'/x/b', b'file:b', b'c:\\x\\b', b'file://x/b')
    for path in glob.glob(os.path.join(ROOT, 'tests', 'unit', '*.[ch]')):
        text = open(path, encoding='utf-8').read()
        for word, literal in re.findall(r'^#define (\w+) "((?:[^"\\\n]|\\.)*)"$', text, flags=re.M):
            text = re.sub(rf'"\s+{word}\s+"', lambda m, literal=literal: literal, text)
        text = re.sub(r'"\s*\n\s*"', '', text)
        for literal in LITERAL.findall(text):
            if re.match(r'[a-z_+-]+:', literal):
                yield decoded(literal)
            elif literal.startswith('{'):
                yield b'json:' + decoded(literal)
                yield b'json:' + decoded(literal).replace(b"'a'", b"'b'").replace(b"'x'", b"'d'")  # files of the target
    for name in glob.glob(os.path.join(ROOT, 'testimages', '*', '*.txt')):
        for literal in LITERAL.findall(open(name, encoding='utf-8').read()):
            if 'json:' in literal:
                yield decoded(literal)


def name():
    for i, text in enumerate(sorted(set(names()))):
        how = (0, 1, 2, 64, 192)[i % 5 if b':' not in text else 0]
        yield bytes([0, 4, 0, i % 4, how | 16, i % 3]) + text[:2000]


def small(builder, **given):
    with tempfile.NamedTemporaryFile() as file:
        builder(file, **given)
        file.flush()
        return Kept(file.name)


def chain_of(*kept, options=b'\0\4\0\0'):
    head = options + bytes([len(kept) - 1])
    for one in kept:
        head += bytes([one.selector(MEMBER_GAPS) << 5]) + len(one.raw).to_bytes(2, 'little')
    return head + b''.join(one.raw for one in kept)


def text_of(extents, **given):
    with tempfile.NamedTemporaryFile() as file:
        file.write(mkimage.descriptor(given.pop('kind', 'monolithicFlat'), extents, **given))
        file.flush()
        return Kept(file.name)


def chain():
    def q(backing=None, form=b'qcow2', **given):
        return small(mkimage.qcow2, backing=backing, backing_format=form if backing else None, cluster_bits=12, **given)
    end = q()
    raw = text_of(b'')
    for _, kept in images():
        yield chain_of(kept, raw, raw)
    for how in range(0, 256, 8):
        yield chain_of(q(b'b'), q(b'/x/c'), end, options=bytes([0, how & 28, how, how % 5 | (48 if how & 32 else 0)]))
    for grants in (0, 1, 3, 5, 7, 9, 13, 21, 29, 31, 37):  # the top's format is said, so that something is granted
        yield chain_of(q(b'b', b'raw', data_file=b'/x/c'), raw, raw, options=bytes([0, 20, grants, 0]))
        yield chain_of(q(b'b', data_file=b'/x/d'), q(b'c', data_file=b'/x/e'), end, raw, raw,
                       options=bytes([0, 20, grants, 1]))
        yield chain_of(text_of(b'RW 2048 FLAT "b" 0\nRDONLY 2048 FLAT "c" 0\n'), raw, raw,
                       options=bytes([0, 52, grants, 2]))
    yield chain_of(q(b'b', None), end)
    yield chain_of(q(b'b', None), q(b'c', None), end)
    yield chain_of(q(b'b', b'raw', data_file=b'/x/c'), raw, raw)
    yield chain_of(q(b'b', b'vmdk'), small(mkimage.kdmv, parent=b'c', parent_cid=0x12345678), small(mkimage.kdmv))
    yield chain_of(text_of(b'RW 2048 FLAT "b" 0\nRW 2048 ZERO\nRW 2048 FLAT "c" 0\n'), raw, raw)
    yield chain_of(text_of(b'RW 2048 SPARSE "b"\nRW 2048 SPARSE "c"\n', kind='twoGbMaxExtentSparse'),
                   small(mkimage.kdmv, text=0), small(mkimage.kdmv, text=0))
    yield chain_of(text_of(b'RW 2048 VMFS "b"\n', kind='vmfs', parent=b'c', parent_cid=0x12345678), raw,
                   text_of(b'RW 2048 FLAT "d" 0\n'), raw)
    yield chain_of(text_of(b'RW 2048 VMFSSPARSE "b"\n', kind='vmfsSparse'), small(mkimage.cowd))
    yield chain_of(text_of(b'RW 2048 SESPARSE "b"\n', kind='seSparse'), small(mkimage.sesparse))
    yield chain_of(text_of(b'RW 2048 SPARSE "b"\n'), small(mkimage.stream_optimized))
    yield chain_of(q(b'b'), q(b'a'))
    yield chain_of(q(b'json:{"driver":"qcow2","file":{"driver":"file","filename":"/b"}}'), end)
    yield chain_of(q(b'json:{"file.filename":"/b","backing":{"driver":"raw","file.filename":"/c"}}'), q(b'd'), raw)
    yield chain_of(q(b'json:{"driver":"raw","offset":512,"size":4096,"file.filename":"/b"}', None), raw)
    yield chain_of(q(b'b', b'qcow2'), small(mkimage.qcow2, data_file=b'c'), raw, options=bytes([8, 0, 0, 0]))
    for reader in (0, 1):
        yield chain_of(small(mkimage.vhd_differencing, parent=b'b', W2ru=b'.\\b', W2ku=b'C:\\b'),
                       small(mkimage.vhd_dynamic), options=bytes([reader, 0, 0, 0]))


def receipt():
    """Documents as info, access and check print them, each of them with one thing in it that is odd."""
    ranges = [{'offset': i * 4096, 'length': 4096 - i, 'digest': f'{i:032x}'} for i in range(3)]
    top = {'member-index': 0, 'path': '/x/a', 'canonical-path': '/x/a', 'kind': 'file', 'device': '254:1', 'inode': 7,
           'size': 65536, 'changed': '1.000000002', 'ranges': ranges}
    disk = {**{key: top[key] for key in top if key != 'inode'}, 'kind': 'block'}
    names = [{'path': 'b', 'status': 'system', 'absent': True}, {'path': 'c', 'status': 'ok', 'device': '8:1', 'inode': 1}]
    whole = {'members': [top, disk, {'member-index': 2, 'path': '\ufffd', 'path-bytes': 'ff', 'kind': 'file'}],
             'names': names}
    for made in ({'schema': 1, 'exit': 0, 'receipt': whole}, {'filename': 'a\n"\\', 'imgprobe': {'receipt': whole}},
                 [{'imgprobe': {'x': [1, -2, 'y', None, True, {}], 'receipt': whole}}, {'imgprobe': {}}]):
        yield json.dumps(made).encode()
        yield json.dumps(made, indent=4, ensure_ascii=False).encode() + b'\n' + json.dumps(made).encode()
    for key in top:
        yield json.dumps({'receipt': {'members': [{**top, key: 'x'}], 'names': []}}).encode()
        yield json.dumps({'receipt': {'members': [{k: top[k] for k in top if k != key}], 'names': []}}).encode()
    yield from (b'{"a":"\\ud83d\\ude00\\u0041"}', b'[[[[', b'{"receipt":{"members":[{}]}}', b'{"a":18446744073709551616}')


def main():
    target, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    makers = {'image': image, 'pinned': pinned, 'stream': stream, 'feed': stream, 'descriptor': descriptor, 'name': name,
              'chain': chain, 'receipt': receipt, 'inside': inside}
    for raw in makers[target]():
        with open(os.path.join(folder, hashlib.sha1(raw).hexdigest()[:16]), 'wb') as out:
            out.write(raw)


if __name__ == '__main__':
    main()
