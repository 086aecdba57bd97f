#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a question costs, beside other programs and libraries that answer it and beside the floor, in one run: see
README.md, which --update rewrites. `./dev bench` calls this, with all that it needs there.

With --try the counts are tiny, nothing is written, and what is printed is TAP: whether each row, peer and figure comes
out.
"""
import collections
import json
import math
import os
import platform
import re
import statistics
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
from tap import Tap

import benchimages
import scan

HERE = os.path.dirname(os.path.abspath(__file__))
CHAINS = (10, 50, 200)
MANY = 1000
PLAIN = ('qcow2, small', 'qcow2, 8 TiB', 'qcow2, clusters of 2 MiB')
DEEP = ('qcow2, the largest L1', 'qcow2, the largest refcount table', 'qcow2, 2000 snapshots', 'qcow2, chain of 10',
        'qcow2, chain of 50', 'qcow2, chain of 200', 'vmdk, 50 flat extents')
KNOWS_NOTHING = {'blkid': 2}  # the exit status of a peer that looked, and recognised nothing
OURS = ('floor', 'static, off', 'static, on', 'floor, dynamic', 'dynamic')
PEERS = ('qemu-img', 'file', 'blkid', 'vhdiinfo', 'vmdkinfo', 'qcowinfo')
INFO = ('info', '--backing-chain', '--output=json')

# `at`: 'most' or 'least', of what the figure may be.
Bar = collections.namedtuple('Bar', 'figure at bar found')


class Bench:
    def __init__(self, asked, folder):
        self.asked, self.folder = asked, folder
        self.rounds, self.turns, self.times = (1, 1, 2) if asked.tap else (25, 31, 200)
        self.store_count = 200 if asked.tap else 100000
        self.environment = dict(os.environ, LC_ALL='C')
        self.rows = list(benchimages.rows(folder))
        self.runs, self.counts, self.inside, self.bars = {}, {}, {}, []
        self.lacking = []

    # ---- programs ----

    def commands(self, row):
        """What is run for a row, by its column."""
        asked, top = self.asked, row.paths[0]
        info = [*INFO, *row.flags, top]
        found = {'floor': [asked.floor_static, *row.paths], 'static, off': [asked.static_off, *info],
                 'static, on': [asked.static, *info], 'floor, dynamic': [asked.floor, *row.paths],
                 'dynamic': [asked.imgprobe, *info],
                 'qemu-img': ['qemu-img', 'info', '--backing-chain', '-U', '--output=json', top],
                 'file': ['file', top], 'blkid': ['blkid', '-p', top]}
        found.update({peer: [peer, top] for peer in row.peers})
        return {column: words for column, words in found.items() if images.tool(words[0])}

    def in_turn(self, commands, rounds):
        """Of each: microseconds of each round, least page faults, exit status."""
        text = '\n'.join('\t'.join(words) for words in commands) + '\n'
        done = subprocess.run([self.asked.spawn, str(rounds)], input=text, stdout=subprocess.PIPE, check=True,
                              text=True, cwd=self.folder, env=self.environment)
        found = [list(map(int, line.split())) for line in done.stdout.splitlines()]
        return [dict(status=one[0], faults=one[1], took=one[2:]) for one in found]

    def programs(self):
        """Ours and the floor take turns, so that the machine's moods fall on all of them, and then the peers: what a
        run of milliseconds leaves of the caches would else be what the next is measured by."""
        for row in self.rows:
            commands, self.runs[row.name] = self.commands(row), {}
            for group, rounds in ((OURS, self.rounds), (PEERS, self.rounds // 3 if row.name in DEEP else self.rounds)):
                columns = [column for column in commands if column in group]
                found = self.in_turn([commands[column] for column in columns], max(1, rounds))
                self.runs[row.name].update(zip(columns, found))
        self.lacking += [f'{peer} is missing' for peer in PEERS if not images.tool(peer)]

    def many(self):
        """A thousand paths in one process, each; the floor is a loop within one."""
        paths = benchimages.many(self.folder, MANY)
        on = self.in_turn([[self.asked.static, 'info', '--output=json', *paths]], max(1, self.rounds // 3))[0]
        floor = self.loop(['floor'], paths, 'qcow2', max(1, self.turns // 3), 1)['floor']
        return statistics.median(on['took']) * 1000 / statistics.median(floor)

    # ---- within a process ----

    def loop(self, ways, paths, format_name, rounds, times):
        """Nanoseconds of each round, by way."""
        done = subprocess.run([self.asked.inside, str(rounds), str(times), format_name, ','.join(ways), *paths],
                              stdout=subprocess.PIPE, check=True, text=True, env=self.environment, cwd=self.folder)
        found = {}
        for line in done.stdout.splitlines():
            way, *took = line.split()
            if way.endswith(':'):
                self.lacking += [line.split(': ', 1)[1]] if line.split(': ', 1)[1] not in self.lacking else []
            else:
                found[way] = list(map(int, took))
        return found

    def in_process(self):
        small = self.rows[0]
        self.inside['one image'] = self.loop(('floor', 'told', 'probed', 'blkid', 'libvirt-told', 'libvirt-probed'),
                                             small.paths, small.format, self.turns, self.times)
        for count in CHAINS:
            row = next(row for row in self.rows if row.name == f'qcow2, chain of {count}')
            found = self.loop(('floor', 'chain', 'libvirt-probed'), row.paths, row.format, self.turns,
                              max(1, self.times // count))
            self.inside[f'a level of {count}'] = {way: [one / count for one in took] for way, took in found.items()}

    def store(self):
        """A scan of a store, by one thread and by two, and the loop that it can't do without."""
        folder = os.path.join(self.folder, 'store')
        scan.make(folder, self.store_count)
        self.scans = scan.measure(self.asked.imgprobe, folder, 1 if self.asked.tap else 3)

    # ---- counts ----

    def trace(self, words):
        """Exact: system calls with execve, and of these writes, and bytes read of the images."""
        log = os.path.join(self.folder, 'strace.log')
        subprocess.run(['strace', '-y', '-o', log, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False, cwd=self.folder)
        with open(log, encoding='utf-8', errors='replace') as file:
            calls = re.findall(r'^(\w+)\((.*)', file.read(), flags=re.M)
        reads = [int(found[1]) for name, rest in calls if name in ('read', 'pread64') and self.folder in rest
                 for found in [re.search(r'= (\d+)$', rest)] if found]
        return dict(calls=len(calls), writes=sum(name in ('write', 'writev') for name, _ in calls), bytes=sum(reads))

    def instructions(self, words, only=()):
        done = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', *only, *words],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True,
                              cwd=self.folder)
        found = re.search(r'Collected : (\d+)', done.stderr)
        return int(found[1]) if found else None

    def from_memory(self, path):
        """One more, so that what only the first takes isn't counted."""
        once, more = [self.instructions([self.asked.inside, '1', times, '-', 'memory', path],
                                        ['--toggle-collect=measured']) for times in ('1', '11')]
        return (more - once) / 10 if once and more else None

    def count(self):
        for row in self.rows:
            words = self.commands(row)
            self.counts[row.name] = self.trace(words['static, off'])
            self.counts[row.name]['on'] = self.trace(words['static, on'])['calls']
            if row.name in PLAIN or not self.asked.tap:
                self.counts[row.name]['instructions'] = self.instructions(words['static, off'])

    # ---- the bars ----

    def ratios(self, row, column, over):
        """Of the rounds in which both ran, each round's own."""
        runs = self.runs[row]
        if column not in runs or over not in runs:
            return []
        return [a / b for a, b in zip(runs[column]['took'], runs[over]['took']) if a and b]

    def ratio(self, row, column, over):
        found = self.ratios(row, column, over)
        return statistics.median(found) if found else None

    def level(self, name, way, over):
        found = self.inside[name]
        if way not in found or over not in found:
            return None
        return statistics.median([a / b for a, b in zip(found[way], found[over])])

    def judge(self):
        small, counts = 'qcow2, small', self.counts
        deeper, shallower = counts['qcow2, chain of 50'], counts['qcow2, chain of 10']
        output = len(subprocess.run([self.asked.static_off, *INFO, self.row('qcow2, chain of 200').paths[0]],
                                    stdout=subprocess.PIPE, check=False).stdout)
        descriptor = benchimages.longest_descriptor(self.folder)
        from_descriptor = self.from_memory(descriptor)
        floor = self.runs[small]['floor']['took']
        off, on = self.runs[small]['static, off']['took'], self.runs[small]['static, on']['took']
        self.add('system calls, one image, sandbox off', 'most', 18, counts[small]['calls'])
        self.add('the same, sandbox on', 'most', 36, counts[small]['on'])
        self.add('system calls of a further member, but for writes', 'most', 9,
                 (deeper['calls'] - deeper['writes'] - shallower['calls'] + shallower['writes']) / 40)
        self.add(f'writes of a chain of 200, {output} bytes', 'most', math.ceil(output / 65536),
                 counts['qcow2, chain of 200']['writes'])
        self.add('instructions: a qcow2 from memory', 'most', 3000, self.from_memory(self.row(small).paths[0]))
        self.add('instructions for each byte: the longest descriptor', 'most', 10,
                 from_descriptor and from_descriptor / os.path.getsize(descriptor))
        self.add('instructions of the program, one image', 'most', 50000, counts[small]['instructions'])
        self.add('page faults of it', 'most', 22, self.runs[small]['static, off']['faults'])
        self.add('in process from a path, x floor', 'most', 2.5, self.level('one image', 'probed', 'floor'))
        for count in CHAINS:
            self.add(f'a level of a chain of {count}, x floor', 'most', 2.6,
                     self.level(f'a level of {count}', 'chain', 'floor'))
        self.add('x libvirt\'s speed, format told', 'least', 1.0, self.level('one image', 'libvirt-told', 'told'))
        self.add('x libvirt\'s speed, probed', 'least', 1.8, self.level('one image', 'libvirt-probed', 'probed'))
        self.add('x libvirt\'s speed, a level of 200', 'least', 1.8,
                 self.level('a level of 200', 'libvirt-probed', 'chain'))
        self.add(f'{MANY} paths in one process, each, x floor, sandbox on', 'most', 2.7, self.many())
        self.add('static process, x floor process, sandbox off', 'most', 1.5, self.ratio(small, 'static, off', 'floor'))
        self.add('the same, sandbox on', 'most', 2.0, self.ratio(small, 'static, on', 'floor'))
        self.add('the sandbox, microseconds beside a floor process of '
                 f'{statistics.median(floor):.0f}', 'most', 42,
                 statistics.median([a - b for a, b in zip(on, off)]))
        for column, bar in (('dynamic', 5), ('static, off', 20), ('static, on', 15)):
            found = [self.ratio(row, 'qemu-img', column) for row in PLAIN]
            self.add(f'x qemu-img\'s speed, plain rows: {column}', 'least', bar, None if None in found else min(found))
        for row in DEEP:
            self.add(f'{row}: share of the floor\'s ratio', 'least', 0.6, self.ratio(row, 'floor', 'static, off'))
        floor, one, two = self.scans
        self.add(f'scan of {self.store_count} images, one thread, x floor', 'most', 2.7, one.used / max(floor.used, 1e-9))
        self.add('the same, two threads, x faster by the clock', 'least', 1.7, one.passed / two.passed)

    def row(self, name):
        return next(row for row in self.rows if row.name == name)

    def add(self, figure, at, bar, found):
        self.bars.append(Bar(figure, at, bar, found))


