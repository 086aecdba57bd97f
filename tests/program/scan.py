#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""imgprobe scan: what is told of each file and of all together, in each kind of output, whatever the names, the
directories and the number of threads; and that nothing is opened which isn't a file. Prints TAP."""

import collections
import csv
import io
import json
import os
import pty
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
import peak
from tap import Tap

GIB = 1 << 30
HOSTILE = (b'a\nb.qcow2', b'\x1b[31mred.qcow2', b'"quoted", and=more.qcow2', b'back\\slash.qcow2', b'bad\xff\xfe.qcow2',
           '\u202eright.qcow2'.encode(), b'-rf.qcow2', b'=1+1.qcow2')


def image(path, **words):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w+b') as out:
        mkimage.qcow2(out, **words)


def over(path, backing, **words):
    image(path, backing=os.fsencode(backing), backing_format=b'qcow2', **words)


def plain(path, text):
    with open(path, 'wb') as out:
        out.write(text)


def store(folder):
    """Two chains on one base, a chain without its base, a split disk, and what isn't an image."""
    image(f'{folder}/base/base.qcow2')
    over(f'{folder}/vms/a.qcow2', '../base/base.qcow2')
    over(f'{folder}/vms/b.qcow2', '../base/base.qcow2')
    over(f'{folder}/vms/c.qcow2', 'a.qcow2')
    over(f'{folder}/vms/orphan.qcow2', 'gone.qcow2')
    over(f'{folder}/vms/orphan2.qcow2', 'orphan.qcow2')
    image(f'{folder}/vms/remote.qcow2', backing=b'nbd:localhost:10809', backing_format=b'raw')
    image(f'{folder}/vms/data.qcow2', data_file=os.fsencode(f'{folder}/vms/data.raw'))
    plain(f'{folder}/vms/data.raw', bytes(1 << 20))
    plain(f'{folder}/alone.raw', bytes(4096))
    plain(f'{folder}/cut.qcow2', b'QFI\xfb\0\0\0\3' + bytes(32))
    plain(f'{folder}/empty', b'')
    os.mkfifo(f'{folder}/fifo')
    os.symlink('base/base.qcow2', f'{folder}/link.qcow2')
    os.symlink('base', f'{folder}/link')
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f'{folder}/socket')


class Scan:
    """One run of a scan as documents, by their type."""

    def __init__(self, program, *words, **keywords):
        self.answer = images.run([program, 'scan', '--output', 'ndjson', *words], **keywords)
        found = [json.loads(line) for line in self.answer.out.splitlines()]
        self.files = {document['filename']: document for document in found if document['type'] == 'file'}
        self.lines = [document['filename'] for document in found if document['type'] == 'file']
        self.summary = found[-1] if found and found[-1]['type'] == 'summary' else {}
        self.others = {kind: sorted(document['filename'] for document in found if document['type'] == kind)
                       for kind in ('orphan', 'shared', 'unused', 'user')}


# What is told of each file: its format, the status in words and as a number.
FILES = {
    'alone.raw': ('raw', 'ok', 0), 'base/base.qcow2': ('qcow2', 'ok', 0), 'cut.qcow2': ('qcow2', 'malformed', 1),
    'empty': ('raw', 'ok', 0), 'vms/a.qcow2': ('qcow2', 'ok', 0), 'vms/b.qcow2': ('qcow2', 'ok', 0),
    'vms/c.qcow2': ('qcow2', 'ok', 0), 'vms/data.qcow2': ('qcow2', 'ok', 0), 'vms/data.raw': ('raw', 'ok', 0),
    'vms/orphan.qcow2': ('qcow2', 'system', 1), 'vms/orphan2.qcow2': ('qcow2', 'ok', 0),
    'vms/remote.qcow2': ('qcow2', 'refused', 1),
}
WHOLE = {'interrupted': False, 'files': 12, 'images': 9, 'not-told': 1, 'directories': 3, 'links': 2, 'special': 2,
         'other-file-systems': 0, 'gone': 0, 'passed-over': 0, 'chains': 4, 'longest-chain': 3, 'orphans': 2,
         'shared': 1, 'unused': 2, 'exit': 1}


