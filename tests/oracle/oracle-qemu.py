#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real images in every variant that qemu-img writes: our JSON must equal that of `qemu-img info`, key by key."""

import itertools
import json
import os
import re
import shlex
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import emulator
import images
import mkimage
from qemuinfo import comparable, compare, compared, differences, qemu, qemu_info, without
from tap import Tap

SECRET = ('--object', 'secret,id=key,data=imgprobe')
LUKS = 'encrypt.key-secret=key,encrypt.iter-time=10'


def info(program, *args, **keywords):
    """Our answer for the version that is asked. Of all versions the newest one's numbers and keys would count."""
    return images.info(program, '--reader', f'qemu-{emulator.version()}', *args, **keywords)


def both(tap, program, folder, name, title, driver):
    compare(tap, program, folder, name, title, ('-f', driver))
    compare(tap, program, folder, name, title)


def options(**given):
    return ','.join(f'{k.replace("__", ".")}={v}' for k, v in given.items())


def qcow2_variants():
    """Options and size of every qcow2."""
    for compat, cluster in itertools.product(('0.10', '1.1'), (512 << i for i in range(13))):
        yield options(compat=compat, cluster_size=cluster), '1M'
    for bits in (1, 2, 4, 8, 16, 32, 64):
        yield options(refcount_bits=bits), '1M'
        yield options(refcount_bits=bits, cluster_size=512), '3M'
    for lazy, method in itertools.product(('on', 'off'), ('zlib', 'zstd')):
        yield options(lazy_refcounts=lazy, compression_type=method), '1M'
    for cluster in (16384, 65536, 2 << 20):
        yield options(extended_l2='on', cluster_size=cluster), '100M'
    for mode, compat in itertools.product(('off', 'metadata', 'falloc', 'full'), ('0.10', '1.1')):
        yield options(preallocation=mode, compat=compat), '2M'
    yield options(preallocation='metadata', extended_l2='on'), '2M'
    for size in ('0', '1', '511', '512', '1000', '65537', '3G', '4T', '60T'):
        yield '', size
    yield options(cluster_size='2M'), '8P'
    yield options(extent_size_hint='1M'), '1M'


def qcow2(tap, program, folder):
    for i, (given, size) in enumerate(qcow2_variants()):
        name = f'{i}.qcow2'
        qemu('create', '-q', '-f', 'qcow2', *(('-o', given) if given else ()), name, size, folder=folder)
        both(tap, program, folder, name, f'qcow2 {given} {size}', 'qcow2')


def encrypted(tap, program, folder):
    for compat, method in itertools.product(('0.10', '1.1'), ('aes', 'luks')):
        given = f'compat={compat},encrypt.format={method},encrypt.key-secret=key'
        given += ',encrypt.iter-time=10' if method == 'luks' else ''
        name = f'{method}-{compat}.qcow2'
        qemu('create', '-q', *SECRET, '-f', 'qcow2', '-o', given, name, '1M', folder=folder)
        both(tap, program, folder, name, f'qcow2 {compat} {method}', 'qcow2')
    for alg in ('aes-128', 'serpent-256', 'twofish-256'):
        qemu('create', '-q', *SECRET, '-f', 'qcow2', '-o', f'encrypt.format=luks,{LUKS},encrypt.cipher-alg={alg}',
             f'{alg}.qcow2', '1M', folder=folder)
        both(tap, program, folder, f'{alg}.qcow2', f'qcow2 luks {alg}', 'qcow2')


def luks(tap, program, folder):
    rows = [f'cipher-alg={alg}' for alg in ('aes-128', 'aes-192', 'aes-256', 'serpent-256', 'twofish-128')]
    rows += [f'cipher-alg=aes-256,cipher-mode=cbc,ivgen-alg={ivgen}' for ivgen in
             ('plain', 'plain64', 'essiv,ivgen-hash-alg=sha256')]
    rows += [f'hash-alg={alg}' for alg in ('sha1', 'sha512')]
    for i, (given, size) in enumerate(itertools.product(rows, ('0', '1M', '1000'))):
        qemu('create', '-q', *SECRET, '-f', 'luks', '-o', f'key-secret=key,iter-time=10,{given}', f'{i}.luks', size,
             folder=folder)
        both(tap, program, folder, f'{i}.luks', f'luks {given} {size}', 'luks')


