# SPDX-License-Identifier: MIT
"""Changes the library by one constant or operator at a time and runs the unit suites: what no suite notices is a
survivor. Prints how many mutants of each file were killed, explained and survived, and each survivor as a line.

usage: mutate.py [--jobs N] [--quick] [--sample N/M] [--list] [--all | FILE...]

Without FILE: the formats, and what reads bytes and numbers (READERS). A suite kills that fails, crashes, takes five
times the processor's time that it should or more memory than LIMIT. What survives in the plain build gets a second
chance in one with address and undefined sanitizers, as the suites have it in `./dev test`; --quick spares that, and
asks a file's own suites alone, as is done of mutants that are explained. See mutants.py for what is changed, and
mutants-explained.txt for the survivors that are none of the suites' business. The tree isn't touched.
"""
import argparse
import concurrent.futures
import glob
import math
import os
import queue
import resource
import subprocess
import sys
import time

import mutants

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORK = os.path.join(ROOT, 'build', 'mutate')
READERS = [f'libimgprobe/image/{name}.c' for name in ('table', 'source', 'workspace', 'slice', 'detect', 'probe')]
FLAGS = ['-std=c11', '-w', '-D_GNU_SOURCE', '-fPIC', '-ftrivial-auto-var-init=pattern', '-I', 'libimgprobe', '-I',
         'formats', *mutants.FLAGS]
LIBRARIES = ['-lxxhash', '-lz']
BUILDS = {'plain': [], 'sanitized': ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']}
LIMIT = 1 << 20  # kB of address space, where no sanitizer needs more
STILLBORN = 'gcc'
SLOWER = 5  # times the processor's time that the suite takes on what isn't changed, and two seconds
WAIT = 900  # seconds, for a suite that does nothing at all

# A file's own suites, where that isn't the one called like it. They come first, and the sanitizers have these alone.
OWN = {
    'formats/vmdk/vmdk': ['vmdk', 'vmdk-descriptor'],
    'formats/vmdk/descriptor': ['vmdk-descriptor', 'vmdk'],
    'formats/vmdk/extents': ['vmdk-descriptor', 'vmdk'],
    'formats/vmdk/link': ['vmdk-descriptor', 'vmdk'],
    'formats/vmdk/other': ['vmdk-descriptor', 'vmdk'],
    'formats/vmdk/scan': ['vmdk-descriptor', 'vmdk'],
    'formats/registry': ['content', 'others', 'raw', 'vhd'],
    'libimgprobe/image/arithmetic': ['bytes'],
    'libimgprobe/image/checksum': ['bytes'],
    'libimgprobe/image/detect': ['raw', 'stream', 'source', 'content', 'others', 'qcow2', 'vhd'],
    'libimgprobe/image/probe': ['raw', 'api', 'stream', 'source', 'content', 'qcow2', 'vhd'],
    'libimgprobe/image/digest': ['receipt'],
    'libimgprobe/image/inflate': ['inside', 'limits'],
    'libimgprobe/image/inside': ['inside', 'limits'],
    'libimgprobe/image/receipt': ['receipt', 'receipt-race'],
    'libimgprobe/image/record': ['receipt', 'receipt-chain'],
    'libimgprobe/image/workspace': ['workspace', 'source', 'table'],
    'libimgprobe/image/result': ['qcow2', 'vhd', 'others', 'luks'],
    'libimgprobe/image/unicode': ['vhd', 'vhdx'],
    'libimgprobe/open/path-walk': ['opener'],
    'libimgprobe/open/enter': ['opener'],
    'libimgprobe/open/storage': ['opener-edges'],
    'libimgprobe/open/path': ['opener', 'reference', 'access'],
    'libimgprobe/name/grammar': ['protocol', 'reference'],
    'libimgprobe/name/letters': ['reference'],
    'libimgprobe/name/uri': ['protocol'],
    'libimgprobe/image/options': ['api'],
    'libimgprobe/image/findings': ['policy'],
    'libimgprobe/answer/remarks': ['policy'],
}


# The others that look at a whole image of some format; what opens files and reads names doesn't concern formats/.
SUITES_OF_IMAGES = ('access', 'api', 'chain', 'drivers', 'limits', 'policy')


def run(command, **more):
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=True, **more)


