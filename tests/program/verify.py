#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Receipts: what info, access and check print with --receipt, and whether imgprobe verify notices what changed.

The unit tests flip every byte. Here each range of each crafted image is touched at its ends, and files are exchanged,
cut, grown, linked and written to under a running program.
"""

import glob
import json
import os
import re
import subprocess
import sys
import threading

sys.path.append(sys.path[0] + '/../lib')
import images
import libvhd
import mkimage
from tap import Tap

RACES = 60
UNCHANGED, CHANGED, CANNOT_TELL = 'unchanged', 'changed', 'cannot-tell'
OF_FORMATS = ('qcow2/good-backing', 'qcow2/good-data-file', 'vmdk/good-parent', 'vmdk/good-flat', 'vmdk/good-sparse',
              'vhd/good-dynamic', 'vhd/good-differencing', 'others/good-vhdx', 'others/good-qed-backing',
              'others/good-luks', 'others/good-vdi', 'content/good-gpt')


def ask(program, command, *args, cwd):
    return images.run([program, command, '--output', 'json', '--receipt', *args], cwd=cwd)


def verify(program, text, *args, cwd):
    """What verify says of these bytes."""
    return images.run([program, 'verify', '--output', 'json', *args, '-'], cwd=cwd, input=text)


def receipt(answer):
    return answer.own.get('receipt') or answer.member.get('receipt')


def verdicts(answer):
    """Of FILE and of each member, and the field of the first that differs."""
    found = answer.document or {'verdict': None, 'members': []}
    fields = [m.get('field') for m in found['members'] + found.get('names', []) if m['verdict'] != UNCHANGED]
    return answer.status, found['verdict'], fields[0] if fields else None


def write(path, data, at=None):
    with open(path, 'wb' if at is None else 'r+b') as out:
        out.seek(at or 0)
        out.write(data)


def chain(folder):
    """A qcow2 over another over a raw file, made by hand, with names of their own."""
    header = bytearray(65536)
    header[0:8] = b'QFI\xfb\0\0\0\3'
    header[20:32] = (16).to_bytes(4, 'big') + (1 << 20).to_bytes(8, 'big')
    header[36:60] = (1).to_bytes(4, 'big') + (131072).to_bytes(8, 'big') + (65536).to_bytes(8, 'big') + (1).to_bytes(4, 'big')
    header[96:104] = (4).to_bytes(4, 'big') + (104).to_bytes(4, 'big')
    for name, base, kind in (('top', b'mid', b'qcow2'), ('mid', b'base', b'raw')):
        one = bytearray(header)
        one[104:112] = (0xe2792aca).to_bytes(4, 'big') + len(kind).to_bytes(4, 'big')
        one[112:112 + len(kind)] = kind
        one[8:20] = (512).to_bytes(8, 'big') + len(base).to_bytes(4, 'big')
        one[512:512 + len(base)] = base
        write(os.path.join(folder, name), bytes(one) + bytes(131072))
    write(os.path.join(folder, 'base'), bytes(1 << 20))


# ---- every crafted image ----

def check_all(tap, program):
    """Whatever the answer: right behind it nothing has changed, and just what was read is read again."""
    wrong, seen = [], 0
    paths = sorted(glob.glob(os.path.join(images.TESTIMAGES, '*', '*.txt')))
    with images.scratch() as folder:
        for i, path in enumerate(paths[::3]):
            own = os.path.join(folder, str(i))
            image = os.fsdecode(mkimage.build(mkimage.read(path), own))
            found = ask(program, 'info', '--backing-chain', image, cwd=own)
            if not found.documents or not receipt(found):
                continue
            seen += 1
            again = verify(program, found.out, '--stats', cwd=own)
            members = receipt(found)['members']
            odd = [m for m in members if 'ranges' not in m]
            odd += [n for n in receipt(found)['names'] if n['status'] != 'ok' and not n.get('absent')]
            told = again.document or {}
            lengths = [r['length'] for m in members for r in m.get('ranges', ())]
            if told.get('verdict') != (CANNOT_TELL if odd else UNCHANGED):
                wrong.append(f'{path}: {again}')
            elif not odd and (told['stats']['bytes'], told['stats']['reads']) != \
                    (sum(lengths), sum((length + 4095) // 4096 for length in lengths)):
                wrong.append(f'{path}: {told["stats"]}')
    tap.ok(seen > 150, f'crafted images have receipts ({seen})')
    tap.none(wrong, 'each is unchanged right behind its answer, and read as its receipt says')


def flips(ranges, size):
    """Where a byte is read, and the index of its range; and bytes beside the ranges, of which none has."""
    def holder(at):
        return next((i for i, r in enumerate(ranges) if 0 <= at - r['offset'] < r['length']), None)
    places = {at for r in ranges for at in (r['offset'], r['offset'] + r['length'] // 2, r['offset'] + r['length'] - 1,
                                            r['offset'] - 1, r['offset'] + r['length'])}
    return [(at, holder(at)) for at in sorted(places) if 0 <= at < size]


def check_flips(tap, program):
    for name in OF_FORMATS:
        with images.scratch() as folder:
            path = os.path.join(images.TESTIMAGES, name + '.txt')
            if not tap.ok(os.path.exists(path), f'{name} is there'):
                continue
            image = os.fsdecode(mkimage.build(mkimage.read(path), folder))
            found = ask(program, 'info', '--no-open', image, cwd=folder)
            ranges, wrong, sides = receipt(found)['members'][0]['ranges'], [], set()
            for at, holder in flips(ranges, os.path.getsize(image)):
                with open(image, 'r+b') as file:
                    file.seek(at)
                    byte = file.read(1)
                    write(image, bytes([byte[0] ^ 4]), at)
                    told = verify(program, found.out, cwd=folder)
                    write(image, byte, at)
                first = told.document['members'][0]
                sides.add(holder is None)
                if (told.status, first.get('range-index')) != ((0, None) if holder is None else (1, holder)):
                    wrong.append(f'byte {at}: {told}')
            tap.none(wrong, f'{name}: a byte that was read is noticed in its range, and none beside it')
            tap.ok(False in sides, f'{name}: bytes of ranges were flipped')


# ---- files ----

def exchange(folder):
    write(os.path.join(folder, 'new'), open(os.path.join(folder, 'mid'), 'rb').read())
    os.rename(os.path.join(folder, 'new'), os.path.join(folder, 'mid'))


def swap(folder):
    for a, b in (('top', 'x'), ('mid', 'top'), ('x', 'mid')):
        os.rename(os.path.join(folder, a), os.path.join(folder, b))


def move_behind_link(folder):
    """The same file under the same name, and elsewhere."""
    os.mkdir(os.path.join(folder, 'away'))
    os.rename(os.path.join(folder, 'mid'), os.path.join(folder, 'away', 'mid'))
    os.symlink('away/mid', os.path.join(folder, 'mid'))


def link_to_copy(folder):
    exchange(folder)
    os.rename(os.path.join(folder, 'base'), os.path.join(folder, 'other'))
    os.symlink('other', os.path.join(folder, 'base'))


def make_fifo(folder):
    os.unlink(os.path.join(folder, 'mid'))
    os.mkfifo(os.path.join(folder, 'mid'))


def make_directory(folder):
    os.unlink(os.path.join(folder, 'mid'))
    os.mkdir(os.path.join(folder, 'mid'))


def at(name):
    return lambda folder: os.path.join(folder, name)


CHANGES = (
    ('nothing', lambda f: None, (0, UNCHANGED, None)),
    ('a label or a mode', lambda f: os.chmod(at('mid')(f), 0o600), (0, UNCHANGED, None)),
    ('another time of change by touch', lambda f: os.utime(at('top')(f), (1, 1)), (0, UNCHANGED, None)),
    ('one more link', lambda f: os.link(at('base')(f), at('more')(f)), (0, UNCHANGED, None)),
    ('data of the guest', lambda f: write(at('base')(f), b'x', 500000), (0, UNCHANGED, None)),
    ('a header', lambda f: write(at('mid')(f), b'x', 30), (1, CHANGED, 'bytes')),
    ('a name in it', lambda f: write(at('top')(f), b'x', 512), (1, CHANGED, 'bytes')),
    ('the base is longer', lambda f: os.truncate(at('base')(f), (1 << 20) + 1), (1, CHANGED, 'size')),
    ('the base is shorter', lambda f: os.truncate(at('base')(f), 1 << 19), (1, CHANGED, 'size')),
    ('the top is empty', lambda f: os.truncate(at('top')(f), 0), (1, CHANGED, 'size')),
    ('a member is replaced by its own copy', exchange, (1, CHANGED, 'identity')),
    ('two members change names', swap, (1, CHANGED, 'identity')),
    ('a member is gone', lambda f: os.unlink(at('base')(f)), (1, CHANGED, 'identity')),
    ('it lies elsewhere, behind a link', move_behind_link, (1, CHANGED, 'canonical-path')),
    ('a copy, and a link to the same base', link_to_copy, (1, CHANGED, 'identity')),
    ('a FIFO in its place', make_fifo, (1, CHANGED, 'identity')),
    ('a directory in its place', make_directory, (1, CHANGED, 'identity')),
)


def check_files(tap, program):
    for command, *args in (('info', '--backing-chain', 'top'), ('access', '-f', 'qcow2', 'top'), ('check', 'top')):
        for name, change, want in CHANGES:
            with images.scratch() as folder:
                chain(folder)
                found = ask(program, command, *args, cwd=folder)
                change(folder)
                told = verify(program, found.out, cwd=folder)
                want = want if want[0] else (found.status, *want[1:])
                tap.ok(verdicts(told) == want and told.document['answer-exit'] == found.status, f'{command}: {name}',
                       f'{told}')
    with images.scratch() as folder:
        chain(folder)
        found = ask(program, 'check', 'top', cwd=folder)
        os.chmod(os.path.join(folder, 'mid'), 0o600)
        told = verify(program, found.out, cwd=folder).document
        tap.equal([m.get('change-time-differs', False) for m in told['members']], [False, True, False],
                  'a change time that differs is told, and is no change')
        write(os.path.join(folder, 'mid'), b'x', 30)
        text = images.run([program, 'verify', '-'], cwd=folder, input=found.out)
        tap.ok(text.status == 1 and re.search(rb'^mid: changed: .*: range 1 of 3, 4096 bytes at 0$', text.out, re.M)
               and text.out.endswith(b'\n-: changed, by 3 members and no names; the answer was: refused (exit 3)\n'),
               'people are told of it', text)


def check_relinked(tap, program):
    with images.scratch() as folder:
        chain(folder)
        write(os.path.join(folder, 'copy'), bytes(1 << 20))
        os.rename(os.path.join(folder, 'base'), os.path.join(folder, 'real'))
        os.symlink('real', os.path.join(folder, 'base'))
        found = ask(program, 'info', '--backing-chain', 'top', cwd=folder)
        tap.equal(verdicts(verify(program, found.out, cwd=folder))[:2], (0, UNCHANGED), 'a link as it was')
        os.unlink(os.path.join(folder, 'base'))
        os.symlink('copy', os.path.join(folder, 'base'))
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (1, CHANGED, 'identity'),
                  'a link that leads to another file, of the same bytes')


def check_names(tap, program):
    """Names that are no member's: one at which there was nothing, and a second one of a member."""
    with images.scratch() as folder:
        chain(folder)
        os.unlink(os.path.join(folder, 'base'))
        found = ask(program, 'info', '--backing-chain', 'top', cwd=folder)
        tap.equal([(n['path'], n.get('absent')) for n in receipt(found)['names']], [('base', True)],
                  'a file that is missing stands among the names')
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (1, UNCHANGED, None), 'it is missing still')
        write(os.path.join(folder, 'base'), bytes(1 << 20))
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (1, CHANGED, 'identity'), 'and now it is there')
    with images.scratch() as folder:
        text = b'# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="twoGbMaxExtentFlat"\n' \
               b'RW 1 FLAT "a" 0\nRW 1 FLAT "b" 0\n'
        write(os.path.join(folder, 'top'), text)
        write(os.path.join(folder, 'a'), bytes(512))
        os.link(os.path.join(folder, 'a'), os.path.join(folder, 'b'))
        found = ask(program, 'info', 'top', cwd=folder)
        tap.equal([n['path'] for n in receipt(found)['names']], ['b'], 'a second name of a member stands there')
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (0, UNCHANGED, None), 'both names lead to one file')
        os.unlink(os.path.join(folder, 'b'))
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (1, CHANGED, 'identity'), 'the second one is gone')
        write(os.path.join(folder, 'b'), bytes(512))
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (1, CHANGED, 'identity'), 'or is another file')


