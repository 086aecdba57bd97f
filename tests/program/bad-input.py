#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Inputs that no description can make: what isn't a file, cuts at every byte, depth, descriptors, streams, rights.

Each gets its own clear error, at once and within the limits, and nothing that was cut ever reads as "no references".
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

AT_ONCE = 10
NOBODY = 65534
EXIT_ORDER = (1, 8, 3, 0)

# image, driver, least size at which it may be answered, up to where it is cut byte by byte, whether it is text alone
CUTS = (
    ('qcow2/good-v2', 'qcow2', 72, 400, False),
    ('qcow2/good-v3', 'qcow2', 112, 400, False),
    ('qcow2/good-header-104', 'qcow2', 104, 400, False),
    ('qcow2/good-backing', 'qcow2', 144, 400, False),
    ('qcow2/good-backing-v2', 'qcow2', 104, 400, False),
    ('qcow2/good-backing-in-header', 'qcow2', 112, 400, False),
    ('qcow2/good-header-length-117', 'qcow2', 149, 400, False),
    ('qcow2/good-data-file', 'qcow2', 128, 400, False),
    ('qcow2/good-bitmaps', 'qcow2', 144, 400, False),
    ('qcow2/good-luks', 'qcow2', 136, 400, False),
    ('vmdk/good-parent', 'vmdk', 65536, 10800, False),
    ('vmdk/good-sparse', 'vmdk', 65536, 1200, False),
    ('vmdk/good-stream-optimized', 'vmdk', 68096, 1200, False),
    ('vmdk/good-cowd', 'vmdk', 512, 1200, False),
    ('vmdk/good-flat', 'vmdk', 60, 400, True),
    ('vhd/good-dynamic', 'vpc', 1664, 2560, False),
    ('vhd/good-differencing', 'vpc', 2588, 3584, False),
    ('vhd/good-fixed-511', 'vpc', 4194815, 1, False),
    ('others/good-qcow-backing', 'qcow', 768, 768, False),
    ('others/good-qed-backing', 'qed', 327680, 400, False),
    ('others/good-parallels', 'parallels', 104, 400, False),
    ('others/good-luks', 'luks', 2096641, 700, False),
)


def made(folder, name, into='image'):
    """Builds a description in a folder of its own there; its image's path."""
    path = os.path.join(images.TESTIMAGES, name + '.txt')
    return os.fsdecode(mkimage.build(mkimage.read(path), os.path.join(folder, into)))


def qcow2(folder, name, **given):
    path = os.path.join(os.fsencode(folder), os.fsencode(name))
    with open(path, 'w+b') as out:
        mkimage.qcow2(out, **given)
    return os.fsdecode(path)


def refused(tap, program, path, title, *flags, statuses=(1,), error='', **keywords):
    """Not answered, in time, in one line of error, and with nothing in the JSON that looks like an answer."""
    started = time.monotonic()
    try:
        answer = images.info(program, *flags, path, timeout=AT_ONCE, **keywords)
    except subprocess.TimeoutExpired:
        return tap.ok(False, f'{title}: at once', f'still running after {AT_ONCE} s')
    lines = answer.error.rstrip('\n').split('\n')
    faults = [fault for fault, wrong in (
        (f'exit {answer.status}, not {statuses}', answer.status not in statuses),
        ('not one line that begins with "imgprobe: "', len(lines) != 1 or not lines[0].startswith('imgprobe: ')),
        (f'the line has no {error!r}', error not in answer.error),
        ('no JSON object', answer.member is None),
        ('status ok', answer.own.get('status') == 'ok' and 'chain-state' not in answer.own),
        ('references none', answer.own.get('references-state') == 'none' and answer.own.get('status') != 'ok'),
        ('a virtual size without status ok', 'virtual-size' in (answer.member or {})
         and answer.own.get('status') != 'ok'),
        ('too slow', time.monotonic() - started > AT_ONCE)) if wrong]
    return tap.ok(not faults, title, '\n'.join(faults) + f'\n{answer}')


