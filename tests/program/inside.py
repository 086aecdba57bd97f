#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The image inside a gzip file: what info claims of it, and what check --inside makes of it, is what both say of the
decompressed file, as far as that can be told. Every crafted image is asked so, and images of real tools. Prints TAP."""

import gzip
import os
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

WHOLE = 4 << 20  # what is inflated to its end
SAME = ('status', 'format', 'variant', 'format-source', 'tier', 'content', 'also-matches', 'references-state',
        'references', 'findings', 'attributes', 'field', 'found', 'least', 'most', 'message', 'offset')
# What gzip's own end doesn't decide, of an image whose end isn't known.
HEAD = ('format', 'variant', 'format-source', 'tier')
COMPRESSORS = (('gzip', '-1'), ('gzip', '-9'), ('gzip', '--rsyncable'), ('pigz', '-6'), ('pigz', '-11'), ('zopfli',))
SLOW = (('pigz', '-11'), ('zopfli',))  # a second or more for each MiB
REAL = (('qcow2', '64M'), ('qcow2 -o compat=0.10', '64M'), ('qcow2 -o cluster_size=2M', '1G'), ('qed', '64M'),
        ('vmdk', '64M'), ('vmdk -o subformat=streamOptimized', '64M'), ('vpc', '64M'), ('vpc -o subformat=fixed', '2M'),
        ('vhdx', '64M'), ('vdi', '64M'), ('parallels', '64M'), ('raw', '3M'), ('raw', '64M'))


def info(program, folder, name, *args):
    return images.run([program, 'info', '--no-open', '--output', 'json', *args, name], cwd=folder)


def check(program, folder, name, *args):
    return images.run([program, 'check', '--output', 'json', *args, name], cwd=folder)


def verdict(answer):
    """What a policy said, without what follows from the name of the file."""
    found = answer.document or {}
    return (answer.status, found.get('verdict'), found.get('format'), found.get('message'),
            [(f['id'], f.get('offset'), f['refused'], f.get('name')) for f in found.get('findings', [])])


def size_of(answer):
    """Of an image that is known."""
    return answer.member.get('virtual-size') if answer.own.get('status') == 'ok' else None


def same(tap, label, plain, inside):
    """What is claimed is what the decompressed file says."""
    want = {key: plain.own.get(key) for key in SAME} | {'virtual-size': size_of(plain)}
    claims = inside.own.get('inside') or {}
    got = {key: claims.get(key) for key in SAME} | {'virtual-size': claims.get('virtual-size')}
    tap.equal(got, want, label)


def head(tap, label, plain, inside):
    """Of what is too long to be inflated: the head's word, or that it can't be told."""
    claims = inside.own.get('inside') or {}
    if claims.get('status') == 'ok':
        tap.equal([(key, claims.get(key)) for key in HEAD + ('references-state',)] + [claims.get('virtual-size')],
                  [(key, plain.own.get(key)) for key in HEAD + ('references-state',)] + [size_of(plain)], label)
    elif plain.own.get('status') == 'ok':
        tap.ok(claims.get('status') == 'limit' and claims.get('references-state') == 'cannot-tell', label, str(inside))
    else:
        tap.ok(claims.get('status') not in ('ok', None), label, str(inside))
    tap.ok(claims.get('whole') is not True and claims.get('file-size') is None, f'{label}: and its end isn\'t known',
           str(inside))


def check_crafted(tap, program):
    """Each image by itself and inside gzip, under one name: relative names stand beside it."""
    wrong, asked, longer = [], 0, 0
    for name, path in mkimage.descriptions():
        made = mkimage.read(path)
        if made.links or made.folders or len(made.files) > 1 or name.startswith('content/good-gzip'):
            continue
        with images.scratch() as folder:
            image = os.fsdecode(mkimage.build(made, folder))
            if os.path.getsize(image) > WHOLE:
                longer += 1
                continue
            plain, judged = info(program, folder, 'image'), check(program, folder, 'image')
            with open(image, 'rb') as source:
                packed = gzip.compress(source.read(), 6)
            with open(image, 'wb') as out:
                out.write(packed)
            inside, again = info(program, folder, 'image'), check(program, folder, 'image', '--inside')
        asked += 1
        claims = inside.own.get('inside') or {}
        differs = [key for key in SAME if claims.get(key) != plain.own.get(key)]
        if size_of(plain) != claims.get('virtual-size') or claims.get('whole') is not True:
            differs.append('virtual-size')
        if not plain.own.get('references') and plain.own.get('content', [None])[0] not in ('xz', 'zstd', 'bzip2', 'lz4') \
                and verdict(judged) != verdict(again):
            differs.append('verdict')
        if differs:
            wrong.append(f'{name}: {" ".join(differs)}')
    tap.ok(asked > 500, f'{asked} crafted images are short enough, {longer} are longer')
    tap.none(wrong, 'of each of them info and check --inside say what they say of the decompressed file')


def compress(tool, path):
    """The path of a compressed copy; None where the tool isn't there or doesn't take the option."""
    out = f'{path}.{"".join(tool)}.gz'
    if not images.tool(tool[0]):
        return None
    with open(out, 'wb') as to:
        done = subprocess.run([*tool, '-c', path], stdout=to, stderr=subprocess.DEVNULL, check=False)
    return out if done.returncode == 0 else None


def check_real(tap, program):
    """Images of qemu-img, by gzip and its likes at several levels."""
    if not images.tool('qemu-img'):
        tap.skip('images of qemu-img inside gzip', 'qemu-img is missing')
        return
    for tool in COMPRESSORS:
        with images.scratch() as folder:
            for number, (kind, size) in enumerate(REAL):
                path = os.path.join(folder, f'{number}.img')
                words = kind.split()
                made = subprocess.run(['qemu-img', 'create', '-q', '-f', words[0], *words[1:], path, size], check=False,
                                      stderr=subprocess.DEVNULL)
                if made.returncode != 0:
                    tap.skip(f'{kind} {size}', 'qemu-img makes none')
                    continue
                if tool in SLOW and os.path.getsize(path) > WHOLE:
                    continue
                packed = compress(tool, path)
                label = f'{kind} {size} by {" ".join(tool)}'
                if not packed:
                    tap.skip(label, f'{" ".join(tool)} is missing')
                    break
                whole = os.path.getsize(path) <= WHOLE and os.path.getsize(packed) <= 524288
                (same if whole else head)(tap, label, info(program, folder, path), info(program, folder, packed))


def check_option(tap, program):
    """What differs with --inside and without, and from a pipe; and what isn't gzip."""
    with images.scratch() as folder:
        raw = bytearray(65536)
        raw[0:8] = b'QFI\xfb\0\0\0\3'
        path = os.path.join(folder, 'a.gz')
        with open(path, 'wb') as out:
            out.write(gzip.compress(bytes(raw)))
        plain, inside = check(program, folder, 'a.gz'), check(program, folder, 'a.gz', '--inside')
        tap.equal((plain.status, plain.document['content'], plain.document.get('inside')), (0, ['gzip'], None),
                  'without --inside a gzip file is raw')
        tap.equal((inside.status, inside.document['inside'], inside.document['format']), (1, 'gzip', 'qcow2'),
                  'with it the image inside is judged: this one is malformed')
        ids = [f['id'] for f in inside.document['findings']]
        tap.ok('content-compressed' not in ids and 'malformed' in ids, 'and not what is around it', str(inside))
        with open(path, 'rb') as source:
            piped = images.run([program, 'check', '--output', 'json', '--inside', '-'], cwd=folder,
                               input=source.read())
        tap.equal([f['id'] for f in piped.document['findings']], ids, 'from a pipe it is the same')
        denied = check(program, folder, 'a.gz', '--deny', 'content-compressed')
        tap.equal(denied.status, 3, 'what is compressed can be denied')
        granted = images.run([program, 'access', '--output', 'json', '-f', 'raw', 'a.gz'], cwd=folder)
        tap.equal((granted.status, granted.document['members'][0]['format'] if granted.document else None), (0, 'raw'),
                  'to access it is the file alone')
        for tool, magic in (('xz', b'\xfd7zXZ\0'), ('zstd', b'\x28\xb5\x2f\xfd'), ('bzip2', b'BZh91AY&SY'),
                            ('tar', bytes(257) + b'ustar\0')):
            with open(path, 'wb') as out:
                out.write(magic + bytes(4096))
            told = check(program, folder, 'a.gz', '--inside')
            tap.ok(told.status == 1 and told.document['status'] == 'unsupported' and 'only gzip' in told.document['message'],
                   f'--inside of {tool} is an error that says so', str(told))
            tap.equal(check(program, folder, 'a.gz').status, 0, f'without it {tool} is raw')


