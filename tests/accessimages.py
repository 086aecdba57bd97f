# SPDX-License-Identifier: MIT
"""The images of oracle-access.py: real ones by qemu-img, and what it wouldn't write by our own builders."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys

import images
import mkimage

MIB = 1 << 20
SECRET = ('--object', 'secret,id=key,data=imgprobe')
KINDS = ('monolithicSparse', 'monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat', 'streamOptimized')


@dataclasses.dataclass
class Case:
    """One image, how both are called for it, and what is expected: `same`, `both-refuse`, `we-refuse`, `they-refuse`,
    the last two with their reason; `writing` where that is another."""
    title: str
    file: bytes
    driver: str
    cwd: str
    expect: tuple
    writing: tuple
    modes: tuple = (False, True)
    pinned: bool = True
    workdir: bool = False
    roots: tuple = ('/',)
    allow: tuple = ()
    more: tuple = ()
    secret: str = ''
    command: tuple = ()

    def group(self, write):
        return self.writing if write else self.expect

    @property
    def probing(self):
        return ['-f', self.driver] if self.pinned else []

    def io(self, write):
        return ['-c', f'{"write" if write else "read"} 64k 512']


class Builder:
    """A folder for one part of the suite; paths are relative to it. `run` within it is where both are called."""

    def __init__(self, folder, tap):
        self.folder, self.tap, self.count, self.loops = folder, tap, 0, []

    def __enter__(self):
        os.makedirs(os.path.join(self.folder, 'run'))
        return self

    def __exit__(self, *_):
        for device in self.loops:
            subprocess.run(['losetup', '-d', device], check=False)

    def path(self, name):
        return os.path.join(os.fsencode(self.folder), os.fsencode(name))

    def text(self, name):
        return os.fsdecode(self.path(name))

    def make(self, name):
        """The path, with its folders made."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        return self.path(name)

    def img(self, *args, cwd='.', check=True):
        for _ in range(20):  # LUKS gives up on a machine that is too busy for a figure
            done = subprocess.run(['qemu-img', *args], cwd=self.path(cwd), stdin=subprocess.DEVNULL, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=images.TIMEOUT)
            if b'Unable to get accurate CPU usage' not in done.stderr:
                break
        if check and done.returncode:
            raise RuntimeError(f'qemu-img {args}: {done.stderr.decode(errors="replace")}')
        return done

    def create(self, driver, name, *args, size='1M', options='', over=None):
        """By qemu-img; `over` is the name of a base as it will stand in the image, and its format."""
        self.make(name)
        given = ['-o', options] if options else []
        given += ['-b', over[0], '-F', over[1]] if over else []
        self.img('create', '-q', '-f', driver, *args, *given, self.path(name), *([] if over else [size]))

    def raw(self, name, size=MIB):
        with open(self.make(name), 'wb') as out:
            out.truncate(size)

    def overlay(self, name, backing, declared='raw', **given):
        """By our own builder, which writes any bytes as a name."""
        with open(self.make(name), 'w+b') as out:
            mkimage.qcow2(out, backing=backing, backing_format=declared.encode() if declared else None, **given)

    def with_data(self, name, data, **given):
        with open(self.make(name), 'w+b') as out:
            mkimage.qcow2(out, data_file=data, **given)

    def descriptor(self, name, kind, extents, **given):
        with open(self.make(name), 'wb') as out:
            out.write(mkimage.descriptor(kind, extents, **given))

    def patch(self, name, offset, raw):
        with open(self.path(name), 'r+b') as out:
            mkimage.put(out, offset, raw)

    def edit(self, name, old, new):
        """In a descriptor file, of any length; there must be one."""
        with open(self.path(name), 'rb') as source:
            text = source.read()
        if old not in text:
            raise RuntimeError(f'{name}: no {old}')
        with open(self.path(name), 'wb') as out:
            out.write(text.replace(old, new))

    def loop(self, name):
        """A block device over the file, or None; gone with the builder."""
        done = subprocess.run(['losetup', '-f', '--show', self.path(name)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False) if images.tool('losetup') else None
        if not done or done.returncode:
            return None
        self.loops.append(done.stdout.decode().strip())
        return self.loops[-1]

    def case(self, title, name, driver='qcow2', expect='same', why='', writing=None, absolute=None, **given):
        """Called by its absolute name and by a relative one in turns, from another folder than its own."""
        self.count += 1
        absolute = self.count % 2 == 0 if absolute is None else absolute
        absolute |= os.fsencode(name).startswith(b'/')
        file = self.path(name) if absolute else b'../' + os.fsencode(name)
        given.setdefault('allow', (self.folder,))
        expect = expect, why
        return Case(title, file, driver, self.text('run'), expect, writing or expect, **given)


# ----------------------------------------------------------------------------------------------------------------------
# Formats, alone and over each other
# ----------------------------------------------------------------------------------------------------------------------

def alone(b):
    b.raw('raw.img')
    yield b.case('raw alone', 'raw.img', 'raw')
    yield b.case('raw alone, probed', 'raw.img', 'raw', pinned=False)
    b.raw('empty.img', 0)
    yield b.case('raw of no bytes', 'empty.img', 'raw')
    for compat in ('0.10', '1.1'):
        b.create('qcow2', f'{compat}.qcow2', options=f'compat={compat}')
        yield b.case(f'qcow2 {compat}', f'{compat}.qcow2')
        yield b.case(f'qcow2 {compat}, probed', f'{compat}.qcow2', pinned=False)
        yield b.case(f'qcow2 {compat} pinned raw', f'{compat}.qcow2', 'raw', modes=(False,))
    for kind in ('dynamic', 'fixed'):
        b.create('vpc', f'{kind}.vhd', options=f'subformat={kind},force_size=on')
        yield b.case(f'vpc {kind}', f'{kind}.vhd', 'vpc')
    for kind in KINDS:
        b.create('vmdk', f'{kind}.vmdk', options=f'subformat={kind}')
        yield b.case(f'vmdk {kind}', f'{kind}.vmdk', 'vmdk')
    b.create('vhdx', 'x.vhdx', size='4M')
    yield b.case('vhdx', 'x.vhdx', 'vhdx')
    for driver in ('vdi', 'qed', 'luks', 'parallels'):
        extra = (*SECRET, '-o', 'key-secret=key,iter-time=10') if driver == 'luks' else ()
        b.create(driver, f'x.{driver}', *extra, size='4M')
        yield b.case(f'{driver} alone', f'x.{driver}', driver, 'we-refuse', 'recognised and not decoded',
                     secret='key-secret=key' if driver == 'luks' else '')


def qcow2(b):
    """What a qcow2 may be, besides young and clean."""
    b.raw('base.img', 4 * MIB)
    over = '../base.img', 'raw'
    b.create('qcow2', 'a/snapshots.qcow2', over=over)
    for i in range(3):
        b.img('snapshot', '-c', f'snap {i}', b.path('a/snapshots.qcow2'))
    b.create('qcow2', 'a/bitmaps.qcow2', over=over)
    for i in range(3):
        b.img('bitmap', '--add', b.path('a/bitmaps.qcow2'), f'bitmap {i}')
    b.create('qcow2', 'a/lazy.qcow2', options='lazy_refcounts=on', over=over)
    b.create('qcow2', 'a/dirty.qcow2', options='lazy_refcounts=on', over=over)
    subprocess.run(['qemu-io', '-c', 'write 0 1M', '-c', 'abort', b.path('a/dirty.qcow2')], check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    b.create('qcow2', 'a/zstd.qcow2', options='compression_type=zstd,extended_l2=on', over=over)
    b.create('qcow2', 'a/512.qcow2', options='cluster_size=512', over=over)
    b.create('qcow2', 'a/2M.qcow2', options='cluster_size=2M', over=over)
    for name in ('snapshots', 'bitmaps', 'lazy', 'dirty', 'zstd', '512', '2M'):
        yield b.case(f'qcow2 {name}', f'a/{name}.qcow2')
    b.create('qcow2', 'a/corrupt.qcow2', options='compat=1.1', over=over)
    b.patch('a/corrupt.qcow2', 79, b'\2')
    yield b.case('qcow2 corrupt', 'a/corrupt.qcow2', writing=('both-refuse', ''))
    b.create('qcow2', 'over-corrupt.qcow2', '-u', over=('a/corrupt.qcow2', 'qcow2'))
    yield b.case('qcow2 over a corrupt one', 'over-corrupt.qcow2')
    b.create('qcow2', 'a/feature.qcow2', over=over)
    b.patch('a/feature.qcow2', 72, b'\x80')
    yield b.case('qcow2 with an unknown incompatible feature', 'a/feature.qcow2', expect='both-refuse')
    b.create('qcow2', 'a/autoclear.qcow2', over=over)
    b.patch('a/autoclear.qcow2', 88, b'\x80')
    yield b.case('qcow2 with unknown autoclear features', 'a/autoclear.qcow2')
    b.create('qcow2', 'missing.qcow2', '-u', '-b', 'nowhere.img', '-F', 'raw', size='1M')
    yield b.case('qcow2 over a file that is not there', 'missing.qcow2', expect='both-refuse')


def encrypted(b):
    b.raw('base.img')
    for compat in ('0.10', '1.1'):
        name = f'a/luks-{compat}.qcow2'
        given = f'compat={compat},encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10'
        b.create('qcow2', name, *SECRET, options=given, over=('../base.img', 'raw'))
        yield b.case(f'qcow2 {compat} with LUKS', name, secret='encrypt.key-secret=key')
        yield b.case(f'qcow2 {compat} with LUKS and no secret', name, expect='they-refuse', why='the secret is missing')
    name = 'a/data-luks.qcow2'
    given = f'data_file={b.text("data.img")},encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10'
    b.create('qcow2', name, *SECRET, options=given)
    yield b.case('qcow2 with LUKS and a data file', name, secret='encrypt.key-secret=key')
    b.create('qcow2', 'a/aes.qcow2', *SECRET, options='encrypt.format=aes,encrypt.key-secret=key')
    yield b.case('qcow2 with AES', 'a/aes.qcow2', secret='encrypt.key-secret=key')
    yield b.case('qcow2 with AES and no secret', 'a/aes.qcow2', expect='they-refuse', why='the secret is missing')


def chains(b):
    b.raw('d0/0.img')
    b.create('qcow2', 'd1/1.img', over=('../d0/0.img', 'raw'))
    yield b.case('chain of 2', 'd1/1.img')
    for i in range(2, 6):
        b.create('qcow2', f'd{i}/{i}.img', options=f'compat={"0.10" if i % 2 else "1.1"}',
                 over=(f'../d{i - 1}/{i - 1}.img', 'qcow2'))
    yield b.case('chain of 6', 'd5/5.img', absolute=True)
    yield b.case('chain of 6, by a relative name', 'd5/5.img', absolute=False)
    yield b.case('chain of 6 in its own folder', 'd5/5.img', absolute=False, roots=(b.folder,))
    yield b.case('chain of 6 under a root that holds a part', 'd5/5.img', expect='we-refuse', why='--root',
                 roots=(b.text('d4'),))
    yield b.case('chain of 6, probed', 'd5/5.img', pinned=False, expect='we-refuse', why='a probed top refers')
    for i in range(31):
        name = f'deep/{i}.img'
        b.create('qcow2', name, over=(f'{i - 1}.img', 'qcow2')) if i else b.create('qcow2', name)
    yield b.case('chain of 31', 'deep/30.img')
    b.create('qcow2', 'loop/a.img', '-u', '-b', 'b.img', '-F', 'qcow2')
    b.create('qcow2', 'loop/b.img', '-u', '-b', 'a.img', '-F', 'qcow2')
    yield b.case('a loop of two', 'loop/a.img', expect='both-refuse', modes=(False,))


def mixed(b):
    """Every format over every other."""
    drivers = {'raw': 'raw', 'qcow2': 'qcow2', 'dynamic': 'vpc', 'fixed': 'vpc'}
    drivers.update({kind: 'vmdk' for kind in KINDS})
    for kind, driver in drivers.items():
        options = {'vpc': f'subformat={kind},force_size=on', 'vmdk': f'subformat={kind}'}.get(driver, '')
        b.create(driver, f'bases/{kind}.base', options=options, size='4M')
        b.create('qcow2', f'overs/{kind}.qcow2', over=(f'../bases/{kind}.base', driver))
        yield b.case(f'qcow2 over {kind}', f'overs/{kind}.qcow2')
        b.create('qcow2', f'{kind}.qcow2', over=(f'overs/{kind}.qcow2', 'qcow2'))
        yield b.case(f'qcow2 over qcow2 over {kind}', f'{kind}.qcow2')
    for driver in ('vdi', 'qed', 'parallels', 'vhdx'):
        b.create(driver, f'bases/{driver}.base', size='4M')
        b.create('qcow2', f'overs/{driver}.qcow2', over=(f'../bases/{driver}.base', driver))
        yield b.case(f'qcow2 over {driver}', f'overs/{driver}.qcow2',
                     expect='same' if driver == 'vhdx' else 'we-refuse', why='' if driver == 'vhdx' else 'not decoded')
        b.overlay(f'overs/raw-{driver}.qcow2', f'../bases/{driver}.base'.encode())
        yield b.case(f'qcow2 over {driver} declared raw', f'overs/raw-{driver}.qcow2')
    for kind in ('monolithicSparse', 'twoGbMaxExtentSparse', 'streamOptimized'):
        for base in KINDS:
            name = f'vmdks/{kind}-{base}.vmdk'
            b.create('vmdk', name, options=f'subformat={kind}', over=(f'../bases/{base}.base', 'vmdk'))
            yield b.case(f'vmdk {kind} over {base}', name, 'vmdk')
    b.create('qcow2', 'three.qcow2', over=('vmdks/twoGbMaxExtentSparse-twoGbMaxExtentFlat.vmdk', 'vmdk'))
    yield b.case('qcow2 over vmdk over vmdk, with extents', 'three.qcow2')
    b.create('vmdk', 'vmdks/third.vmdk', options='subformat=monolithicSparse',
             over=('monolithicSparse-monolithicFlat.vmdk', 'vmdk'))
    yield b.case('vmdk over vmdk over vmdk', 'vmdks/third.vmdk', 'vmdk')


def undeclared(b):
    """Bases without a declared format: QEMU probes. It may refer to nothing further."""
    b.raw('base.img')
    b.overlay('over-raw.img', b'base.img', None)
    yield b.case('undeclared raw base', 'over-raw.img')
    b.create('qcow2', 'alone.qcow2')
    b.overlay('over-alone.img', b'alone.qcow2', None)
    yield b.case('undeclared qcow2 base without references', 'over-alone.img')
    b.create('qcow2', 'mid.qcow2', over=('base.img', 'raw'))
    b.create('vmdk', 'flat.vmdk', options='subformat=monolithicFlat')
    b.create('vmdk', 'sparse.vmdk')
    b.create('qcow2', 'data.qcow2', options=f'data_file={b.text("d.raw")}')
    for mid, driver in (('mid.qcow2', 'qcow2'), ('flat.vmdk', 'vmdk'), ('data.qcow2', 'qcow2')):
        b.overlay(f'over-{mid}', mid.encode(), None)
        yield b.case(f'undeclared {mid} with references', f'over-{mid}', expect='we-refuse', why='only probed')
        yield b.case(f'undeclared {mid} and --declare', f'over-{mid}', more=('--declare', f'{b.text(mid)}={driver}'))
    b.overlay('over-sparse.img', b'sparse.vmdk', None)
    yield b.case('undeclared vmdk that is its own extent', 'over-sparse.img')
    b.overlay('over-mid-as-raw.img', b'mid.qcow2')
    yield b.case('qcow2 base declared raw', 'over-mid-as-raw.img')
    b.overlay('over-raw-as-qcow2.img', b'base.img', 'qcow2')
    yield b.case('raw base declared qcow2', 'over-raw-as-qcow2.img', expect='both-refuse')
    b.overlay('over-file.img', b'mid.qcow2', 'file')
    yield b.case('base declared file', 'over-file.img')
    b.overlay('over-nosuch.img', b'mid.qcow2', 'nosuch')
    yield b.case('base declared in a format that nobody knows', 'over-nosuch.img', expect='both-refuse')


def differencing(b):
    with open(b.make('d.vhd'), 'w+b') as out:
        mkimage.vhd_differencing(out, size=4 * MIB, W2ru=b'.\\base.vhd')
    b.create('vpc', 'base.vhd', size='4M')
    why = 'QEMU ignores the parent: the guest would read zeros'
    yield b.case('vpc differencing', 'd.vhd', 'vpc', 'we-refuse', why)
    b.create('qcow2', 'over.qcow2', '-u', '-b', 'd.vhd', '-F', 'vpc', size='4M')
    yield b.case('qcow2 over vpc differencing', 'over.qcow2', expect='we-refuse', why=why)


# ----------------------------------------------------------------------------------------------------------------------
# Names
# ----------------------------------------------------------------------------------------------------------------------

NAMES = (b'with blank', b' blanks around ', b'quote"', b"quote's", b'\xc3\xbcml\xc3\xa4ut \xe5\x9f\xba', b'new\nline',
         b'not\xffutf\xfe8', b'\xc0\x80nul', b'cut\xe5\x9f', b'sur\xed\xa0\x80rogate', b'tab\tescape\x1b[1m',
         b'back\\slash', b'comma,b', b'percent%20s%n', b'#hash?query', b'-dash', b'--output', b'$(id)', b'*',
         b'{brace', b'equals=1', b'semi;colon', b'a' * 255, b'sub/a', b'./sub/./a', b'sub//a', b'sub/../sub/a', b'./a:b',
         b'./json:{}', b'./file:x', b'./nbd:unix:x', b'./fat:rw:x', b'\x01', b'\x7f', b'\xe2\x80\xa8line', b'C\\x')


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
            (b'nbd+unix:///x?socket=/nowhere', ('both-refuse', '')), (b'fat:' + b.path('run'), ('we-refuse', 'special')),
            (b'blkdebug::' + b.path('run/x'), ('we-refuse', 'special')), (b'null-co://', ('we-refuse', 'special')),
            (b'null-aio://', ('we-refuse', 'special')), (b'http://127.0.0.1:1/x', ('both-refuse', '')),
            (b'/proc/self/exe', ('we-refuse', 'it depends on the process')), (b'/dev/null', ('we-refuse', 'a character device')),
            (b'/dev/zero', ('we-refuse', 'a character device')), (b'.', ('both-refuse', '')), (b'a/', ('both-refuse', '')),
            (b'/dev/fd/0', ('we-refuse', 'it depends on the process')), (b'/dev/fdset/1', ('both-refuse', '')))):
        folder = b'p%d/' % i
        b.raw(folder + (b'a/b' if name.startswith((b'/', b'.')) or name.endswith(b'/') or b':/' in name else name))
        b.overlay(folder + b'over', name)
        yield b.case(f'base {os.fsdecode(name)}', folder + b'over', expect=expect[0], why=expect[1], modes=(False,))
    for i, name in enumerate((b'file:x', b'file:./x', b'file:a:b', b'file:../f/x')):
        b.raw('f/x')
        b.overlay(b'f/over%d' % i, name)
        yield b.case(f'base {os.fsdecode(name)}', b'f/over%d' % i, workdir=True)
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