def check_odd_names(tap, program):
    with images.scratch() as folder:
        name = os.path.join(os.fsencode(folder), b'a\xff"\n\xe2\x80\xae')
        write(name, bytes(4096))
        found = ask(program, 'info', '-f', 'raw', os.path.basename(name), cwd=folder)
        tap.ok('path-bytes' in receipt(found)['members'][0], 'a name that is no text stands as bytes, too')
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (0, UNCHANGED, None), 'and is opened by them')
        write(name, b'x', 0)
        text = images.run([program, 'verify', '-'], cwd=folder, input=found.out)
        tap.ok(text.status == 1 and b'\xff' not in text.out and b'\xe2' not in text.out, 'nothing of it drives a terminal')


def check_unopened(tap, program):
    """What can't be looked at again is never unchanged."""
    with images.scratch() as folder:
        chain(folder)
        data = open(os.path.join(folder, 'base'), 'rb').read()
        piped = images.run([program, 'info', '--output', 'json', '--receipt', '-'], cwd=folder, input=data)
        tap.equal(verdicts(verify(program, piped.out, cwd=folder))[:2], (1, CANNOT_TELL), 'of a pipe')
        with open(os.path.join(folder, 'base'), 'rb') as given:
            found = images.run([program, 'info', '--output', 'json', '--receipt', '-'], cwd=folder, stdin=given)
        tap.equal(verdicts(verify(program, found.out, cwd=folder))[:2], (1, CANNOT_TELL), 'of a file without a name')
        found = ask(program, 'info', '--backing-chain', 'top', cwd=folder)
        os.mkdir(os.path.join(folder, 'root'))
        tap.equal(verdicts(verify(program, found.out, '--root', 'root', cwd=folder))[:2], (1, CANNOT_TELL),
                  'outside of the roots')
        tap.equal(verdicts(verify(program, found.out, '--root', '.', cwd=folder))[:2], (0, UNCHANGED), 'beneath one')
        told = verify(program, found.out, cwd='/')
        tap.ok(verdicts(told)[:2] == (1, CHANGED) and 'hint: a relative name starts from the directory' in told.error,
               'from another directory, and there is a hint of that', told)
        fails = ask(program, 'check', '--root', 'root', 'top', cwd=folder)
        tap.equal(verdicts(verify(program, fails.out, cwd=folder))[:2], (1, CANNOT_TELL),
                  'where the answer ended at a name that could not be opened')
        before = open(os.path.join(folder, 'base'), 'rb').read()
        with open(os.path.join(folder, 'base'), 'r+b') as out:
            done = subprocess.run([program, 'verify', '-'], input=found.out, stdout=out, cwd=folder,
                                         stderr=subprocess.PIPE, check=False)
        tap.ok(done.returncode == 1 and open(os.path.join(folder, 'base'), 'rb').read() == before,
               'a member that standard output is written to is not written over', done)


