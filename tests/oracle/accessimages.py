# SPDX-License-Identifier: MIT
"""The images of oracle-access.py: real ones by qemu-img, and what it wouldn't write by our own builders."""

import dataclasses
import json
import os
import re
import subprocess

import emulator
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
    home: str = ''  # nothing outside of it may be written
    devices: tuple = ()

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
        return images.qemu_img(*args, cwd=self.path(cwd), check=check)

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
        return Case(title, file, driver, self.text('run'), expect, writing or expect, home=self.folder,
                    devices=tuple(self.loops), **given)


# ----------------------------------------------------------------------------
# Formats, alone and over each other
# ----------------------------------------------------------------------------

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
    for driver in ('vdi', 'qed', 'luks', 'parallels', 'vhdx'):
        extra = (*SECRET, '-o', 'key-secret=key,iter-time=10') if driver == 'luks' else ()
        b.create(driver, f'x.{driver}', *extra, size='4M')
        yield b.case(f'{driver} alone', f'x.{driver}', driver, secret='key-secret=key' if driver == 'luks' else '')


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
    b.overlay('over-corrupt.qcow2', b'a/corrupt.qcow2', 'qcow2')
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
        yield b.case(f'qcow2 {compat} with LUKS and no secret', name, expect='they-refuse',
                     why='the secret is missing')
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
        yield b.case(f'qcow2 over {driver}', f'overs/{driver}.qcow2')
        b.overlay(f'overs/raw-{driver}.qcow2', f'../bases/{driver}.base'.encode())
        yield b.case(f'qcow2 over {driver} declared raw', f'overs/raw-{driver}.qcow2')
    for base, driver in drivers.items():
        b.create('qed', f'qeds/{base}.qed', over=(f'../bases/{base}.base', driver))
        bare = base in ('raw', 'qcow2', 'dynamic', 'monolithicSparse', 'streamOptimized')
        yield b.case(f'qed over {base}', f'qeds/{base}.qed', 'qed', 'same' if bare else 'we-refuse',
                     '' if bare else 'only probed, since a qed declares no format but raw')
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


# ----------------------------------------------------------------------------
# Data files and extents
# ----------------------------------------------------------------------------

def literal():
    """What comes of a name that is a protocol's to the first versions only: a later one takes it as a file."""
    return 'same' if emulator.reader else 'we-refuse'


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
    # Literally a file of that name, to the later versions of QEMU.
    text = 'json:' + json.dumps({'driver': 'file', 'filename': b.text('a/one.raw')})
    for i, name in enumerate(('file:data.file', 'nbd:unix:x', 'json:{}', text)):
        b.with_data(f'a/literal{i}.qcow2', name.encode())
        yield b.case(f'a data file {name[:12]} that is not there', f'a/literal{i}.qcow2', expect='both-refuse',
                     workdir=True)
        if name != text:
            b.raw(f'run/{name}')
            yield b.case(f'a data file {name}', f'a/literal{i}.qcow2', expect=literal(), workdir=True,
                         why='it means two things to two versions')


def vmdk_extents(b):
    """Descriptors by our own hand, with extents of every kind and name."""
    def flat(name, *extents, kind='twoGbMaxExtentFlat', sectors=2048, offset=0):
        lines = [b'RW %d FLAT "%s" %d' % (sectors, extent, offset) for extent in extents]
        b.descriptor(name, kind, b'\n'.join(lines))

    for i, name in enumerate((b'flat.img', b'sub/flat.img', b'../up.img', b'with blank', b"quote's", b'./a:b', b'-x',
                              b'\xc3\xbc', b'\xff\xfe', b'percent%41', b'comma,b', b'back\\slash',
                              b'y' * 200, b'#x')):
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
    yield b.case('a ZERO extent alone', 'several/only-zero', 'vmdk', 'we-refuse',
                 'a disk of nothing: QEMU passes over it')
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
        b.create('qcow2', f'sparse/over-{kind}', over=(f'{kind}-image', 'vmdk'))
        yield b.case(f'over a {label.decode()} extent', f'sparse/over-{kind}')
        yield b.case(f'a {label.decode()} extent', f'sparse/{kind}-image', 'vmdk')
    with open(b.make('sparse/se'), 'w+b') as out:
        mkimage.sesparse(out)
    b.descriptor('sparse/se-image', 'seSparse', b'RW 2048 SESPARSE "se"')
    yield b.case('a SESPARSE extent', 'sparse/se-image', 'vmdk', writing=('both-refuse', ''))
    # Beside a descriptor in another folder these are literally files; beside one without a folder, it depends.
    for i, name in enumerate((b'file:a', b'fat:x', b'nbd:x', b"json:{'driver':'file'}")):
        flat(f'literal{i}/image', name)
        yield b.case(f'an extent {name.decode()} that is not there', f'literal{i}/image', 'vmdk', 'both-refuse')
        b.raw(b'literal%d/%s' % (i, name))
        yield b.case(f'an extent {name.decode()}', f'literal{i}/image', 'vmdk')
        b.raw(b'run/' + name)
        flat(f'run/bare{i}', name)
        case = b.case(f'an extent {name.decode()} of a descriptor called by its bare name', f'run/bare{i}', 'vmdk',
                      literal(), 'it means two things to two versions', workdir=not emulator.reader)
        case.file = b'bare%d' % i
        yield case
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


# ----------------------------------------------------------------------------
# Devices, block jobs, crafted images
# ----------------------------------------------------------------------------

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
    yield b.case('a block device as base, by file:', 'over-file.qcow2', expect='both-refuse')
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


def crafted(b):
    """Every crafted image, and no word of who should refuse it: oracle-qemu.py has that. Some name files of the host,
    so none is ever opened for writing."""
    drivers = {'qcow2': 'qcow2', 'chain': 'qcow2', 'vmdk': 'vmdk', 'vhd': 'vpc', 'raw': 'raw'}
    known = (None, 'qcow2', 'vmdk', 'vpc', 'raw', 'vdi', 'qed', 'parallels', 'vhdx', 'bochs', 'cloop', 'dmg', 'qcow')
    for name, path in mkimage.descriptions():
        made, asked = mkimage.read(path), {drivers.get(name.split('/')[0]): ''}
        for given in made.runs:  # the formats in which it is asked for elsewhere, once each
            pinned = re.search(r'-f (\S+)', given)
            asked[{'vhd': 'vpc'}.get(pinned[1], pinned[1]) if pinned else None] = '--workdir' in given
        for driver, workdir in asked.items():
            if driver not in known:
                continue
            file = mkimage.build(made, b.path(f'{driver}/{name}'))
            yield b.case(f'{name} {driver or "probed"}', file, driver, 'either', pinned=driver is not None,
                         workdir=bool(workdir), modes=(False,))


PARTS = (alone, qcow2, encrypted, chains, mixed, undeclared, differencing, data_files, vmdk_extents, shared, devices,
         jobs, crafted)
