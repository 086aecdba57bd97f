#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""VHD images with parents, made after the published layout: imgprobe and libvhdi's vhdiinfo must read the same."""

import importlib
import os
import re
import shutil
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import emulator
import images
import mkimage
from tap import Tap

differencing = importlib.import_module('make-vhd-differencing')
KINDS = {'Fixed': 'fixed', 'Dynamic': 'dynamic', 'Differential': 'differencing'}
# Children of one base: name, locators, as Xen writes them, whether libvhd finds the base by them.
CHILDREN = (
    ('w2.vhd', ('W2ru', 'W2ku'), False, True),
    ('all.vhd', ('W2ru', 'W2ku', 'MacX', 'Wi2r', 'Wi2k'), False, True),
    ('relative.vhd', ('W2ru',), False, True),
    ('old.vhd', ('Wi2r',), False, False),
    ('name-alone.vhd', (), False, False),
    ('xen.vhd', ('MacX', 'W2ku', 'W2ru'), True, True),
)

# Where the two disagree on what can be read, and why.
REFUSED = {
    'vhd/good-differencing-surrogate': 'libvhdi refuses an unpaired surrogate, which Windows allows',
    'vhd/good-dynamic-header-checksum': 'Xen checks the sum of the dynamic header, libvhdi and QEMU do not',
    'vhd/good-dynamic-header-far': 'libvhdi wants a footer at the end',
    'vhd/good-dynamic-hole': 'libvhdi wants a footer at the end',
    'vhd/good-fixed-511': 'libvhdi knows no footer of 511 bytes',
}


def vhdiinfo(path):
    """What libvhdi says: a dictionary of its lines."""
    done = subprocess.run(['vhdiinfo', path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    found = re.findall(r'^\t([^\t:]+?)\s*: (.*)$', done.stdout.decode('utf-8', 'surrogateescape'), re.M)
    return dict(found) if done.returncode == 0 else {}


def backing(own):
    return [r for r in own.get('references', []) if r['role'] == 'backing']


def compare(tap, program, path, name):
    """One image, by both readers; what QEMU makes of the size is another test's."""
    theirs = vhdiinfo(path)
    answer = images.info(program, '-f', 'vpc', '--reader', 'xen', '--no-open', path)
    if not tap.ok(theirs and answer.status == 0, f'{name}: both can read it', f'{theirs}\n{answer}'):
        return
    own, facts = answer.own, answer.own.get('attributes', {})
    tap.equal(own.get('variant'), KINDS[theirs['Disk type']], f'{name}: type')
    tap.equal(facts.get('size-by-field'), int(theirs['Media size'].split('(')[1].split()[0]), f'{name}: size')
    tap.equal(facts.get('unique-id'), theirs['Identifier'].lower(), f'{name}: unique id')
    tap.equal(facts.get('parent-unique-id'), theirs.get('Parent identifier', '').lower() or None,
              f"{name}: parent's unique id")
    if theirs['Disk type'] == 'Differential':
        tap.equal(own.get('references-state'), 'known', f'{name}: references known')
        if 'Parent filename' in theirs:
            tap.ok(theirs['Parent filename'] in [r['name'] for r in backing(own)], f"{name}: parent's name",
                   f'{theirs["Parent filename"]!r} is none of {backing(own)}')
    else:
        tap.equal(own.get('references-state'), 'none', f'{name}: no references')


def make_base(folder, name, size, subformat='dynamic'):
    path = os.path.join(folder, name)
    if images.tool('qemu-img'):
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'vpc', '-o', f'force_size=on,subformat={subformat}', path,
                        str(size)], check=True)
    else:
        with open(path, 'w+b') as out:
            (mkimage.vhd_fixed if subformat == 'fixed' else mkimage.vhd_dynamic)(out, size=size)
    return path


def chain(tap, program, folder, name, path, depth):
    """Under libvhd's rules the chain is found, or just the child; QEMU would read zeros, and that is said."""
    answer = images.info(program, '-f', 'vpc', '--reader', 'xen', '--backing-chain', path, cwd=folder)
    found = images.members(answer.document) if answer.document else []
    state = 'complete' if depth > 1 else 'missing'
    tap.ok(answer.own.get('chain-state') == state and len(found) == depth and (answer.status == 0) == (depth > 1),
           f'{name}: chain of {depth} under xen', str(answer))
    ours = [[os.path.realpath(os.path.join(folder, m['filename'])), m.get('imgprobe', {}).get('variant')]
            for m in found]
    tap.ok(len({p for p, _ in ours}) == depth and all(os.path.exists(p) for p, _ in ours),
           f'{name}: every member is a file', str(ours))
    refused = images.info(program, '-f', 'vpc', '--backing-chain', path, cwd=folder)
    tap.ok(refused.status == 3 and refused.own.get('chain-state') == 'refused', f'{name}: refused under qemu',
           str(refused))
    tap.ok('reference-ignored-by-reader' in refused.error + str(refused.own), f'{name}: and why', str(refused))


def children(tap, program, folder):
    base = make_base(folder, 'base disk.vhd', 64 << 20)
    compare(tap, program, base, 'base')
    fixed = make_base(folder, 'fixed.vhd', 8 << 20, 'fixed')
    compare(tap, program, fixed, 'fixed base')
    for name, codes, xen, found in CHILDREN:
        path = os.path.join(folder, name)
        differencing.make(path, base, codes, b'tap\0' if xen else b'win ', xen)
        compare(tap, program, path, name)
        chain(tap, program, folder, name, name, 2 if found else 1)
    path = os.path.join(folder, 'over-fixed.vhd')
    differencing.make(path, fixed)
    compare(tap, program, path, 'over a fixed one')
    chain(tap, program, folder, 'over a fixed one', 'over-fixed.vhd', 2)


def layers(tap, program, folder):
    """Five layers over three folders, the last one named in Unicode, and a parent that was replaced by another."""
    parent = make_base(folder, 'base.vhd', 1 << 30)
    for i, name in enumerate(('a/eins.vhd', 'a/zwei.vhd', 'b/drei.vhd', 'vier – 三 🖴.vhd')):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        differencing.make(path, parent)
        compare(tap, program, path, f'layer {i + 1}')
        chain(tap, program, folder, f'layer {i + 1}', os.path.relpath(path, folder), i + 2)
        parent = path
    child = os.path.join(folder, 'child.vhd')
    differencing.make(child, os.path.join(folder, 'base.vhd'))
    os.unlink(os.path.join(folder, 'base.vhd'))
    make_base(folder, 'base.vhd', 1 << 30)
    answer = images.info(program, '-f', 'vpc', '--reader', 'xen', '--backing-chain', 'child.vhd', cwd=folder)
    tap.ok('parent-mismatch' in str(answer.document), 'a parent with another unique id is said', str(answer))


def main():
    asked, tap = emulator.arguments(__doc__), Tap()
    if not shutil.which('vhdiinfo'):
        tap.lacking('VHD images, read back by libvhdi', 'vhdiinfo')
        tap.done()
    for part in (children, layers):
        with images.scratch() as folder:
            part(tap, asked.imgprobe, folder)
    with images.scratch() as folder:
        for name, path in mkimage.descriptions():
            if re.match(r'vhd/good-(dynamic|fixed|creator|differencing|size)', name) and name not in REFUSED:
                made = os.fsdecode(mkimage.build(mkimage.read(path), os.path.join(folder, name)))
                compare(tap, asked.imgprobe, made, name)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