def check_xen(tap, program):
    """The first name at which there is a file counts, so one before it that is there later is a change."""
    with images.scratch() as folder:
        os.mkdir(os.path.join(folder, 'in'))
        libvhd.write_child(os.path.join(folder, 'top'), 1, 2, 'second', [['MacX', f'file://{folder}/in/first'],
                                                                        ['W2ru', '.\\second']])
        libvhd.write_disk(os.path.join(folder, 'second'), 'disk', 2)
        found = ask(program, 'info', '--backing-chain', '--reader', 'xen', '-f', 'vhd', 'top', cwd=folder)
        names = receipt(found)['names']
        tap.ok(found.status == 0 and any(n.get('absent') for n in names), 'a name before the one that counts', found)
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (0, UNCHANGED, None), 'nothing is there still')
        libvhd.write_disk(os.path.join(folder, 'in', 'first'), 'disk', 2)
        tap.equal(verdicts(verify(program, found.out, cwd=folder)), (1, CHANGED, 'identity'), 'now there is a file')


# ---- documents ----

def check_documents(tap, program):
    with images.scratch() as folder:
        chain(folder)
        arrays = ask(program, 'info', '--backing-chain', 'top', 'mid', cwd=folder)
        checks = ask(program, 'check', 'top', cwd=folder)
        grants = ask(program, 'access', '-f', 'qcow2', 'top', cwd=folder)
        told = verify(program, arrays.out + grants.out, cwd=folder)
        tap.equal((told.status, len(told.document['members'])), (0, 8), 'several documents in one stream')
        told = verify(program, checks.out + arrays.out, cwd=folder)
        tap.equal((told.status, told.document['verdict'], told.document['answer-exit']), (3, UNCHANGED, 3),
                  'of several answers the one that was refused counts')
        for name, text in (('a', arrays.out), ('b', grants.out)):
            write(os.path.join(folder, name), text)
        told = images.run([program, 'verify', '--output', 'json', 'a', 'b'], cwd=folder)
        tap.equal((told.status, told.out.count(b'\n'), [d['verdict'] for d in told.documents]), (0, 2, [UNCHANGED] * 2),
                  'several FILEs, each on a line')
        write(os.path.join(folder, 'base'), b'x', 0)
        write(os.path.join(folder, 'a'), b'{}')
        told = images.run([program, 'verify', '--output', 'json', 'a', 'b'], cwd=folder)
        tap.equal((told.status, [d['verdict'] for d in told.documents]), (1, [CANNOT_TELL, CHANGED]),
                  'one without a receipt, and one that changed')
        without = images.info(program, 'top', cwd=folder)
        told = verify(program, checks.out + without.out, cwd=folder)
        tap.ok(told.status == 1 and 'without a receipt' in told.error and not told.document['members'],
               'a document without a receipt is an error, whatever stands before it', told)
        tap.equal(ask(program, 'info', 'gone', cwd=folder).own.get('receipt'), None, 'of what is not there there is none')


