# SPDX-License-Identifier: MIT
"""The images whose cost cost.py counts: every crafted one, one of each kind that qemu-img writes, and series of the same
thing in growing numbers."""

import collections
import os
import re
import shlex
import struct
import subprocess

import images
import mkimage

# One question: how it is asked (see cost.c), of which reader and under which pinned format, of which file.
Question = collections.namedtuple('Question', 'how reader format path')


# ---- every crafted image ----

def option(words, name, otherwise):
    return words[words.index(name) + 1] if name in words[:-1] else otherwise


def crafted(folder):
    """(name, question) of each image as its first run has it; a chain's is followed as well."""
    for name, path in mkimage.descriptions():
        made = mkimage.read(path)
        built = os.fsdecode(mkimage.build(made, os.path.join(folder, name)))
        words = shlex.split(made.runs[0])
        reader, pinned = option(words, '--reader', 'qemu'), option(words, '-f', '-')
        yield name, Question('probe', reader, pinned, built)
        if name.startswith('chain/') and '--no-open' not in words:
            yield f'{name}, followed', Question('chain', reader, pinned, built)


# ---- one of each kind that qemu-img writes ----

SECRET = ('--object', 'secret,id=key,data=imgprobe')
LUKS = 'encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10'
# name, format, options, size, and what stands beneath it
REAL = (
    ('base.raw', 'raw', '', '1M', None),
    ('base.qcow2', 'qcow2', '', '1M', None),
    ('compat-0.10', 'qcow2', 'compat=0.10', '1G', None),
    ('cluster-512', 'qcow2', 'cluster_size=512', '1M', None),
    ('cluster-2M', 'qcow2', 'cluster_size=2M,extended_l2=on', '8P', None),
    ('overlay', 'qcow2', '', '1M', ('base.qcow2', 'qcow2')),
    ('overlay-2M', 'qcow2', 'cluster_size=2M', '1M', ('base.raw', 'raw')),
    ('data-file', 'qcow2', 'data_file=data.raw,data_file_raw=on', '1M', None),
    ('encrypted', 'qcow2', LUKS, '1M', None),
    ('v1', 'qcow', '', '1G', None),
    ('overlay', 'qcow', '', '1M', ('base.raw', 'raw')),
    ('image', 'qed', '', '1G', None),
    ('overlay', 'qed', '', '1M', ('base.raw', 'raw')),
    ('image', 'vdi', '', '64G', None),
    ('image', 'parallels', '', '1G', None),
    ('image', 'luks', 'key-secret=key,iter-time=10', '1M', None),
    ('dynamic', 'vhdx', '', '1G', None),
    ('fixed', 'vhdx', 'subformat=fixed', '2M', None),
    ('largest', 'vhdx', '', '64T', None),
    ('dynamic', 'vpc', '', '2040G', None),
    ('fixed', 'vpc', 'subformat=fixed', '1M', None),
    ('monolithicSparse', 'vmdk', '', '1G', None),
    ('monolithicFlat', 'vmdk', 'subformat=monolithicFlat', '1M', None),
    ('twoGbMaxExtentSparse', 'vmdk', 'subformat=twoGbMaxExtentSparse', '64G', None),
    ('twoGbMaxExtentFlat', 'vmdk', 'subformat=twoGbMaxExtentFlat', '64G', None),
    ('streamOptimized', 'vmdk', 'subformat=streamOptimized', '1G', None),
    ('overlay', 'vmdk', '', '1M', ('monolithicSparse.vmdk', 'vmdk')),
)


def qemu_img(*command, folder):
    for _ in range(20):  # LUKS measures its own speed, and gives up when the machine is too busy for a figure
        done = subprocess.run(['qemu-img', *command], cwd=folder, stderr=subprocess.PIPE, timeout=images.TIMEOUT,
                              check=False)
        if b'Unable to get accurate CPU usage' not in done.stderr:
            break
    if done.returncode:
        raise RuntimeError(f'qemu-img {command}: {done.stderr.decode(errors="replace")}')


