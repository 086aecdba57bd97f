#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a differencing VHD over a parent, after Microsoft's VHD specification 1.0, which qemu-img can't write."""

import argparse
import os
import struct
import uuid

import vhdfile


def parent_footer(path):
    """Size and unique id in the last footer of the parent, of 512 or 511 bytes."""
    with open(path, 'rb') as parent:
        end = parent.seek(0, os.SEEK_END)
        for length in (512, 511):
            parent.seek(max(0, end - length))
            raw = parent.read(length)
            if raw.startswith(b'conectix'):
                return struct.unpack('>Q', raw[48:56])[0], raw[68:84]
    raise SystemExit(f'make-vhd-differencing: {path}: no VHD footer')


def names(child, parent):
    """The parent's name as each kind of locator has it."""
    relative = os.path.relpath(parent, os.path.dirname(os.path.abspath(child)))
    windows = relative.replace('/', '\\')
    relative_windows = windows if windows.startswith('.') else '.\\' + windows
    absolute = os.path.abspath(parent).replace('/', '\\')
    escaped = ''.join(chr(b) if chr(b).isalnum() and b < 128 or chr(b) in '/.-_~' else f'%{b:02X}'
                      for b in os.fsencode(relative))
    return {'W2ru': relative_windows, 'W2ku': 'C:' + absolute, 'MacX': 'file://./' + escaped,
            'Wi2r': relative_windows, 'Wi2k': 'C:' + absolute, 'xen': './' + relative}


def make(child, parent, codes=('W2ru', 'W2ku'), creator=b'win ', xen=False, header_name=None):
    """Writes `child`; `xen` puts the same relative path into every locator. Returns its unique id."""
    size, parent_id = parent_footer(parent)
    known, own = names(child, parent), uuid.uuid4()
    rows = []
    for code in codes:
        name = known['xen'] if xen else known[code]
        rows.append((code.encode(), 'file://' + name if xen and code == 'MacX' else name))
    with open(child, 'w+b') as out:
        vhdfile.write(out, 'differencing', size, creator, own.bytes, parent_id=parent_id, locators=rows,
                      parent_name=os.path.basename(parent) if header_name is None else header_name)
    return own


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('parent')
    parser.add_argument('child')
    parser.add_argument('--codes', default='W2ru,W2ku', help='locators to write: W2ru,W2ku,MacX,Wi2r,Wi2k')
    parser.add_argument('--xen', action='store_true', help="as Xen's tools do: MacX, W2ku, W2ru, all relative")
    asked = parser.parse_args()
    codes = ['MacX', 'W2ku', 'W2ru'] if asked.xen else asked.codes.split(',')
    print(make(asked.child, asked.parent, codes, b'tap\0' if asked.xen else b'win ', asked.xen))


if __name__ == '__main__':
    main()
