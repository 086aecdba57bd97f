#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random chains: what is answered, QEMU opens, and just those files, in those modes, with that size; what is plain is
answered. A number and a seed make a chain, the same each time."""

import collections
import importlib
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.append(sys.path[0] + '/../lib')
import accessimages
import emulator
import images
import randomchains
from tap import Tap

access = importlib.import_module('oracle-access')
TEMPLATES = {'vdi': (), 'vhdx': (), 'parallels': (), 'qed': (), 'qcow': (), 'dynamic': ('vpc', 'subformat=dynamic'),
             'fixed': ('vpc', 'subformat=fixed'), 'sparse': ('vmdk', 'subformat=monolithicSparse'),
             'stream': ('vmdk', 'subformat=streamOptimized')}
QUIT = b'{"execute":"qmp_capabilities"}{"execute":"quit"}'
KINDS = ('chain', 'json', 'descriptor', 'bytes')

# What QEMU refuses though we answer it: the kind of chain, what it says, the versions that do, and why.
REFUSES = (
    ('json', "Throttle group '.*' does not exist", '', 'objects are given to an emulator beside the image'),
    ('chain', 'Failed to get .* lock', '', 'it is its own lock that stands in its way: it writes what it reads, too'),
    ('bytes', 'parallels Format Extension magic', '', 'the extension is not read'),
)

# Differences that grant nothing else: what is said, and why.
HARMLESS = (
    ("QEMU tried b['\"].*/file:", 'the driver for CD-ROMs opens any name to see whether it is its own; '
     'whatever comes of it, QEMU goes on'),
)


class Random:
    def __init__(self, asked, tap, builder, scratch):
        self.asked, self.tap, self.b = asked, tap, builder
        self.suite = access.Suite(tap, asked.imgprobe, scratch, timeout=20)
        self.count = collections.Counter()

    def templates(self):
        self.b.templates = {}
        for name, given in TEMPLATES.items():
            driver, options = given or (name, '')
            self.b.create(driver, f't/{name}', options=options, size='4M')
            with open(self.b.path(f't/{name}'), 'rb') as source:
                self.b.templates[name] = source.read()
        self.b.raw('t/device', 4 << 20)
        self.b.loop('t/device')

    def one(self, number):
        try:
            chain = randomchains.Chain(self.b, self.asked.seed, number)
        except (OSError, RuntimeError) as problem:
            self.tap.ok(False, f'{number}: can be made', f'{type(problem).__name__}: {problem}')
            return
        write = chain.kind == 'chain' and chain.rng.random() < 0.5
        case = self.b.case(f'{number}: {chain.kind}', chain.name, chain.driver, workdir=chain.workdir,
                           pinned=chain.pinned, allow=(self.b.folder, '/dev'))
        try:
            faults, said = self.judge(case, chain, write)
        except subprocess.TimeoutExpired:  # what a header's bytes make it do, no header tells
            self.count['without an end', chain.kind] += 1
            faults, said = [] if chain.kind == 'bytes' else ['QEMU comes to no end'], ''
        faults = [fault for fault in faults if not any(re.match(what, fault) for what, _ in HARMLESS)]
        self.tap.ok(not faults, f'{case.title}{", writing" if write else ""}{", plain" if chain.plain else ""}',
                    '\n'.join([*faults, said, f'again: {sys.argv[0]} {self.asked.seed} 1 --from {number}']))
        if not faults and not self.asked.keep:
            shutil.rmtree(self.b.path(chain.folder))

    def judge(self, case, chain, write):
        consent = ['--write', *(word for path in case.allow for word in ('--allow-write', path))] if write else []
        answer = self.suite.ask(case, *consent)
        case.io = lambda _: ['-c', 'quit']
        if answer.status not in (0, 1, 3, 8):
            return [f'it ends with {answer.status}'], str(answer)
        if write and self.suite.outside(case):
            return ['it would write what is not ours'], str(answer)
        trace = self.suite.qemu(case, write)
        said = f'QEMU: {trace.error}\n{"".join(f"{f}" + chr(10) for f in trace.files.values())}{answer}'
        if answer.status:
            self.count['refused', chain.kind] += 1
            return (['plain, and not answered'] if chain.plain and trace.opened else []), said
        self.count['answered', chain.kind] += 1
        if not trace.opened:
            if self.known(chain.kind, trace.error):
                return self.suite.they_refuse(trace, answer, case), said
            return ['QEMU refuses what we answer'], said
        return self.suite.same(trace, answer, case) + self.size(case) + self.graph(case, consent, answer), said

    def graph(self, case, consent, answer):
        """What --output blockdev prints, given to an emulator, opens the same files; or it can't say them, and why."""
        graph = self.suite.ask(case, *consent, kind='blockdev')
        if graph.status:
            return [] if graph.status == 1 and 'but json' in graph.error else [f'no graph: {graph}']
        trace = access.Trace(['qemu-storage-daemon', '--chardev', 'stdio,id=m', '--monitor', 'chardev=m', '--blockdev',
                              graph.out], case.cwd, self.suite.log, 20, input=QUIT)
        files, _ = access.granted(answer.document, case.cwd)
        want, got = ({identity: file.write for identity, file in of.items()} for of in (files, trace.files))
        return [] if want == got else [f'the graph opens {[str(file) for file in trace.files.values()]}: {graph}']

    @staticmethod
    def known(kind, error):
        return any(re.match(of, kind) and re.search(text, error) and emulator.holds(versions)
                   for of, text, versions, _ in REFUSES)

    def size(self, case):
        given = [*case.probing, '--output=json', case.file]
        theirs = images.run(['qemu-img', 'info', '-U', *given], cwd=case.cwd).member or {}
        where = ['--workdir', case.cwd] if case.workdir else []
        # Of every version the newest one's size would count.
        reader = ['--reader', f'qemu-{emulator.version()}']
        ours = images.run([self.asked.imgprobe, 'info', *reader, *where, *given], cwd=case.cwd).member or {}
        return [f'{key}: QEMU says {theirs[key]}, we {ours.get(key)}' for key in ('virtual-size', 'format')
                if key in theirs and theirs[key] != ours.get(key)]


