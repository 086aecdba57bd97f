#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds crafted images from their descriptions. The language is in README.md beside this file."""

import argparse
import os
import re
import struct
import sys
import zlib

import vhdfile

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDERS = ('qcow2', 'vmdk', 'vhd', 'others', 'raw', 'content', 'chain')
SECTOR = 512
UNITS = {'': 1, 'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'T': 1 << 40, 'P': 1 << 50}
ESCAPES = {'n': b'\n', 'r': b'\r', 't': b'\t', '0': b'\0', '"': b'"', '\\': b'\\'}
TOKEN = re.compile(r'''(?:(?P<times>\d+)\*)?
    (?: (?P<code>utf16[bl]e)?"(?P<text>(?:[^"\\]|\\.)*)"
      | (?P<order>[bl]e)(?P<bits>16|32|64)=(?P<number>[^\s]+)
      | (?P<hex>[0-9a-f]{2}) )(?=\s|$)''', re.X)


class DescriptionError(Exception):
    pass


def number(text):
    m = re.fullmatch(r'(0x[0-9a-f]+|\d+)([KMGTP]?)', text)
    if not m:
        raise DescriptionError(f'not a number: {text}')
    return int(m[1], 0) * UNITS[m[2]]


def unescape(text):
    """The bytes of a quoted text: UTF-8, with backslash n r t 0 and hexadecimal escapes."""
    out, i = b'', 0
    while i < len(text):
        if text[i] != '\\':
            out += text[i].encode()
            i += 1
        elif text[i + 1] == 'x':
            out += bytes.fromhex(text[i + 2:i + 4])
            i += 4
        else:
            out += ESCAPES[text[i + 1]]
            i += 2
    return out


def values(text):
    """The bytes that a list of values stands for."""
    out, text = b'', text.strip()
    while text:
        m = TOKEN.match(text)
        if not m:
            raise DescriptionError(f'not a value: {text}')
        if m['hex']:
            raw = bytes.fromhex(m['hex'])
        elif m['order']:
            raw = number(m['number']).to_bytes(int(m['bits']) // 8, 'big' if m['order'] == 'be' else 'little')
        else:
            raw = unescape(m['text'])
            if m['code']:
                raw = raw.decode('utf-8', 'surrogatepass').encode('utf-16-' + m['code'][-2:], 'surrogatepass')
        out += raw * int(m['times'] or 1)
        text = text[m.end():].lstrip()
    return out


def parameters(text):
    """`key=value` pairs: a number, a word, or a quoted text."""
    found = {}
    for m in re.finditer(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))|(\S+)', text):
        if m[4]:
            raise DescriptionError(f'not key=value: {m[4]}')
        found[m[1]] = unescape(m[2]) if m[2] is not None else number(m[3])
    return found


def put(out, offset, raw):
    out.seek(offset)
    out.write(raw)


def round_up(value, unit):
    return -(-value // unit) * unit


def empty(out):
    out.truncate(0)


def qcow2(out, version=3, size=1 << 20, cluster_bits=16, backing=None, backing_at=None, backing_format=None,
          data_file=None, incompatible=None, compatible=0, autoclear=0, refcount_order=4, header_length=None,
          crypt=0, compression=0, snapshots=0):
    """A whole image without data: header, extensions, names, refcount table and block, L1."""
    cluster = 1 << cluster_bits
    length = header_length or (72 if version == 2 else 112)
    if incompatible is None:
        incompatible = (4 if data_file is not None else 0) | (8 if compression else 0)
    area = b''
    for kind, raw in ((0xE2792ACA, backing_format), (0x44415441, data_file)):
        if raw is not None:
            area += struct.pack('>II', kind, len(raw)) + raw + bytes(-len(raw) % 8)
    area += bytes(8)
    if backing is not None and backing_at is None:
        backing_at = length + len(area)
    entries = max(1, -(-size // (cluster * cluster // (16 if incompatible & 16 else 8))))
    l1 = round_up(entries * 8, cluster) // cluster
    put(out, 0, struct.pack('>4sIQIIQIIQQIIQ', b'QFI\xfb', version, backing_at or 0, len(backing or b''),
                            cluster_bits, size, crypt, entries, 3 * cluster, cluster, 1, snapshots,
                            (3 + l1) * cluster if snapshots else 0))
    if version >= 3:
        put(out, 72, struct.pack('>QQQII', incompatible, compatible, autoclear, refcount_order, length))
        if length > 104:
            put(out, 104, bytes([compression]) + bytes(7))
    put(out, length, area)
    if backing is not None:
        put(out, backing_at, backing)
    put(out, cluster, struct.pack('>Q', 2 * cluster))
    bits = 1 << (refcount_order if version >= 3 else 4)
    counts = 0
    for i in range(3 + l1):
        counts |= 1 << (i * bits if bits < 8 else (i + 1) * bits - bits)
    raw = bytearray(max(1, (3 + l1) * bits // 8 + 1))
    for i in range(3 + l1):
        if bits < 8:
            raw[i * bits // 8] |= 1 << (i * bits % 8)
        else:
            raw[(i + 1) * bits // 8 - 1] = 1
    put(out, 2 * cluster, raw)
    out.truncate((3 + l1) * cluster)


def descriptor(create_type, extents, cid=0x12345678, parent_cid=0xFFFFFFFF, parent=None, version=1):
    lines = ['# Disk DescriptorFile', f'version={version}', f'CID={cid:08x}', f'parentCID={parent_cid:08x}',
             f'createType="{create_type}"']
    text = '\n'.join(lines).encode() + b'\n'
    if parent is not None:
        text += b'parentFileNameHint="' + parent + b'"\n'
    text += b'\n# Extent description\n' + extents + b'\n# The Disk Data Base\n#DDB\n\n'
    text += b'ddb.virtualHWVersion = "4"\nddb.geometry.cylinders = "2"\nddb.geometry.heads = "16"\n'
    return text + b'ddb.geometry.sectors = "63"\nddb.adapterType = "ide"\n'


def kdmv(out, capacity=2048, grain=128, gtes=512, version=1, flags=3, name=b'image', create=b'monolithicSparse',
         parent=None, parent_cid=0xFFFFFFFF, text=1, compression=0):
    """A sparse extent without grains; `text` 0 leaves its descriptor out."""
    tables = round_up(round_up(capacity, grain) // grain, gtes) // gtes
    directory, table = round_up(tables * 4, SECTOR) // SECTOR, round_up(gtes * 4, SECTOR) // SECTOR
    redundant = 21 if text else 1
    primary = redundant + directory + table * tables
    overhead = round_up(primary + directory + table * tables, grain)
    put(out, 0, struct.pack('<4sIIQQQQIQQQB4sH', b'KDMV', version, flags, capacity, grain, 1 if text else 0,
                            20 if text else 0, gtes, redundant, primary, overhead, 0, b'\n \r\n', compression))
    for start in (redundant, primary):
        first = start + directory
        put(out, start * SECTOR, struct.pack(f'<{tables}I', *range(first, first + table * tables, table)))
    if text:
        extents = b'RW %d SPARSE "%s"\n' % (capacity, name)
        put(out, SECTOR, descriptor(create.decode(), extents, parent_cid=parent_cid, parent=parent))
    out.truncate(overhead * SECTOR)


def stream_optimized(out, capacity=2048, name=b'image', parent=None):
    """Header that defers to its footer: markers, a grain directory of empty tables, footer, end marker."""
    grain, gtes = 128, 512
    tables = round_up(round_up(capacity, grain) // grain, gtes) // gtes

    def header(directory):
        return struct.pack('<4sIIQQQQIQQQB4sH', b'KDMV', 3, 0x30001, capacity, grain, 1, 20, gtes, 0, directory, 128,
                           0, b'\n \r\n', 1).ljust(SECTOR, b'\0')

    def marker(sectors, kind):
        return struct.pack('<QII', sectors, 0, kind).ljust(SECTOR, b'\0')
    put(out, 0, header(0xFFFFFFFFFFFFFFFF))
    put(out, SECTOR, descriptor('streamOptimized', b'RW %d SPARSE "%s"\n' % (capacity, name), parent=parent,
                                parent_cid=0xFFFFFFFF if parent is None else 0x12345678))
    directory = round_up(tables * 4, SECTOR)
    body = marker(directory // SECTOR, 2) + bytes(directory) + marker(1, 3) + header(129) + marker(0, 0)
    put(out, 128 * SECTOR, body)


def cowd(out, capacity=2048, grain=1, text=0, name=b'image', parent=None):
    entries = round_up(capacity, 4096 * grain) // (4096 * grain)
    flags = 3 if parent is None else 2  # bit 0: a root, whose bytes at 32 are a geometry
    put(out, 0, struct.pack('<4s9I', b'COWD', 1, flags, capacity, grain, 4, entries, 4 + 4 * entries, 4, 16))
    if parent is not None:
        put(out, 32, parent + bytes(1))
    if text:
        extents = b'RW %d VMFSSPARSE "%s"\n' % (capacity, name)
        put(out, SECTOR, descriptor('vmfsSparse', extents))
    out.truncate(round_up((4 + 4 * entries) * SECTOR, SECTOR))


def sesparse(out, capacity=2048):
    put(out, 0, struct.pack('<26Q', 0xCAFEBABE, 0x200000001, capacity, 8, 64, 0, 0, 0, 0, 0, 1, 1, 2, 1, 3, 1, 4, 1,
                            5, 1, 6, 1, 7, 1, 8, 1))
    put(out, SECTOR, struct.pack('<QQ', 0xCAFECAFE, 0))
    put(out, 4 * SECTOR, bytes(8))
    out.truncate(16 * SECTOR)


def identifier(text):
    return bytes.fromhex(text.decode().replace('-', ''))


def vhd_parameters(given):
    known = dict(size=given.pop('size', 64 << 20), creator=given.pop('creator', b'win '),
                 unique_id=identifier(given.pop('id', b'11111111-2222-3333-4444-555555555555')))
    if 'cylinders' in given:
        known['chs'] = given.pop('cylinders'), given.pop('heads'), given.pop('sectors')
    return known


def vhd_fixed(out, **given):
    known = vhd_parameters(given)
    put(out, known['size'], vhdfile.footer('fixed', **known))


def vhd_dynamic(out, block=2 << 20, end=1, **given):
    vhdfile.write(out, 'dynamic', block_size=block, end_footer=bool(end), **vhd_parameters(given))


def vhd_differencing(out, block=2 << 20, parent_id=b'99999999-8888-7777-6666-555555555555', parent=b'base.vhd',
                     end=1, **given):
    known = vhd_parameters(given)
    locators = [(code.encode(), given.pop(code).decode('utf-8', 'surrogatepass'))
                for code in [word for word in given if word in ('W2ru', 'W2ku', 'MacX', 'Wi2r', 'Wi2k')]]
    vhdfile.write(out, 'differencing', block_size=block, parent_id=identifier(parent_id),
                  parent_name=parent.decode('utf-8', 'surrogatepass'), locators=locators, end_footer=bool(end),
                  **known)


BUILDERS = {f.__name__.replace('_', '-'): f for f in (empty, qcow2, kdmv, stream_optimized, cowd, sesparse, vhd_fixed,
                                                       vhd_dynamic, vhd_differencing)}


def start_from(out, rest):
    name, _, given = rest.partition(' ')
    if '/' in name:
        section = read(os.path.join(HERE, name + '.txt')).files[0]
        section.write(out)
    elif name in BUILDERS:
        BUILDERS[name](out, **parameters(given))
    else:
        raise DescriptionError(f'no such base: {name}')


def gpt_checksum(out, offset):
    put(out, offset + 16, bytes(4))
    out.seek(offset + 12)
    length = int.from_bytes(out.read(4), 'little')
    out.seek(offset)
    put(out, offset + 16, struct.pack('<I', zlib.crc32(out.read(length).ljust(length, b'\0'))))


def crc32c(raw):
    """CRC-32C (Castagnoli), a byte at a time."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    rest = 0xFFFFFFFF
    for byte in raw:
        rest = rest >> 8 ^ table[(rest ^ byte) & 255]
    return rest ^ 0xFFFFFFFF


def vhdx_checksum(out, offset, length):
    put(out, offset + 4, bytes(4))
    out.seek(offset)
    put(out, offset + 4, struct.pack('<I', crc32c(out.read(length).ljust(length, b'\0'))))


def checksum(out, what, offset):
    if what == 'gpt':
        gpt_checksum(out, offset)
        return
    if what in ('vhdx-header', 'vhdx-regions'):
        vhdx_checksum(out, offset, 4096 if what == 'vhdx-header' else 65536)
        return
    length, at = {'vhd-footer': (512, 64), 'vhd-header': (1024, 36)}[what]
    out.seek(offset)
    raw = out.read(length)
    put(out, offset + at, struct.pack('>I', vhdfile.ones_complement(raw, at)))


def compress(out, members=1, flags=0, header_checksum=None, level=9):
    """What was built so far, as a gzip file (RFC 1952) of as many members. A header checksum is what is stated, added
    to the right one."""
    out.seek(0)
    raw, files = out.read(), b''
    part = -(-len(raw) // members) or 1
    for at in range(0, members * part, part):
        piece = raw[at:at + part]
        head = bytes([0x1f, 0x8b, 8, flags | (0 if header_checksum is None else 2), 0, 0, 0, 0, 0, 3])
        if header_checksum is not None:
            head += struct.pack('<H', (zlib.crc32(head) + header_checksum) & 0xffff)
        deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
        files += head + deflate.compress(piece) + deflate.flush()
        files += struct.pack('<II', zlib.crc32(piece), len(piece) & 0xffffffff)
    out.truncate(0)
    put(out, 0, files)


class Section:
    """One file of a description: its name and what is done to it, in order."""

    def __init__(self, name):
        self.name, self.steps = name, []

    def write(self, out):
        for verb, rest in self.steps:
            if verb == 'base':
                start_from(out, rest)
            elif verb == 'offset':
                place, _, given = rest.partition(':')
                put(out, number(place), values(given))
            elif verb == 'text':
                put(out, rest[0], rest[1])
            elif verb in ('size', 'truncate'):
                out.truncate(number(rest))
            elif verb == 'gzip':
                compress(out, **parameters(rest))
            elif verb == 'checksum':
                what, _, place = rest.partition(' at ')
                checksum(out, what, number(place))


class Description:
    def __init__(self, path):
        self.path, self.reason, self.runs = path, '', []
        self.files, self.links, self.folders = [], [], []


def quoted(text):
    text = text.strip()
    return unescape(text[1:-1]) if text.startswith('"') else text.encode()


def read(path):
    """Reads a description; nothing is built yet."""
    made, section, lines = Description(path), None, open(path, encoding='utf-8').read().split('\n')
    i = 0
    while i < len(lines):
        line, i = lines[i], i + 1
        if line.startswith('#'):
            if not made.reason and 'SPDX' not in line:
                made.reason = line[1:].strip()
            continue
        verb, _, rest = line.strip().partition(' ')
        if not verb:
            continue
        if verb == 'run':
            made.runs.append(rest)
        elif verb == 'file':
            section = Section(quoted(rest))
            made.files.append(section)
        elif verb == 'link':
            name, _, target = rest.partition(' -> ')
            made.links.append((quoted(name), quoted(target)))
        elif verb == 'folder':
            made.folders.append(quoted(rest))
        elif verb in ('base', 'offset', 'text', 'size', 'truncate', 'checksum', 'gzip'):
            if section is None:
                section = Section(b'image')
                made.files.append(section)
            if verb == 'text':
                place, body = number(rest.rstrip(':')), []
                while i < len(lines) and (lines[i].startswith('    ') or not lines[i].strip()):
                    body.append(lines[i][4:])
                    i += 1
                while body and not body[-1]:
                    body.pop()
                rest = place, ('\n'.join(body) + '\n').encode()
            section.steps.append((verb, rest))
        else:
            raise DescriptionError(f'{path}: no such word: {verb}')
    if not made.runs:
        made.runs.append('')
    return made


def build(made, folder):
    """Builds every file of a description in `folder`; returns the path of the first, which is the image itself."""
    root = os.fsencode(folder)
    os.makedirs(root, exist_ok=True)
    for name in made.folders:
        os.makedirs(os.path.join(root, name), exist_ok=True)
    try:
        for section in made.files:
            path = os.path.join(root, section.name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w+b') as out:
                section.write(out)
    except (DescriptionError, TypeError, ValueError, KeyError) as reason:
        raise DescriptionError(f'{made.path}: {reason}') from reason
    for name, target in made.links:
        os.symlink(target, os.path.join(root, name))
    return os.path.join(root, made.files[0].name)


def descriptions():
    """(name, path) of every description, sorted: `qcow2/good-v3`."""
    found = []
    for folder in FOLDERS:
        for entry in sorted(os.listdir(os.path.join(HERE, folder))):
            if entry.endswith('.txt'):
                found.append((f'{folder}/{entry[:-4]}', os.path.join(HERE, folder, entry)))
    return found


def main():
    parser = argparse.ArgumentParser(description='Builds crafted images from their descriptions.')
    parser.add_argument('--all', action='store_true', help='every description, each in FOLDER/kind/name/')
    parser.add_argument('--list', action='store_true', help='print one line per image for README.md')
    parser.add_argument('description', nargs='*', help='kind/name, as qcow2/good-v3')
    parser.add_argument('--into', default='.', metavar='FOLDER', help='where to build')
    asked = parser.parse_args()
    for name, path in descriptions():
        if asked.list:
            print(f'- `{name}`: {read(path).reason}')
        elif asked.all or name in asked.description:
            print(os.fsdecode(build(read(path), os.path.join(asked.into, name))))


if __name__ == '__main__':
    try:
        main()
    except DescriptionError as reason:
        sys.exit(f'mkimage: {reason}')