# ----------------------------------------------------------------------------------------------------------------------
# Data files and extents
# ----------------------------------------------------------------------------------------------------------------------

def data_files(b):
    b.raw('base.img')
    for i, (data, raw) in enumerate(((d, r) for d in ('data.raw', './s u b/da"ta', '../data.up', 'abs')
                                     for r in ('on', 'off'))):
        place = b.text(f'a/abs{i}.raw') if data == 'abs' else data
        os.makedirs(b.path('run/s u b'), exist_ok=True)
        b.raw(os.path.join('run', place))
        image = f'a/{i}.qcow2'
        b.with_data(image, place.encode(), autoclear=2 if raw == 'on' else 0)
        yield b.case(f'data file {data}, data_file_raw={raw}', image, workdir=data != 'abs')
    b.img('create', '-q', '-f', 'qcow2', '-o', f'data_file=d.raw,backing_file={b.text("base.img")},backing_fmt=raw',
          b.path('a/both.qcow2'), cwd='run')
    yield b.case('data file and backing file', 'a/both.qcow2', workdir=True)
    b.overlay('top.qcow2', b'a/both.qcow2', 'qcow2')
    yield b.case('over an image with a data file', 'top.qcow2', workdir=True)
    b.with_data('a/two.qcow2', b.path('a/one.raw'), backing=b.path('a/base.qcow2'), backing_format=b'qcow2')
    b.raw('a/one.raw')
    b.with_data('a/base.qcow2', b.path('a/two.raw'))
    b.raw('a/two.raw')
    yield b.case('two images with a data file each', 'a/two.qcow2')
    b.with_data('a/shared.qcow2', b.path('a/two.raw'), backing=b.path('a/base.qcow2'), backing_format=b'qcow2')
    yield b.case('two images with one data file', 'a/shared.qcow2',
                 writing=('they-refuse', 'its own lock stands in its way'))
    os.symlink('one.raw', b.path('a/link.raw'))
    b.with_data('a/linked.qcow2', b.path('a/link.raw'))
    yield b.case('a data file by a link', 'a/linked.qcow2')
    b.with_data('a/none.qcow2', b.path('a/nowhere.raw'))
    yield b.case('a data file that is not there', 'a/none.qcow2', expect='both-refuse')
    b.with_data('a/empty.qcow2', b'')
    yield b.case('a data file of no letters', 'a/empty.qcow2', expect='both-refuse')
    b.with_data('a/nameless.qcow2', None, incompatible=4)
    yield b.case('a data file without a name', 'a/nameless.qcow2', expect='both-refuse')
    b.with_data('a/unused.qcow2', b.path('a/one.raw'), incompatible=0)
    yield b.case('the name of a data file and no bit that says so', 'a/unused.qcow2')
    b.create('qcow2', 'a/inner.qcow2', over=(b.text('base.img'), 'raw'))
    b.with_data('a/format.qcow2', b.path('a/inner.qcow2'))
    yield b.case('a data file that holds a qcow2', 'a/format.qcow2', modes=(False,))
    # Literally a file of that name, to this version of QEMU.
    text = 'json:' + json.dumps({'driver': 'file', 'filename': b.text('a/one.raw')})
    for i, name in enumerate(('file:data.file', 'nbd:unix:x', 'json:{}', text)):
        b.with_data(f'a/literal{i}.qcow2', name.encode())
        yield b.case(f'a data file {name[:12]} that is not there', f'a/literal{i}.qcow2', expect='both-refuse',
                     workdir=True)
        if name != text:
            b.raw(f'run/{name}')
            yield b.case(f'a data file {name}', f'a/literal{i}.qcow2', expect='we-refuse', workdir=True,
                         why='it means two things to two versions')