def told(tap, program, folder):
    store(f'{folder}/s')
    found = Scan(program, 's', cwd=folder)
    got = {name[2:]: (one.get('format'), one['status'], one['exit']) for name, one in found.files.items()}
    tap.equal(got, FILES, 'each file is told once')
    tap.equal({key: found.summary.get(key) for key in WHOLE}, WHOLE, 'the summary counts them')
    tap.equal(found.answer.status, 1, 'the status is that of the file that is told least')
    tap.equal(found.answer.error, '', 'and standard error has nothing')
    tap.equal(found.others, {'orphan': ['s/vms/orphan.qcow2', 's/vms/orphan2.qcow2'], 'shared': ['s/base/base.qcow2'],
                             'unused': ['s/alone.raw', 's/empty'], 'user': []}, 'and how they stand to each other')
    base = found.files['s/base/base.qcow2']
    leads = found.files['s/vms/a.qcow2']['references'][0]
    tap.equal((leads['device'], leads['inode']), (base['device'], base['inode']), 'a reference has the base\'s identity')
    chain = Scan(program, '--backing-chain', 's', cwd=folder).files
    states = {name: chain[f's/vms/{name}.qcow2']['chain-state'] for name in ('c', 'orphan2', 'remote')}
    tap.equal(states, {'c': 'complete', 'orphan2': 'missing', 'remote': 'remote'}, '--backing-chain follows to the end')
    sums = found.summary
    tap.equal(sums['virtual-size'], sum(one.get('virtual-size', 0) for one in found.files.values()), 'sizes add up')


def orders(tap, program, folder):
    """As many threads as may be: the same lines, and with --sort in the same order."""
    for number in range(300):
        image(f'{folder}/s/{number % 7}/{number:03}.qcow2')
    one = images.run([program, 'scan', '--output', 'ndjson', '--sort', '-j', '1', 's'], cwd=folder)
    names = Scan(program, '--sort', 's', cwd=folder).lines
    tap.equal(names, sorted(names, key=lambda name: name.split('/')), '--sort: in the order of the names')
    for jobs in ('2', '3', '16'):
        many = images.run([program, 'scan', '--output', 'ndjson', '--sort', '-j', jobs, 's'], cwd=folder)
        tap.equal(many.out, one.out, f'--sort: -j {jobs} prints what -j 1 does')
        loose = images.run([program, 'scan', '--output', 'ndjson', '-j', jobs, 's'], cwd=folder)
        tap.equal(sorted(loose.out.splitlines()), sorted(one.out.splitlines()), f'without: -j {jobs} has the same lines')
    dots = {images.run([program, 'scan', '--output', 'dot', '--sort', '-j', jobs, 's'], cwd=folder).out
            for jobs in ('1', '4')}
    tap.equal(len(dots), 1, '--sort: a graph doesn\'t change either')


# Words, what comes on standard input, the files that are told, the status.
NAMES = (
    ('-0', b's/vms/a.qcow2\0s/base/base.qcow2\0', ['s/base/base.qcow2', 's/vms/a.qcow2'], 3),
    ('-0 -', b's/alone.raw\0', ['s/alone.raw'], 0),
    ('-', b's/alone.raw\ns/empty', ['s/alone.raw', 's/empty'], 0),
    ('', b's/alone.raw\n\n', ['s/alone.raw'], 0),
    ('', b'', [], 0),
    ('-0', b's/nl\nname\0', ['s/nl\nname'], 0),
    ('', b's/none\n', ['s/none'], 1),
    ('', b's\ns/fifo\ns/link.qcow2\ns/alone.raw\n', ['s/alone.raw'], 0),
    ('--root s', b's/vms/a.qcow2\n', ['s/vms/a.qcow2'], 0),
    ('--root s/vms', b's/vms/a.qcow2\n', ['s/vms/a.qcow2'], 3),
)