def special_files(folder):
    """(name, path) of whatever isn't a regular file, and of what can't be opened."""
    paths = {kind: os.path.join(folder, kind) for kind in ('directory', 'FIFO', 'socket')}
    os.mkdir(paths['directory'])
    os.mkfifo(paths['FIFO'])
    bound = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(folder)
    bound.bind('socket')
    os.chdir(here)
    os.symlink('nowhere', os.path.join(folder, 'dangling'))
    os.symlink('round', os.path.join(folder, 'round'))
    os.symlink('FIFO', os.path.join(folder, 'to-FIFO'))
    with open(os.path.join(folder, 'file'), 'wb') as out:
        out.truncate(4096)
    rest = ('dangling link', 'dangling'), ('link to itself', 'round'), ('link to a FIFO', 'to-FIFO'), \
        ('missing file', 'gone'), ('name beneath a file', 'file/x'), ('name of 5000 bytes', 'x' * 5000)
    return [*paths.items(), ('character device', '/dev/zero'), ('empty device', '/dev/null'),
            *((title, os.path.join(folder, name)) for title, name in rest)]


def specials(tap, program, folder):
    for title, path in special_files(folder):
        refused(tap, program, path, f'{title} as FILE')
        refused(tap, program, path, f'{title} as FILE, pinned raw', '-f', 'raw')
        if len(path) > 1000:
            continue
        over = qcow2(folder, 'over.img', backing=os.fsencode(path), backing_format=b'raw')
        refused(tap, program, over, f'{title} as backing file', '-f', 'qcow2', '--backing-chain', statuses=(1, 3))
        answer = images.info(program, '-f', 'qcow2', '--backing-chain', over, timeout=AT_ONCE)
        tap.ok(answer.own.get('status') == 'ok' and answer.own.get('chain-state') in ('missing', 'refused')
               and answer.member.get('backing-filename') == path, f'{title} as backing file: the overlay is kept',
               str(answer))
        text = os.path.join(folder, 'over.vmdk')
        with open(text, 'wb') as out:
            out.write(mkimage.descriptor('monolithicFlat', b'RW 8 FLAT "%s" 0\n' % os.fsencode(path)))
        refused(tap, program, text, f'{title} as extent', '-f', 'vmdk', '--backing-chain', statuses=(1, 3))
    empty = os.path.join(folder, 'empty')
    open(empty, 'wb').close()
    for driver in ('qcow2', 'vmdk', 'vpc'):
        refused(tap, program, empty, f'empty file pinned {driver}', '-f', driver)
    for words in ([], ['-f', 'raw']):
        answer = images.info(program, *words, empty)
        tap.ok(answer.status == 0 and answer.member['virtual-size'] == 0 and answer.member['format'] == 'raw'
               and [f['id'] for f in answer.own['findings']] == ['image-empty'],
               f'empty file {" ".join(words)}: a disk of no bytes', str(answer))


def permissions(tap, program, folder):
    title = 'a file that may not be read'
    if os.getuid() != 0:
        path = qcow2(folder, 'secret.img')
        os.chmod(path, 0)
        refused(tap, program, path, title)
        return
    os.chmod(folder, 0o755)
    who = dict(user=NOBODY, group=NOBODY, extra_groups=[])
    try:
        if subprocess.run([program, '--version'], stdout=subprocess.DEVNULL, check=False, **who).returncode:
            raise OSError('exit status')
    except OSError as reason:
        tap.skip(title, f'uid {NOBODY} may not run the program: {reason}')
        return
    path = qcow2(folder, 'secret.img')
    os.chmod(path, 0)
    over = qcow2(folder, 'over.img', backing=b'secret.img', backing_format=b'qcow2')
    refused(tap, program, path, title, **who)
    refused(tap, program, over, f'{title} as backing file', '--backing-chain', **who)
    os.mkdir(os.path.join(folder, 'closed'), 0)
    refused(tap, program, os.path.join(folder, 'closed', 'x'), 'a file in a folder that may not be entered', **who)