def vmdk_extents(b):
    """Descriptors by our own hand, with extents of every kind and name."""
    def flat(name, *extents, kind='twoGbMaxExtentFlat', sectors=2048, offset=0):
        lines = [b'RW %d FLAT "%s" %d' % (sectors, extent, offset) for extent in extents]
        b.descriptor(name, kind, b'\n'.join(lines))

    for i, name in enumerate((b'flat.img', b'sub/flat.img', b'../up.img', b'with blank', b"quote's", b'./a:b', b'-x',
                              b'\xc3\xbc', b'\xff\xfe', b'percent%41', b'comma,b', b'back\\slash', b'y' * 200, b'#x')):
        folder = b'n%d/' % i
        os.makedirs(b.path(folder), exist_ok=True)
        b.raw(folder + name)
        flat(folder + b'image', name)
        yield b.case(f'extent {os.fsdecode(name)[:40]}', folder + b'image', 'vmdk')
    b.raw('abs.img')
    flat('abs/image', b.path('abs.img'))
    yield b.case('an extent by its absolute name', 'abs/image', 'vmdk')
    b.raw('several/a')
    b.raw('several/b')
    flat('several/image', b'a', b'b', b.path('abs.img'))
    yield b.case('three extents', 'several/image', 'vmdk')
    flat('several/twice', b'a', b'a')
    shut = 'they-refuse', 'its own lock stands in its way'
    yield b.case('one extent twice', 'several/twice', 'vmdk', writing=shut)
    flat('several/names', b'a', b'./a', b.path('several/a'))
    yield b.case('one extent by three names', 'several/names', 'vmdk', writing=shut)
    os.symlink('a', b.path('several/link'))
    flat('several/links', b'a', b'link')
    yield b.case('one extent by a link too', 'several/links', 'vmdk', writing=shut)
    flat('several/offset', b'a', offset=1024, sectors=1024)
    yield b.case('an extent from the middle of a file', 'several/offset', 'vmdk')
    b.descriptor('several/zero', 'twoGbMaxExtentFlat', b'RW 2048 FLAT "a" 0\nRW 2048 ZERO\nRW 2048 FLAT "b" 0')
    yield b.case('a ZERO extent between', 'several/zero', 'vmdk')
    b.descriptor('several/only-zero', 'twoGbMaxExtentFlat', b'RW 2048 ZERO')
    yield b.case('a ZERO extent alone', 'several/only-zero', 'vmdk', 'we-refuse', 'a disk of nothing, which QEMU passes over')
    b.descriptor('several/zero-named', 'twoGbMaxExtentFlat', b'RW 2048 ZERO "a" 0\nRW 2048 FLAT "b" 0')
    yield b.case('a ZERO extent with a name and offset', 'several/zero-named', 'vmdk', 'both-refuse')
    b.descriptor('several/rdonly', 'twoGbMaxExtentFlat', b'RW 2048 FLAT "a" 0\nRDONLY 2048 FLAT "b" 0')
    yield b.case('a RDONLY extent', 'several/rdonly', 'vmdk', 'we-refuse', 'QEMU ignores it')
    b.descriptor('several/noaccess', 'twoGbMaxExtentFlat', b'RW 2048 FLAT "a" 0\nNOACCESS 2048 FLAT "b" 0')
    yield b.case('a NOACCESS extent', 'several/noaccess', 'vmdk')
    b.descriptor('several/vmfs', 'vmfs', b'RW 2048 VMFS "a"')
    yield b.case('a VMFS extent', 'several/vmfs', 'vmdk')
    b.descriptor('several/missing', 'twoGbMaxExtentFlat', b'RW 2048 FLAT "a" 0\nRW 2048 FLAT "nowhere" 0')
    yield b.case('an extent that is not there', 'several/missing', 'vmdk', 'both-refuse')
    for kind, label in (('kdmv', b'SPARSE'), ('cowd', b'VMFSSPARSE')):
        with open(b.make(f'sparse/{kind}'), 'w+b') as out:
            getattr(mkimage, kind)(out, text=0)
        create = 'twoGbMaxExtentSparse' if kind == 'kdmv' else 'vmfsSparse'
        b.descriptor(f'sparse/{kind}-image', create, b'RW 2048 %s "%s"' % (label, kind.encode()))
        yield b.case(f'a {label.decode()} extent', f'sparse/{kind}-image', 'vmdk')
        b.create('qcow2', f'sparse/over-{kind}', over=(f'{kind}-image', 'vmdk'))
        yield b.case(f'over a {label.decode()} extent', f'sparse/over-{kind}')
    with open(b.make('sparse/se'), 'w+b') as out:
        mkimage.sesparse(out)
    b.descriptor('sparse/se-image', 'seSparse', b'RW 2048 SESPARSE "se"')
    yield b.case('a SESPARSE extent', 'sparse/se-image', 'vmdk', writing=('both-refuse', ''))
    b.raw('json/a')
    flat('json/image', b'json:{"driver":"file","filename":"a"}'.replace(b'"', b"'"))
    yield b.case('an extent by json:', 'json/image', 'vmdk', 'we-refuse', 'it means two things to two versions',
                 workdir=False, modes=(False,))
    b.raw('run/a')
    flat('file/image', b'file:a')
    yield b.case('an extent by file:', 'file/image', 'vmdk', workdir=True)
    flat('fat/image', b'fat:../run')
    yield b.case('an extent by fat:', 'fat/image', 'vmdk', 'we-refuse', 'special', modes=(False,))
    yield from vmdk_parents(b)