def changed(tap, program, folder):
    """Images that were used: snapshots, bitmaps, data, resized, amended, left dirty."""
    def fresh(name, given='lazy_refcounts=on'):
        qemu('create', '-q', '-f', 'qcow2', '-o', given, name, '4M', folder=folder)

    fresh('snapshots.qcow2')
    for i in range(3):
        qemu('snapshot', '-c', f'snap {i}', 'snapshots.qcow2', folder=folder)
    fresh('bitmaps.qcow2')
    for i in range(4):
        qemu('bitmap', '--add', 'bitmaps.qcow2', f'bitmap {i}', folder=folder)
    fresh('both.qcow2')
    qemu('bitmap', '--add', 'both.qcow2', 'b', folder=folder)
    qemu('snapshot', '-c', 's', 'both.qcow2', folder=folder)
    fresh('grown.qcow2')
    qemu('resize', '-q', 'grown.qcow2', '9M', folder=folder)
    fresh('shrunk.qcow2')
    qemu('resize', '-q', '--shrink', 'shrunk.qcow2', '1M', folder=folder)
    fresh('downgraded.qcow2', 'compat=1.1')
    qemu('amend', '-f', 'qcow2', '-o', 'compat=0.10', 'downgraded.qcow2', folder=folder)
    fresh('upgraded.qcow2', 'compat=0.10')
    qemu('amend', '-f', 'qcow2', '-o', 'compat=1.1,lazy_refcounts=on', 'upgraded.qcow2', folder=folder)
    qemu('create', '-q', '-f', 'raw', 'source.img', '3M', folder=folder)
    qemu('convert', '-c', '-O', 'qcow2', '-o', 'compression_type=zstd', 'source.img', 'zstd.qcow2', folder=folder)
    names = ['snapshots', 'bitmaps', 'both', 'grown', 'shrunk', 'downgraded', 'upgraded', 'zstd']
    if images.tool('qemu-io'):
        fresh('dirty.qcow2')
        subprocess.run(['qemu-io', '-c', 'write 0 1M', '-c', 'abort', 'dirty.qcow2'], cwd=folder, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        names.append('dirty')
    else:
        tap.lacking('a dirty image', 'qemu-io')
    for name in names:
        both(tap, program, folder, f'{name}.qcow2', f'qcow2 {name}', 'qcow2')


def data_files(tap, program, folder):
    os.mkdir(os.path.join(folder, 'sub'))
    for i, (raw, name) in enumerate(itertools.product(('on', 'off'), ('data.raw', 'sub/da ta.raw', 'abs'))):
        data = os.path.join(folder, 'absolute.raw') if name == 'abs' else name
        image = f'{i}.qcow2'
        qemu('create', '-q', '-f', 'qcow2', '-o', f'data_file={data},data_file_raw={raw}', image, '2M', folder=folder)
        both(tap, program, folder, image, f'qcow2 data_file={name} raw={raw}', 'qcow2')
        answer = info(program, '-f', 'qcow2', '--workdir', folder, '--backing-chain', image, cwd=folder)
        paths = [r.get('path') for r in answer.own.get('references', []) if r['role'] == 'data-file']
        tap.ok(answer.status == 0 and answer.own.get('chain-state') == 'complete' and len(paths) == 1
               and os.path.realpath(os.path.join(folder, paths[0])) == os.path.realpath(os.path.join(folder, data)),
               f'qcow2 data_file={name} raw={raw}: the file in --workdir', str(answer))
    qemu('create', '-q', '-f', 'raw', 'base.img', '2M', folder=folder)
    qemu('create', '-q', '-f', 'qcow2', '-o', 'data_file=d.raw,backing_file=base.img,backing_fmt=raw', 'over.qcow2',
         folder=folder)
    both(tap, program, folder, 'over.qcow2', 'qcow2 with data file and backing file', 'qcow2')


def others(tap, program, folder):
    """Formats that qemu-img writes besides, in their variants."""
    rows = [('qcow', given, size) for given in ('', 'encryption=on,encrypt.key-secret=key')
            for size in ('512', '1M', '1000', '5G', '4T')]
    rows += [('qed', options(cluster_size=cluster, table_size=table), size)
             for cluster, table, size in itertools.product(('4k', '64k', '1M'), (2, 4, 16), ('512', '1G', '4G'))]
    rows += [('qed', options(table_size=1), '1M')]  # which it makes, and doesn't open
    rows += [('vdi', '', size) for size in ('0', '1000', '1M', '64G')]
    rows += [('parallels', options(cluster_size=cluster), size)
             for cluster, size in itertools.product(('64k', '1M', '4M'), ('0', '1M', '3G', '5T'))]
    rows += [('vhdx', options(subformat=kind, block_size=block, log_size='1M'), size) for kind, block, size in
             itertools.product(('dynamic', 'fixed'), ('1M', '32M', '256M'), ('1M', '33M', '100M'))]
    rows += [('vhdx', '', size) for size in ('3G', '2T', '64T')]
    for i, (driver, given, size) in enumerate(rows):
        name, title = f'{i}.{driver}', f'{driver} {given} {size}'.replace('  ', ' ')
        qemu('create', '-q', *SECRET, '-f', driver, *(('-o', given) if given else ()), name, size, folder=folder,
             check=given != 'table_size=1')
        both(tap, program, folder, name, title, driver)
        os.unlink(os.path.join(folder, name))


def others_used(tap, program, folder):
    """The same with data in them, and left open."""
    qemu('create', '-q', '-f', 'raw', 'source.img', '3M', folder=folder)
    for driver in ('qcow', 'qed', 'vdi', 'parallels', 'vhdx'):
        name = f'{driver}.img'
        qemu('convert', '-O', driver, 'source.img', name, folder=folder)
        if not images.tool('qemu-io'):
            tap.lacking(f'{driver} with data', 'qemu-io')
            continue
        for title, last in (('with data', 'flush'), ('left open', 'abort')):
            subprocess.run(['qemu-io', '-f', driver, '-c', 'write 0 1M', '-c', last, name], cwd=folder, check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if (driver, last) == ('vhdx', 'abort'):  # it has a log now, which only a reader that writes replays
                answer = info(program, name, cwd=folder)
                tap.ok(answer.own.get('status') in ('ok', 'unsupported'), f'{driver} {title}', str(answer))
                continue
            both(tap, program, folder, name, f'{driver} {title}', driver)


def others_backed(tap, program, folder):
    """Overlays of the formats that have a backing file, beside the image and elsewhere."""
    os.mkdir(os.path.join(folder, 'sub'))
    qemu('create', '-q', '-f', 'raw', 'base.img', '1M', folder=folder)
    qemu('create', '-q', '-f', 'raw', 'sub/ba se.img', '1M', folder=folder)
    qemu('create', '-q', '-f', 'qcow2', 'mid.qcow2', '1M', folder=folder)
    bases = (('base.img', 'raw'), ('sub/ba se.img', 'raw'), (os.path.join(folder, 'base.img'), 'raw'),
             ('mid.qcow2', 'qcow2'))
    for i, (base, declared) in enumerate(bases):
        for driver in ('qcow', 'qed'):
            name = f'{i}.{driver}'
            qemu('create', '-q', '-f', driver, '-b', base, '-F', declared, name, '1M', folder=folder)
            every_way(tap, program, folder, name, driver, f'{driver} over {os.path.basename(base)}')
    for driver in ('vdi', 'parallels', 'luks', 'vhdx', 'qed', 'qcow'):
        more = (*SECRET, '-o', 'key-secret=key,iter-time=10') if driver == 'luks' else ()
        qemu('create', '-q', '-f', driver, *more, f'base.{driver}', '1M', folder=folder)
        qemu('create', '-q', '-f', 'qcow2', '-u', '-b', f'base.{driver}', '-F', driver, f'{driver}.qcow2', '1M',
             folder=folder)
        every_way(tap, program, folder, f'{driver}.qcow2', 'qcow2', f'qcow2 over {driver}')


def vmdk(tap, program, folder):
    kinds = ('monolithicSparse', 'monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat', 'streamOptimized')
    adapters = ('ide', 'lsilogic', 'buslogic', 'legacyESX')
    rows = [(options(subformat=kind, adapter_type=adapter), '10M') for kind in kinds for adapter in adapters]
    rows += [(options(subformat=kind, hwversion='13', toolsversion='2147483647'), '10M') for kind in kinds]
    rows += [(options(subformat=kind, compat6='on'), '10M') for kind in kinds]
    rows += [(options(subformat=kind, zeroed_grain='on'), '10M') for kind in kinds if 'parse' in kind]
    rows += [(options(subformat=kind), size) for kind in kinds for size in ('512', '1M', '3G', '5000M')]
    for i, (given, size) in enumerate(rows):
        name = f'{i}.vmdk'
        qemu('create', '-q', '-f', 'vmdk', '-o', given, name, size, folder=folder)
        both(tap, program, folder, name, f'vmdk {given} {size}', 'vmdk')
    qemu('create', '-q', '-f', 'raw', 'source.img', '3M', folder=folder)
    for kind in kinds:
        qemu('convert', '-O', 'vmdk', '-o', f'subformat={kind}', 'source.img', f'{kind}.vmdk', folder=folder)
        both(tap, program, folder, f'{kind}.vmdk', f'vmdk {kind} converted', 'vmdk')


def vmdk_elsewhere(tap, program, folder):
    """Extents beside the descriptor, wherever it was called from, under names of every kind."""
    names = (b'with blank', 'ünï – 基'.encode(), b"quo'te", b'back\\slash', b'percent%s',
             b'ff\xff\xfe', b'a,b', b'x' * 200)
    for sub, stem in itertools.product((b'.', b'sub dir/deeper'), names):
        os.makedirs(os.path.join(os.fsencode(folder), sub), exist_ok=True)
        for kind in ('monolithicFlat', 'twoGbMaxExtentSparse', 'monolithicSparse'):
            name = os.path.join(sub, stem + kind.encode() + b'.vmdk')
            qemu('create', '-q', '-f', 'vmdk', '-o', f'subformat={kind}', name, '4M', folder=folder)
            title = f'vmdk {kind} {os.fsdecode(name)[:60]}'
            compare(tap, program, folder, name, title, ('-f', 'vmdk'))
            compare(tap, program, folder, os.path.join(os.fsencode(folder), name), f'{title} by its absolute name',
                    ('-f', 'vmdk'))


def vhd(tap, program, folder):
    sizes = ('512', '1M', '34M', '1G', '127G', '136899993600', '136899993088', '500G', '2T', '2040G')
    for kind, force, size in itertools.product(('dynamic', 'fixed'), ('on', 'off'), sizes):
        name = f'{kind}-{force}-{size}.vhd'
        made = qemu('create', '-q', '-f', 'vpc', '-o', f'subformat={kind},force_size={force}', name, size,
                    folder=folder, check=False)
        if made.returncode:
            continue
        title = f'vpc {kind} force_size={force} {size}'
        compare(tap, program, folder, name, title, ('-f', 'vpc'))
        if kind == 'dynamic':
            compare(tap, program, folder, name, title)
            continue
        compare(tap, program, folder, name, title, ('-f', 'raw'))
        answer = info(program, name, cwd=folder)
        tap.ok(answer.status == 8 and '-f' in answer.error, f'{title} unpinned: ambiguous, and names -f', str(answer))
        os.unlink(os.path.join(folder, name))


def raw(tap, program, folder):
    for size in (0, 1, 511, 512, 513, 1000, 4096, 1 << 20, (1 << 20) + 1, 1 << 40):
        with open(os.path.join(folder, f'{size}.img'), 'wb') as out:
            out.truncate(size)
        compare(tap, program, folder, f'{size}.img', f'raw of {size} bytes', ('-f', 'raw'))
        if size:
            compare(tap, program, folder, f'{size}.img', f'raw of {size} bytes')
    for mode in ('off', 'falloc', 'full'):
        qemu('create', '-q', '-f', 'raw', '-o', f'preallocation={mode}', f'{mode}.img', '1M', folder=folder)
        both(tap, program, folder, f'{mode}.img', f'raw preallocation={mode}', 'raw')
    qemu('create', '-q', '-f', 'qcow2', 'x.qcow2', '1M', folder=folder)
    compare(tap, program, folder, 'x.qcow2', 'a qcow2 pinned raw', ('-f', 'raw'))


LINKS = ((), ('-f',), ('--backing-chain',), ('-f', '--backing-chain'))


def every_way(tap, program, folder, name, driver, title):
    """Pinned and unpinned, alone and with its chain."""
    for given in LINKS:
        flags = [word for flag in given for word in ((flag, driver) if flag == '-f' else (flag,))]
        compare(tap, program, folder, name, title, tuple(flags))


def chains(tap, program, folder):
    """Every format over every other that qemu-img can put it on."""
    bases = {'raw': (), 'qcow2': (), 'vmdk': (), 'vpc': ('-o', 'force_size=on')}
    kinds = ('monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat', 'streamOptimized')
    for driver, given in bases.items():
        qemu('create', '-q', '-f', driver, *given, f'base.{driver}', '4M', folder=folder)
    for kind in kinds:
        qemu('create', '-q', '-f', 'vmdk', '-o', f'subformat={kind}', f'base.{kind}', '4M', folder=folder)
    for base in [*bases, *kinds]:
        driver = base if base in bases else 'vmdk'
        qemu('create', '-q', '-f', 'qcow2', '-b', f'base.{base}', '-F', driver, f'over-{base}.qcow2', folder=folder)
        every_way(tap, program, folder, f'over-{base}.qcow2', 'qcow2', f'qcow2 over {base}')
        qemu('create', '-q', '-f', 'qcow2', '-o', 'compat=0.10', '-b', f'over-{base}.qcow2', '-F', 'qcow2',
             f'third-{base}.qcow2', folder=folder)
        every_way(tap, program, folder, f'third-{base}.qcow2', 'qcow2', f'qcow2 over qcow2 over {base}')
    for kind, base in itertools.product(('monolithicSparse', 'twoGbMaxExtentSparse', 'streamOptimized'),
                                        ('vmdk', 'twoGbMaxExtentSparse', 'monolithicFlat', 'streamOptimized')):
        name = f'{kind}-over-{base}.vmdk'
        qemu('create', '-q', '-f', 'vmdk', '-o', f'subformat={kind}', '-b', f'base.{base}', '-F', 'vmdk', name,
             folder=folder)
        every_way(tap, program, folder, name, 'vmdk', f'vmdk {kind} over {base}')
    qemu('create', '-q', '-f', 'qcow2', '-b', 'monolithicSparse-over-vmdk.vmdk', '-F', 'vmdk', 'over.qcow2',
         folder=folder)
    every_way(tap, program, folder, 'over.qcow2', 'qcow2', 'qcow2 over vmdk over vmdk')


def deep(tap, program, folder):
    qemu('create', '-q', '-f', 'raw', '0.img', '1M', folder=folder)
    for i in range(1, 31):
        qemu('create', '-q', '-f', 'qcow2', '-b', f'{i - 1}.img', '-F', 'raw' if i == 1 else 'qcow2', f'{i}.img',
             folder=folder)
    every_way(tap, program, folder, '30.img', 'qcow2', 'thirty overlays')


NAMES = (b'with blank', b'quote"', b"quote's", b'\xc3\xbcml\xc3\xa4ut \xe5\x9f\xba', b'not\xffutf\xfe8',
         b'\xc0\x80nul',
         b'cut\xe5\x9f', b'sur\xed\xa0\x80rogate', b'new\nline', b'tab\tescape\x1b[1m', b'back\\slash', b'comma,b',
         b'percent%20s', b'trailing ', b'./colon:name', b'./json:{}', b'#hash?query', b'-dash', b'a' * 250)


def names(tap, program, folder):
    """Overlay and base under names of every kind."""
    for i, base in enumerate(NAMES):
        known = b'./' + base if base.startswith(b'-') else base
        qemu('create', '-q', '-f', 'raw', known, '1M', folder=folder)
        over = b'%d.qcow2' % i if i % 2 else known + b'.o'
        if len(os.path.basename(over)) > 255:
            over = b'long.qcow2'
        qemu('create', '-q', '-f', 'qcow2', '-b', known, '-F', 'raw', over, folder=folder)
        title = f'name {os.fsdecode(known)[:40]}'
        every_way(tap, program, folder, over, 'qcow2', title)
        answer = info(program, '-f', 'qcow2', over, cwd=folder)
        refs = answer.own.get('references', [{}])
        exact = bytes.fromhex(refs[0]['name-bytes']) if 'name-bytes' in refs[0] else refs[0].get('name', '').encode()
        tap.equal(exact, known, f'{title}: byte for byte')


def folders(tap, program, folder):
    """Relative names stand beside the image that holds them, whatever it was called by."""
    root = os.fsencode(folder)
    for sub in (b'a/b', b'c d', b'\xff', b'/'.join([b'x' * 200] * 6)):
        os.makedirs(os.path.join(root, sub))
        up = b'/'.join([b'..'] * (sub.count(b'/') + 1))
        qemu('create', '-q', '-f', 'raw', os.path.join(sub, b'base.img'), '1M', folder=folder)
        qemu('create', '-q', '-f', 'qcow2', '-b', b'base.img', '-F', 'raw', os.path.join(sub, b'mid.img'),
             folder=folder)
        deep_name = os.path.join(sub, b'mid.img')
        if len(deep_name) < 1000:
            qemu('create', '-q', '-f', 'qcow2', '-b', deep_name, '-F', 'qcow2', b'top.img', folder=folder)
            every_way(tap, program, folder, b'top.img', 'qcow2', f'down into {os.fsdecode(sub)[:40]}')
        qemu('create', '-q', '-f', 'qcow2', '-b', os.path.join(up, deep_name)[:1000] if len(deep_name) < 900
             else b'mid.img', '-F', 'qcow2', os.path.join(sub, b'up.img'), folder=folder)
        every_way(tap, program, folder, os.path.join(sub, b'up.img'), 'qcow2', f'up from {os.fsdecode(sub)[:40]}')
        absolute = os.path.join(root, sub, b'up.img')
        every_way(tap, program, folder, absolute, 'qcow2', f'absolute, in {os.fsdecode(sub)[:40]}')
        every_way(tap, program, os.path.join(folder, os.fsdecode(sub)), b'./up.img', 'qcow2',
                  f'from within {os.fsdecode(sub)[:40]}')
        if len(absolute) < 1000:
            qemu('create', '-q', '-f', 'qcow2', '-b', absolute, '-F', 'qcow2', b'abs.img', folder=folder)
            every_way(tap, program, folder, b'abs.img', 'qcow2', f'absolute name of {os.fsdecode(sub)[:40]}')
    os.symlink('a/b/mid.img', os.path.join(folder, 'link.img'))
    with open(os.path.join(folder, 'base.img'), 'wb') as out:
        out.truncate(1 << 20)
    every_way(tap, program, folder, 'link.img', 'qcow2', 'through a link: beside the link, not its target')


def undeclared(tap, program, folder):
    """QEMU probes what the overlay didn't declare. We let it refer to nothing further."""
    def overlay(name, base):
        with open(os.path.join(folder, name), 'w+b') as out:
            mkimage.qcow2(out, backing=base)

    qemu('create', '-q', '-f', 'raw', 'base.img', '1M', folder=folder)
    overlay('over-raw.img', b'base.img')
    every_way(tap, program, folder, 'over-raw.img', 'qcow2', 'undeclared raw base')
    qemu('create', '-q', '-f', 'qcow2', 'alone.qcow2', '1M', folder=folder)
    overlay('over-alone.img', b'alone.qcow2')
    every_way(tap, program, folder, 'over-alone.img', 'qcow2', 'undeclared qcow2 without references')
    qemu('create', '-q', '-f', 'qcow2', '-b', 'base.img', '-F', 'raw', 'mid.qcow2', folder=folder)
    qemu('create', '-q', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', 'flat.vmdk', '1M', folder=folder)
    qemu('create', '-q', '-f', 'qcow2', '-o', f'data_file={folder}/d.raw', 'data.qcow2', '1M', folder=folder)
    for mid, driver in (('mid.qcow2', 'qcow2'), ('flat.vmdk', 'vmdk'), ('data.qcow2', 'qcow2')):
        overlay('over.img', mid.encode())
        answer = info(program, '-f', 'qcow2', '--backing-chain', 'over.img', cwd=folder)
        tap.ok(answer.status == 3 and answer.own.get('chain-state') == 'refused' and mid in answer.error,
               f'undeclared {mid} with references: refused by name', str(answer))
        answer = info(program, '-f', 'qcow2', '--backing-chain', '--declare', f'{mid}={driver}', 'over.img',
                             cwd=folder)
        tap.ok(answer.status == 0 and answer.own.get('chain-state') == 'complete', f'{mid} with --declare: complete',
               str(answer))
        answer = info(program, '-f', 'qcow2', 'over.img', cwd=folder)
        tap.ok(answer.status == 0, f'undeclared {mid}: the overlay alone is fully known', str(answer))


# Crafted images that qemu-img answers and we don't: stricter, and why. The names are prefixes.
STRICTER = {
    'qcow2/bad-backing-': 'cut short: it reads zeros behind the end of a file',
    'qcow2/bad-autoclear-raw': 'its `info` never opens the data, and who opens it refuses',
    'qcow2/bad-data-file-cut': 'cut short: it reads zeros behind the end of a file',
    'qcow2/bad-extensions-cut': 'the same',
    'qcow2/bad-extensions-gone': 'the same',
    'qcow2/bad-header-cut-': 'the same',
    'qcow2/bad-l1-cut': 'the same',
    'qcow2/bad-snapshots-cut': 'the same',
    'qcow2/bad-data-file-': 'a data file and no name, or no name that fits a path: its `info` never opens it',
    'qcow2/bad-extensions-': 'it has no cap',
    'qcow2/unsupported-version-': 'version 0 is raw to it',
    'qcow2/bad-iso': 'it looks for no disc',
    'vmdk/bad-cowd-': 'a grain of no sectors, which it divides by later',
    'vmdk/bad-descriptor-offset-most': 'the text stands in sector 1 to it, and it reads 10 KiB of it',
    'vmdk/bad-descriptor-size-most': 'the same',
    'vmdk/bad-embedded-descriptor-1m': 'the same',
    'vmdk/bad-descriptor-over-limit': 'it has a limit of 1 MiB, and cuts there',
    'vmdk/bad-hint-': 'parentCID says that there is a parent: the guest would read zeros',
    'vmdk/bad-parent-cid-alone': 'the same',
    'vmdk/bad-sesparse-alone': 'raw to it',
    'vmdk/bad-sparse-gd-offset-beyond': 'cut short: it reads zeros behind the end of a file',
    'vmdk/good-descriptor-elsewhere': 'VMware has another parent: the guest would read zeros',
    'vmdk/good-hint-': 'VMware has a parent: the guest would read zeros',
    'vmdk/good-extent-rdonly': 'VMware has one more extent: the guest would read zeros',
    'vmdk/good-extent-vmfsrdm': 'the same',
    'vhd/good-fixed': 'raw to it; to us a footer at the end alone is ambiguous',
    'vhd/bad-fixed-': 'a footer of 510 bytes, a size beyond the file',
    'vhd/bad-footers-differ-': 'two readers see two disks',
    'vhd/bad-type-': 'it ignores the type',
    'vhd/unsupported-': 'it ignores type, version and locators',
    'vhd/bad-locator-': 'it ignores locators',
    'vhd/bad-differencing-': 'it ignores names',
    'vhd/bad-locators-': 'the same',
    'vhd/good-differencing': 'it ignores the parent: the guest would read zeros',
    'raw/bad-': 'raw, or one of two formats, to it',
    'others/bad-': 'cut short, it reads zeros behind the end of a file; or one of two formats, or raw, to it',
    'others/unsupported-parallels-version': 'raw to it',
    'others/unsupported-bochs-': 'raw to it',
    'others/unsupported-vhdx-log': 'a log without entries is none to it',
    'others/unsupported-vhdx-regions-2047': 'it has no other cap',
    'others/unsupported-vhdx-version': 'it takes the older header',
    'others/unsupported-vdi-undo': 'it ignores the type',
    'others/unsupported-dmg-segments': 'it ignores the other segments, and raw to it under another name',
    'others/good-dmg': 'raw to it under another name',
    'chain/bad-': 'refused by a rule of ours: probed formats, roots, devices, names that depend on the process',
    'chain/good-data-file': 'relative to the working directory, which nobody said',
    'chain/good-file-prefix': 'the same',
    'chain/good-declare-beside': '--declare is unknown to it',
    'qcow2/good-data-file-': 'names that mean two things to two versions',
}
# Formats that we recognise and QEMU has no driver for. It takes them for raw.
RAW_TO_QEMU = ('composite', 'cow', 'saved', 'diskdescriptor', 'ovf', 'vbox', 'pvs')
# Crafted images that we answer and qemu-img doesn't.
REFUSES = {
    'qcow2/good-bitmaps': 'the bitmap directory is empty, which a header does not tell',
    'qcow2/good-luks': 'there is no LUKS header where the pointer leads, which a header does not tell',
    'vmdk/bad-extent-stream': 'it looks for the footer of an extent at the end of the descriptor file',
    'vmdk/good-extent-dotdot': 'the extent is not there, and we were told not to open it',
    'vmdk/good-extent-external': 'the same',
    'vmdk/good-descriptor-256k': 'the same',
    'vmdk/good-descriptor-4g': 'the same',
    'vmdk/good-extent-json': 'the same',
    'vmdk/good-extent-nbd': 'the same',
    'vmdk/good-extent-name-': 'the same',
    'vmdk/good-hint-in-extent-name': 'the same',
    'vmdk/bad-flat-missing': 'the same',
    'others/good-vhdx-parent': 'it opens no image with a parent',
    'others/good-parallels-extension': 'it reads the extension, which is not there',
    'others/good-parallels -f ploop': 'our word for the format is not its own',
    'others/good-parallels': ('11.1-', 'its catalog is too small for the disk, which these look at'),
    'others/good-dmg': ('10.0-', 'it has no chunks, and these want one'),
    'vhd/good-fixed': 'a description has no sums, and ours is not to look at them',
    'chain/good-declared-vhd': 'the same',
}
# Crafted images on which the two differ, and why.
DIFFERS = {
    'vmdk/good-extent-composed': 'it counts bytes on disk of the outer extents only, and lists a shared one twice',
    'others/good-qed-need-check': 'it forgets the bit in its memory before it looks',
    'chain/good-nested-extents': 'what extents list replaces its create-type, and what listed them has no bytes on disk',
    'qcow2/good-backing-password': 'a password is never printed',
    'chain/good-declared-file': 'a protocol driver as format is raw over it, and we call it so',
    'chain/good-file-prefix': '--workdir . puts ./ before the name',
    'chain/bad-ambiguous-member': '--declare is unknown to it',
    'chain/bad-probed-member': 'the same',
}


def graphs(tap, program, folder):
    """Members of json: names: qemu-img prints the graph as their name where a driver stands beneath or above them."""
    odd = b'a"\\\n\t\x7f\xc3\xbc\xf0\x9f\x98\x80'.decode()
    image = os.path.join(folder, 'image')
    qemu('create', '-q', '-f', 'qcow2', image, '1M', folder=folder)
    with open(image, 'rb') as file:
        bytes_of_image = file.read()
    for name, bytes_ in (('shifted', bytes(1024) + bytes_of_image), (odd, bytes(1024) + bytes_of_image),
                         ('flat', bytes(1 << 20))):
        with open(os.path.join(folder, name), 'wb') as out:
            out.write(bytes_)

    def file(name):
        return {'driver': 'file', 'filename': os.path.join(folder, name)}

    def raw(beneath, **part):
        return {'driver': 'raw', 'file': beneath, **part}

    def qcow2(beneath):
        return {'driver': 'qcow2', 'file': beneath}

    for graph in (qcow2(raw(file('shifted'), offset=1024)), qcow2(raw(file('image'))), qcow2(file('image')),
                  qcow2(raw(raw(file('shifted'), offset=512), offset=512)),
                  qcow2(raw(raw(file('shifted')), offset=1024)),
                  qcow2(raw(file(odd), offset=1024)), qcow2({'driver': 'preallocate', 'file': file('image')}),
                  raw(file('flat')), raw(file('flat'), size=8192), raw(file('flat'), offset=4096, size=8192),
                  raw(raw(file('flat'))), raw(raw(file('flat')), offset=512), raw(raw(file('flat'), offset=512)),
                  raw({'driver': 'preallocate', 'file': file('flat')}, offset=512)):
        name = 'json:' + json.dumps(graph, ensure_ascii=False)
        qemu('create', '-q', '-u', '-f', 'qcow2', '-b', name, '-F', graph['driver'], 'over', '1M', folder=folder)
        compare(tap, program, folder, 'over', f'json: {json.dumps(graph).replace(folder, "")}',
                ('--backing-chain', '-f', 'qcow2'))


def listed(table, name):
    """Of a row that isn't true of all versions, the value begins with those of which it is."""
    return any(name.startswith(prefix) and (isinstance(why, str) or emulator.holds(why[0]))
               for prefix, why in table.items())


def crafted(tap, program, folder):
    """Every crafted image, as far as qemu-img has the question."""
    for name, path in mkimage.descriptions():
        made = mkimage.read(path)
        where = os.path.join(folder, name)
        mkimage.build(made, where)
        for given in made.runs:
            if not re.search('--reader|human|nosuch|--root', given):
                answer_crafted(tap, program, where, f'{name} {given}'.rstrip(), shlex.split(given))


def answer_crafted(tap, program, where, title, given):
    flags = [word for at, word in enumerate(given) if word in ('-f', '--backing-chain') or given[at - 1:at] == ['-f']]
    theirs, error = qemu_info('image', *flags, folder=where)
    answer = info(program, *given, 'image', cwd=where)
    if theirs is None or answer.status:
        table = REFUSES if theirs is None else STRICTER
        same = theirs is None and answer.status
        raw = theirs is not None and answer.own.get('format') in RAW_TO_QEMU and theirs['format'] == 'raw'
        if raw:
            compared.add(answer.own['format'])
        tap.ok(same or raw or listed(table, title), f'{title}: {"both refuse" if same else "one refuses"}',
               f'qemu-img: {error or "answers"}\n{answer}')
        return
    compared.add(answer.own.get('format'))
    if '--no-open' in given:  # sizes lie in files that we were told not to open
        theirs, ours = ({k: v for k, v in d.items() if 'backing' in k or k == 'format'}
                        for d in (theirs, answer.member))
    else:
        ours = answer.document
    found = differences(comparable(theirs), comparable(ours))
    tap.ok(not found or listed(DIFFERS, title), f'{title}: {"differs" if found else "equal"}',
           '\n'.join(found))


PARTS = (qcow2, encrypted, changed, data_files, luks, others, others_used, others_backed, vmdk, vmdk_elsewhere, vhd,
         raw, chains, deep, names, folders, undeclared, graphs, crafted)
# The formats of which both have answered an image when all parts have run.
COMPARED = ('qcow2', 'vmdk', 'vhd', 'vhdx', 'vdi', 'qed', 'qcow', 'luks', 'parallels', 'bochs', 'cloop', 'dmg', 'raw',
            *RAW_TO_QEMU)


def main():
    asked = emulator.arguments(__doc__, ('--only', dict(metavar='PART', help=' '.join(p.__name__ for p in PARTS))))
    tap = Tap()
    for part in PARTS:
        if asked.only in (None, part.__name__) and not images.tool('qemu-img'):
            tap.lacking(f'{part.__name__}, against qemu-img', 'qemu-img')
        elif asked.only in (None, part.__name__):
            with images.scratch() as folder:
                part(tap, asked.imgprobe, os.path.realpath(folder))
    if not asked.only and images.tool('qemu-img'):
        # Since 10.0 it refuses a DMG without chunks, and ours have none.
        gone = {'dmg'} if emulator.holds('10.0-') else set()
        tap.equal(sorted(compared), sorted(set(COMPARED) - gone), 'an image of each format was answered by both')
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
