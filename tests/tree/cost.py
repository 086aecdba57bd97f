#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the library costs in reads, bytes, instructions, workspace and stack, by count and never by a clock: for every
crafted image, for one of each kind that qemu-img writes, and for series of the same in growing numbers, which must grow
in proportion. Prints TAP; --update writes COSTS.md.

Instructions are callgrind's, of the library and what it calls, without the kernel. Where valgrind doesn't know openat2,
names are walked by components, which is the dearer way. They depend on the compiler and on libc, so bounds are asserted
here, with room, and never a figure; COSTS.md has the figures of one machine.
"""

import collections
import glob
import gzip
import importlib
import os
import platform
import re
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import costimages
import costwalks
import images
import mkimage
from tap import Tap

# Of one probe: at most FIXED instructions and EACH for a byte read; asked again, at most AGAIN more for each time that
# it only finds that there's nothing new.
FIXED, EACH, AGAIN = 30000, 350, 6000
# Of a chain besides: at most so many for the first member; for each reference; and for each byte of the path that it
# gives, which has a folder's name in it for each step into one.
FIRST, REFERENCE, LETTER = 30000, 60000, 1500
# Of a name besides: at most so many instructions for a byte that the opener walks, and system calls for a step. What it
# does to a file that it has found takes FOUND calls at most, and what surrounds a chain in cost.c OTHERS.
WALKED, STEP, FOUND, OTHERS = 100, 4, 16, 16
# Of a feed: in all, so many times what a chain of the same may take, since it looks again and again; behind the last look
# at most CALL for a call, and PIECE for one that gives 64 KiB. It keeps at most KEEPS bytes of memory.
FED, CALL, PIECE, KEEPS = 8, 256, 1024, 540672
MEMBER = 9  # system calls: to find a file, judge it, open it by its descriptor and judge that, 3 reads, and to close both
STEPS, WALK = 1024, 65536  # the opener's limits
# Of a verification: at most so many instructions for it, for each range and for each byte.
VERIFY, RANGE, DIGESTED = 1500, 1500, 4
# Of an image inside gzip besides: at most so many for each byte of the file, and for each that is inflated; and bytes of
# workspace for zlib, its window and what it writes to.
COMPRESSED, INFLATED, ZLIB = 100, 40, 65536
READS, BYTES = 64, 524288  # the default limits
ROOM = 24576  # bytes of workspace for an image that qemu-img makes
SUMMED = 139264  # and those over which a VHDX has checksums
LIBC = 1024  # bytes of stack that the summed bound doesn't have: what libc, zlib and xxHash take
# In proportion, but for what is as dear as NOISE, and with so much slack; what sorts has a logarithm more.
SLACK, SORTS, NOISE = 1.15, 1.6, 2500
KEPT_WITHIN = 0.2  # COSTS.md's instructions, with the compiler that it names
# Well formed, and more than the row of its format says, which is for what writers make.
BEYOND = {'qcow2/good-extensions-1024': 'nobody writes that many',
          'vhd/bad-locators-apart': 'nobody writes names of 8 KiB, each in a place of its own'}

DOCUMENT = os.path.join(images.ROOT, 'tests', 'COSTS.md')
Cost = collections.namedtuple('Cost', 'status reads bytes workspace stack asked members references calls format most_reads most_bytes '
                                      'instructions')


class Shop:
    """Asks the driver, twice: as it is, and under callgrind."""

    def __init__(self, driver, folder, counts):
        self.driver, self.folder, self.counts = driver, folder, counts

    def ask(self, questions):
        path = os.path.join(self.folder, 'questions')
        with open(path, 'w', encoding='utf-8') as out:
            out.writelines('\t'.join(question) + '\n' for question in questions)
        done = subprocess.run([self.driver, path], stdout=subprocess.PIPE, timeout=600, check=True, text=True)
        counted = self.count(path) if self.counts else {}
        rows = [line.split('\t') for line in done.stdout.splitlines()]
        return [Cost(*map(int, row[:9]), row[9], *map(int, row[10:]), counted.get(i)) for i, row in enumerate(rows)]

    def count(self, path):
        """Instructions by the number of the question."""
        out = os.path.join(self.folder, 'callgrind.out')
        done = subprocess.run(['valgrind', '--quiet', '--tool=callgrind', '--collect-atstart=no', '--combine-dumps=yes',
                               '--dump-line=no', f'--callgrind-out-file={out}', self.driver, path], timeout=900,
                              check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors='replace')[-2000:])
        with open(out, encoding='utf-8', errors='replace') as text:
            found = re.findall(r'^desc: Trigger: Client Request: (\d+)\n(?:.*\n)*?^totals: (\d+)', text.read(), re.M)
        return {int(number): int(total) for number, total in found}


# ---- in proportion ----

def too_much(points, slack):
    """What costs more than in proportion to the step before: of (size, cost), sizes growing."""
    found = []
    for (n1, c1), (n2, c2), (n3, c3) in zip(points, points[1:], points[2:]):
        most = slack * max(0, c2 - c1) * (n3 - n2) / (n2 - n1) + NOISE
        if c3 - c2 > most:
            found.append(f'from {n2} to {n3}: {c3 - c2} more, and at most {most:.0f} by the step before')
    return found


def check_itself(tap):
    """The rule finds squares, also small ones beside something larger, and no straight line."""
    sizes = (1000, 4000, 16000, 64000)
    for name, cost, bad in (
            ('a straight line', lambda n: 90000 + 70 * n, False),
            ('a constant', lambda n: 90000, False),
            ('what grows ever less', lambda n: 90000 + 1000 * n ** 0.5, False),
            ('a square', lambda n: n * n // 16, True),
            ('a square beside a line 100 times as large', lambda n: 100 * n + n * n // 1000, True),
            ('n to the power of 1.3', lambda n: 20 * n ** 1.3, True),
            ('a cliff', lambda n: 50 * n + (n > 16000) * 3000000, True)):
        tap.equal(bool(too_much([(n, cost(n)) for n in sizes], SLACK)), bad, f'the rule for proportion: {name}')
    pairs = [(n, 100 * n * n) for n in (2, 4, 8, 14)]
    tap.ok(too_much(pairs, SLACK), 'the rule for proportion: a square of a few, each dear')
    logarithm = [(n, 40 * n * n.bit_length()) for n in (10, 100, 1000)]
    tap.ok(too_much(logarithm, SLACK) and not too_much(logarithm, SORTS), 'the rule for proportion: sorting')


# ---- one image each ----

def holds(tap, name, rows, broken):
    """One line for all: what broke it is told."""
    found = [f'{row}: {why}' for row, cost in rows if (why := broken(cost))]
    tap.ok(rows and not found, f'{name} ({len(rows)})', '\n'.join(found[:20] or ['there is none']))


def dear(cost):
    most = FIXED + EACH * cost.bytes
    return cost.instructions > most and f'{cost.instructions} instructions, at most {most}'


def over_row(cost):
    """More than the row of its format says. A VMDK's descriptor may take its own limit besides."""
    most = cost.most_bytes + (262144 if cost.format == 'vmdk' else 0)
    return (cost.reads > cost.most_reads or cost.bytes > most) and f'{cost.reads} reads, {cost.bytes} bytes'