BAD = (
    ('', 1, 1, 'there is no document'),
    ('{', 1, 2, 'a key is wanted'),
    ('[]', 1, 3, 'without a receipt'),
    ('7', 1, 1, 'an object is wanted'),
    ('{"a": 01}', 1, 9, 'a zero in front'),
    ('{"a": 1.5}', 1, 8, "isn't whole"),
    ('{"a": 18446744073709551616}', 1, 26, 'over 64 bits'),
    ('{"a": nul}', 1, 7, 'a number is wanted'),
    ('{"a": "x}', 1, 10, 'a string without an end'),
    ('{"a": "\x01"}', 1, 8, 'a control character'),
    ('{"a": "\\q"}', 1, 10, 'not an escape'),
    ('{"a": "\\ud800"}', 1, 14, 'a surrogate alone'),
    ('{"a": "\\ud800\\u0041"}', 1, 20, 'a surrogate alone'),
    ('{\n\n"a" 1}', 3, 5, 'a colon is wanted'),
    ('{"a": 1 "b": 2}', 1, 9, 'a comma or the end'),
    ('{"a": ' + '[' * 70 + ']' * 70 + '}', 1, 70, 'nested too deep'),
    ('{"receipt": 1}', 1, 13, 'an object is wanted'),
    ('{"receipt": {"members": [], "names": []}}', 1, 41, 'without members'),
    ('{"receipt": {"members": [{}]}}', 1, 28, 'neither a file nor'),
    ('{"exit": 2}', 1, 11, 'not an exit status that an answer has'),
    ('{"exit": 0, "exit": 0}', 1, 20, 'two exit statuses'),
    ('{"receipt": {"later": 1}}', 1, 22, 'no receipt of this version'),
)