def holds(bar):
    if bar.found is None:
        return None
    return bar.found <= bar.bar if bar.at == 'most' else bar.found >= bar.bar


# ---- what is printed ----

def figure(value):
    if value is None:
        return '-'
    return f'{value:,.0f}' if value >= 100 or value == int(value) else f'{value:.2g}' if value < 1 else f'{value:.1f}'


def median_and_least(took, unit=1):
    return f'{statistics.median(took) / unit:.1f} ({min(took) / unit:.1f})' if took else '-'


def table(head, rows):
    yield '| ' + ' | '.join(head) + ' |'
    yield '| --- |' + ' --: |' * (len(head) - 1)
    for row in rows:
        yield '| ' + ' | '.join(row) + ' |'
    yield ''


def machine():
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        model = re.findall(r'^model name\s*: (.*)', file.read(), flags=re.M)
    return f'{len(model) or os.cpu_count()} x {model[0] if model else platform.machine()}, Linux {platform.release()}'


def versions():
    for tool, words in (('qemu-img', ['--version']), ('file', ['--version']), ('valgrind', ['--version'])):
        if images.tool(tool):
            yield images.run([tool, *words]).out.decode().split('\n')[0].split(' (')[0]


PAGE = """# What a question costs, beside others

`./dev bench` measures this in one run and prints it; `./dev bench --update` rewrites this page, and `--json` prints the
figures. Measured on {machine}, with {versions}.

Times are CPU time in microseconds: the median of {rounds} runs (of peers on deep images a third of them), and the least
in parentheses. In each row ours and the floor took turns, and then the peers. A ratio is the median of each turn's
own. The floor opens each file, asks its size, reads 4 KiB and closes it: as a program, static or dynamic, and as a
loop within a process.
`static` is what `./dev build --static` makes, with its sandbox on and, built without one, off. All answer
`info --backing-chain --output=json`. Counts are exact: system calls and bytes read are strace's, execve among them,
instructions are callgrind's. valgrind 3.19 knows no openat2(2), so under it our opener walks a name by hand, which
takes more instructions than the kernel's own walk. Page faults are the kernel's, the least of the runs, those before
execve among them.

libvirt is `libvirt.so.0`, opened when this runs: *told* is `virStorageSourceGetMetadataFromFD` with the format,
*probed* is the same behind `virStorageFileProbeFormat`, and a level of a chain is that for each of its files. What follows a
chain by itself there is a module of its daemon, and isn't measured.
{lacking}
## Bars

"""


