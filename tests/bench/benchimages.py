# SPDX-License-Identifier: MIT
"""The images that `./dev bench` asks about: those that qemu-img writes, and what it would take long to write."""

import collections
import os
import re
import struct

import images
import mkimage

# A row of the table. `paths`: the image, and the files that it refers to. `peers` of its format, beside those of all.
# `flags` are what our program has to be told.
Row = collections.namedtuple('Row', 'name paths format peers flags')

CLUSTER = 1 << 16
L1_MOST = 32 << 20        # bytes, of a table that qemu-img opens
REFCOUNTS_MOST = 8 << 20  # the same


def create(folder, name, *words):
    images.qemu_img('create', '-q', *words, cwd=folder)
    return [os.path.join(folder, name)]


def qcow2(folder, name, size='1G', options=()):
    return create(folder, name, '-f', 'qcow2', *(f'-o{option}' for option in options), name, size)


def patch(path, offset, raw):
    with open(path, 'r+b') as file:
        file.seek(offset)
        file.write(raw)


def at_end(path):
    size = -(-os.path.getsize(path) // CLUSTER) * CLUSTER
    os.truncate(path, size)
    return size


def snapshots(folder, name, count):
    """Each with the tables of the image itself."""
    paths = qcow2(folder, name)
    with open(paths[0], 'rb') as file:
        head = file.read(112)
    l1_entries, l1_at = struct.unpack('>IQ', head[36:48])
    table = b''
    for number in range(1, count + 1):
        own, said = str(number).encode(), f'snapshot-{number}'.encode()
        entry = struct.pack('>QIHHIIQII', l1_at, l1_entries, len(own), len(said), 1700000000, 0, 0, 0, 16)
        entry += struct.pack('>QQ', 0, 1 << 30) + own + said
        table += entry + bytes(-len(entry) % 8)
    at = at_end(paths[0])
    patch(paths[0], at, table)
    patch(paths[0], 60, struct.pack('>IQ', count, at))
    at_end(paths[0])
    return paths


def largest_refcounts(folder, name):
    """The table that it has, and as many entries of nothing behind it as may be."""
    paths = qcow2(folder, name)
    with open(paths[0], 'rb') as file:
        head = file.read(112)
        file.seek(struct.unpack('>Q', head[48:56])[0])
        table = file.read(CLUSTER)
    at = at_end(paths[0])
    patch(paths[0], at, table)
    os.truncate(paths[0], at + REFCOUNTS_MOST)
    patch(paths[0], 48, struct.pack('>QI', at, REFCOUNTS_MOST // CLUSTER))
    return paths


def chain(folder, name, count):
    """The last has no backing file; each names the next by a relative name and its format."""
    paths = [os.path.join(folder, f'{name}-{i}.qcow2') for i in range(count)]
    for i, path in enumerate(paths):
        below = dict(backing=os.path.basename(paths[i + 1]).encode(), backing_format=b'qcow2') if i + 1 < count else {}
        with open(path, 'w+b') as out:
            mkimage.qcow2(out, **below)
    return paths


def vmdk(folder, name, kind, size):
    before = set(os.listdir(folder))
    create(folder, name, '-f', 'vmdk', '-o', f'subformat={kind}', name, size)
    made = sorted(set(os.listdir(folder)) - before - {name})
    return [os.path.join(folder, one) for one in [name, *made]]


def data_file(folder, name):
    data = os.path.join(folder, name + '.raw')
    return [*qcow2(folder, name, options=(f'data_file={data}',)), data]


def vhd(folder, name, kind):
    return create(folder, name, '-f', 'vpc', '-o', f'subformat={kind}', name, '64M')


def raw(folder, name):
    return create(folder, name, '-f', 'raw', name, '1G')


def rows(folder):
    def row(name, make, *words, format_name='qcow2', peers=('qcowinfo',), flags=()):
        return Row(name, make(folder, re.sub(r'\W+', '-', name), *words), format_name, peers, flags)

    yield row('qcow2, small', qcow2)
    yield row('qcow2, 8 TiB', qcow2, '8T')
    yield row('qcow2, clusters of 2 MiB', qcow2, '1G', ('cluster_size=2M',))
    yield row('qcow2, 200 snapshots', snapshots, 200)
    yield row('qcow2, 2000 snapshots', snapshots, 2000)
    yield row('qcow2, the largest L1', qcow2, str(L1_MOST // 8 * (CLUSTER // 8) * CLUSTER))
    yield row('qcow2, the largest refcount table', largest_refcounts)
    yield row('qcow2, data file', data_file)
    for count in (1, 10, 50, 200):
        yield row(f'qcow2, chain of {count}', chain, count)
    for kind, size in (('monolithicSparse', '1G'), ('streamOptimized', '1G'), ('monolithicFlat', '1G')):
        yield row(f'vmdk, {kind}', vmdk, kind, size, format_name='vmdk', peers=('vmdkinfo',))
    yield row('vmdk, 50 flat extents', vmdk, 'twoGbMaxExtentFlat', '100G', format_name='vmdk', peers=('vmdkinfo',))
    yield row('vhd, dynamic', vhd, 'dynamic', format_name='vpc', peers=('vhdiinfo',))
    # Only its end says what it is, which isn't believed.
    yield row('vhd, fixed', vhd, 'fixed', format_name='vpc', peers=('vhdiinfo',), flags=('-f', 'vhd'))
    yield row('raw', raw, format_name='raw', peers=())


def longest_descriptor(folder):
    """As long as may be by the usual limit, of lines that a reader passes over."""
    path = os.path.join(folder, 'longest-descriptor')
    text = mkimage.descriptor('monolithicFlat', b'RW 2048 FLAT "flat" 0\n')
    with open(path, 'wb') as out:
        out.write(text + b'# a line of a comment\n' * ((262144 - len(text)) // 22))
    return path


def many(folder, count):
    os.mkdir(os.path.join(folder, 'many'))
    paths = [os.path.join(folder, 'many', str(i)) for i in range(count)]
    for path in paths:
        with open(path, 'w+b') as out:
            mkimage.qcow2(out)
    return paths