def names(tap, program, folder):
    store(f'{folder}/s')
    plain(f'{folder}/s/nl\nname', bytes(512))
    for words, given, want, status in NAMES:
        found = Scan(program, *words.split(), cwd=folder, input=given)
        tap.equal((sorted(found.files), found.answer.status), (want, status), f'names: {words} {given}')
    found = Scan(program, '--root', 's', cwd=folder, input=b's/vms/a.qcow2\ns/vms/b.qcow2\ns/alone.raw\n')
    tap.equal((found.others['shared'], found.others['unused']), (['s/vms/../base/base.qcow2'], ['s/alone.raw']),
              'names: the end knows names that it read')
    for words, status in (('- s', 2), ('-0 s', 2), ('--output json s', 2), ('-j 0 s', 2), ('-j 257 s', 2), ('-j x s', 2),
                          ('--who-uses s s', 2), ('--who-uses s/none s', 2), ('--output dot --who-uses s/empty s', 2),
                          ('s/none', 1), ('s/fifo', 1), ('s/link.qcow2', 0), ('s/link', 0), ('/proc/self', 1),
                          ('-j 256 s/alone.raw', 0), ('s/alone.raw s/empty', 0)):
        answer = images.run([program, 'scan', *words.split()], cwd=folder)
        tap.equal(answer.status, status, f'status {status}: scan {words}')
    master, slave = pty.openpty()
    answer = images.run([program, 'scan'], stdin=slave)
    os.close(master)
    os.close(slave)
    tap.equal((answer.status, answer.out), (2, b''), 'no PATH, and a terminal on standard input: a mistake')


# An option, and what of one file it changes: the file, the key, the value without it and with it.
OPTIONS = (
    ('--policy upload', 's/vms/a.qcow2', 'exit', 0, 3),
    ('--deny backing-file', 's/vms/a.qcow2', 'exit', 0, 3),
    ('--policy upload --allow backing-file --allow format-probed', 's/vms/a.qcow2', 'exit', 0, 0),
    ('--max-virtual-size 1K --deny virtual-size-over-limit', 's/vms/a.qcow2', 'exit', 0, 3),
    ('--tier guest --deny tier-below-floor', 's/disk.vmdk', 'exit', 0, 3),
    ('--root s/vms', 's/vms/a.qcow2', 'status', 'ok', 'refused'),
    ('--declare s/alone.raw=qcow2 --backing-chain', 's/probed.qcow2', 'exit', 0, 1),
    ('--reader imago', 's/vms/remote.qcow2', 'status', 'refused', 'system'),
    ('--workdir s --backing-chain', 's/work.qcow2', 'exit', 3, 0),
    ('--backing-chain', 's/vms/orphan2.qcow2', 'exit', 0, 1),
    ('-U --force-share', 's/alone.raw', 'exit', 0, 0),
)


def options(tap, program, folder):
    store(f'{folder}/s')
    over(f'{folder}/s/work.qcow2', 'file:alone.qcow2')
    image(f'{folder}/s/alone.qcow2')
    image(f'{folder}/s/probed.qcow2', backing=b'alone.raw')
    plain(f'{folder}/s/disk.vmdk', b'# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n'
          b'createType="monolithicFlat"\nRW 8 FLAT "alone.raw" 0\n')
    before = Scan(program, 's', cwd=folder).files
    inside = Scan(program, '--require-sandbox', 's', cwd=folder)
    other = images.run([program, 'formats', '--require-sandbox'])
    tap.equal(inside.files == before, other.status == 0, '--require-sandbox: as for any command')
    for words, name, key, without, with_it in OPTIONS:
        after = Scan(program, *words.split(), 's', cwd=folder).files
        tap.equal((before[name][key], after.get(name, {}).get(key)), (without, with_it), f'{words}: {name} {key}')