# Why a figure may miss its bar: where the time goes, and what was tried. By how the figure begins.
WHY = (
    ('instructions: a qcow2', """Reading the three windows takes some 1,480 of them, half of that to copy what was read
into the workspace; 20 fields by their rows 1,550; to look at the magics of all formats 1,700; facts for the reader
1,000. Inlining the search, and one check less for each row, were tried and gained nothing."""),
    ('in process; a level', """The kernel takes 85 % of it. The nine calls that a level needs take 2.3 to 2.5 times the
floor on this machine without an instruction of ours: each file is found by O_PATH, judged and opened by that
descriptor, where the floor opens it at once; and three windows are read, where the floor reads one."""),
    ('x libvirt', """It opens a file at once and reads one window of it. Our nine calls alone take longer than its whole
answer where the format is told, and no judging of a file before it is opened was given up for speed."""),
    ('1000 paths', """Beside the nine calls each path has a document of 1.7 KB. What wrote it was made three times as
fast; it is now a quarter of the time."""),
    ('static process', """What is left is the kernel's: to map the program, and 15 calls more than the floor has.
Link-time optimisation took fewer instructions and touched more pages; -Os doubled the instructions."""),
    ('x qemu-img', """The same as of the static process: some 60 microseconds beside what it takes to start any program."""),
    ('qcow2, chain of; vmdk, 50 flat', """68 % of a long chain is the kernel's, by nine calls a member where the floor has four. Of
our 45,000 instructions a member, 40 % write its JSON."""),
    ('scan of; the same, two threads', """A scan makes eleven calls an image where the floor has four, and a line of JSON for each. A
descriptor of /proc/self/fd that the threads share gained little."""),
)


