# SPDX-License-Identifier: MIT
"""Names of every kind in the images of oracle-access.py, and folders and links in which they stand."""

import json
import os

from accessimages import MIB

AS_PROTOCOL = 'a file here, a protocol where the file itself refers to others'

NAMES = (b'with blank', b' blanks around ', b'quote"', b"quote's", b'\xc3\xbcml\xc3\xa4ut \xe5\x9f\xba', b'new\nline',
         b'not\xffutf\xfe8', b'\xc0\x80nul', b'cut\xe5\x9f', b'sur\xed\xa0\x80rogate', b'tab\tescape\x1b[1m',
         b'back\\slash', b'comma,b', b'percent%20s%n', b'#hash?query', b'-dash', b'--output', b'$(id)', b'*',
         b'{brace', b'equals=1', b'semi;colon', b'a' * 255, b'sub/a', b'./sub/./a', b'sub//a', b'sub/../sub/a',
         b'./a:b', b'./json:{}', b'./file:x', b'./nbd:unix:x', b'./fat:rw:x', b'\x01', b'\x7f', b'\xe2\x80\xa8line',
         b'C\\x')


def names(b):
    for i, name in enumerate(NAMES):
        for up in (b'', b'../other/'):
            folder = b'n%d%s' % (i, b'u' if up else b'')
            stands = up + name
            target = os.path.join(folder, stands)
            os.makedirs(b.path(folder), exist_ok=True)
            os.makedirs(b.path(b'other/sub'), exist_ok=True)
            os.makedirs(b.path(folder + b'/sub'), exist_ok=True)
            b.raw(target)
            b.overlay(folder + b'/over', stands)
            yield b.case(f'base {os.fsdecode(stands)[:40]}', folder + b'/over', modes=(bool(up),))
            # The same bytes as a name of the top, and absolute.
            os.makedirs(b.path(folder + b'/t/sub'), exist_ok=True)
            if not up:
                top = folder + b'/t/' + name
                b.overlay(top, b.path(target))
                yield b.case(f'top {os.fsdecode(name)[:40]} over an absolute name', top)
    yield from names_by_letters(b)
    yield from long_names(b)


def names_by_letters(b):
    """Names that begin with what might be a protocol."""
    b.raw('run/x')
    b.raw('run/a:b')
    for i, (name, expect) in enumerate((
            (b'a:b', ('both-refuse', '')), (b'1a-b.c+d:x', ('both-refuse', '')), (b'nosuch:x', ('both-refuse', '')),
            (b':x', ('both-refuse', '')), (b'a/b:c', ('same', '')), (b'nbd:localhost:1', ('both-refuse', '')),
            (b'nbd+unix:///x?socket=/nowhere', ('both-refuse', '')),
            (b'fat:' + b.path('run'), ('we-refuse', 'special')),
            (b'blkdebug::' + b.path('run/x'), ('we-refuse', 'special')), (b'null-co://', ('we-refuse', 'special')),
            (b'null-aio://', ('we-refuse', 'special')), (b'http://127.0.0.1:1/x', ('both-refuse', '')),
            (b'/proc/self/exe', ('we-refuse', 'it depends on the process')),
            (b'/dev/null', ('we-refuse', 'a character device')),
            (b'/dev/zero', ('we-refuse', 'a character device')),
            (b'.', ('both-refuse', '')), (b'a/', ('both-refuse', '')),
            (b'/dev/fd/0', ('we-refuse', 'it depends on the process')), (b'/dev/fdset/1', ('both-refuse', '')))):
        folder = b'p%d/' % i
        b.raw(folder + (b'a/b' if name.startswith((b'/', b'.')) or name.endswith(b'/') or b':/' in name else name))
        b.overlay(folder + b'over', name)
        yield b.case(f'base {os.fsdecode(name)}', folder + b'over', expect=expect[0], why=expect[1], modes=(False,))
    for i, name in enumerate((b'file:x', b'file:./x', b'file:../f/x')):
        b.raw('f/x')
        b.overlay(b'f/over%d' % i, name)
        yield b.case(f'base {os.fsdecode(name)}', b'f/over%d' % i, workdir=True)
    b.overlay('f/over-colon', b'file:a:b')
    yield b.case('base file:a:b', 'f/over-colon', expect='we-refuse', why=AS_PROTOCOL, workdir=True)
    b.overlay('f/over-abs', b'file:' + b.path('f/x'))
    yield b.case('base file:/absolute', 'f/over-abs')
    b.overlay('f/over-host', b'file://' + b.path('f/x'))
    yield b.case('base file:///absolute', 'f/over-host')
    b.overlay('f/over-percent', b'file:' + b.path('f/%78'))
    b.raw('f/%78')
    yield b.case('base file: with %, which is no escape', 'f/over-percent')
    b.raw('f/\\')
    b.overlay('f/over-device', b'host_device:' + b.path('f/x'))
    yield b.case('base host_device: of a file', 'f/over-device', expect='both-refuse')
    b.overlay('f/over-empty', b'')
    yield b.case('base of no letters', 'f/over-empty')
    b.overlay('f/over-nul', b'x\0y')
    yield b.case('base with a NUL', 'f/over-nul')
    b.overlay('f/over-only-nul', b'\0y')
    yield b.case('base that begins with a NUL', 'f/over-only-nul')