def check_probes(tap, rows, counts):
    holds(tap, 'no image takes more reads or bytes than the limits', rows,
          lambda c: (c.reads > READS or c.bytes > BYTES) and f'{c.reads} reads, {c.bytes} bytes')
    good = [(name, c) for name, c in rows if c.status == 0 and name not in BEYOND]
    holds(tap, 'no well-formed image takes more than its format says', good, over_row)
    usual = [(name, c) for name, c in good if c.format not in ('vhd', 'vhdx', 'vmdk')]
    holds(tap, 'that is 4 reads and 8 KiB, but for vhd, vhdx and vmdk', usual,
          lambda c: (c.most_reads, c.most_bytes) != (4, 8192) and f'{c.most_reads}, {c.most_bytes}')
    real = [(name, c) for name, c in rows if '/' not in name]
    if real:
        holds(tap, f'no image of qemu-img takes more than {ROOM} bytes of workspace, a VHDX {SUMMED} more', real,
              lambda c: c.workspace > ROOM + (SUMMED if c.format == 'vhdx' else 0) and f'{c.workspace} bytes')
    if counts:
        holds(tap, f'no image takes more than {FIXED} instructions and {EACH} for each byte', rows, dear)


def check_worst(tap, rows, counts):
    """rows: (what costimages.worst gives, its cost)."""
    for row, cost in rows:
        tap.equal((cost.status, cost.reads, cost.bytes), row[3:], f'{row.name}: {row.reads} reads, {row.bytes} bytes')
    if counts:
        holds(tap, f'none takes more than {FIXED} instructions and {EACH} for each byte',
              [(row.name, cost) for row, cost in rows], dear)