def real(folder):
    """(name, question) of each; nothing where qemu-img isn't there."""
    os.makedirs(folder)
    for name, driver, given, size, beneath in REAL if images.tool('qemu-img') else ():
        path = name if '.' in name and name.startswith('base') else f'{name}.{driver}'
        command = ['create', '-q', *(SECRET if 'secret' in given else ()), '-f', driver]
        command += ['-o', given] if given else []
        command += ['-b', beneath[0], '-F', beneath[1]] if beneath else []
        qemu_img(*command, path, size, folder=folder)
        pinned = 'vhd' if driver == 'vpc' else driver
        yield f'{driver} {name}', Question('probe', 'qemu', pinned, os.path.join(folder, path))


# ---- what takes the most ----

Worst = collections.namedtuple('Worst', 'name pinned make status reads bytes')


def far_locators(folder):
    """A differencing VHD whose eight names lie a MiB apart."""
    path, names = os.path.join(folder, 'child.vhd'), (('W2ru', '.\\base.vhd'), ('W2ku', 'C:\\vm\\base.vhd'))
    with open(path, 'w+b') as out:
        mkimage.vhd_differencing(out, **{code: name.encode() for code, name in names})
        for i in range(8):
            code, name = names[i % 2]
            raw = name.encode('utf-16-le')
            mkimage.put(out, 1088 + 24 * i, struct.pack('>4sIIIQ', code.encode(), 512, len(raw), 0, (i + 1) << 20))
            mkimage.put(out, (i + 1) << 20, raw)
        mkimage.checksum(out, 'vhd-header', 512)
        out.seek(0)
        mkimage.put(out, 9 << 20, out.read(512))
    return path


def far_names(folder):
    """A qcow2 whose names are the longest and end where its first cluster of 2 MiB does."""
    path = os.path.join(folder, 'image.qcow2')
    with open(path, 'w+b') as out:
        mkimage.qcow2(out, cluster_bits=21, backing=b'n' * 1023, backing_at=(2 << 20) - 1023, backing_format=b'qcow2',
                      data_file=b'd' * 4095)
    return path


def worst():
    """Of each format what needs the most reads or bytes that it can, and what is made to need more: the status, reads and
    bytes of each."""
    def descriptor(place, size, line=b'1\n'):
        return lambda folder: place(text_of(one(line), b'# end\n'))(folder, size)
    rows = (
        ('qcow2, names as long and as far as may be', 'qcow2', far_names, 0, 5, 9207),
        ('qcow2, long extensions over 2 MiB', 'qcow2', lambda where: extensions(8184, 21)(where, 250), 6, 64, 120384),
        ('qcow2, empty extensions over 2 MiB', 'qcow2', lambda where: extensions(0, 21)(where, 262000), 6, 6, 11992),
        ('vmdk, a descriptor as long as may be', 'vmdk', descriptor(alone, 262144), 0, 5, 262144),
        ('vmdk, a longer descriptor', 'vmdk', descriptor(alone, 300000), 6, 5, 264192),
        ('vmdk, the longest in a sparse extent', 'vmdk', descriptor(inside, 262144), 0, 6, 264704),
        ('vhd, eight names far apart', 'vhd', far_locators, 0, 11, 6472),
    )
    return [Worst(*row) for row in rows]


# ---- series: the same in growing numbers ----

Series = collections.namedtuple('Series', 'name unit how reader format sizes make')


def write(folder, name, *parts):
    path = os.path.join(folder, name)
    with open(path, 'w+b') as out:
        for offset, raw in parts:
            mkimage.put(out, offset, raw)
    return path


def text_of(line, last=b''):
    """A descriptor of about as many bytes, filled up with whole lines; `line` is given the number of each."""
    def make(size):
        head, lines, number = mkimage.descriptor('monolithicFlat', b'RW 8 FLAT "f" 0\n'), [], 0
        length = len(head) + len(last)
        while length + len(line(number)) <= size:
            lines.append(line(number))
            length += len(lines[-1])
            number += 1
        return head + b''.join(lines) + last
    return make


