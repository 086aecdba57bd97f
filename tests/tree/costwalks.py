# SPDX-License-Identifier: MIT
"""Images whose names are dear to walk, for cost.py: what a name can have the safe opener do, each as much as may be."""

import os

import mkimage
from costimages import Question

DEEP = 60
EXTENTS = 20  # of each VMDK, as near to the limit as a name that is opened can come


def named(folder, name):
    """A qcow2 with this backing file, in a folder with a file `f` and directories one in the other, each called `a`."""
    os.makedirs(os.path.join(folder, *'a' * DEEP))
    with open(os.path.join(folder, 'f'), 'wb') as out:
        out.write(bytes(512))
    path = os.path.join(folder, 'image.qcow2')
    with open(path, 'w+b') as out:
        mkimage.qcow2(out, backing=name, backing_format=b'raw')
    return path


def links(between, count=39):
    """A maker of an image that names the first of so many absolute links, each with something in it before the next."""
    def make(folder):
        path = named(folder, b'link0')
        for i in range(count):
            after = f'link{i + 1}' if i + 1 < count else 'f'
            os.symlink(f'{folder}/{between(folder)}{after}', os.path.join(folder, f'link{i}'))
        return path
    return make


def filled(part, most=4000):
    """As many of it as a link takes."""
    return lambda folder: part * ((most - len(folder)) // len(part))


def name(text):
    return lambda folder: named(folder, text)


def vmdks(folder):
    """Four over each other, each with extents that are dear."""
    named(folder, b'f')
    way = b'a/' * DEEP + b'../a/' * 11
    for i in range(4):
        parent = b'm%d.vmdk' % (i + 1) if i < 3 else None
        lines = b''.join(b'RW 1 FLAT "%sf%04d" 0\n' % (way, at) for at in range(EXTENTS))
        with open(os.path.join(folder, f'm{i}.vmdk'), 'wb') as out:
            out.write(mkimage.descriptor('twoGbMaxExtentFlat', lines, parent=parent, parent_cid=0x12345678))
    for at in range(EXTENTS):
        os.symlink('../' * DEEP + 'f', os.path.join(folder, *'a' * DEEP, f'f{at:04}'))
    return os.path.join(folder, 'm0.vmdk')


WALKS = (
    ('links, and dots in each', 'qcow2', links(filled('./'))),
    ('links, and slashes in each', 'qcow2', links(filled('/'))),
    ('links, and directories that are left again in each', 'qcow2', links(filled('a/../'))),
    ('links, and a few such directories in each', 'qcow2', links(lambda _: 'a/../' * 3)),
    ('links that lead up', 'qcow2', links(filled('../a/', 300))),
    ('links that begin like devices', 'qcow2', links(lambda folder: '../' * 20 + f'dev/..{folder}/' + './' * 1500)),
    ('links alone', 'qcow2', links(lambda _: '')),
    ('down, and up and down again', 'qcow2', name(b'a/' * DEEP + b'../a/' * 30 + b'f')),
    ('up and down all the way', 'qcow2', name(b'a/../' * 200 + b'f')),
    ('dots', 'qcow2', name(b'./' * 500 + b'f')),
    ('extents of four VMDKs', 'vmdk', vmdks),
)


def walks(folder):
    """(name, question): each without a root and beneath one, as the kernel is and without openat2."""
    for what, form, make in WALKS:
        where = os.path.join(folder, what.replace(' ', '-').replace(',', ''))
        os.makedirs(where)
        path = make(where)
        for how in ('walk', 'beneath', 'old-walk', 'old-beneath'):
            yield f'{what}, {how}', Question(how, 'qemu', form, path)