def long_names(b):
    """Near the 1,023 bytes that qcow2 has for one."""
    for length in (1000, 1022, 1023, 1024):
        name = b''
        while length - len(name) > 101:
            name += b'y' * 100 + b'/'
        name += b'y' * (length - len(name))
        folder = b'long%d/' % length
        b.raw(folder + name)
        b.overlay(folder + b'over', name)
        yield b.case(f'base of {length} bytes', folder + b'over', expect='same' if length < 1024 else 'both-refuse',
                     modes=(False,))
    deep = b'deep/' + b'/'.join([b'z' * 200] * 6)
    b.raw(deep + b'/base.img')
    b.overlay(deep + b'/over', b'../' + b'z' * 200 + b'/base.img')
    yield b.case('a top whose own name is long', deep + b'/over', modes=(False,))


def folders(b):
    """Relative names stand beside the name by which the image was reached."""
    b.raw('d2/base.img')
    b.create('qcow2', 'd1/over.img', over=('../d2/base.img', 'raw'))
    yield b.case('base in a sibling folder', 'd1/over.img')
    # A linked image: the link's folder counts. There is another base beside the target, which nobody may open.
    b.raw('real/base.img')
    b.raw('links/base.img')
    b.create('qcow2', 'real/over.img', over=('base.img', 'raw'))
    os.symlink('../real/over.img', b.path('links/top.img'))
    yield b.case('a linked top: beside the link', 'links/top.img')
    yield b.case('a linked top, absolute', 'links/top.img', absolute=True)
    os.symlink('../real/over.img', b.make('away/over.img'))
    yield b.case('a linked top with no base beside the link', 'away/over.img', expect='both-refuse')
    b.overlay('third.img', b'links/top.img', 'qcow2')
    yield b.case('a base reached by a link: beside the link', 'third.img')
    os.symlink('real', b.path('linked'))
    yield b.case('a linked folder', 'linked/over.img')
    b.overlay('up.img', b'linked/../d2/base.img')
    yield b.case('.. behind a linked folder', 'up.img')
    os.symlink('../../d2', b.make('far/down/link'))
    b.overlay('far/up.img', b'down/link/../real/base.img')
    yield b.case('.. behind a linked folder that leads elsewhere', 'far/up.img')
    os.symlink('base.img', b.path('d2/one'))
    os.symlink('one', b.path('d2/two'))
    b.overlay('d2/over.img', b'two')
    yield b.case('a base by a link to a link', 'd2/over.img')
    os.symlink(b.path('d2/base.img'), b.path('d2/absolute'))
    b.overlay('d2/over2.img', b'absolute')
    yield b.case('a base by an absolute link', 'd2/over2.img')
    os.symlink('nowhere', b.path('d2/dangling'))
    b.overlay('d2/over3.img', b'dangling')
    yield b.case('a base by a link to nothing', 'd2/over3.img', expect='both-refuse')
    os.link(b.path('d2/base.img'), b.path('d2/hard.img'))
    b.overlay('d2/over4.img', b'hard.img')
    yield b.case('a base by another hard link', 'd2/over4.img')
    os.mkfifo(b.path('d2/fifo'))
    b.overlay('d2/over5.img', b'.')
    yield b.case('a base that is a folder', 'd2/over5.img', expect='both-refuse')
    yield b.case('a link beneath a root', 'links/top.img', roots=(b.folder,))
    yield b.case('a link out of its root', 'links/top.img', roots=(b.text('links'),))