def largest(tap, program):
    """The largest sparse file that each file system takes, holding each format's header."""
    for where in dict.fromkeys((os.environ.get('TMPDIR', '/tmp'), '/dev/shm')):
        if not os.access(where, os.W_OK):
            continue
        path = os.path.join(where, f'imgprobe-{os.getpid()}')
        try:
            for name in ('content/good-mbr', 'qcow2/good-backing', 'vmdk/good-sparse', 'vhd/good-dynamic'):
                with images.scratch() as folder:
                    shutil.copy(made(folder, name), path)
                size = grow(path)
                check_largest(tap, program, path, f'{name} in a file of {size} bytes in {where}')
        finally:
            if os.path.exists(path):
                os.unlink(path)


def grow(path):
    low, high = os.path.getsize(path), 2 ** 63 - 1
    while low < high:
        middle = low + (high - low + 1) // 2
        try:
            os.truncate(path, middle)
            low = middle
        except OSError:
            high = middle - 1
    os.truncate(path, low)
    return low


def check_largest(tap, program, path, title):
    for flags in ([], ['-f', 'raw'], ['--backing-chain']):
        try:
            answer = images.info(program, '--stats', *flags, path, timeout=AT_ONCE)
        except subprocess.TimeoutExpired:
            tap.ok(False, f'{title} {flags}', 'not at once')
            continue
        stats = answer.own.get('stats', {})
        tap.ok(answer.status in (0, 1) and (answer.status == 0 or answer.error.startswith('imgprobe: '))
               and stats.get('bytes', 0) <= 32768, f'{title} {" ".join(flags)}', str(answer))


def depth(tap, program, folder):
    with open(os.path.join(folder, '0'), 'wb') as out:
        out.truncate(512)
    for i in range(1, 251):
        qcow2(folder, str(i), backing=b'%d' % (i - 1), backing_format=b'raw' if i == 1 else b'qcow2', size=512,
              cluster_bits=9)
    answer = images.info(program, '-f', 'qcow2', '--backing-chain', '199', cwd=folder)
    tap.ok(answer.status == 0 and answer.own.get('chain-state') == 'complete' and len(answer.document) == 200,
           'a chain of 200 is complete', str(answer)[:2000])
    for top in ('200', '250'):
        refused(tap, program, top, f'a chain of {int(top) + 1}: over the depth', '-f', 'qcow2', '--backing-chain',
                cwd=folder)
        answer = images.info(program, '-f', 'qcow2', '--backing-chain', top, cwd=folder)
        tap.ok(answer.own.get('chain-state') == 'limit' and len(answer.document) == 200,
               f'a chain of {int(top) + 1}: limit, and 200 members kept', str(answer)[:2000])


def breadth(tap, program, folder):
    """More files than a chain may have members, and than descriptors may be open."""
    for i in range(4200):
        with open(os.path.join(folder, f'{i}'), 'wb') as out:
            out.truncate(512)
    for count, good in ((2000, True), (4095, True), (4096, False), (4200, False)):
        lines = b''.join(b'RW 1 FLAT "%d" 0\n' % i for i in range(count))
        with open(os.path.join(folder, 'wide.vmdk'), 'wb') as out:
            out.write(mkimage.descriptor('twoGbMaxExtentFlat', lines))
        title = f'{count} extents'
        if not good:
            refused(tap, program, 'wide.vmdk', f'{title}: over the limit of members', '--backing-chain', cwd=folder)
            continue
        answer = images.info(program, '--backing-chain', 'wide.vmdk', cwd=folder, timeout=AT_ONCE)
        tap.ok(answer.status == 0 and answer.member.get('virtual-size') == count * 512, title, str(answer)[:3000])