def check_restarts(tap, rows, counts):
    """rows: (name, once, ranges, stream, eager), eager maybe None."""
    for which, how in ((2, 'range by range'), (3, 'from a stream'), (4, 'at every 512 bytes of a stream')):
        asked = [(row[0], (row[1], row[which])) for row in rows if row[which]]
        holds(tap, f'{how} each image takes the same reads and bytes', asked,
              lambda c: (c[0].status, c[0].reads, c[0].bytes) != (c[1].status, c[1].reads, c[1].bytes) and str(c))
        if not counts:
            continue
        holds(tap, f'{how} no image takes more than ' + ('it does at once, for each range' if which == 2 else
                                                        'twice what it does at once') +
              f', and {AGAIN} for each time it is asked again', asked,
              lambda c, times=which == 2: c[1].instructions > c[0].instructions * (c[1].asked if times else 2) +
              AGAIN * c[1].asked and f'{c[1].instructions} in {c[1].asked}, at once {c[0].instructions}')


def check_fed(tap, rows, idle, counts):
    """rows: (name, (once, fed, question)); idle: (pieces of 64 KiB, bytes one by one), behind what a look waits for."""
    holds(tap, 'fed in pieces each image takes the reads and bytes of the file', rows,
          lambda c: (c[0].status, c[0].reads, c[0].bytes) != (c[1].status, c[1].reads, c[1].bytes) and str(c[:2]))
    holds(tap, f'no feed keeps more than {KEEPS} bytes', rows, lambda c: c[1].workspace > KEEPS and str(c[1].workspace))
    if not counts:
        return
    holds(tap, f'no feed takes more than {FED} times what a chain may', rows, lambda c: dear_fed(c[1], c[2].path))
    for cost, most, what in zip(idle, (PIECE, CALL), ('64 KiB', 'one byte')):
        tap.ok(cost.instructions <= most * cost.asked,
               f'behind the last look {what} takes at most {most} instructions', f'{cost.instructions} for {cost.asked}')


# ---- series ----

def dear_fed(cost, path):
    most = FED * (FIRST + FIXED + cost.references * (REFERENCE + LETTER * (len(path) + 20)) + EACH * cost.bytes)
    return cost.instructions > most and f'{cost.instructions} instructions, at most {most}'


def dear_chain(cost, path):
    most = FIRST + cost.references * (REFERENCE + LETTER * (len(path) + 20)) + cost.members * FIXED + EACH * cost.bytes
    return cost.instructions > most and f'{cost.instructions} instructions, at most {most}'


def check_series(tap, asked, counts):
    """asked: (series, how, [(size, question, cost)])."""
    for one_of, how, points in asked:
        name = one_of.name if how in ('probe', 'chain') else f'{one_of.name}, {how}'
        states = {cost.status for _, _, cost in points}
        tap.ok(len(states) == 1, f'{name}: one kind of answer at every size', str(points))
        if counts:
            line = [(size, cost.instructions) for size, _, cost in points]
            found = too_much(line, SORTS if how == 'access' else SLACK)
            tap.ok(not found, f'{name}: instructions in proportion', '\n'.join(found + [str(line)]))
    probes = [(s.name, c) for s, how, points in asked for _, _, c in points if how == 'probe']
    holds(tap, 'no image of a series takes more reads or bytes than the limits', probes,
          lambda c: (c.reads > READS or c.bytes > BYTES) and f'{c.reads} reads, {c.bytes} bytes')
    if counts:
        holds(tap, f'nor more than {FIXED} instructions and {EACH} for each byte', probes, dear)
        chains = [(s.name, (c, q.path)) for s, how, points in asked for _, q, c in points if how == 'chain']
        holds(tap, f'no chain takes more than {FIRST} instructions, {REFERENCE} for each reference and {LETTER} for '
              'each byte of its path, and what the probes take', chains, lambda c: dear_chain(*c))
    check_room(tap, asked)


