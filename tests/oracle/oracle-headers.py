#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random bytes in the headers of good images of each format, and random texts of VMDKs: what is answered, QEMU opens,
with that format and that size, and no file besides those that were named. A number and a seed make an image, the same
each time."""

import collections
import importlib
import json
import os
import re
import subprocess
import sys
import time

sys.path.append(sys.path[0] + '/../lib')
import accessimages
import emulator
import images
import randomheaders
from tap import Tap

access = importlib.import_module('oracle-access')

# What QEMU refuses though we answer it: of which format, what it says, the versions that do, and why.
REFUSES = (
    ('.*', "key-secret' is required", '', 'a key is given to an emulator beside the image'),
    ('cloop', 'at index', '', 'where blocks lie is a table, which is not read'),
    ('qcow2', 'Volume is not in LUKS format', '', 'its LUKS header is another one, which is not read'),
    ('qcow2', 'snapshot table entry', '', 'the table of snapshots is not read'),
    ('qcow2', '[Bb]itmap', '', 'the directory of bitmaps is not read'),
    ('dmg', 'Invalid argument', '', 'neither the list of chunks nor a resource fork is read'),
    ('vpc', 'free_data_block_offset points after', '', 'where blocks lie is a table, which is not read'),
    ('vhdx', 'VHDX BAT entry', '', 'the same'),
    ('parallels', 'parallels Format Extension', '', 'the extension is not read'),
    ('vhdx', 'Operation not supported', '', 'it opens none with a parent: that is known, and refused by access'),
)


class Headers:
    def __init__(self, asked, tap, builder, scratch):
        self.asked, self.tap, self.b = asked, tap, builder
        self.images = randomheaders.Images(builder)
        self.suite = access.Suite(tap, asked.imgprobe, scratch, timeout=20)
        self.reader = ('--reader', f'qemu-{emulator.version()}')
        self.count = collections.Counter()

    def one(self, number):
        with randomheaders.image(self.images, self.asked.seed, number) as made:
            case = self.b.case(f'{number}: {made.title}', made.name, made.driver, pinned=made.pinned, modes=(False,),
                               absolute=False)
            case.kind = 'text' if isinstance(made, randomheaders.Text) else made.driver
            case.cwd = self.b.text(made.folder)
            case.file = os.path.basename(os.fsencode(made.name))
            try:
                faults, said = self.judge(case)
            except subprocess.TimeoutExpired:  # what tables it goes through, no header tells
                self.count['without an end', case.kind] += 1
                faults, said = [], ''
            self.tap.ok(not faults, f'{case.title}{"" if made.pinned else ", probed"}',
                        '\n'.join([*faults, *made.new, said,
                                   f'again: {sys.argv[0]} {self.asked.seed} 1 --from {number}']))
            if self.asked.keep and self.asked.count == 1:
                os._exit(1)  # the image stays as it is

    def info(self, case, reader):
        return images.run([self.asked.imgprobe, 'info', '--output', 'json', *reader, '--workdir', case.cwd,
                           *case.probing, '--', case.file], cwd=case.cwd)

    def judge(self, case):
        answer, every = self.info(case, self.reader), self.info(case, ())
        faults = [f'ends with {of.status}' for of in (answer, every) if of.status not in (0, 1, 3, 8)]
        if not every.status and (answer.status or self.other(every, answer)):
            faults.append(f'the answer for every version is no answer for this: {every}')
        if answer.status:
            self.count['refused', case.kind] += 1
            return faults, str(answer)
        self.count['answered', case.kind] += 1
        case.workdir, case.io = True, lambda _: ['-c', 'quit']
        reach = self.suite.ask(case, *self.reader)
        if reach.status and any(of['role'] != 'backing' for of in answer.own['references']):
            return faults, str(reach)  # it may be for what stands in another file
        trace = access.Trace(['qemu-img', 'info', '-U', '--output=json', *case.probing, case.file], case.cwd,
                             self.suite.log, 20)
        said = f'QEMU: {trace.error[:1000]}\n{"".join(f"{f}" + chr(10) for f in trace.files.values())}{answer}'
        faults += self.unnamed(case, reach, trace)
        if trace.status:
            return faults + ([] if self.known(case, trace.error) else ['QEMU refuses what we answer']), said
        faults += self.same(json.loads(trace.out.decode('utf-8', 'replace')), answer)
        if not reach.status and not faults:
            faults += self.chain(case, reach)
        return faults, said

    @staticmethod
    def other(every, answer):
        """Whether a reference leads elsewhere. What the answer for all doesn't follow, one version may."""
        pairs = list(zip(every.own['references'], answer.own['references']))
        return len(pairs) != len(answer.own['references']) or any(a != b for a, b in pairs if a['kind'] != 'none')

    @staticmethod
    def unnamed(case, reach, trace):
        """What it opens without the backing file. Of what access refuses that is the image alone."""
        if reach.status:
            named = {access.File(os.path.realpath(os.path.join(os.fsencode(case.cwd), case.file))).identity}
        else:
            named = access.granted(reach.document, case.cwd)[0]
        return [f'not named: {file}' for identity, file in trace.files.items() if identity not in named]

    @staticmethod
    def same(theirs, answer):
        return [f'{key}: QEMU says {theirs[key]}, we {answer.member.get(key)}' for key in ('virtual-size', 'format')
                if theirs.get(key) != answer.member.get(key)]

    def chain(self, case, reach):
        """All that is opened, where all of it may be."""
        if len(reach.document['members']) > 1:
            self.count['opened with what it names', case.kind] += 1
        trace = self.suite.qemu(case, False)
        if not trace.opened and self.known(case, trace.error):
            return self.suite.they_refuse(trace, reach, case)
        return [f'{fault}: {trace.error}' for fault in self.suite.same(trace, reach, case)]

    @staticmethod
    def known(case, error):
        return any(re.fullmatch(of, case.kind) and re.search(text, error) and emulator.holds(versions)
                   for of, text, versions, _ in REFUSES)