def why(bench):
    """Of what missed its bar, a paragraph for each reason."""
    missed = [bar.figure for bar in bench.bars if holds(bar) is False]
    yield from ('## What misses its bar', '', 'Each of these was profiled, and nothing that `SECURITY.md` promises was given up.'
                if missed else 'Nothing does.', '')
    for heads, text in WHY:
        names = [one for one in missed if one.startswith(tuple(heads.split('; ')))]
        if names:
            yield from (f'*{"; ".join(names)}.* ' + text.replace('\n', ' '), '')


def page(bench):
    lacking = ''.join(f'\nLeft out: {one}.\n' for one in sorted(set(bench.lacking)))
    yield from PAGE.format(machine=machine(), versions=', '.join(versions()), rounds=bench.rounds,
                           lacking=lacking).split('\n')[:-1]
    words = {True: 'holds', False: '**missed**', None: 'not measured'}
    yield from table(('figure', 'bar', 'found', ''), [
        (bar.figure, f'at {bar.at} {bar.bar}', figure(bar.found), words[holds(bar)]) for bar in bench.bars])
    yield from why(bench)
    yield from ('## Programs', '')
    columns = [*OURS, *PEERS[:3], 'own']
    yield from table(('image', *columns), [(name, *cells(runs, columns)) for name, runs in bench.runs.items()])
    yield from ('`own` is the program for that format alone: qcowinfo, vmdkinfo or vhdiinfo, where it takes the image.',
                '')
    yield from ('## Within a process', '')
    ways = ('floor', 'told', 'probed', 'chain', 'blkid', 'libvirt-told', 'libvirt-probed')
    yield from table(('image', *ways), [
        (name, *(median_and_least(found.get(way), 1000) for way in ways)) for name, found in bench.inside.items()])
    yield from ('## Counts of the static program', '')
    yield from table(('image', 'calls, off', 'calls, on', 'writes', 'bytes read', 'instructions', 'page faults'), [
        (name, *(figure(found.get(key)) for key in ('calls', 'on', 'writes', 'bytes', 'instructions')),
         figure(bench.runs[name]['static, off']['faults'])) for name, found in bench.counts.items()])