def sources():
    return sorted(glob.glob('libimgprobe/*/*.c', root_dir=ROOT) +
                  glob.glob('formats/**/*.c', recursive=True, root_dir=ROOT))


def suites():
    return sorted(os.path.basename(path)[5:-2] for path in glob.glob(os.path.join(ROOT, 'tests', 'unit', 'test-*.c')))


def object_of(source):
    return source.replace('/', '-')[:-2] + '.o'


class Build:
    """Objects of all that isn't changed, the suites, and how long these take."""

    def __init__(self, name, jobs, files):
        self.name, self.flags, self.folder = name, BUILDS[name], os.path.join(WORK, name)
        os.makedirs(self.folder, exist_ok=True)
        names = suites() if name == 'plain' else sorted({n for f in files for n in own(f)})
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(lambda s: self.compile(s, os.path.join(self.folder, object_of(s)), '-O1'), sources()))
            list(pool.map(lambda n: self.compile(f'tests/unit/test-{n}.c', os.path.join(self.folder, f'{n}.o'), '-O1'),
                          names))
        self.link(self.folder, None)
        for name in names:
            run(['gcc', *self.flags, '-o', os.path.join(self.folder, name), os.path.join(self.folder, f'{name}.o'),
                 '-L', self.folder, '-limgprobe-mutated', '-lcmocka', '-lpthread', *LIBRARIES])
        self.seconds = {}
        for name in names:
            began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            if not self.passes(name, self.folder, WAIT):
                sys.exit(f'mutate: the suite {name} fails without any change, in the build {self.name}')
            self.seconds[name] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began

    def compile(self, source, target, level, beside='.', quiet=False):
        """`beside`: the folder of what a changed source was, whose headers it includes."""
        run(['gcc', level, *self.flags, *FLAGS, '-iquote', beside, '-c', source, '-o', target],
            stderr=subprocess.DEVNULL if quiet else None)

    def link(self, folder, changed):
        """The library in `folder`, with that folder's own object of the source that is changed."""
        objects = [os.path.join(folder if s == changed else self.folder, object_of(s)) for s in sources()]
        run(['gcc', *self.flags, '-shared', '-o', os.path.join(folder, 'libimgprobe-mutated.so'), *objects,
             *LIBRARIES])

    def passes(self, name, folder, seconds):
        limit = f'ulimit -c 0; ulimit -t {math.ceil(seconds)}; '
        if self.name == 'plain':
            limit += f'ulimit -v {LIMIT}; '
        environment = {**os.environ, 'LD_LIBRARY_PATH': folder, 'CMOCKA_TEST_ABORT': '1',
                       'CMOCKA_MESSAGE_OUTPUT': 'TAP', 'ASAN_OPTIONS': 'detect_leaks=0'}
        with subprocess.Popen(['sh', '-c', limit + 'exec "$0"', os.path.join(self.folder, name)], cwd=folder,
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            try:
                return process.wait(WAIT) == 0
            except subprocess.TimeoutExpired:
                process.kill()
                return False

    def killed_by(self, source, folder, own_suites_alone):
        """The suite that notices what is changed in the library of `folder`; None if none does."""
        for name in own(source) if own_suites_alone else own(source) + others(source, self.seconds):
            if not self.passes(name, folder, SLOWER * self.seconds[name] + 2):
                return name
        return None


def own(source):
    path = source[:-2].split('/')
    stem = path[1] if path[0] == 'formats' else path[-1].split('-')[0]
    names = OWN.get(source[:-2]) or [stem if stem in suites() else 'others']
    return parts_of(names + ['api'] * source.startswith('formats/'))  # which has what each format says of itself


def parts_of(names):
    """A suite of several files has its first word in common: chain, and chain-links."""
    found = [n for name in names for n in suites() if n == name or n.startswith(name + '-')]
    return list(dict.fromkeys(found))


def others(source, seconds):
    """The quick ones first."""
    names = parts_of(SUITES_OF_IMAGES) if source.startswith('formats/') else seconds
    return sorted((n for n in names if n not in own(source)), key=lambda n: seconds[n])


def try_one(mutant, builds, folders, quick):
    """STILLBORN if it doesn't compile, else the suite that killed it, or None. Quick: by the first build alone."""
    folder = folders.get()
    try:
        changed = os.path.join(folder, os.path.basename(mutant.file))
        with open(changed, 'w', encoding='utf-8') as file:
            file.write(mutant.text())
        for build in builds[:1] if quick else builds:
            try:
                build.compile(changed, os.path.join(folder, object_of(mutant.file)), '-O0',
                              os.path.dirname(mutant.file), quiet=True)
            except subprocess.CalledProcessError:
                return STILLBORN
            build.link(folder, mutant.file)
            name = build.killed_by(mutant.file, folder, quick or build.name != 'plain')
            if name:
                return name
        return None
    finally:
        folders.put(folder)


def is_explained(mutant, explanations, use=False):
    by = [e for e in explanations if e.explains(mutant)]
    for explanation in by if use else []:
        explanation.used = True
    return bool(by)


def report(source, found, killers, explanations, start):
    """Each survivor as it's found, then a line of counts, which are returned: tried, killed, explained, survived."""
    counts = [0, 0, 0, 0]
    for mutant, killer in zip(found, killers):
        if killer == STILLBORN:
            continue
        explained = not killer and is_explained(mutant, explanations, use=True)
        counts[0] += 1
        counts[1 if killer else 2 if explained else 3] += 1
        if not killer and not explained:
            print(f'    {mutant}', flush=True)
    print(line_of(source, counts, start), flush=True)
    return counts


def line_of(name, counts, start):
    return (f'{name:34} {counts[0]:5} mutants {counts[1]:5} killed {counts[2]:4} explained {counts[3]:4} survived'
            f' {time.monotonic() - start:5.0f} s')


def arguments():
    parser = argparse.ArgumentParser(description='Mutation testing of the library by its unit suites.')
    parser.add_argument('--all', action='store_true', help='every file of the library')
    parser.add_argument('--jobs', type=int, default=os.cpu_count(), metavar='N')
    parser.add_argument('--sample', default='0/1', metavar='N/M', help='of M mutants that follow each other the Nth')
    parser.add_argument('--quick', action='store_true', help="a file's own suites alone, and no second chance")
    parser.add_argument('--list', action='store_true', help='print the mutants and try none')
    parser.add_argument('files', nargs='*', metavar='FILE')
    asked = parser.parse_args()
    asked.files = [os.path.relpath(os.path.abspath(f), ROOT) for f in asked.files]
    if not asked.files:
        asked.files = [s for s in sources() if asked.all or s.startswith('formats/') or s in READERS]
    unknown = [f for f in asked.files if f not in sources()]
    if unknown:
        parser.error(f'not a source of the library: {" ".join(unknown)}')
    return asked


def main():
    asked = arguments()
    part, parts = map(int, asked.sample.split('/'))
    found = {f: list(mutants.of(ROOT, f))[part::parts] for f in asked.files}
    if asked.list:
        print('\n'.join(str(m) for f in asked.files for m in found[f]))
        return 0
    began = time.monotonic()
    builds = [Build(name, asked.jobs, asked.files) for name in list(BUILDS)[:1 if asked.quick else 2]]
    folders = queue.Queue()
    for number in range(asked.jobs):
        os.makedirs(os.path.join(WORK, str(number)), exist_ok=True)
        folders.put(os.path.join(WORK, str(number)))
    explanations = mutants.explanations(os.path.join(ROOT, 'tests', 'tree', 'mutants-explained.txt'))
    totals, unborn = [0, 0, 0, 0], []
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        for source in asked.files:
            start = time.monotonic()
            killers = pool.map(lambda m: try_one(m, builds, folders, asked.quick or is_explained(m, explanations)),
                               found[source])
            counts = report(source, found[source], killers, explanations, start)
            totals = [a + b for a, b in zip(totals, counts)]
            if found[source] and not counts[0]:
                unborn.append(source)
    print(line_of('all', totals, began))
    stale = [e for e in explanations if e.file in asked.files and not e.used] if parts == 1 else []
    for explanation in stale:
        print(f'mutants-explained.txt:{explanation.line}: explains no survivor')
    for source in unborn:
        print(f'{source}: none of its mutants compiles')
    return 1 if totals[3] or stale or unborn else 0


if __name__ == '__main__':
    sys.exit(main())