def users(tap, program, folder):
    """An image is used through others, too, also where the walk doesn't come to these."""
    store(f'{folder}/s')
    over(f'{folder}/out/middle.qcow2', '../s/base/base.qcow2')
    over(f'{folder}/s/vms/far.qcow2', '../../out/middle.qcow2')
    ask = [program, 'scan', '--root', '.', '--who-uses', 's/base/base.qcow2']
    answer = images.run([*ask, '--sort', 's'], cwd=folder)
    tap.equal(answer.out.decode(), 's/vms/a.qcow2: directly\ns/vms/b.qcow2: directly\n'
              's/vms/c.qcow2: through others\ns/vms/far.qcow2: through others\n', '--who-uses: those that stand on it')
    untold = re.findall(r'^imgprobe: can\'t be told: (\S+):', answer.error, flags=re.M)
    tap.equal((sorted(untold), answer.status),
              (['s/cut.qcow2', 's/vms/orphan.qcow2', 's/vms/orphan2.qcow2', 's/vms/remote.qcow2'], 1),
              '--who-uses: and those of which it can\'t be told')
    found = Scan(program, '--root', '.', '--who-uses', 's/base/base.qcow2', 's', cwd=folder)
    tap.equal(found.others['user'], [f's/vms/{name}.qcow2' for name in ('a', 'b', 'c', 'far')], '--who-uses: as JSON')
    answer = images.run([program, 'scan', '--who-uses', 's/alone.raw', 's/base', 's/vms/a.qcow2'], cwd=folder)
    tap.equal((answer.out, answer.status), (b'', 0), '--who-uses: none')


def hostile(tap, program, folder):
    own = os.fsencode(folder)
    os.mkdir(os.path.join(own, b's'))
    for name in HOSTILE:
        with open(os.path.join(own, b's', name), 'w+b') as out:
            mkimage.qcow2(out, backing=b'=cmd|x', backing_format=b'raw')
    plain(f'{folder}/s/=cmd|x', bytes(512))
    lines = images.run([program, 'scan', '--output', 'ndjson', '--sort', 's'], cwd=folder)
    found = [json.loads(line) for line in lines.out.splitlines()]
    back = {bytes.fromhex(one['filename-bytes']) if 'filename-bytes' in one else one['filename'].encode()
            for one in found if one['type'] == 'file'}
    tap.equal(back, {b's/' + name for name in (*HOSTILE, b'=cmd|x')}, 'JSON: every name, byte for byte')
    for kind in ('human', 'csv', 'dot'):
        answer = images.run([program, 'scan', '--output', kind, 's'], cwd=folder)
        bad = [c for c in answer.out.decode() if c != '\n' and (c < ' ' or c in '\x7f\u202e')]
        tap.ok(answer.out and not bad, f'{kind}: nothing drives a terminal', str(answer))
    table = images.run([program, 'scan', '--output', 'csv', '.'], cwd=f'{folder}/s').out.decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    tap.equal((len(rows), {None in row or None in row.values() for row in rows}), (len(HOSTILE) + 1, {False}),
              'csv: each row has each column')
    tap.equal({row['backing'] for row in rows}, {'', '\\x3dcmd|x'}, 'csv: no field is a formula')
    tap.ok('./"quoted", and=more.qcow2' in {row['filename'] for row in rows}, 'csv: quotes come back', table)


def graph(tap, program, folder):
    store(f'{folder}/s')
    with open(os.path.join(os.fsencode(folder), b's', b'"odd\\n\x1b'), 'w+b') as out:
        mkimage.qcow2(out, backing=b'base/base.qcow2', backing_format=b'qcow2')
    answer = images.run([program, 'scan', '--output', 'dot', 's'], cwd=folder)
    if not images.tool('dot'):
        return tap.lacking('dot: a graph', 'dot')
    drawn = images.run(['dot', '-Tplain'], input=answer.out)
    nodes = [line.split(' ', 6) for line in drawn.out.decode().splitlines() if line.startswith('node ')]
    edges = [line for line in drawn.out.decode().splitlines() if line.startswith('edge ')]
    tap.equal((drawn.status, len(nodes), len(edges)), (0, 10, 7), 'dot reads it: nodes and edges')
    tap.equal(answer.out.count(b'missing", style="dashed'), 1, 'what is missing is dashed')
    svg = images.run(['dot', '-Tsvg'], input=answer.out)
    text = re.findall(r'<text[^>]*>([^<]*)</text>', svg.out.decode())
    tap.ok(svg.status == 0 and {'base.qcow2', 's/base/', 'qcow2', 'gone.qcow2'} <= set(text), 'dot -Tsvg has the labels',
           str(text))
    tap.ok('&quot;odd\\\\n\\x1b' in text, 'a label holds any name', str(text))
    fills = set(re.findall(r'fill="(#[0-9a-f]+)"', svg.out.decode()))
    return tap.ok({'#a6cee3', '#e8e8e8'} <= fills, 'formats have colours', str(fills))