def check_pipe(tap, program):
    """From a pipe as from a file, also where the compressed bytes just fit, or don't."""
    for length in (100, 5000, 100000, 520000, 600000):
        with images.scratch() as folder:
            raw = os.urandom(length)
            with open(os.path.join(folder, 'a.gz'), 'wb') as out:
                out.write(gzip.compress(raw, 1))
            with open(os.path.join(folder, 'a.gz'), 'rb') as source:
                packed = source.read()
            for args in ((), ('-f', 'raw')):
                file = check(program, folder, 'a.gz', '--inside', *args)
                pipe = images.run([program, 'check', '--output', 'json', '--inside', *args, '-'], cwd=folder,
                                  input=packed)
                tap.equal(verdict(pipe), verdict(file), f'{length} bytes {" ".join(args)}: from a pipe as from a file')
            tee = images.run([program, 'check', '--inside', '-f', 'raw', '--tee', '-'], cwd=folder, input=packed)
            tap.ok((tee.status == 0 and tee.out == packed) if length < 524288 else tee.status == 3,
                   f'{length} bytes: passed on while it is judged, if it is whole', tee.error)
            file = info(program, folder, 'a.gz').own['inside']
            pipe = images.run([program, 'info', '--output', 'json', '-'], cwd=folder, input=packed).own['inside']
            tap.equal(pipe, file, f'{length} bytes: info tells the same')


def main():
    program = images.arguments(__doc__).imgprobe
    tap = Tap()
    check_option(tap, program)
    check_pipe(tap, program)
    check_crafted(tap, program)
    check_real(tap, program)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
