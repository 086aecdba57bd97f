#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Readers and their versions, as a user names them: what an answer says that it holds for, what versions change in
it, and what is refused as no version. What the versions do is asked of the real ones in tests/oracle."""

import os
import struct
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

ALL = ['7.2', '10.0', '11.1']
# what is said, the versions that the answer holds for, the version asked for where another's answer is given
ASKED = (
    ((), ALL, None), (('qemu',), ALL, None), (('qemu-7.2',), ['7.2'], None), (('qemu-8.0',), ['7.2'], '8.0'),
    (('qemu-9.2',), ['7.2'], '9.2'), (('qemu-10.0',), ['10.0'], None), (('qemu-10.2',), ['10.0'], '10.2'),
    (('qemu-11.0',), ['10.0'], '11.0'), (('qemu-11.1',), ['11.1'], None), (('xen',), [], None),
    (('qemu-7.2', 'qemu'), ALL, None), (('qemu-10.0', 'xen'), [], None), (('imago',), ['0.2'], None),
    (('imago-0.2',), ['0.2'], None),
)
WRONG = ('', 'x', 'QEMU', 'qemu-', 'qemu-10', 'qemu-10.', 'qemu-.0', 'qemu-10.0.1', 'qemu-10.00', 'qemu-010.0', 'qemu-+10.0',
         'qemu-7.1', 'qemu-11.2', 'qemu-12.0', 'qemu-8.3', 'qemu-99999999999.0', 'qemu 10.0', 'xen-4', 'xenlibvhd',
         'imago-0.1', 'imago-0.3', 'imago-0.2.2')
# a name of a backing file or data file, and what becomes of it: by every version together, and by each
NAMES = (
    ('json:{"driver":"raw","active":true,"file":{"driver":"file","filename":"b"}}', 'versions-differ',
     {'7.2': 'unknown-key', '10.0': None, '11.1': None}),
    ('json:{"driver":"raw","file":{"driver":"file","filename":"b"}}', None, {v: None for v in ALL}),
    ('sheepdog:b', 'unknown-driver', {v: 'unknown-driver' for v in ALL}),
    ('json:{"driver":"raw","file":{"driver":"sheepdog","vdi":"b"}}', 'unknown-driver', {v: 'unknown-driver' for v in ALL}),
)
DATA_FILES = (
    ('nbd:b', 'name-means-two-things', {'7.2': 'name-means-two-things', '10.0': None, '11.1': None}),
    ('./nbd:b', None, {v: None for v in ALL}),
)


def reader_of(names):
    """The reader that counts: the last one, without its version."""
    return names[-1].split('-')[0] if names else 'qemu'


def said(tap, program):
    for names, versions, asked in ASKED:
        options = [word for name in names for word in ('--reader', name)]
        title = ' '.join(options) or 'no --reader'
        for command in ('info', 'access', 'check'):
            follow = ['--backing-chain'] if command == 'info' else []
            answer = images.run([program, command, *follow, *options, '--output', 'json', 'b'])
            found = answer.document[0]['imgprobe'] if command == 'info' else answer.document
            tap.equal((found['reader'], found['reader-versions'], found.get('reader-version-asked')),
                      (reader_of(names), versions, asked), f'{command} {title}')
        text = images.run([program, 'info', '--backing-chain', *options, 'b']).out.decode()
        wanted = {None: ' '.join(names[-1].split('-')) if names else 'qemu'}
        tap.ok(f"chain for {wanted.get(asked, f'qemu {asked}, answered as {versions[:1]}')}: complete".replace(
            "['", '').replace("']", '') in text, f'for people: {title}', text)


def wrong(tap, program):
    for name in WRONG:
        answer = images.run([program, 'info', '--reader', name, 'b'])
        tap.ok(answer.status == 2 and not answer.out and answer.error.startswith('imgprobe: --reader')
               and 'qemu, qemu-7.2 to qemu-11.1, xen, imago, imago-0.2' in answer.error, f'--reader {name!r} is no reader', str(answer))


def reason(answer):
    """Why nothing is granted, by the id of its finding; None for an answer."""
    return answer.document['field'] if answer.status else None


def differ(tap, program):
    for column, rows in (('backing', NAMES), ('data_file', DATA_FILES)):
        for name, together, each in rows:
            declared = {'backing_format': b'raw'} if column == 'backing' else {}
            with open('top', 'wb') as out:
                mkimage.qcow2(out, **{column: name.encode()}, **declared)
            ask = [program, 'access', '--workdir', '.', '-f', 'qcow2', '--output', 'json']
            answer = images.run([*ask, 'top'])
            tap.equal((reason(answer), answer.status), (together, 8 if together == 'versions-differ' else 3 if together else 0),
                      f'{name}: every version')
            if together == 'versions-differ':
                tap.ok('10.0, 11.1' in answer.error and '7.2' in answer.error, f'{name}: the versions on each side',
                       str(answer))
            for version, wanted in each.items():
                answer = images.run([*ask, '--reader', f'qemu-{version}', 'top'])
                tap.equal(reason(answer), wanted, f'{name}: {version}')


def tiers(tap, program):
    """--tier refuses by name what lies below it, in the format and in a driver between."""
    with open('disk.vmdk', 'wb') as out:
        out.write(mkimage.descriptor('monolithicFlat', b'RW 2048 FLAT "b" 0\n'))
    with open('over', 'wb') as out:
        mkimage.qcow2(out, backing=b'disk.vmdk', backing_format=b'vmdk')
    for tier, wanted in ((None, None), ('import', None), ('guest', 'tier-below-floor')):
        for command in ('access', 'check'):
            options = ['--tier', tier] if tier else []
            policy = ['--policy', 'guest', '--allow', 'tier-import'] if command == 'check' else []
            answer = images.run([program, command, *options, *policy, '-f', 'qcow2', '--output', 'json', 'over'])
            found = [f['id'] for f in answer.document['findings'] if f['refused']] if command == 'check' else [reason(answer)]
            tap.equal((found, answer.status), ([wanted] if wanted or command == 'access' else [], 3 if wanted else 0),
                      f'{command} --tier {tier}: a VMDK beneath a qcow2')
    for command in ('access', 'check'):
        answer = images.run([program, command, '--tier', 'identify', 'over'])
        tap.ok(answer.status == 2 and not answer.out, f'{command} --tier identify is usage', str(answer))


def lists(tap, program):
    readers = images.run([program, 'formats', '--readers', '--output', 'json']).document
    tap.equal([(r['name'], r['versions']) for r in readers], [('qemu', ALL), ('xen', []), ('imago', ['0.2'])], 'formats --readers')
    text = images.run([program, 'formats', '--readers']).out.decode()
    tap.ok(all(r['name'] in text and r['what'] in text and r['compared-with'] in text for r in readers),
           'formats --readers for people', text)
    rows = images.run([program, 'formats', '--drivers', '--output', 'json']).document
    drivers = {row['name']: row for row in rows}
    tap.equal(len(drivers), len(rows), 'formats --drivers: each once')
    formats = images.run([program, 'formats', '--output', 'json']).document
    tap.equal({row['name'] for row in rows if row['sort'] == 'format'},
              {row['qemu-name'] for row in formats if 'qemu-name' in row}, 'formats --drivers: every format of QEMU')
    tap.equal((drivers['vvfat']['tier'], drivers['vvfat']['followed'], drivers['vvfat']['reaches']),
              ('refuse', False, ['directory']), 'formats --drivers: vvfat')
    tap.equal((drivers['gluster']['deprecated'], drivers['sheepdog']['until']), ('9.2', '6.0'),
              'formats --drivers: what is going and what is gone')
    text = images.run([program, 'formats', '--drivers']).out.decode().splitlines()
    tap.equal([line.split()[0] for line in text[1:]], [row['name'] for row in rows], 'formats --drivers for people')


def main():
    asked = images.arguments(__doc__)
    program = os.path.abspath(asked.imgprobe)
    tap = Tap()
    with images.scratch() as folder:
        os.chdir(folder)
        for name in ('b', 'nbd:b'):
            with open(name, 'wb') as out:
                out.write(struct.pack('1048576x'))
        for part in (said, wrong, differ, tiers, lists):
            part(tap, program)
        os.chdir('/')
    tap.done()


main()
