# SPDX-License-Identifier: MIT
"""Structures of a VHD, built after Microsoft's VHD specification 1.0: footer, dynamic header, parent locators."""

import struct

SECTOR = 512
ONES = 0xFFFFFFFFFFFFFFFF
TYPES = {'fixed': 2, 'dynamic': 3, 'differencing': 4}


def ones_complement(data, checksum_at):
    """The checksum of a footer or dynamic header, the field itself taken as zero."""
    return ~(sum(data) - sum(data[checksum_at:checksum_at + 4])) & 0xFFFFFFFF


def geometry(size):
    """Cylinders, heads and sectors per track for a size, by the appendix of the specification."""
    total = min(size // SECTOR, 65535 * 16 * 255)
    if total >= 65535 * 16 * 63:
        per_track, heads = 255, 16
        rest = total // per_track
    else:
        per_track = 17
        rest = total // per_track
        heads = max(4, (rest + 1023) // 1024)
        if rest >= heads * 1024 or heads > 16:
            per_track, heads = 31, 16
            rest = total // per_track
        if rest >= heads * 1024:
            per_track, heads = 63, 16
            rest = total // per_track
    return rest // heads, heads, per_track


def footer(kind, size, creator=b'win ', unique_id=bytes(16), chs=None, data_offset=None):
    if data_offset is None:
        data_offset = ONES if kind == 'fixed' else SECTOR
    raw = bytearray(struct.pack('>8sIIQI4sI4sQQHBBII16s', b'conectix', 2, 0x10000, data_offset, 0x20000000, creator,
                                0x60001, b'Wi2k', size, size, *(chs or geometry(size)), TYPES[kind], 0, unique_id))
    raw += bytes(SECTOR - len(raw))
    raw[64:68] = struct.pack('>I', ones_complement(raw, 64))
    return bytes(raw)


def dynamic_header(table_offset, entries, block_size, parent_id=bytes(16), parent_name='', locators=()):
    """`locators` holds (code, space, length, offset) of each."""
    raw = bytearray(1024)
    struct.pack_into('>8sQQIII', raw, 0, b'cxsparse', ONES, table_offset, 0x10000, entries, block_size)
    raw[40:56] = parent_id
    name = parent_name.encode('utf-16-be', 'surrogatepass')[:512]
    raw[64:64 + len(name)] = name
    for i, (code, space, length, offset) in enumerate(locators):
        struct.pack_into('>4sIIIQ', raw, 576 + 24 * i, code, space, length, 0, offset)
    raw[36:40] = struct.pack('>I', ones_complement(raw, 36))
    return bytes(raw)


def encode_locator(code, name):
    """The data of a locator: UTF-16 little endian for W2ru and W2ku, UTF-8 for MacX, bytes for the old ones."""
    if code in (b'W2ru', b'W2ku'):
        return name.encode('utf-16-le', 'surrogatepass')
    if code == b'MacX':
        return name.encode('utf-8', 'surrogateescape')
    return name.encode('latin-1')


def write(out, kind, size, creator=b'win ', unique_id=bytes(16), block_size=2 << 20, parent_id=bytes(16),
          parent_name='', locators=(), chs=None, end_footer=True):
    """Writes a dynamic or differencing image without blocks. `locators`: (code, name as text) pairs."""
    head = footer(kind, size, creator, unique_id, chs)
    entries = -(-size // block_size)
    table = -(-entries * 4 // SECTOR) * SECTOR
    place = 1536 + table
    rows, data = [], []
    for code, name in locators:
        raw = encode_locator(code, name)
        space = max(SECTOR, -(-len(raw) // SECTOR) * SECTOR)
        rows.append((code, space, len(raw), place))
        data.append((place, raw))
        place += space
    out.seek(0)
    out.write(head)
    out.write(dynamic_header(1536, entries, block_size, parent_id, parent_name, rows))
    out.write(b'\xff' * (entries * 4))
    for offset, raw in data:
        out.seek(offset)
        out.write(raw)
    out.truncate(place)
    if end_footer:
        out.seek(place)
        out.write(head)