def vmdk_parents(b):
    """Hints of every kind; versions; extents that hold other formats."""
    b.create('vmdk', 'p/base.vmdk')
    b.create('vmdk', 'p/flat.vmdk', options='subformat=monolithicFlat')
    for i, hint in enumerate((b'base.vmdk', b'./base.vmdk', b'../p/base.vmdk', b.path('p/base.vmdk'), b'flat.vmdk')):
        base = b.path('p/flat.vmdk' if hint == b'flat.vmdk' else 'p/base.vmdk')
        with open(base, 'rb') as source:
            cid = int(re.search(rb'\nCID=([0-9a-f]+)', source.read())[1], 16)
        with open(b.make(f'p/over{i}.vmdk'), 'w+b') as out:
            mkimage.kdmv(out, parent=hint, parent_cid=cid, name=b'over%d.vmdk' % i)
        yield b.case(f'parent {os.fsdecode(hint)[-20:]}', f'p/over{i}.vmdk', 'vmdk')
        b.raw(f'p/flat{i}')
        b.descriptor(f'p/text{i}.vmdk', 'twoGbMaxExtentFlat', b'RW 2048 FLAT "flat%d" 0' % i, parent=hint,
                     parent_cid=cid)
        yield b.case(f'parent {os.fsdecode(hint)[-20:]} of a flat one', f'p/text{i}.vmdk', 'vmdk')
    b.create('qcow2', 'p/base.qcow2')
    with open(b.make('p/over-qcow2.vmdk'), 'w+b') as out:
        mkimage.kdmv(out, parent=b'base.qcow2', parent_cid=0x12345678, name=b'x')
    yield b.case('a parent that is a qcow2', 'p/over-qcow2.vmdk', 'vmdk', 'both-refuse')
    with open(b.make('p/version3.vmdk'), 'w+b') as out:
        mkimage.kdmv(out, version=3, name=b'version3.vmdk')
    yield b.case('vmdk version 3', 'p/version3.vmdk', 'vmdk', writing=('both-refuse', ''))
    b.create('qcow2', 'p/over-version3.qcow2', over=('version3.vmdk', 'vmdk'))
    yield b.case('qcow2 over vmdk version 3', 'p/over-version3.qcow2')
    b.descriptor('p/holds-qcow2.vmdk', 'twoGbMaxExtentFlat', b'RW 64 FLAT "base.qcow2" 0')
    yield b.case('a FLAT extent that holds a qcow2', 'p/holds-qcow2.vmdk', 'vmdk', modes=(False,))