def crowds(tap, program, folder):
    """Texts that crowd a descriptor as far as it goes, and say so much that no .want has room for it."""
    with open(os.path.join(folder, 'f.img'), 'wb') as out:
        out.truncate(512)
    for title, lines, status, error in (
            ('26,000 extents that QEMU passes over', b'RW 1 ZERO\n' * 26000, 1, 'no extent'),
            ('the same, and one that it opens', b'RW 1 ZERO\n' * 26000 + b'RW 1 FLAT "f.img" 0\n', 0, ''),
            ('9,000 extents that name a file', b'RW 1 FLAT "f.img" 0\n' * 9000, 1, 'chain_members'),
            ('100,000 extents that name a file', b'RW 1 FLAT "f.img" 0\n' * 100000, 1, 'descriptor_bytes'),
            ('500 names of 500 bytes', b'RW 1 FLAT "%s" 0\n' % (b'n' * 500) * 500, 1, 'name too long')):
        with open(os.path.join(folder, 'crowd.vmdk'), 'wb') as out:
            out.write(mkimage.descriptor('twoGbMaxExtentFlat', lines))
        for flags in ([], ['--backing-chain']):
            answer = images.info(program, '--stats', *flags, 'crowd.vmdk', cwd=folder, timeout=AT_ONCE)
            stats = answer.own.get('stats', {})
            tap.ok(answer.status == status and error in answer.error and stats.get('reads', 99) <= 5
                   and stats.get('bytes', 1 << 30) <= 270000 and stats.get('workspace', 1 << 30) <= 4 << 20,
                   f'{title} {" ".join(flags)}', str(answer)[:3000])


def crowded_words(tap, program, folder):
    """A command line as full as it goes. Each list of words has room for it."""
    path = made(folder, 'chain/good-three')
    for title, words in (('one word of 20,000 letters', ['-' + 'U' * 20000]),
                         ('20,000 words of a letter', ['-U'] * 20000),
                         ('20,000 words with a value', ['--root', folder] * 10000)):
        answer = images.info(program, *words, path, timeout=AT_ONCE)
        tap.ok(answer.status == 0 and answer.error == '', title, str(answer)[:3000])


def told(own):
    """Role and name of every reference."""
    return [(r['role'], r['name'], r.get('format')) for r in own.get('references', [])]


def cut_files(folder, path, sizes):
    whole = open(path, 'rb').read(max(sizes))
    names = []
    for size in sizes:
        names.append(str(size))
        with open(os.path.join(folder, names[-1]), 'wb') as out:
            out.write(whole[:size])
    return names


def cuts(tap, program, folder):
    """Cut at every byte: an error while anything that counts is missing, and never another than the whole's."""
    for name, driver, least, upto, text in CUTS:
        where = os.path.join(folder, name.replace('/', '-'))
        path = made(where, name)
        full = images.info(program, '-f', driver, '--no-open', path).own
        size = os.path.getsize(path)
        sizes = [n for n in sorted({*range(min(upto, size)), *range(max(0, least - 20), least + 20)}) if n < size]
        names = cut_files(where, path, sizes)
        for flags in (['-f', driver], []):
            faults = []
            for at in range(0, len(names), 500):
                answer = images.info(program, '--no-open', *flags, *names[at:at + 500], cwd=where)
                faults += check_cuts(answer, sizes[at:at + 500], full, least, text, bool(flags))
            tap.ok(not faults, f'{name} cut at {len(sizes)} places, {" ".join(flags) or "probed"}',
                   '\n'.join(faults[:20]))
        shutil.rmtree(where)


def check_cuts(answer, sizes, full, least, text, pinned):
    documents = answer.documents
    if len(documents) != len(sizes):
        return [f'{len(documents)} documents for {len(sizes)} files: {answer}'[:500]]
    faults = []
    for size, document in zip(sizes, documents):
        own = document['imgprobe']
        if own['status'] != 'ok':
            if 'virtual-size' in document or own.get('references-state', 'cannot-tell') != 'cannot-tell':
                faults.append(f'{size}: {own["status"]}, and yet an answer')
        elif own['format'] == 'raw':
            if pinned or size >= 16 and not text and full['variant'] != 'fixed':
                faults.append(f'{size}: raw')
        elif size < least:
            faults.append(f'{size}: answered, and {least} bytes count')
        elif told(own) != told(full) and not (text and told(own) and told(own) == told(full)[:len(told(own))]):
            faults.append(f'{size}: {told(own)}, and the whole has {told(full)}')
        elif own['references-state'] != full['references-state']:
            faults.append(f'{size}: references {own["references-state"]}')
    return faults