def main():
    usual = 4000 if os.environ.get('IMGPROBE_TEST_ALL') else 200
    day = int(time.strftime('%Y%m%d'))
    asked = emulator.arguments(
        __doc__, ('seed', dict(nargs='?', type=int, default=day, metavar='SEED', help='the date, if none is given')),
        ('count', dict(nargs='?', type=int, default=usual, metavar='COUNT', help='how many, 200 or 4,000')),
        ('--from', dict(dest='first', type=int, default=0, metavar='N', help='the number of the first')),
        ('--keep', dict(metavar='DIR', help='build the images there and leave them; the one, if COUNT is 1')))
    tap = Tap()
    for tool in ('qemu-img', 'qemu-io', 'strace'):
        if not images.tool(tool):
            tap.lacking('random headers against a traced QEMU', tool)
            tap.done()
    tap.note(f'seed {asked.seed}, {asked.count} images')
    with images.scratch() as scratch:
        folder = os.path.realpath(os.path.join(asked.keep or scratch, 'headers'))
        with accessimages.Builder(folder, tap) as builder:
            suite = Headers(asked, tap, builder, scratch)
            for number in range(asked.first, asked.first + asked.count):
                suite.one(number)
    for (what, kind), times in sorted(suite.count.items()):
        tap.note(f'{kind}: {times} {what}')
    kinds = {'text': ('text',), 'headers': tuple(randomheaders.FIELDS)} if asked.count >= 300 else {}
    kinds.update({kind: (kind,) for kind in randomheaders.FIELDS} if asked.count >= 3000 else {})
    for title, of in kinds.items():
        both = [sum(suite.count[what, kind] for kind in of) for what in ('answered', 'refused')]
        tap.ok(min(both) * 20 > sum(both), f'{title}: some are answered, and some refused', str(both))
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