# ----------------------------------------------------------------------------
# json: names
# ----------------------------------------------------------------------------

def host(name, **more):
    return {'driver': 'file', 'filename': name, **more}


def raw(file, **more):
    return {'driver': 'raw', **more, 'file': file}


TWICE = 'which of the two it takes is an accident'
MIXED = 'it mixes the backing file that the name gives with the one that the image names'
SPECIAL = 'a driver that is not decoded'
WRITES = 'it asks for writing'
OTHER_TYPE = 'a value of another type than its key has'


def json_layers(base, mid, alone):
    """title, object or text, declared format, group, reason; below raw files, formats and layers."""
    over = {'driver': 'qcow2', 'file': host(mid)}
    dotted = {'driver': 'raw', 'file.driver': 'file', 'file.filename': base}
    yield 'nested', raw(host(base)), 'raw'
    yield 'dotted', dotted, 'raw'
    yield 'without a driver', {'file.filename': base}, 'raw'
    yield 'without a driver of the file', raw({'filename': base}), 'raw'
    yield 'without the format', raw(host(base)), None
    yield 'without any format', {'file': host(base)}, None
    yield 'a file alone', host(base), None
    yield 'a file alone, format file', host(base), 'file'
    yield 'a file alone, format raw', host(base), 'raw', 'both-refuse'
    yield 'a file name alone', {'filename': base}, 'raw', 'both-refuse'
    yield 'a part', raw(host(base), offset=65536, size=524288), 'raw'
    yield 'a part, in words', raw(host(base), offset='64k'), 'raw', 'we-refuse', OTHER_TYPE
    yield 'a part from null', raw(host(base), offset=None), 'raw', 'we-refuse', OTHER_TYPE
    yield 'a part beyond the end', raw(host(base), offset=65536, size=1 << 30), 'raw', 'both-refuse'
    yield 'two raw layers', raw(raw(host(base), offset=512)), 'raw'
    yield 'qcow2', {'driver': 'qcow2', 'file': host(alone)}, 'qcow2'
    yield 'raw, declared qcow2', raw(host(mid)), 'qcow2'
    yield 'qcow2, declared raw', over, 'raw'
    yield 'qcow2 with a base', over, 'qcow2'
    yield 'qcow2 with a base, by the driver alone', over, None
    yield 'qcow2 with a base, only probed', {'file': host(mid)}, None, 'we-refuse', 'only probed'
    yield 'qcow2 in raw in raw', {'driver': 'qcow2', 'file': raw(raw(host(mid)))}, 'qcow2'
    yield 'no file', {'driver': 'raw'}, 'raw', 'both-refuse'
    yield 'file by a node name', raw('nosuch'), 'raw', 'both-refuse'
    yield 'file twice', {**raw(host(base)), 'file.filename': mid}, 'raw', 'we-refuse', TWICE
    yield 'an unknown driver', {**raw(host(base)), 'driver': 'nosuch'}, None, 'both-refuse'
    yield 'copy-on-read', {'driver': 'copy-on-read', 'file': over}, None, 'both-refuse'
    yield 'null-co', {'driver': 'null-co', 'size': MIB}, None, 'we-refuse', SPECIAL
    yield 'blkdebug', {'driver': 'blkdebug', 'image': host(base)}, None, 'we-refuse', SPECIAL
    yield 'blkverify', {'driver': 'blkverify', 'test': host(base), 'raw': host(base)}, None, 'we-refuse', SPECIAL
    yield 'quorum', {'driver': 'quorum', 'vote-threshold': 1, 'children': [over, raw(host(base))]}, None, \
        'we-refuse', SPECIAL
    yield 'throttle', {'driver': 'throttle', 'throttle-group': 'x', 'file': over}, None, \
        'they-refuse', 'there is no such group'
    yield 'nbd', {'driver': 'nbd', 'server': {'type': 'unix', 'path': '/nowhere'}}, None, 'both-refuse'
    yield 'host_device of a file', raw(host(base, driver='host_device')), 'raw', 'both-refuse'