def cut_members(tap, program, folder):
    """The same below an overlay: the chain is malformed, and the overlay is kept."""
    whole = open(qcow2(folder, 'whole', backing=b'base.img', backing_format=b'raw'), 'rb').read()
    qcow2(folder, 'over.img', backing=b'mid.img', backing_format=b'qcow2')
    faults = []
    for size in range(0, 142):
        with open(os.path.join(folder, 'mid.img'), 'wb') as out:
            out.write(whole[:size])
        answer = images.info(program, '-f', 'qcow2', '--backing-chain', 'over.img', cwd=folder)
        if answer.status != 1 or answer.own.get('chain-state') != 'malformed' or answer.own.get('status') != 'ok':
            faults.append(f'{size}: exit {answer.status}, {answer.own.get("chain-state")}')
    tap.ok(not faults, 'a member cut at 142 places: malformed, and the overlay is kept', '\n'.join(faults[:20]))


EVIL = (b'new\nline', b'carriage\rreturn', b'bell\x07', b'escape\x1b[2J', b'delete\x7f', b'csi\xc2\x9b2J',
        b'bad\xff\x9b', b'right-to-left\xe2\x80\xae', b'tab\t', b'vertical\x0b', b'backspace\x08')
UNSAFE = re.compile(rb'[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]')


def escapes(tap, program, folder):
    """No control character of a name reaches the terminal, on either stream; not even valid UTF-8 breaks."""
    for name in EVIL:
        qcow2(folder, b'over' + name, backing=name, backing_format=b'raw')
        with open(os.path.join(os.fsencode(folder), name), 'wb') as out:
            out.truncate(512)
        for flags in ([], ['--backing-chain'], ['--backing-chain', '-f', 'raw'], ['-f', 'vmdk']):
            answer = images.run([program, 'info', *flags, b'over' + name], cwd=folder)
            both = answer.out + answer.error.encode(errors='surrogateescape')
            clean_utf8 = both.decode(errors='replace').count('\ufffd') == 0
            lines = answer.error.count('\n') <= 1
            tap.ok(not UNSAFE.search(both) and clean_utf8 and lines,
                   f'{name!r} in text {" ".join(flags)}', f'{UNSAFE.search(both)}\n{answer}')
        missing = images.run([program, 'info', b'gone' + name], cwd=folder)
        tap.ok(not UNSAFE.search(missing.error.encode(errors='surrogateescape')) and missing.error.count('\n') == 1,
               f'{name!r} in an error', repr(missing.error))
        answer = images.info(program, b'over' + name, cwd=folder)
        tap.ok(not UNSAFE.search(answer.out) and answer.out.count(b'\n') >= 1 and answer.status == 0,
               f'{name!r} in JSON', str(answer))


def without_name(own):
    return {k: v for k, v in own.items() if k not in ('stats', 'references', 'findings')}