def check_room(tap, asked):
    """The workspace of a chain is what IMGPROBE_WORKSPACE_SIZE says of its members, or references, and their names."""
    chains = [(f'{s.name} of {size}', (c, q)) for s, how, points in asked for size, q, c in points
              if how == 'chain' and s.unit in ('members', 'extents')]

    def full(pair):
        cost, question = pair
        count = max(cost.members, cost.references)
        most = 16384 + 2048 * count + 4 * count * (len(question.path) + 40) + 2 * cost.bytes
        return cost.workspace > most and f'{cost.workspace} bytes, at most {most}'
    holds(tap, 'the workspace of a chain fits its members, names and descriptor', chains, full)


# ---- the opener ----

def check_walks(tap, rows, counts):
    """rows: (name, (cost, question)) of names that are dear to walk."""
    def many(pair):
        most = OTHERS + pair[0].references * (FOUND + STEP * STEPS)
        return pair[0].calls > most and f'{pair[0].calls} system calls, at most {most}'

    def long(pair):
        most = FIRST + pair[0].members * FIXED + EACH * pair[0].bytes + pair[0].references * (REFERENCE + WALKED * WALK)
        return pair[0].instructions > most and f'{pair[0].instructions} instructions, at most {most}'
    holds(tap, f'no name takes more than {STEP} system calls for each of {STEPS} steps', rows, many)
    tap.ok(max(cost.calls for _, (cost, _) in rows) > 1000, 'and some take a thousand', str(rows))
    tap.ok({0, 6} <= {cost.status for _, (cost, _) in rows}, 'some are opened, and some are over a limit', str(rows))
    if counts:
        holds(tap, f'no name takes more than {WALKED} instructions for each of {WALK} bytes that are walked', rows, long)
        tap.ok(max(cost.instructions for _, (cost, _) in rows) > WALK, 'and some take more than one', str(rows))


def check_members(tap, made):
    """made: {members: cost} of chains. Each further member takes so many calls, and what is kept is paid once."""
    tap.ok(all(cost.status == 0 and cost.members == count for count, cost in made.items()), 'the chains are whole')
    few, many, most = sorted(made)
    each = [(made[b].calls - made[a].calls) / (b - a) for a, b in ((few, many), (many, most))]
    tap.equal(each, [MEMBER, MEMBER], f'a further member of a chain takes {MEMBER} system calls')


# ---- receipts ----

def check_verified(tap, rows, counts):
    """rows: (name, (cost of the probe, cost of the verification)). A verification has ranges for its references."""
    holds(tap, 'each image is what its receipt says, and just as much of it is read again', rows,
          lambda pair: (pair[1].status, pair[1].references, pair[1].bytes) != (0, pair[0].reads, pair[0].bytes) and str(pair))
    if counts:
        holds(tap, f'no receipt takes more than {VERIFY} instructions to verify, {RANGE} for each range and {DIGESTED} for '
              'each byte', rows,
              lambda pair: pair[1].instructions > VERIFY + RANGE * pair[1].references + DIGESTED * pair[1].bytes
              and f'{pair[1].instructions} of {pair[1].references} ranges and {pair[1].bytes} bytes')


# ---- inside ----

def packed(folder, looked):
    """Some of the images inside gzip, small ones, by a question each; and the longest that is inflated."""
    os.makedirs(os.path.join(folder, 'inside'))
    for number, (name, question) in enumerate(looked):
        long = os.path.getsize(question.path) > 1 << 18
        if name == 'content/good-gzip-bomb':
            yield name, question._replace(how='inside')
        if number % 4 or long:
            continue
        path = os.path.join(folder, 'inside', f'{number}.gz')
        with open(question.path, 'rb') as source, open(path, 'wb') as out:
            out.write(gzip.compress(source.read(), 6))
        yield name, question._replace(how='inside', path=path)