def json_children(base, other, mid, alone, data, replaced):
    """The object's own backing and data file, in place of those of the image."""
    over, of_data = {'driver': 'qcow2', 'file': host(mid)}, {'driver': 'qcow2', 'file': host(data)}
    yield 'no backing', {**over, 'backing': None}, 'qcow2'
    yield 'backing of no letters', {**over, 'backing': ''}, 'qcow2'
    yield 'another backing', {**over, 'backing': raw(host(other))}, 'qcow2'
    yield 'another backing, dotted', {**over, 'backing.driver': 'raw', 'backing.file.driver': 'file',
                                      'backing.file.filename': other}, 'qcow2'
    yield 'another backing without a driver', {**over, 'backing': {'file': host(base)}}, 'qcow2'
    yield 'another backing, with none of its own', {**over, 'backing': {'driver': 'qcow2', 'file': host(alone),
                                                                        'backing': None}}, 'qcow2'
    yield 'itself as backing', {**over, 'backing': {**over, 'backing': None}}, 'qcow2', 'we-refuse', 'a loop'
    yield 'a backing for an image that has none', {'driver': 'qcow2', 'file': host(alone),
                                                   'backing': raw(host(base))}, 'qcow2'
    yield 'backing for raw', {**raw(host(base)), 'backing': raw(host(base))}, 'raw', 'both-refuse'
    yield 'a backing by a node name', {**over, 'backing': 'nosuch'}, 'qcow2', 'both-refuse'
    yield 'options for the own backing', {**over, 'backing': {'read-only': True}}, 'qcow2', 'we-refuse', MIXED
    yield 'the own backing with another driver', {**over, 'backing.driver': 'raw'}, 'qcow2', 'we-refuse', MIXED
    yield 'the own data file', of_data, 'qcow2'
    yield 'another data file', {**of_data, 'data-file': host(replaced)}, 'qcow2'
    yield 'another data file, dotted', {**of_data, 'data-file.driver': 'file', 'data-file.filename': replaced}, \
        'qcow2'
    yield 'another data file, raw over file', {**of_data, 'data-file': raw(host(replaced))}, 'qcow2'
    yield 'a data file for an image that has none', {'driver': 'qcow2', 'file': host(alone),
                                                     'data-file': host(replaced)}, 'qcow2', 'both-refuse'


def json_keys(base, mid):
    over = {'driver': 'qcow2', 'file': host(mid)}
    yield 'read only', {**raw(host(base, **{'read-only': True})), 'read-only': True}, 'raw'
    yield 'read only, in words', {**raw(host(base)), 'read-only': 'on'}, 'raw'
    yield 'writable', {**raw(host(base)), 'read-only': False}, 'raw', 'we-refuse', WRITES
    yield 'a writable file', raw(host(base, **{'read-only': False})), 'raw', 'we-refuse', WRITES
    yield 'a writable file, dotted', {'driver': 'raw', 'file.driver': 'file', 'file.filename': base,
                                      'file.read-only': 'off'}, 'raw', 'we-refuse', WRITES
    yield 'auto-read-only', raw(host(base, **{'auto-read-only': True})), 'raw'
    yield 'locking', raw(host(base, locking='off')), 'raw'
    yield 'cache', raw(host(base), cache={'direct': False, 'no-flush': True}), 'raw'
    yield 'discard', {**raw(host(base)), 'discard': 'unmap', 'detect-zeroes': 'on'}, 'raw'
    yield 'node-name', {**raw(host(base, **{'node-name': 'y'})), 'node-name': 'x'}, 'raw'
    yield 'force-share', {**raw(host(base)), 'force-share': True, 'read-only': True}, 'raw'
    yield 'harmless keys of qcow2', {**over, 'lazy-refcounts': True, 'cache-size': MIB, 'overlap-check': 'none'}, \
        'qcow2'
    yield 'encryption', {**over, 'encrypt.format': 'luks', 'encrypt.key-secret': 'x'}, 'qcow2', \
        'both-refuse'
    yield 'snapshot', {**raw(host(base)), 'snapshot': 'on'}, 'raw', 'both-refuse'
    yield 'an unknown key', raw(host(base), nosuch=1), 'raw', 'both-refuse'
    yield 'an unknown key of the file', raw(host(base, nosuch=1)), 'raw', 'both-refuse'
    yield 'a file name of no letters', raw(host('')), 'raw', 'both-refuse'
    yield 'a file name that is a number', raw(host(1)), 'raw', 'both-refuse'