def descriptors(tap, program, folder):
    os.mkdir(os.path.join(folder, 'd'))
    path = qcow2(folder, 'd/over.img', backing=b'base.img', backing_format=b'raw')
    with open(os.path.join(folder, 'd', 'base.img'), 'wb') as out:
        out.truncate(1 << 20)
    by_path = images.info(program, '-f', 'qcow2', path, cwd=folder)
    with open(path, 'rb') as image:
        n = image.fileno()
        given = dict(pass_fds=(n,), cwd=folder)
        answer = images.info(program, '-f', 'qcow2', f'fd:{n}', **given)
        tap.ok(answer.status == 0 and told(answer.own) == told(by_path.own)
               and 'path' not in answer.own['references'][0] and answer.own['references'][0].get('note'),
               'fd:N has no directory: a relative name is unresolved', str(answer))
        answer = images.info(program, '-f', 'qcow2', '--backing-chain', f'fd:{n}', **given)
        tap.ok(answer.status in (1, 3) and answer.own.get('chain-state') not in (None, 'complete'),
               'fd:N: its chain is never complete', str(answer))
        answer = images.info(program, '-f', 'qcow2', '--backing-chain', f'fd:{n}=d/over.img', **given)
        tap.ok(answer.status == 0 and answer.own.get('chain-state') == 'complete'
               and answer.own['references'][0]['path'] == 'd/base.img', 'fd:N=NAME: beside NAME', str(answer))
        tap.ok(image.tell() == 0, "the descriptor's position isn't moved")
    write_only = os.open(path, os.O_WRONLY)
    directory = os.open(folder, os.O_RDONLY)
    reader, writer = os.pipe()
    for title, n in (('write-only', write_only), ('of a directory', directory), ('of a pipe', reader)):
        refused(tap, program, f'fd:{n}', f'a descriptor {title}', pass_fds=(n,))
    for n in (write_only, directory, reader, writer):
        os.close(n)
    refused(tap, program, 'fd:999', 'a descriptor that is not open')
    for name in ('fd:', 'fd:x', 'fd:-1', 'fd:99999999999999999999', 'fd:3x'):
        answer = images.info(program, name, cwd=folder)
        tap.ok(answer.status in (1, 2) and answer.error.startswith('imgprobe: '), f'{name} is no descriptor',
               str(answer))


STREAMS = (('qcow2/good-backing', 'qcow2'), ('qcow2/good-backing-far', 'qcow2'), ('vmdk/good-parent', 'vmdk'),
           ('vmdk/good-stream-optimized', 'vmdk'), ('vhd/good-dynamic', 'vpc'), ('vhd/good-differencing', 'vpc'),
           ('vhd/good-fixed', 'vpc'), ('content/good-iso', 'raw'), ('raw/good-empty', 'raw'))


def streams(tap, program, folder):
    """Standard input: a file, a pipe, one that ends early."""
    for name, driver in STREAMS:
        path = made(folder, name, name.replace('/', '-'))
        want = images.info(program, '-f', driver, path)
        raw = open(path, 'rb').read()
        with open(path, 'rb') as image:
            from_file = images.info(program, '-f', driver, '-', stdin=image)
        from_pipe = images.info(program, '-f', driver, '-', input=raw)
        for how, got in (('a file', from_file), ('a pipe', from_pipe)):
            tap.ok(got.status == want.status == 0 and told(got.own) == told(want.own)
                   and without_name(got.own) == without_name(want.own)
                   and got.member.get('virtual-size') == want.member.get('virtual-size'),
                   f'{name} on standard input, {how}', f'{got}\n{want}')
        if driver == 'qcow2':
            short = images.info(program, '-f', driver, '-', input=raw[:140])
            tap.ok(short.status == 1 and short.own.get('references-state') == 'cannot-tell',
                   f'{name} on a pipe that ends early', str(short))
    for words in ('- --output json -f raw', '--output json - -f raw', '--output json -f raw -', '--output json -f raw -- -',
                  '--output json -f raw - --', '-f raw - --output json'):
        answer = images.run([program, 'info', *words.split()], input=bytes(512))
        tap.ok(answer.status == 0 and answer.member and answer.member['filename'] == '-', f'- as a FILE: {words}',
               str(answer))
    nothing = images.info(program, '-f', 'qcow2', '-', input=b'')
    tap.ok(nothing.status == 1, 'an empty pipe pinned qcow2', str(nothing))
    closed = images.run(['sh', '-c', '"$0" info --output json - <&-', program])
    tap.ok(closed.status == 1 and closed.error.startswith('imgprobe: '), 'standard input that is closed', str(closed))
    full = images.run(['sh', '-c', '"$0" info --output json "$1" >/dev/full', program, qcow2(folder, 'x')])
    tap.ok(full.status not in (0, 99) and 'imgprobe: ' in full.error,
           'an answer that cannot be written is no success', str(full))