def shared(b):
    """One file met twice."""
    b.raw('base.img')
    b.with_data('both.qcow2', b.path('base.img'), backing=b'base.img', backing_format=b'raw')
    yield b.case('a data file that is the base too', 'both.qcow2')
    os.link(b.path('base.img'), b.path('hard.img'))
    b.with_data('hard.qcow2', b.path('hard.img'), backing=b'base.img', backing_format=b'raw')
    yield b.case('a data file that is the base by another hard link', 'hard.qcow2')
    b.descriptor('flat.vmdk', 'twoGbMaxExtentFlat', b'RW 2048 FLAT "base.img" 0')
    b.with_data('extent.qcow2', b.path('base.img'), backing=b'flat.vmdk', backing_format=b'vmdk')
    yield b.case('a data file that is an extent of the base', 'extent.qcow2',
                 writing=('they-refuse', 'its own lock stands in its way'))


# ----------------------------------------------------------------------------------------------------------------------
# json: names
# ----------------------------------------------------------------------------------------------------------------------

def json_names(b):
    b.raw('run/base.img')
    b.raw('base.img')
    b.raw('other.img')
    b.create('qcow2', 'alone.qcow2')
    b.create('qcow2', 'mid.qcow2', over=('base.img', 'raw'))
    b.create('qcow2', 'data.qcow2', options=f'data_file={b.text("own.raw")}')
    b.raw('replaced.raw')
    with open(b.path('own.raw'), 'ab'):
        pass
    b.raw('name%41\\x')
    b.raw('ü"x')
    base, alone_, mid = b.text('base.img'), b.text('alone.qcow2'), b.text('mid.qcow2')
    file = {'driver': 'file', 'filename': base}
    midfile = {'driver': 'file', 'filename': mid}
    over = {'driver': 'qcow2', 'file': midfile}
    for i, (title, value, declared, expect, workdir) in enumerate((
            ('nested', {'driver': 'raw', 'file': file}, 'raw', 'same', 0),
            ('nested, relative', {'driver': 'raw', 'file': {'driver': 'file', 'filename': 'base.img'}}, 'raw', 'same', 1),
            ('dotted', {'driver': 'raw', 'file.driver': 'file', 'file.filename': base}, 'raw', 'same', 0),
            ('dotted, relative', {'file.driver': 'file', 'file.filename': 'base.img'}, 'raw', 'same', 1),
            ('without a driver', {'file.filename': base}, 'raw', 'same', 0),
            ('without a driver of the file', {'driver': 'raw', 'file': {'filename': base}}, 'raw', 'same', 0),
            ('without the format', {'driver': 'raw', 'file': file}, None, 'same', 0),
            ('without any format', {'file': file}, None, 'same', 0),
            ('a file alone', {'driver': 'file', 'filename': base}, None, 'same', 0),
            ('a file alone, format file', {'driver': 'file', 'filename': base}, 'file', 'same', 0),
            ('a file alone, format raw', {'driver': 'file', 'filename': base}, 'raw', 'both-refuse', 0),
            ('filename alone', {'filename': base}, 'raw', 'both-refuse', 0),
            ('a part', {'driver': 'raw', 'offset': 65536, 'size': 524288, 'file': file}, 'raw', 'same', 0),
            ('a part, in words', {'driver': 'raw', 'offset': '64k', 'file': file}, 'raw', 'same', 0),
            ('a part of the wrong type', {'driver': 'raw', 'offset': None, 'file': file}, 'raw', 'both-refuse', 0),
            ('two raw layers', {'driver': 'raw', 'file': {'driver': 'raw', 'offset': 512, 'file': file}}, 'raw', 'same', 0),
            ('qcow2', {'driver': 'qcow2', 'file': {'driver': 'file', 'filename': alone_}}, 'qcow2', 'same', 0),
            ('raw, declared qcow2', {'driver': 'raw', 'file': {'driver': 'file', 'filename': mid}}, 'qcow2', 'same', 0),
            ('qcow2, declared raw', over, 'raw', 'same', 0),
            ('qcow2 with a base', over, 'qcow2', 'same', 0),
            ('qcow2 with a base, by the driver alone', over, None, 'same', 0),
            ('qcow2 with a base, no driver, no format', {'file': midfile}, None, 'we-refuse', 0),
            ('qcow2 in raw in raw', {'driver': 'qcow2', 'file': {'driver': 'raw', 'file': {'driver': 'raw', 'file': midfile}}},
             'qcow2', 'same', 0),
            ('no backing', {**over, 'backing': None}, 'qcow2', 'same', 0),
            ('another backing', {**over, 'backing': {'driver': 'raw', 'file': {'driver': 'file', 'filename': b.text('other.img')}}},
             'qcow2', 'same', 0),
            ('another backing, dotted', {**over, 'backing.driver': 'raw', 'backing.file.driver': 'file',
                                         'backing.file.filename': b.text('other.img')}, 'qcow2', 'same', 0),
            ('another backing, relative', {**over, 'backing': {'driver': 'raw', 'file': {'driver': 'file', 'filename': 'base.img'}}},
             'qcow2', 'same', 1),
            ('another backing without a driver', {**over, 'backing': {'file': file}}, 'qcow2', 'same', 0),
            ('a backing for an image that has none',
             {'driver': 'qcow2', 'file': {'driver': 'file', 'filename': alone_}, 'backing': {'driver': 'raw', 'file': file}},
             'qcow2', 'same', 0),
            ('backing for raw', {'driver': 'raw', 'file': file, 'backing': {'driver': 'raw', 'file': file}}, 'raw', 'both-refuse', 0),
            ('a backing by a node name', {**over, 'backing': 'nosuch'}, 'qcow2', 'both-refuse', 0),
            ('backing of no letters', {**over, 'backing': ''}, 'qcow2', 'we-refuse', 0),
            ('options for the own backing', {**over, 'backing': {'read-only': True}}, 'qcow2', 'same', 0),
            ('the own backing with another driver', {**over, 'backing.driver': 'raw'}, 'qcow2', 'same', 0),
            ('another data file', {'driver': 'qcow2', 'file': {'driver': 'file', 'filename': b.text('data.qcow2')},
                                   'data-file': {'driver': 'file', 'filename': b.text('replaced.raw')}}, 'qcow2', 'same', 0),
            ('another data file, dotted', {'driver': 'qcow2', 'file.filename': b.text('data.qcow2'), 'file.driver': 'file',
                                           'data-file.filename': b.text('replaced.raw'), 'data-file.driver': 'file'},
             'qcow2', 'same', 0),
            ('another data file, raw over file', {'driver': 'qcow2', 'file': {'driver': 'file', 'filename': b.text('data.qcow2')},
                                   'data-file': {'driver': 'raw', 'file': {'driver': 'file', 'filename': b.text('replaced.raw')}}}, 'qcow2', 'same', 0),
            ('the own data file', {'driver': 'qcow2', 'file': {'driver': 'file', 'filename': b.text('data.qcow2')}}, 'qcow2', 'same', 0),
            ('a data file for an image that has none', {'driver': 'qcow2', 'file': {'driver': 'file', 'filename': alone_},
                                   'data-file': {'driver': 'file', 'filename': b.text('replaced.raw')}}, 'qcow2', 'both-refuse', 0),
            ('copy-on-read', {'driver': 'copy-on-read', 'file': over}, None, 'same', 0),
            ('read only', {'driver': 'raw', 'read-only': True, 'file': {**file, 'read-only': True}}, 'raw', 'same', 0),
            ('read only, in words', {'driver': 'raw', 'read-only': 'on', 'file': file}, 'raw', 'same', 0),
            ('writable', {'driver': 'raw', 'read-only': False, 'file': file}, 'raw', 'we-refuse', 0),
            ('a writable file', {'driver': 'raw', 'file': {**file, 'read-only': False}}, 'raw', 'we-refuse', 0),
            ('a writable file, dotted', {'driver': 'raw', 'file.driver': 'file', 'file.filename': base, 'file.read-only': 'off'},
             'raw', 'we-refuse', 0),
            ('auto-read-only', {'driver': 'raw', 'file': {**file, 'auto-read-only': True}}, 'raw', 'same', 0),
            ('locking', {'driver': 'raw', 'file': {**file, 'locking': 'off'}}, 'raw', 'same', 0),
            ('cache', {'driver': 'raw', 'cache': {'direct': False, 'no-flush': True}, 'file': file}, 'raw', 'same', 0),
            ('discard', {'driver': 'raw', 'discard': 'unmap', 'detect-zeroes': 'on', 'file': file}, 'raw', 'same', 0),
            ('node-name', {'driver': 'raw', 'node-name': 'x', 'file': {**file, 'node-name': 'y'}}, 'raw', 'same', 0),
            ('an unknown key', {'driver': 'raw', 'nosuch': 1, 'file': file}, 'raw', 'both-refuse', 0),
            ('an unknown key of the file', {'driver': 'raw', 'file': {**file, 'nosuch': 1}}, 'raw', 'both-refuse', 0),
            ('an unknown driver', {'driver': 'nosuch', 'file': file}, None, 'both-refuse', 0),
            ('file by a node name', {'driver': 'raw', 'file': 'nosuch'}, 'raw', 'both-refuse', 0),
            ('file twice', {'driver': 'raw', 'file': file, 'file.filename': b.text('other.img')}, 'raw', 'both-refuse', 0),
            ('no file', {'driver': 'raw'}, 'raw', 'both-refuse', 0),
            ('nothing', {}, 'raw', 'both-refuse', 0),
            ('null-co', {'driver': 'null-co', 'size': MIB}, None, 'we-refuse', 0),
            ('blkdebug', {'driver': 'blkdebug', 'image': file}, None, 'we-refuse', 0),
            ('blkverify', {'driver': 'blkverify', 'test': file, 'raw': file}, None, 'we-refuse', 0),
            ('quorum', {'driver': 'quorum', 'vote-threshold': 1, 'children': [over, {'driver': 'raw', 'file': file}]}, None, 'we-refuse', 0),
            ('throttle', {'driver': 'throttle', 'throttle-group': 'x', 'file': over}, None, 'both-refuse', 0),
            ('nbd', {'driver': 'nbd', 'server': {'type': 'unix', 'path': '/nowhere'}}, None, 'both-refuse', 0),
            ('host_device of a file', {'driver': 'raw', 'file': {'driver': 'host_device', 'filename': base}}, 'raw', 'both-refuse', 0),
            ('a letter escaped', ('{"driver":"raw","file":{"driver":"file","filename":"%s"}}' % base.replace('/', '\\u002f')), 'raw', 'same', 0),
            ('a slash escaped', ('{"driver":"raw","file":{"driver":"file","filename":"%s"}}' % base.replace('/', '\\/')), 'raw', 'same', 0),
            ('single quotes', str({'driver': 'raw', 'file': file}), 'raw', 'same', 0),
            ('blanks', json.dumps({'driver': 'raw', 'file': file}, indent=3), 'raw', 'same', 0),
            ('a blank before', ' ' + json.dumps({'driver': 'raw', 'file': file}), 'raw', 'same', 0),
            ('something behind', json.dumps({'driver': 'raw', 'file': file}) + 'x', 'raw', 'both-refuse', 0),
            ('a key twice', '{"driver":"raw","driver":"raw","file":{"driver":"file","filename":"%s"}}' % base, 'raw', 'both-refuse', 0),
            ('cut', json.dumps({'driver': 'raw', 'file': file})[:-1], 'raw', 'both-refuse', 0),
            ('an array', '[]', 'raw', 'both-refuse', 0),
            ('filename file:x, which is no protocol', {'driver': 'raw', 'file': {'driver': 'file', 'filename': 'file:x'}}, 'raw', 'same', 1),
            ('filename a:b', {'driver': 'raw', 'file': {'driver': 'file', 'filename': 'a:b'}}, 'raw', 'same', 1),
            ('filename with % and \\', {'driver': 'raw', 'file': {'driver': 'file', 'filename': b.text('name%41\\x')}}, 'raw', 'same', 0),
            ('filename with quote and umlaut', {'driver': 'raw', 'file': {'driver': 'file', 'filename': b.text('ü"x')}}, 'raw', 'same', 0),
            ('filename that is json:', {'driver': 'raw', 'file': {'filename': 'json:' + json.dumps(file)}}, 'raw', 'same', 0),
            ('filename of no letters', {'driver': 'raw', 'file': {'driver': 'file', 'filename': ''}}, 'raw', 'both-refuse', 0),
            ('filename without a driver, with file:', {'driver': 'raw', 'file': {'filename': 'file:' + base}}, 'raw', 'same', 0),
            ('filename is a number', {'driver': 'raw', 'file': {'driver': 'file', 'filename': 1}}, 'raw', 'both-refuse', 0),
            ('encrypt keys', {**over, 'encrypt.format': 'luks', 'encrypt.key-secret': 'x'}, 'qcow2', 'both-refuse', 0),
            ('harmless keys of qcow2', {**over, 'lazy-refcounts': True, 'cache-size': 1048576, 'overlap-check': 'none'}, 'qcow2', 'same', 0),
            ('force-share', {'driver': 'raw', 'force-share': True, 'read-only': True, 'file': file}, 'raw', 'same', 0),
            ('snapshot', {'driver': 'raw', 'snapshot': 'on', 'file': file}, 'raw', 'both-refuse', 0))):
        b.raw('run/file:x')
        b.raw('run/a:b')
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        top = f'over{i}.qcow2'
        if len(text) > 1018:
            raise RuntimeError(f'{title}: too long')
        b.overlay(top, b'json:' + text.encode(), declared)
        yield b.case(f'json: {title}', top, expect=expect, workdir=bool(workdir),
                     why='our rule' if expect == 'we-refuse' else '', modes=(False, True) if i % 8 == 0 else (False,))