def json_texts(base, odd):
    text = json.dumps(raw(host(base)))
    yield 'a letter escaped', text.replace('/', '\\u002f'), 'raw'
    yield 'a slash escaped', text.replace('/', '\\/'), 'raw'
    yield 'single quotes', str(raw(host(base))), 'raw'
    yield 'blanks', json.dumps(raw(host(base)), indent=3), 'raw'
    yield 'a blank before', ' ' + text, 'raw'
    yield 'something behind', text + 'x', 'raw', 'both-refuse'
    yield 'cut', text[:-1], 'raw', 'both-refuse'
    yield 'a key twice', text.replace('{', '{"driver": "raw", ', 1), 'raw', 'both-refuse'
    yield 'nothing', '{}', 'raw', 'both-refuse'
    yield 'an array', '[]', 'raw', 'both-refuse'
    yield 'no letters', '', 'raw', 'both-refuse'
    yield 'a file name with odd letters', raw(host(odd)), 'raw'
    yield 'a file name that is json:', raw({'filename': 'json:' + text}), 'raw', 'both-refuse'
    yield 'a file name with file:', raw({'filename': 'file:' + base}), 'raw', 'both-refuse'


def json_relative(other):
    """In QEMU's working directory."""
    over = {'driver': 'qcow2', 'file': host('../mid.qcow2')}
    yield 'nested, relative', raw(host('base.img')), 'raw'
    yield 'dotted, relative', {'file.driver': 'file', 'file.filename': 'base.img'}, 'raw'
    yield 'relative, with .. and ./', raw(host('./../base.img')), 'raw'
    yield 'relative, with a base of its own', over, 'qcow2'
    yield 'another backing, relative', {**over, 'backing': raw(host('base.img'))}, 'qcow2'
    yield 'another backing of a relative one', {**over, 'backing': raw(host(other))}, 'qcow2'
    yield 'a file name file:x', raw(host('file:x')), 'raw', 'we-refuse', AS_PROTOCOL
    yield 'a file name a:b', raw(host('a:b')), 'raw', 'we-refuse', AS_PROTOCOL


def json_names(b):
    for name in ('run/base.img', 'run/file:x', 'run/a:b', 'base.img', 'other.img', 'replaced.raw', 'ü"%41\\x'):
        b.raw(name)
    b.create('qcow2', 'alone.qcow2')
    b.create('qcow2', 'mid.qcow2', over=('base.img', 'raw'))
    b.create('qcow2', 'data.qcow2', options=f'data_file={b.text("own.raw")}')
    base, other, mid, alone = (b.text(name) for name in ('base.img', 'other.img', 'mid.qcow2', 'alone.qcow2'))
    rows = [*json_layers(base, mid, alone), *json_keys(base, mid), *json_texts(base, b.text('ü"%41\\x')),
            *json_children(base, other, mid, alone, b.text('data.qcow2'), b.text('replaced.raw'))]
    absolute = len(rows)
    for i, row in enumerate([*rows, *json_relative(other)]):
        title, value, declared, expect, why = (*row, 'same', '')[:5] if len(row) == 3 else (*row, '')[:5]
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        b.overlay(f'over{i}.qcow2', b'json:' + text.encode(), declared)
        yield b.case(f'json: {title}', f'over{i}.qcow2', expect=expect, why=why, workdir=i >= absolute,
                     modes=(False, True) if i % 8 == 0 else (False,))


PARTS = (names, folders, json_names)