def several(tap, program, folder):
    """1 over 8 over 3 over 0, every FILE answered, in order, one document a line."""
    qcow2(folder, 'fine')
    with open(os.path.join(folder, 'raw.img'), 'wb') as out:
        out.truncate(512)
    qcow2(folder, 'mid', backing=b'raw.img', backing_format=b'raw')
    qcow2(folder, 'refused', backing=b'mid')
    shutil.copy(made(folder, 'vhd/good-fixed'), os.path.join(folder, 'ambiguous'))
    status = {'fine': 0, 'refused': 3, 'ambiguous': 8, 'gone': 1}
    for group in (('fine', 'fine'), ('fine', 'refused'), ('refused', 'fine', 'ambiguous'), ('ambiguous', 'refused'),
                  ('gone', 'ambiguous', 'refused', 'fine'), ('fine', 'gone'), ('ambiguous', 'gone', 'fine')):
        answer = images.info(program, '--backing-chain', *group, cwd=folder)
        want = next(s for s in EXIT_ORDER if s in [status[name] for name in group])
        lines = [line for line in answer.out.split(b'\n') if line.strip()]
        found = [images.members(d)[0] for d in answer.documents]
        tap.ok(answer.status == want and [m['filename'] for m in found] == list(group)
               and [m['imgprobe']['exit'] for m in found] == [status[name] for name in group]
               and len(lines) == len(group), f'{" ".join(group)}: exit {want}', str(answer))
    for wrong in ([], ['-f', 'nosuch', 'fine'], ['--output', 'xml', 'fine'], ['--nosuch', 'fine'], ['-f'],
                  ['--reader', 'x', 'fine'], ['--declare', 'x', 'fine']):
        answer = images.run([program, 'info', *wrong], cwd=folder)
        tap.ok(answer.status == 2 and answer.error.startswith('imgprobe: ') and not answer.out,
               f'usage: {" ".join(wrong) or "no FILE"}', str(answer))


def traced(program, args, calls, folder, *flags):
    """Lines of strace, or None if it can't trace here."""
    log = os.path.join(folder, 'strace.log')
    done = images.run(['strace', '-f', '-s', '4096', '-e', f'trace={calls}', '-o', log, *flags, program, *args],
                      cwd=folder)
    if not os.path.exists(log) or 'exited with' not in open(log, errors='replace').read():
        return None, done
    return open(log, errors='replace').read().split('\n'), done


OPENS = ('open,openat,openat2,creat,connect,stat,lstat,newfstatat,statx,access,faccessat,faccessat2,'
         'readlink,readlinkat')


def no_open(tap, program, folder):
    """What the image names is never touched under --no-open, and a backing file not without --backing-chain."""
    if not images.tool('strace'):
        return tap.lacking('--no-open opens nothing that the image names', 'strace')
    for name in ('named.img', 'data.img'):
        with open(os.path.join(folder, name), 'wb') as out:
            out.truncate(1 << 20)
    qcow2(folder, 'q', backing=b'named.img', backing_format=b'raw', data_file=b'data.img')
    with open(os.path.join(folder, 'v'), 'wb') as out:
        out.write(mkimage.descriptor('monolithicFlat', b'RW 2048 FLAT "data.img" 0\n', parent=b'named.img'))
    for image in ('q', 'v'):
        for flags, unseen in ((['--no-open'], ('named.img', 'data.img')), ([], ('named.img',)),
                              (['--no-open', '--backing-chain'], ('named.img', 'data.img'))):
            lines, done = traced(program, ['info', '--workdir', '.', *flags, image], OPENS, folder)
            if lines is None:
                return tap.skip('--no-open opens nothing that the image names',
                                f'strace cannot trace here: {done.error}')
            found = [line for line in lines for name in unseen if name in line]
            tap.ok(not found and (done.status == 2 or any(f'"{image}"' in line for line in lines)),
                   f'{image} {" ".join(flags)}: touches no {" and no ".join(unseen)}', '\n'.join(found or lines))