def change(document, *steps):
    """A copy with a value deep in it replaced, or a key taken out for `...`."""
    copy = json.loads(json.dumps(document))
    *path, last, value = steps
    inner = copy
    for step in path:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(copy).encode()


def check_bad(tap, program):
    with images.scratch() as folder:
        chain(folder)
        found = ask(program, 'check', 'top', cwd=folder)
        good, member = found.document, ('receipt', 'members', 0)
        for text, line, byte, why in BAD:
            told = verify(program, text.encode(), cwd=folder)
            place = {key: told.document.get(key) for key in ('verdict', 'line', 'byte')}
            tap.ok(told.status == 1 and place == {'verdict': CANNOT_TELL, 'line': line, 'byte': byte}
                   and why in told.error and told.error.count('\n') == 1, f'refused: {text[:50]!r}', told)
        for steps in (('exit', ...), ('exit', -1), ('exit', 'x'), (*member, 'path', ''),
                      (*member, 'path', 'a\0b'), (*member, 'kind', 'fifo'), (*member, 'device', 'x'),
                      (*member, 'device', '1:2:3'), (*member, 'inode', ...), (*member, 'inode', -1),
                      (*member, 'ranges', 0, 'digest', 'ab'), (*member, 'ranges', 0, 'digest', 'x' * 32),
                      (*member, 'ranges', 0, 'digest', ...), (*member, 'ranges', 0, 'length', 1 << 24),
                      (*member, 'ranges', [good['receipt']['members'][0]['ranges'][0]] * 4097),
                      (*member, 'path-bytes', '7'), (*member, 'more', 1), ('receipt', 'names', ...),
                      ('receipt', 'names', [{'path': 'x'}]), ('receipt', 'names', [{'path': 'x', 'status': 'ok'}]),
                      ('receipt', 'names', [{'path': 'x', 'status': 'system', 'absent': False}])):
            told = verify(program, change(good, *steps), cwd=folder)
            tap.ok(told.status == 1 and told.document['verdict'] == CANNOT_TELL and told.document.get('line') == 1,
                   f'refused: {steps[2:]!r}'[:100], told)
        for steps in ((*member, 'ranges', 0, 'offset', 1 << 40), (*member, 'size', ...), (*member, 'ranges', ...),
                      (*member, 'path', ...), (*member, 'changed', ...)):
            told = verify(program, change(good, *steps), cwd=folder)
            tap.equal(verdicts(told)[:2], (1, CANNOT_TELL), f'not to be told: {steps[3:]!r}')
        compact = json.dumps(good).encode()
        wrong = [f'{n}: {told}' for n in range(0, len(compact), 23)
                 if (told := verify(program, compact[:n], cwd=folder)).status != 1 or told.document['members']]
        tap.none(wrong, 'a document that is cut off is refused wherever that is')
        with open(os.path.join(folder, 'long'), 'wb') as out:
            out.truncate((32 << 20) + 1)
        told = images.run([program, 'verify', 'long'], cwd=folder)
        tap.ok(told.status == 1 and 'over 32 MiB' in told.error, 'a document that is too long', told)
        told = verify(program, compact + b' ' * (5 << 20), cwd=folder)
        tap.equal(verdicts(told)[:2], (found.status, UNCHANGED), 'one that comes in many pieces')
        told = verify(program, compact + b' ' * (32 << 20), cwd=folder)
        tap.ok(told.status == 1 and 'over 32 MiB' in told.error, 'and a pipe that is too long', told)
        told = verify(program, b'{"a": ' + b'[' * 60 + b'1, -2, "x", {"y": null}' + b']' * 60 + b', "exit": 0, "receipt": '
                      + json.dumps(good['receipt']).encode() + b'}', cwd=folder)
        tap.equal(verdicts(told)[:2], (0, UNCHANGED), 'what else stands in a document is passed over')