# ----------------------------------------------------------------------------------------------------------------------
# Devices, block jobs, crafted images
# ----------------------------------------------------------------------------------------------------------------------

def devices(b):
    b.raw('a.img', 4 * MIB)
    b.raw('b.img', 4 * MIB)
    b.create('qcow2', 'c.img', over=(b.text('a.img'), 'raw'))
    with open(b.path('c.img'), 'r+b') as out:
        out.truncate(4 * MIB)  # a device has whole sectors, and no room to grow
    loops = [b.loop(name) for name in ('a.img', 'b.img', 'c.img')]
    if None in loops:
        b.tap.skip('block devices', 'losetup gives none here')
        return
    yield b.case('a block device', loops[0], 'raw', allow=('/dev',))
    b.overlay('over.qcow2', loops[0].encode())
    yield b.case('a block device as base', 'over.qcow2')
    b.overlay('over-file.qcow2', b'file:' + loops[0].encode())
    yield b.case('a block device as base, by file:', 'over-file.qcow2', expect='they-refuse', why='not a regular file')
    b.overlay('over-host.qcow2', b'host_device:' + loops[0].encode())
    yield b.case('a block device as base, by host_device:', 'over-host.qcow2', expect='we-refuse', why='special')
    for driver in ('host_device', 'file'):
        text = json.dumps({'driver': 'raw', 'file': {'driver': driver, 'filename': loops[0]}}).encode()
        b.overlay(f'over-json-{driver}.qcow2', b'json:' + text)
        yield b.case(f'a block device as base, by json: with {driver}', f'over-json-{driver}.qcow2',
                     expect='same' if driver == 'host_device' else 'both-refuse')
    b.with_data('data.qcow2', loops[1].encode())
    yield b.case('a block device as data file', 'data.qcow2', allow=(loops[1],))
    b.descriptor('flat.vmdk', 'twoGbMaxExtentFlat', b'RW 2048 FLAT "%s" 0' % loops[1].encode())
    yield b.case('a block device as extent', 'flat.vmdk', 'vmdk', allow=(loops[1],))
    yield b.case('a qcow2 on a block device', loops[2])
    os.symlink(loops[0], b.path('link'))
    b.overlay('over-link.qcow2', b'link')
    yield b.case('a block device as base, by a link', 'over-link.qcow2')
    number = os.stat(loops[1]).st_rdev
    os.mknod(b.path('node'), 0o60600, number)
    b.descriptor('two.vmdk', 'twoGbMaxExtentFlat', b'RW 2048 FLAT "%s" 0\nRW 2048 FLAT "node" 0' % loops[1].encode())
    yield b.case('a block device by two nodes', 'two.vmdk', 'vmdk', modes=(False,))