def cells(runs, columns):
    for column in columns:
        names = PEERS[3:] if column == 'own' else (column,)
        found = [runs[name]['took'] for name in names
                 if name in runs and runs[name]['status'] in (0, KNOWS_NOTHING.get(name, 0))]
        yield median_and_least(found[0]) if found else '-'


def document(bench):
    return dict(machine=machine(), lacking=bench.lacking, programs=bench.runs, inside=bench.inside, counts=bench.counts,
                bars=[dict(bar._asdict(), holds=holds(bar)) for bar in bench.bars])


def check(bench):
    """That nothing has rotted: every column of every row, every way, every figure."""
    tap = Tap()
    for name, runs in bench.runs.items():
        wrong = [column for column in (*OURS, 'qemu-img') if column in runs and runs[column]['status'] != 0]
        tap.ok(set(OURS) <= set(runs) and not wrong and bench.counts[name]['calls'] > 10 and
               bench.counts[name]['bytes'] > 0, f'{name}: all answer, and are counted', f'{wrong} {bench.counts[name]}')
    for name, ways in bench.inside.items():
        tap.ok({'floor'} < set(ways) and all(took and min(took) > 0 for took in ways.values()), f'{name}: measured',
               str(ways))
    for bar in bench.bars:
        if bar.found is None:
            tap.lacking(bar.figure, ', '.join(one.split()[0] for one in bench.lacking) or 'valgrind')
        else:
            tap.ok(bar.found > 0 or 'sandbox, micro' in bar.figure, f'{bar.figure}: found', str(bar))
    text = '\n'.join(page(bench))
    tap.ok(all(row.name in text for row in bench.rows), 'the page has every row')
    json.dumps(document(bench))
    tap.done()


def arguments():
    words = [('--' + name, dict(metavar='PATH', required=True)) for name in
             ('static', 'static-off', 'floor', 'floor-static', 'spawn', 'inside')]
    asked = images.arguments(__doc__, *words, ('--json', dict(action='store_true')),
                             ('--update', dict(action='store_true')), ('--try', dict(action='store_true', dest='tap')))
    for name in ('static', 'static_off', 'floor', 'floor_static', 'spawn', 'inside'):
        setattr(asked, name, os.path.abspath(getattr(asked, name)))
    return asked


def main():
    asked = arguments()
    with images.scratch() as folder:
        bench = Bench(asked, os.path.realpath(folder))
        for step in (bench.programs, bench.in_process, bench.store, bench.count, bench.judge):
            print(f'# {step.__name__}', file=sys.stderr, flush=True)
            step()
        if asked.tap:
            return check(bench)
        if asked.json:
            print(json.dumps(document(bench), indent=4))
        else:
            print('\n'.join(page(bench)))
        if asked.update:
            with open(os.path.join(HERE, 'README.md'), 'w', encoding='utf-8') as out:
                out.write('\n'.join(page(bench)).rstrip() + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