def check_many(tap, program):
    """As many members as the limits allow are answered with receipts, too."""
    count = 4095
    with images.scratch() as folder:
        lines = ''.join(f'RW 80 FLAT "e{i}" 0\n' for i in range(count))
        write(os.path.join(folder, 'top'), ('# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n'
                                            f'createType="twoGbMaxExtentFlat"\n{lines}').encode())
        for i in range(count):
            write(os.path.join(folder, f'e{i}'), bytes(40960))
        plain, found = images.info(program, 'top', cwd=folder), ask(program, 'info', 'top', cwd=folder)
        tap.equal((plain.status, found.status, len(receipt(found)['members'])), (0, 0, count + 1),
                  f'{count} extents have receipts')
        write(os.path.join(folder, 'all'), found.out)
        told = images.run([program, 'verify', '--output', 'json', 'all'], cwd=folder)
        tap.equal(verdicts(told), (0, UNCHANGED, None), 'and are unchanged')
        write(os.path.join(folder, 'e4000'), b'x', 0)
        told = images.run([program, 'verify', '--output', 'json', 'all'], cwd=folder)
        tap.equal([m['path'] for m in told.document['members'] if m['verdict'] != UNCHANGED], ['e4000'],
                  'but for the one that was written to')


def check_usage(tap, program):
    with images.scratch() as folder:
        chain(folder)
        for args in (['info', '--receipt', 'top'], ['verify'], ['verify', '-f', 'raw', 'x'], ['verify', 'x', '--receipt']):
            tap.equal(images.run([program, *args], cwd=folder).status, 2, f'a mistake: {" ".join(args)}')
        told = images.run([program, 'verify', 'gone'], cwd=folder)
        tap.ok(told.status == 1 and told.error == 'imgprobe: gone: no such file\n', 'a FILE that is not there', told)
        plain = images.info(program, '--backing-chain', 'top', cwd=folder)
        found = ask(program, 'info', '--backing-chain', 'top', cwd=folder)
        stripped = [json.loads(json.dumps(d)) for d in images.documents(found.out)[0]]
        stripped[0]['imgprobe'].pop('receipt')
        tap.equal(stripped, plain.document, 'but for the receipt the answer is the same')