def main():
    usual = 5000 if os.environ.get('IMGPROBE_TEST_ALL') else 500
    day = int(time.strftime('%Y%m%d'))
    asked = emulator.arguments(
        __doc__, ('seed', dict(nargs='?', type=int, default=day, metavar='SEED', help='the date, if none is given')),
        ('count', dict(nargs='?', type=int, default=usual, metavar='COUNT', help='how many, 500 or 5,000')),
        ('--from', dict(dest='first', type=int, default=0, metavar='N', help='the number of the first')),
        ('--keep', dict(metavar='DIR', help='build the images there and leave them')))
    tap = Tap()
    for tool in ('qemu-img', 'qemu-io', 'strace'):
        if not images.tool(tool):
            tap.lacking('random chains against a traced QEMU', tool)
            tap.done()
    tap.note(f'seed {asked.seed}, {asked.count} chains')
    with images.scratch() as scratch:
        folder = os.path.realpath(os.path.join(asked.keep or scratch, 'random'))
        with accessimages.Builder(folder, tap) as builder:
            suite = Random(asked, tap, builder, scratch)
            suite.templates()
            for number in range(asked.first, asked.first + asked.count):
                suite.one(number)
    for (what, kind), times in sorted(suite.count.items()):
        tap.note(f'{kind}: {times} {what}')
    for kind in KINDS if asked.count >= 100 else ():
        both = [suite.count[what, kind] for what in ('answered', 'refused')]
        tap.ok(min(both) * 20 > sum(both), f'{kind}: some are answered, and some refused', str(both))
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