def not_opened(tap, program, folder):
    """Neither special files nor what lies behind links, and no directory above."""
    store(f'{folder}/s')
    if os.getuid() == 0:
        os.mknod(f'{folder}/s/null', 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    if not images.tool('strace'):
        return tap.lacking('nothing is opened but files', 'strace')
    trace = f'{folder}/trace'
    answer = images.run(['strace', '-f', '-o', trace, '-e', 'trace=openat,open,openat2', program, 'scan', 's'],
                        cwd=folder)
    with open(trace, encoding='utf-8') as lines:
        opened = [line for line in lines if re.search(r'"(\S*/)?(fifo|socket|null|link\S*)"', line)]
    tap.ok(answer.status == 1 and not opened, 'nothing is opened but files', ''.join(opened) + str(answer))
    return None


def deep(tap, program, folder):
    """Far longer than PATH_MAX, and deeper than there are descriptors."""
    name, levels = 'd' * 20, 600
    where = os.open(folder, os.O_RDONLY)
    for level in range(levels):
        os.mkdir(name, dir_fd=where)
        if level % 100 == 0:
            made = os.open(f'z{level}', os.O_WRONLY | os.O_CREAT, dir_fd=where)
            os.write(made, bytes(512))
            os.close(made)
        inner = os.open(name, os.O_RDONLY, dir_fd=where)
        os.close(where)
        where = inner
    made = os.open('last.raw', os.O_WRONLY | os.O_CREAT, dir_fd=where)
    os.write(made, bytes(1024))
    os.close(made)
    os.close(where)
    for words in ((), ('--sort',)):
        found = Scan(program, *words, name, cwd=folder)
        tap.equal((len(found.files), max(len(one) for one in found.files), found.summary['directories']),
                  (6, levels * 21 + len('last.raw'), levels), f'{words}: a path of any length')
        tap.equal(found.answer.status, 0, f'{words}: and no complaint')
    shutil.rmtree(os.path.join(folder, name))


def limits(tap, program, folder):
    for number in range(40):
        os.makedirs(f'{folder}/s/{number}/{"x/" * 40}')
        plain(f'{folder}/s/{number}/{"x/" * 40}file', bytes(512))
        plain(f'{folder}/s/{number}/file', bytes(512))
    found = Scan(program, '-j', '16', 's', cwd=folder)
    tap.equal((len(found.files), found.answer.status), (80, 0), 'descriptors suffice for any number of threads')


def denied(tap, program, folder):
    if os.getuid() == 0:
        nobody = dict(user=65534, group=65534, extra_groups=[])
        os.chmod(folder, 0o755)
    else:
        nobody = {}
    store(f'{folder}/s')
    os.chmod(f'{folder}/s/alone.raw', 0)
    os.chmod(f'{folder}/s/vms', 0)
    found = Scan(shutil.copy(program, f'{folder}/imgprobe'), 's', cwd=folder, **nobody)
    os.chmod(f'{folder}/s/vms', 0o755)
    got = {name: (one['exit'], one.get('message')) for name, one in found.files.items() if one['exit']}
    want = (1, 'system error: permission denied')
    tap.equal({name: got.get(name) for name in ('s/alone.raw', 's/vms')}, {'s/alone.raw': want, 's/vms': want},
              'what can\'t be read is a line, too')
    tap.equal(found.answer.status, 1, 'and makes the status 1')


def output(tap, program, folder):
    store(f'{folder}/s')
    with open(f'{folder}/s/lines', 'wb') as out:
        subprocess.run([program, 'scan', '--output', 'ndjson', 's'], cwd=folder, stdout=out, check=False,
                       timeout=images.TIMEOUT)
    with open(f'{folder}/s/lines', encoding='utf-8') as lines:
        told_names = [json.loads(line).get('filename') for line in lines]
    tap.ok('s/lines' not in told_names and 's/empty' in told_names, 'what is written to isn\'t read', str(told_names))
    if os.path.exists('/dev/full'):
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([program, 'scan', 's'], cwd=folder, stdout=full, stderr=subprocess.PIPE, check=False,
                                  timeout=images.TIMEOUT)
        tap.equal(done.returncode, 1, 'an answer that can\'t be written is none')
    os.unlink(f'{folder}/s/lines')
    answer = images.run([program, 'scan', '--sort', 's'], cwd=folder)
    tap.ok(answer.out.startswith(b's/alone.raw: raw, 4 KiB (4096 bytes)\n') and b'\nchains: 4, the longest of 3 files\n'
           in answer.out, 'for people: a line a file, and the counts', str(answer))
    os.link(f'{folder}/s/vms/a.qcow2', f'{folder}/s/vms/again.qcow2')
    found = Scan(program, 's', cwd=folder)
    tap.equal((len(found.files), found.summary['shared']), (13, 1), 'a file of two names is probed under each')


def file_systems(tap, program, folder):
    """Another one is walked unless --one-file-system is given; one of the kernel's own never."""
    image(f'{folder}/s/a.qcow2')
    os.mkdir(f'{folder}/s/other')
    os.mkdir(f'{folder}/s/proc')
    script = ('mount -t tmpfs none s/other && cp s/a.qcow2 s/other/b.qcow2 && mount -t proc none s/proc && '
              'exec "$@"')
    outcome = []
    for words in ((), ('--one-file-system',)):
        found = images.run(
            ['unshare', '-m', 'sh', '-c', script, 'sh', program, 'scan', '--output', 'ndjson', *words, 's'], cwd=folder)
        if not found.out:
            return tap.skip('other file systems', 'nothing can be mounted here')
        lines = [json.loads(line) for line in found.out.splitlines()]
        outcome.append((sorted(one['filename'] for one in lines if one['type'] == 'file'),
                        lines[-1]['other-file-systems']))
    return tap.equal(outcome, [(['s/a.qcow2', 's/other/b.qcow2'], 1), (['s/a.qcow2'], 2)],
                     'other file systems are walked, unless --one-file-system')


def changing(tap, program, folder):
    """Directories that come, go, and turn into links to a secret, while they are walked."""
    for number in range(20):
        for inner in range(5):
            image(f'{folder}/s/{number}/{inner}/disk.qcow2')
    image(f'{folder}/secret/disk.qcow2')
    os.symlink(f'{folder}/secret', f'{folder}/to-secret')
    ended = threading.Event()

    def change():
        number = 0
        while not ended.is_set():
            number = (number + 7) % 20
            os.rename(f'{folder}/s/{number}', f'{folder}/away')
            os.symlink(f'{folder}/secret', f'{folder}/s/{number}')
            os.unlink(f'{folder}/s/{number}')
            os.rename(f'{folder}/away', f'{folder}/s/{number}')

    changer = threading.Thread(target=change)
    changer.start()
    wrong = []
    secret = os.stat(f'{folder}/secret/disk.qcow2').st_ino
    for turn in range(30):
        found = Scan(program, '-j', '2', *(['--sort'] if turn % 2 else []), 's', cwd=folder)
        inodes = {one.get('inode') for one in found.files.values()}
        if found.answer.status not in (0, 1) or secret in inodes or not found.summary:
            wrong.append(str(found.answer))
    ended.set()
    changer.join()
    tap.none(wrong, 'what changes meanwhile does no harm')


def moved(tap, program, folder):
    """A directory whose own is closed, since there are more above than may be open, and that is moved then."""
    path = f'{folder}/s'
    for level in range(40):
        path = f'{path}/{level}'
    os.makedirs(path)
    os.mkfifo(f'{folder}/hold')
    image(f'{folder}/s/0/1/zz.qcow2')
    ended = threading.Event()

    def change():
        while not ended.is_set():
            os.rename(f'{folder}/s/0/1/2', f'{folder}/moved')
            os.rename(f'{folder}/moved', f'{folder}/s/0/1/2')

    changer = threading.Thread(target=change)
    changer.start()
    ends = collections.Counter(Scan(program, 's', cwd=folder).answer.status for _ in range(60))
    ended.set()
    changer.join()
    tap.ok(set(ends) <= {0, 1}, 'a directory that moves away is given up with a word, or not noticed', str(ends))


def interrupted(tap, program, folder):
    """Ctrl-C ends with what was found until then."""
    store(f'{folder}/s')
    with subprocess.Popen([program, 'scan', '--output', 'ndjson'], cwd=folder, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdin.write(b's/alone.raw\n' * 40)
        child.stdin.flush()
        first = child.stdout.readline()
        layers = []
        for task in os.listdir(f'/proc/{child.pid}/task'):
            with open(f'/proc/{child.pid}/task/{task}/status', encoding='ascii') as status:
                layers.append(re.findall(r'^(?:Seccomp|NoNewPrivs):\s*(\d)', status.read(), flags=re.M))
        child.send_signal(signal.SIGINT)
        rest = child.stdout.read().splitlines()
        error = child.stderr.read()
        child.wait(timeout=images.TIMEOUT)
    last = json.loads(rest[-1])
    tap.equal((json.loads(first)['filename'], last['type'], last['interrupted'], last['files'] > 0),
              ('s/alone.raw', 'summary', True, True), 'Ctrl-C: the lines and the summary')
    tap.equal((child.returncode, error), (130, b''), 'Ctrl-C: status 130, and no word')
    if layers[0][1:] != ['0']:
        tap.ok(len(layers) > 1 and all(layer == ['1', '2'] for layer in layers), 'every thread is in the sandbox',
               str(layers))


def on_terminal(program, folder, *words, feed=None):
    """What a terminal is sent as standard error, while names come in two parts."""
    master, slave = pty.openpty()
    with subprocess.Popen([program, 'scan', '--output', 'ndjson', *words], cwd=folder, stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=slave) as child:
        os.close(slave)
        for part in feed or ():
            child.stdin.write(part)
            child.stdin.flush()
            time.sleep(0.3)
        child.stdin.close()
        text = b''
        try:
            while piece := os.read(master, 4096):
                text += piece
        except OSError:
            pass
        child.wait(timeout=images.TIMEOUT)
    os.close(master)
    return text.decode()


def progress(tap, program, folder):
    plain(f'{folder}/one.raw', bytes(512))
    feed = [b'one.raw\n' * 32] * 3
    text = on_terminal(program, folder, feed=feed)
    tap.ok(re.search(r'\r\x1b\[K\d+ files, 0 images, \d+ KiB read, \d+ findings, \d+ files/s', text)
           and text.endswith('\r\x1b[K'), 'a terminal is shown how far it is, and then no more', repr(text))
    answer = images.run([program, 'scan'], cwd=folder, input=b''.join(feed))
    tap.equal(answer.error, '', 'nothing else is')


def memory(tap, program, folder):
    """What is remembered of a file is bounded: 64 bytes in the index, and what an allocator makes of that."""
    with open(program, 'rb') as binary:
        if b'__asan_init' in binary.read():
            return tap.skip('memory', 'the sanitizer remembers more than the program')
    most = []
    for count in (1000, 10000):
        where = f'{folder}/{count}'
        image(f'{where}/first.qcow2')
        for number in range(count):
            if number % 1000 == 0:
                os.makedirs(f'{where}/{number}')
            os.mknod(f'{where}/{number // 1000 * 1000}/{"n" * 100}{number}')
        most.append(peak.resident(program, '-j', '1', where))
    growth = (most[1] - most[0]) * 1024 / 9000
    return tap.ok(0 < growth <= 96, f'{growth:.0f} bytes of memory for a file more, whatever its name', str(most))


PARTS = (told, orders, names, options, users, hostile, graph, not_opened, deep, limits, denied, output, file_systems,
         changing, moved, interrupted, progress, memory)


def main():
    asked = images.arguments(__doc__, ('--only', dict(metavar='PART', help=' '.join(part.__name__ for part in PARTS))))
    tap = Tap()
    for part in PARTS:
        if asked.only in (None, part.__name__):
            with images.scratch() as folder:
                part(tap, asked.imgprobe, os.path.realpath(folder))
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