# ---- races ----

def check_races(tap, program):
    """A writer at work while the answer is given and verified. Once it rests: where verify says unchanged, the answer
    is what it would be now."""
    wrong, same = [], 0
    with images.scratch() as folder:
        chain(folder)
        mid, stop = os.path.join(folder, 'mid'), threading.Event()
        for i in range(RACES):
            stop.clear()

            def writes():
                n = 0
                while not stop.is_set():
                    write(mid, bytes([n % 2]), (31, 30, 40000)[n // 2 % 3])
                    n += 1
            writer = threading.Thread(target=writes)
            writer.start()
            found = ask(program, 'info', '--backing-chain', 'top', cwd=folder)
            stop.set()
            writer.join()
            told = verify(program, found.out, cwd=folder)
            now = ask(program, 'info', '--backing-chain', 'top', cwd=folder)
            same += told.status == 0
            kept = [[r for m in receipt(a)['members'] for r in m['ranges']] for a in (found, now)]
            if (told.status == 0) != (kept[0] == kept[1]) or \
                    (told.status == 0 and [d['virtual-size'] for d in found.document] != [d['virtual-size'] for d in now.document]):
                wrong.append(f'{i}: {told}')
    tap.none(wrong, f'{RACES} races with a writer: unchanged is what would be answered now ({same})')


def main():
    asked, tap = images.arguments(__doc__), Tap()
    for check in (check_usage, check_files, check_relinked, check_names, check_odd_names, check_unopened, check_xen,
                  check_documents, check_many, check_bad, check_flips, check_all, check_races):
        check(tap, asked.imgprobe)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