def alone(text):
    return lambda folder, size: write(folder, 'disk.vmdk', (0, text(size)))


def inside(text):
    """The text in a sparse extent's file, where QEMU looks for it."""
    def make(folder, size):
        raw, path = text(size), os.path.join(folder, 'disk.vmdk')
        sectors = -(-len(raw) // 512)
        with open(path, 'w+b') as out:
            mkimage.kdmv(out, text=0)
            tables = 1 + sectors  # where the grain directories now begin
            mkimage.put(out, 28, struct.pack('<QQIQQQ', 1, sectors, 512, tables, tables + 8, tables + 16))
            mkimage.put(out, 512, raw)
            out.truncate((tables + 128) * 512)
        return path
    return make


def one(line):
    return lambda number: line


def chain_of(builder, declared, name):
    """A maker of a chain of as many, each over the next."""
    def make(folder, count):
        for i in range(count):
            with open(os.path.join(folder, name % i), 'w+b') as out:
                below = (name % (i + 1)).encode() if i + 1 < count else None
                builder(out, below, declared)
        return os.path.join(folder, name % 0)
    return make


def overlay(out, below, declared):
    mkimage.qcow2(out, backing=below, backing_format=declared if below else None)


def child_vmdk(out, below, _):
    text = mkimage.descriptor('monolithicFlat', b'RW 8 FLAT "f%d" 0\n' % out.fileno(), parent=below,
                              parent_cid=0x12345678 if below else 0xFFFFFFFF)
    mkimage.put(out, 0, text)
    with open(os.path.join(os.path.dirname(out.name), f'f{out.fileno()}'), 'wb') as flat:
        flat.truncate(4096)


def child_vhd(out, below, _):
    if below is None:
        mkimage.vhd_dynamic(out)
    else:
        mkimage.vhd_differencing(out, parent=below, W2ru=below, W2ku=b'C:\\vm\\' + below)


def extents(names, files):
    """A maker of a disk of as many extents: of so many names at most, for so many files."""
    def make(folder, count):
        for i in range(min(names, count)):
            path = os.path.join(folder, 'extent-%05d' % i)
            if i < files:
                write(folder, path, (4095, b'\0'))
            else:
                os.link(os.path.join(folder, 'extent-%05d' % (i % files)), path)
        lines = b''.join(b'RW 8 FLAT "extent-%05d" 0\n' % (i % names) for i in range(count))
        return write(folder, 'disk.vmdk', (0, mkimage.descriptor('twoGbMaxExtentFlat', lines)))
    return make


def deep_extents(folder, count):
    """Extents that list an extent each."""
    for i in range(count):
        line = b'RW 8 SPARSE "m%04d"\n' % (i + 1) if i + 1 < count else b'RW 8 FLAT "m%04d" 0\n' % count
        with open(os.path.join(folder, 'm%04d' % i), 'w+b') as out:
            mkimage.kdmv(out)
            mkimage.put(out, 12, bytes(8))  # without a capacity its descriptor counts
            mkimage.put(out, 512, mkimage.descriptor('monolithicFlat', line).ljust(1024, b'\0'))
    write(folder, 'm%04d' % count, (4095, b'\0'))
    return os.path.join(folder, 'm0000')


def passed_over(folder, count):
    lines = b''.join(b'%s 8 ZERO\n' % (b'NOACCESS', b'RDONLY', b'RW')[i % 3] for i in range(count))
    return write(folder, 'disk.vmdk', (0, mkimage.descriptor('custom', lines)))


def locator(folder, count):
    path = os.path.join(folder, 'child.vhd')
    with open(path, 'w+b') as out:
        mkimage.vhd_differencing(out, parent=b'p', W2ru=b'n' * count, W2ku=b'C:\\' + b'n' * count)
    return path


def extensions(length, bits):
    """A maker of a qcow2 of as many header extensions, each with so many bytes."""
    def make(folder, count):
        path = os.path.join(folder, 'image.qcow2')
        with open(path, 'w+b') as out:
            mkimage.qcow2(out, cluster_bits=bits)
            for i in range(count):
                mkimage.put(out, 112 + i * (8 + length), struct.pack('>II', 0x7e57ab1e, length))
            mkimage.put(out, 112 + count * (8 + length), bytes(8))
        return path
    return make


def named(name, builder='qcow2', declared=b'raw'):
    """A maker of an image whose backing file has a name made of so many."""
    def make(folder, count):
        path = os.path.join(folder, 'image')
        with open(path, 'w+b') as out:
            if builder == 'data-file':
                mkimage.qcow2(out, data_file=name(count))
            elif builder == 'vmdk':
                mkimage.put(out, 0, mkimage.descriptor('monolithicFlat', b'RW 8 FLAT "f" 0\n', parent=name(count),
                                                       parent_cid=1))
            else:
                mkimage.qcow2(out, backing=name(count), backing_format=declared)
        return path
    return make


def nested(count):
    return b'json:' + b'{"driver":"raw","file":' * count + b'{"driver":"file","filename":"f"}' + b'}' * count


def keys(each):
    return lambda count: b'json:{' + b','.join(each(i) for i in range(count)) + b'}'


PROBE, CHAIN = ('probe',), ('chain',)
KIBS = (1024, 4096, 16384, 65536)
NAME = (60, 120, 240, 480, 960)
LONG = (230, 460, 920, 1840)  # libc copies what is longer by another instruction, which counts each byte
LINES = (
    ('comments', one(b'# a comment of some length, as people write them\n')),
    ('extents', lambda i: b'RW 8 FLAT "extent-%06d" %d\n' % (i, 8 * i)),
    ('extents to one file', one(b'RW 8 FLAT "f" 0\n')),
    ('lines that begin as extents', one(b'RW \n')),
    ('lines of a digit', one(b'1\n')),
    ('lines of a word or a digit', one(b'RW\n1\n')),
    ('lines of a sign', one(b'#\n')),
    ('keys', lambda i: b'ddb.key%06d = "a value"\n' % i),
    ('one key again and again', one(b'CID=12345678\n')),
    ('every key again and again', one(b'version=1\nCID=1\nparentCID=1\ncreateType="x"\nparentFileNameHint="y"\n')),
    ('hints without a parent', one(b'parentFileNameHint="another"\n')),
    ('words that are almost keys', one(b'parentCI createTyp parentFileNameHin ')),
    ('blank lines', one(b'\n')),
    ('carriage returns', one(b'\r\n')),
    ('blanks', one(b' ')),
    ('quotes', one(b'"')),
    ('one line', one(b'a')),
    ('equals signs', one(b'=')),
    ('quotes and equals signs', one(b'"="')),
)


# What QEMU sees at the start of each blank line before it.
LAST = (
    ('a word', b'word\n'),
    ('half an extent', b'RW 8 FLAT\n'),
    ('an extent that is none', b'XX 8 YYYY "f" 0\n'),
    ('an extent that it passes over', b'RDONLY 0 FLAT "f" 0\n'),
    ('an extent of nothing', b'RW 0 FLAT "f" 0\n'),
)


def all_series():
    for name, line in LINES:
        yield Series(f'descriptor, {name}', 'bytes', PROBE, 'qemu', '-', KIBS, alone(text_of(line)))
    for name, line in LINES[:3]:
        yield Series(f'descriptor in a sparse extent, {name}', 'bytes', PROBE, 'qemu', '-', KIBS,
                     inside(text_of(line)))
    for name, last in LAST:
        yield Series(f'descriptor, blank lines before {name}', 'bytes', PROBE, 'qemu', '-', KIBS,
                     alone(text_of(one(b'\n'), last)))
    everything = ('chain', 'access', 'check')
    yield Series('qcow2', 'members', everything, 'qemu', 'qcow2', (10, 50, 200),
                 chain_of(overlay, b'qcow2', 'm%04d.qcow2'))
    yield Series('qcow2 under imago', 'members', everything, 'imago', 'qcow2', (10, 50, 200),
                 chain_of(overlay, b'qcow2', 'm%04d.qcow2'))
    yield Series('vmdk', 'members', everything, 'qemu', 'vmdk', (10, 50, 200),
                 chain_of(child_vmdk, None, 'm%04d.vmdk'))
    yield Series('vhd under xen', 'members', everything, 'xen', 'vhd', (10, 50, 200),
                 chain_of(child_vhd, None, 'm%04d.vhd'))
    many = (10, 100, 1000)
    yield Series('extents', 'extents', everything, 'qemu', 'vmdk', many, extents(1000, 1000))
    yield Series('extents to one file', 'extents', CHAIN, 'qemu', 'vmdk', many, extents(1, 1))
    yield Series('extents to one file by many names', 'extents', everything, 'qemu', 'vmdk', many, extents(1000, 1))
    yield Series('extents to ten files by many names', 'extents', ('access',), 'qemu', 'vmdk', many, extents(1000, 10))
    yield Series('extents in extents', 'extents', everything, 'qemu', 'vmdk', (10, 50, 190), deep_extents)
    yield Series('extents that QEMU passes over', 'extents', ('probe', 'check'), 'qemu', 'vmdk', many,
                 passed_over)
    yield Series("a parent's names", 'letters', PROBE, 'qemu', 'vhd', (50, 100, 200, 400), locator)
    yield Series('extensions, empty', 'extensions', PROBE, 'qemu', '-', (10, 100, 1000), extensions(0, 16))
    yield Series('extensions, a chunk each', 'extensions', PROBE, 'qemu', '-', (5, 10, 20, 40), extensions(8184, 21))
    yield Series('extensions, empty, to the ceiling', 'extensions', ('most-probe',), 'qemu', '-', (1000, 8000, 64000),
                 extensions(0, 21))
    yield Series('extensions, a chunk each, to the ceiling', 'extensions', ('most-probe',), 'qemu', '-',
                 (30, 60, 120, 240), extensions(8184, 21))
    yield from names()


def names():
    rows = (
        ('a plain name', NAME, 'qcow2', lambda n: b'n' * n),
        ('folders', NAME, 'qcow2', lambda n: b'a/' * (n // 2)),
        ('folders upward', NAME, 'qcow2', lambda n: b'../' * (n // 3)),
        ('slashes', NAME, 'qcow2', lambda n: b'/' * n),
        ('colons', NAME, 'qcow2', lambda n: b'./' + b':' * n),
        ('a file in file:', NAME, 'qcow2', lambda n: b'file:' + b'n' * n),
        ('escapes', NAME, 'qcow2', lambda n: b'nbd://host/' + b'%41' * (n // 3)),
        ('a query', NAME, 'qcow2', lambda n: b'nbd+unix:///x?socket=' + b'/s' * (n // 2)),
        ('a query of many', NAME, 'qcow2', lambda n: b'gluster+unix:///v/x?' + b'&a=b' * (n // 4)),
        ('https', NAME, 'qcow2', lambda n: b'https://u:p@host/' + b'p/' * (n // 2)),
        ('https with signs', NAME, 'qcow2', lambda n: b'https://' + b'@' * n),
        ('a host', (120, 240, 480, 960), 'qcow2', lambda n: b'nbd:' + b'h' * n + b':10809'),
        ('iscsi', (25, 50, 100, 200), 'qcow2', lambda n: b'iscsi://h/' + b'i' * n + b'/0'),
        ('rbd', NAME, 'qcow2', lambda n: b'rbd:p/i' + b':k=v' * (n // 4)),
        ('rbd, escaped', NAME, 'qcow2', lambda n: b'rbd:p/' + b'\\@' * (n // 2)),
        ('rbd, a password', NAME, 'qcow2', lambda n: b'rbd:p/i:key=' + b'k' * n),
        ('ssh', NAME, 'qcow2', lambda n: b'ssh://h/' + b'p' * n),
        ('fat', NAME, 'qcow2', lambda n: b'fat:rw:' + b'd/' * (n // 2)),
        ('blkdebug', NAME, 'qcow2', lambda n: b'blkdebug:' + b'c' * n + b':f'),
        ('blkdebug upon itself', NAME, 'qcow2', lambda n: b'blkdebug::' * (n // 10)),
        ('json: a string', NAME, 'qcow2', lambda n: b'json:{"driver":"file","filename":"' + b'n' * (n - 40) + b'"}'),
        ('json: escapes', NAME, 'qcow2',
         lambda n: b'json:{"driver":"file","filename":"' + b'\\u00e9' * ((n - 40) // 6) + b'"}'),
        ('json: blanks', NAME, 'qcow2', lambda n: b'json:' + b' ' * n + b'{}'),
        ('json: a number', NAME, 'qcow2', lambda n: b'json:{"a":' + b'1' * n + b'}'),
        ('json: never closed', NAME, 'qcow2', lambda n: b'json:' + b'[' * n),
        ('data file', LONG, 'data-file', lambda n: b'n' * n),
        ('data file in folders upward', LONG, 'data-file', lambda n: b'../' * (n // 3)),
        ('hint', NAME, 'vmdk', lambda n: b'n' * n),
    )
    for name, sizes, builder, make in rows:
        yield Series(f'name, {name}', 'bytes', CHAIN, 'qemu', '-', sizes, named(make, builder))
    counts = (12, 25, 50, 100)
    rows = (
        ('keys', counts, keys(lambda i: b'"%03d":1' % i)),
        ('keys in one object', counts, keys(lambda i: b'"a.%02d":1' % i)),
        ('keys in objects', (15, 30, 60), keys(lambda i: b'"%02d.a":1' % i)),
        ('keys of one first word', counts, keys(lambda i: b'"%c%c":1' % (65 + i // 26, 65 + i % 26))),
        ('elements', counts, lambda n: b'json:{"a":[' + b'1,' * n + b'1]}'),
        ('objects in a list', (15, 30, 60), lambda n: b'json:{"a":[' + b'{"b":1},' * n + b'1]}'),
        ('objects that meet', (15, 30, 60), keys(lambda i: b'"a":{"%02d":1}' % i)),
        ('servers', (2, 4, 8, 14), lambda n: b'json:{"driver":"gluster","volume":"v","path":"p",' + b','.join(
            b'"server.%d.type":"unix","server.%d.path":"/s"' % (i, i) for i in range(n)) + b'}'),
        ('layers', (2, 4, 8, 14), nested),
    )
    for name, sizes, make in rows:
        yield Series(f'name, json: {name}', 'values', CHAIN, 'qemu', '-', sizes, named(make))
    yield Series('name, json: layers, to the ceiling', 'values', ('most-chain',), 'qemu', '-', (5, 10, 20, 38),
                 named(nested))


def slug(text):
    return re.sub('[^a-z0-9]+', '-', text.lower())


def series(folder):
    """(series, how, [(size, question)]) of each."""
    for one_of in all_series():
        paths = []
        for size in one_of.sizes:
            where = os.path.join(folder, slug(one_of.name), str(size))
            os.makedirs(where)
            paths.append((size, one_of.make(where, size)))
        for how in one_of.how:
            yield one_of, how, [(size, Question(how, one_of.reader, one_of.format, path)) for size, path in paths]


def here(folder):
    """(members, question) of chains, each in a folder of its own and counted from there."""
    for count in (10, 50, 200):
        where = os.path.join(folder, str(count))
        os.makedirs(where)
        yield count, Question('here', 'qemu', 'qcow2', chain_of(overlay, b'qcow2', 'm%04d.qcow2')(where, count))