def check_inside(tap, rows, counts):
    """rows: (name, (cost of the probe, cost of that inside)). What was inflated is given as references."""
    holds(tap, 'no image inside gzip takes more of the file than the limits', rows,
          lambda pair: (pair[1].reads > READS or pair[1].bytes > BYTES or pair[1].references > 1 << 24) and str(pair[1]))
    holds(tap, f'nor more workspace than the image by itself, what was read of the file, and {ZLIB}', rows,
          lambda pair: pair[1].workspace > 2 * pair[0].workspace + pair[1].bytes + ZLIB and str(pair))
    if counts:
        holds(tap, f'nor more instructions than that, {COMPRESSED} for each byte of the file and {INFLATED} for each inflated',
              rows, lambda pair: pair[1].instructions > 2 * FIXED + EACH * (pair[0].bytes + BYTES // 64)
              + COMPRESSED * pair[1].bytes + INFLATED * pair[1].references and f'{pair[1]}')


# ---- stack ----

def summed_stack():
    """The deepest path of a public function, as check-stack.py adds it up."""
    module = importlib.import_module('check-stack')
    sources = sorted(glob.glob('libimgprobe/*/*.c', root_dir=images.ROOT) +
                     glob.glob('formats/**/*.c', recursive=True, root_dir=images.ROOT))
    _, known = module.measure(images.ROOT, sources, module.INDIRECT)
    return max(size for title, (size, _) in known.items() if title.startswith('imgprobe_')), module.BOUND


def check_stack(tap, costs):
    measured = max(cost.stack for cost in costs)
    tap.ok(min(cost.stack for cost in costs) > 0, 'the stack is measured')
    if not images.tool('gcc'):
        tap.lacking('the stack that was used is within the summed one', 'gcc')
        return measured, 0
    summed, bound = summed_stack()
    tap.ok(measured <= bound, f'the stack that was used, {measured} bytes, is within {bound}')
    tap.ok(measured <= summed + LIBC, f'nor is it over the {summed} bytes of the deepest path, and {LIBC} for libc')
    return measured, summed


# ---- COSTS.md ----

HEAD = """# Costs

What an image costs the library, counted and never timed. `tests/tree/cost.py` asserts the bounds, and fails where
anything grows faster than in proportion; with `--update` it writes this page. Instructions are callgrind's, of the library built
with `-O2` by {compiler} on {machine}, and of what it calls; another compiler gives other figures within the same bounds.

| what | is at most |
| --- | --- |
| reads and bytes of a well-formed image | 4 and 8 KiB, with names of over 1.9 KiB 5 and those; a VMDK 5 and 24 KiB, with a longer descriptor 6 and that; a differencing VHD 11 and 16 KiB; a VHDX 11 and 160 KiB, for its checksums |
| reads and bytes of any image | {reads} and {bytes}, the limits' defaults |
| instructions of a probe | {fixed} + {each} for each byte read |
| from a stream, in pieces of any size | twice what it is at once, + {again} for each time that it's asked |
| fed in pieces of any size, and judged while it comes | {fed} times what a chain of it is allowed |
| of such a feed, behind the last look | {call} for a call, and {piece} for one that gives 64 KiB; {keeps} bytes of memory |
| range by range, in any order | what it is at once, + {again}, for each time that it's asked |
| instructions of a chain | {first} + {fixed} for each member + {each} for each byte read + {reference} for each reference + {letter} for each byte of its path |
| instructions of a name that the shipped opener walks | {walked} for each byte that is read, of which there are at most {walk} |
| its system calls | {step} for each step, of which there are at most {steps} |
| stack of a call | {summed} bytes by gcc's account of the deepest path; {measured} were used here |
| workspace | `IMGPROBE_WORKSPACE_SIZE(members, names, descriptor)`; what is used stands below |
"""


def figures(cost):
    per = f'{cost.instructions / cost.bytes:.1f}' if cost.bytes else ''
    return f'{cost.reads} | {cost.bytes} | {cost.instructions} | {per} | {cost.workspace}'


def span(values):
    return f'{min(values)}' if min(values) == max(values) else f'{min(values)} to {max(values)}'


def by_format(rows):
    yield '\n## By format\n'
    yield 'Least and most of the images at the end; `refused` are those without a full answer.\n'
    yield '| format | images | reads | bytes | instructions | workspace |'
    yield '| --- | --- | --- | --- | --- | --- |'
    groups = collections.defaultdict(list)
    for _, cost in rows:
        groups[cost.format if cost.status == 0 else 'refused'].append(cost)
    for name, costs in sorted(groups.items(), key=lambda item: (item[0] == 'refused', item[0])):
        columns = (span([getattr(c, key) for c in costs]) for key in ('reads', 'bytes', 'instructions', 'workspace'))
        yield f'| {name} | {len(costs)} | ' + ' | '.join(columns) + ' |'


def of_worst(rows):
    yield '\n## The most\n'
    yield 'What needs the most that its format can, and what is made to need more and is refused.\n'
    yield '| image | answered | reads | bytes | instructions | for each byte | workspace |'
    yield '| --- | --- | --- | --- | --- | --- | --- |'
    for row, cost in rows:
        yield f'| {row.name} | {"no" if cost.status else "yes"} | {figures(cost)} |'


def of_series(asked):
    yield '\n## In growing numbers\n'
    yield 'Instructions at each size, and what one more of the unit costs between the last two. `access` and `check` are'
    yield 'counted without the chain that they look at.\n'
    yield '| series | sizes | instructions | one more | workspace at the last |'
    yield '| --- | --- | --- | --- | --- |'
    for one_of, how, points in asked:
        (n1, _, c1), (n2, _, c2) = points[-2:]
        each = (c2.instructions - c1.instructions) / (n2 - n1)
        sizes = ', '.join(str(size) for size, _, _ in points)
        counted = ', '.join(str(cost.instructions) for _, _, cost in points)
        yield f'| {how}: {one_of.name} | {sizes} {one_of.unit} | {counted} | {each:.1f} | {c2.workspace} |'


def of_images(rows):
    yield '\n## Every image\n'
    yield '| image | reads | bytes | instructions | for each byte | workspace |'
    yield '| --- | --- | --- | --- | --- | --- |'
    for name, cost in rows:
        yield f'| {name} | {figures(cost)} |'


def compiler():
    """As COSTS.md calls the one that built the driver."""
    command = [os.environ.get('CC', 'gcc'), '--version']
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return re.sub(r'\s*\(.*\)', '', said.split('\n', maxsplit=1)[0])


def write(rows, most, asked, measured, summed):
    head = HEAD.format(compiler=compiler(), machine=platform.machine(), reads=READS, bytes=BYTES, fixed=FIXED,
                       each=EACH, fed=FED, call=CALL, piece=PIECE, keeps=KEEPS, again=AGAIN, first=FIRST, reference=REFERENCE, letter=LETTER, summed=summed,
                       measured=measured, walked=WALKED, walk=WALK, step=STEP, steps=STEPS)
    with open(DOCUMENT, 'w', encoding='utf-8') as out:
        parts = (*by_format(rows), *of_worst(most), *of_series(asked), *of_images(rows))
        out.write(head + '\n'.join(parts) + '\n')


def check_document(tap, rows):
    """Reads and bytes of the crafted images are those of the page; instructions, where it was this compiler. An image that
    is new since has no line until somebody has a minute for --update."""
    text = open(DOCUMENT, encoding='utf-8').read() if os.path.exists(DOCUMENT) else ''
    told = {row[1]: tuple(map(int, row.groups()[1:])) for row in
            re.finditer(r'^\| (\S+/\S+) \| (\d+) \| (\d+) \| (\d+) \|', text, re.M)}
    crafted = {name: cost for name, cost in rows if '/' in name}
    gone = sorted(told.keys() - crafted.keys())
    tap.ok(told and not gone, 'COSTS.md has no image that there isn\'t', '\n'.join(['cost.py --update', *gone[:10]]))
    lacks = len(crafted.keys() - told.keys())
    if lacks:
        tap.skip('COSTS.md has every crafted image', f'{lacks} have no line yet: cost.py --update')
    wrong = [f'{name}: {told[name][:2]}, it is {cost.reads, cost.bytes}' for name, cost in crafted.items()
             if name in told and told[name][:2] != (cost.reads, cost.bytes)]
    tap.ok(not wrong, 'COSTS.md has their reads and bytes', '\n'.join(['cost.py --update', *wrong[:10]]))
    if f'by {compiler()} on {platform.machine()}' not in text.replace('\n', ' '):
        tap.skip('COSTS.md has their instructions', 'it was written with another compiler or machine')
        return
    wrong = [f'{name}: {told[name][2]}, it is {cost.instructions}' for name, cost in crafted.items() if name in told
             and abs(told[name][2] - cost.instructions) > KEPT_WITHIN * told[name][2] + NOISE]
    tap.ok(not wrong, f'COSTS.md has their instructions, to {KEPT_WITHIN:.0%}',
           '\n'.join(['cost.py --update', *wrong[:10]]))


# ---- all of it ----

def restarts(shop, rows):
    """(name, once, ranges, stream, eager) of each probe; the last only of files that aren't long."""
    asked = []
    for name, question in rows:
        hows = ['probe', 'ranges', 'stream'] + ['eager'] * (os.path.getsize(question.path) <= 1 << 18)
        asked += [(name, how, question._replace(how=how)) for how in hows]
    found = collections.defaultdict(dict)
    for (name, how, _), cost in zip(asked, shop.ask([question for _, _, question in asked])):
        found[name][how] = cost
    return [(name, *(costs.get(how) for how in ('probe', 'ranges', 'stream', 'eager')))
            for name, costs in found.items()]


def made_in(folder, row):
    where = os.path.join(folder, 'worst', costimages.slug(row.name))
    os.makedirs(where)
    return row.make(where)


def grown(shop, folder):
    made = list(costimages.series(folder))
    costs = iter(shop.ask([question for _, _, points in made for _, question in points]))
    return [(one_of, how, [(size, question, next(costs)) for size, question in points]) for one_of, how, points in made]


def main():
    asked = images.arguments(__doc__, ('--driver', dict(required=True, metavar='PATH', help='the built cost.c')),
                             ('--no-callgrind', dict(action='store_true', help='leave the instructions out')),
                             ('--update', dict(action='store_true', help='write COSTS.md')))
    tap = Tap()
    check_itself(tap)
    counts = not asked.no_callgrind and bool(images.tool('valgrind'))
    if not counts:
        tap.lacking('instructions', 'valgrind')
    if not images.tool('qemu-img'):
        tap.lacking('images that qemu-img writes', 'qemu-img')
    with images.scratch() as folder:
        shop = Shop(asked.driver, folder, counts)
        made = list(costimages.crafted(os.path.join(folder, 'crafted')))
        made += costimages.real(os.path.join(folder, 'real'))
        tried = restarts(shop, [(name, question) for name, question in made if question.how == 'probe'])
        followed = [(name, q) for name, q in made if q.how == 'chain']
        chains = shop.ask([question for _, question in followed])
        looked = [(name, q) for name, q in made if q.how == 'probe']
        verified = [(name, cost) for (name, _), cost in
                    zip(looked, shop.ask([q._replace(how='verify') for _, q in looked]))]
        inside = list(packed(folder, looked))
        inside = [(name, cost) for (name, _), cost in zip(inside, shop.ask([q for _, q in inside]))]
        short = [(name, q) for name, q in looked if os.path.getsize(q.path) <= 1 << 26]
        fed = [(name, cost, q) for (name, q), cost in zip(short, shop.ask([q._replace(how='feed') for _, q in short]))]
        idle = shop.ask([short[0][1]._replace(how=how) for how in ('idle', 'idle-bytes')])
        most = costimages.worst()
        most = list(zip(most, shop.ask([costimages.Question('probe', 'qemu', row.pinned, made_in(folder, row))
                                        for row in most])))
        series = grown(shop, os.path.join(folder, 'series'))
        walked = list(costwalks.walks(os.path.join(folder, 'walks')))
        walked = [(name, (cost, q)) for (name, q), cost in zip(walked, shop.ask([q for _, q in walked]))]
        here = {count: q for count, q in costimages.here(os.path.join(folder, 'here'))}
        here = dict(zip(here, shop.ask(list(here.values()))))
    rows = [(name, once) for name, once, *_ in tried]
    known = dict(rows)
    verified = [(name, (known[name], cost)) for name, cost in verified if known[name].status != 9]
    every = [c for row in tried for c in row[1:] if c] + chains + [c for _, c in most]
    every += [c for _, c, _ in fed] + idle + [c for _, c in inside]
    every += [c for _, _, points in series for _, _, c in points] + [c for _, (_, c) in verified]
    if counts and any(cost.instructions is None for cost in every):
        tap.lacking('instructions', 'valgrind/callgrind.h')
        counts = False
    check_probes(tap, rows, counts)
    check_worst(tap, most, counts)
    check_restarts(tap, tried, counts)
    check_fed(tap, [(name, (known[name], cost, q)) for name, cost, q in fed], idle, counts)
    if counts:
        holds(tap, 'no crafted chain takes more than its bound', [(name, (cost, q.path)) for (name, q), cost in
                                                                  zip(followed, chains)], lambda c: dear_chain(*c))
    check_verified(tap, verified, counts)
    check_inside(tap, [(name, (known[name], cost)) for name, cost in inside], counts)
    check_series(tap, series, counts)
    check_walks(tap, walked, counts)
    check_members(tap, here)
    measured, summed = check_stack(tap, every)
    if asked.update and counts:
        write(rows, most, series, measured, summed)
    if counts:
        check_document(tap, rows)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