def jobs(b):
    """A block job writes members that are otherwise read: --write-member."""
    def chain(folder, driver, options=''):
        b.create(driver, f'{folder}/base', options=options)
        b.create('qcow2', f'{folder}/mid', over=('base', driver))
        b.create('qcow2', f'{folder}/top', over=('mid', 'qcow2'))

    for folder, driver, options in (('raw', 'raw', ''), ('qcow2', 'qcow2', ''),
                                    ('sparse', 'vmdk', 'subformat=monolithicSparse'),
                                    ('flat', 'vmdk', 'subformat=monolithicFlat'), ('vpc', 'vpc', 'force_size=on')):
        for base in ('mid', 'base'):
            here = f'{folder}-{base}'
            chain(here, driver, options)
            raised = b.text(f'{here}/{base}')
            case = b.case(f'commit into {base} of {folder}', f'{here}/top', modes=(True,), absolute=True,
                          more=('--write-member', raised))
            case.command = ('qemu-img', 'commit', '-q', '-f', 'qcow2', '-d', '-b', raised, case.file)
            yield case
    b.with_data('data/mid', b.path('data/raw'))
    b.raw('data/raw')
    b.create('qcow2', 'data/top', over=('mid', 'qcow2'))
    case = b.case('commit into an image with a data file', 'data/top', modes=(True,), absolute=True,
                  more=('--write-member', b.text('data/mid')))
    case.command = ('qemu-img', 'commit', '-q', '-f', 'qcow2', '-d', case.file)
    yield case


def parts():
    rows = (alone, qcow2, encrypted, chains, mixed, undeclared, differencing, names, folders, data_files, vmdk_extents,
            shared, json_names, devices, jobs)
    return {row.__name__.replace('_', '-'): row for row in rows}