def written_nothing(tap, program, folder):
    """Nothing is opened for writing, and nothing is locked."""
    if not images.tool('strace'):
        return tap.lacking('nothing is opened for writing', 'strace')
    path = made(folder, 'chain/good-three')
    lines, done = traced(program, ['info', '--backing-chain', path], OPENS + ',fcntl,flock', folder)
    if lines is None:
        return tap.skip('nothing is opened for writing', f'strace cannot trace here: {done.error}')
    bad = [line for line in lines if re.search(r'O_(WRONLY|RDWR|CREAT)|F_(OFD_)?SETLK|flock\(', line)]
    return tap.ok(not bad, 'nothing is opened for writing or locked', '\n'.join(bad))


# What is well formed and yet no honest writer's, with the reads and bytes that it may cost.
COSTLY = {
    'qcow2/good-extensions-1024': (6, 12288),  # its extensions alone fill 8 KiB
    'vmdk/good-descriptor-256k': (5, 262144),  # its text lies in front of, between and behind the windows
}


def few_reads(tap, program, folder):
    """A well-formed image costs what the row of its format says, a VMDK its descriptor beside."""
    rows = {row['name']: row for row in json.loads(images.run([program, 'formats', '--output', 'json']).out)}
    for name, path in mkimage.descriptions():
        if not re.match(r'[a-z0-9]+/good-', name):
            continue
        image = os.fsdecode(mkimage.build(mkimage.read(path), os.path.join(folder, name)))
        pinned = re.findall(r'-f \w+', mkimage.read(path).runs[0])
        answer = images.info(program, '--stats', '--no-open', *' '.join(pinned).split(), image)
        stats = answer.own.get('stats', {})
        row = rows.get(answer.own.get('format'), {'reads': -1, 'bytes': -1})
        reads, most = row['reads'], row['bytes']
        reads, most = COSTLY.get(name, (reads, most))
        tap.ok(0 <= stats.get('reads', 99) <= reads and stats.get('bytes', 1 << 30) <= most,
               f'{name}: {stats.get("reads")} reads, {stats.get("bytes")} bytes', str(answer))
    if images.tool('strace'):
        image = os.path.realpath(made(folder, 'qcow2/good-backing-far'))
        lines, _ = traced(program, ['info', '--stats', '--output', 'json', image], 'pread64,read,preadv', folder, '-y')
        call = re.compile(rf'\w+\(\d+<{re.escape(image)}>.*\)\s+= (\d+)')
        totals = [int(m[1]) for line in lines or [] if (m := call.search(line))]
        stats = images.info(program, '--stats', image).own['stats']
        tap.ok(lines is None or (len(totals), sum(totals)) == (stats['reads'], stats['bytes']),
               'what is counted is what is read', f'{totals} and {stats}')


def hostile_reads(tap, program, folder):
    """A hostile image costs no more than the limits: 64 reads, 512 KiB."""
    worst = {}
    for name, path in mkimage.descriptions():
        if re.match(r'[a-z0-9]+/(bad|unsupported)-', name):
            image = os.fsdecode(mkimage.build(mkimage.read(path), os.path.join(folder, name)))
            started = time.monotonic()
            answer = images.info(program, '--stats', '--no-open', image, timeout=AT_ONCE)
            stats = answer.own.get('stats', {'reads': 0, 'bytes': 0})
            worst[name] = stats['reads'] <= 64 and stats['bytes'] <= 524288 and time.monotonic() - started < AT_ONCE
    over = [name for name, fine in worst.items() if not fine]
    tap.ok(not over, f'{len(worst)} hostile images within the limits', str(over))


PARTS = (specials, permissions, largest, depth, breadth, crowds, crowded_words, cuts, cut_members, escapes, descriptors,
         streams, several, no_open, written_nothing, few_reads, hostile_reads)


def main():
    asked = images.arguments(__doc__, ('--only', dict(metavar='PART', help=' '.join(p.__name__ for p in PARTS))))
    tap = Tap()
    for part in PARTS:
        if asked.only not in (None, part.__name__):
            continue
        if part is largest:
            largest(tap, asked.imgprobe)
            continue
        with images.scratch() as folder:
            part(tap, asked.imgprobe, os.path.realpath(folder))
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
