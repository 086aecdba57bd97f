#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Is "Where do I add" in CONTRIBUTING.md the truth? In a copy of the tree a made-up thing of each sort, of things.py,
is added as it says. The copy builds and its checks pass. Then one step after another is left out: a check fails and
names what lacks it. Prints TAP.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.append(sys.path[0] + '/../lib')
import images
import tree
from tap import Tap
from things import DOCS, FINDINGS, MANUALS, SIZES, STEPS, THINGS, TREE, instead

ALL = 'IMGPROBE_TEST_ALL' in os.environ
CC = os.environ.get('CC', 'cc')
PROGRAM = 'cli/imgprobe'


class Copy:
    """A copy of the tree, and a build of it. A file comes back with its time when its step is done again, so that
    nothing is built for it, unless something was built without the step."""

    def __init__(self, folder):
        self.root, self.build = os.path.join(folder, 'tree'), os.path.join(folder, 'build')
        tree.copy(images.ROOT, self.root)
        self.steps = [step for steps in THINGS.values() for step in steps]
        self.wants = {}  # what golden.py has written
        self.tighten()
        self.before = {step.path: self.read(step.path) for step in self.steps}

    def path(self, path):
        return os.path.join(self.root, path)

    def read(self, path):
        if not os.path.exists(self.path(path)):
            return None
        with open(self.path(path), encoding='utf-8') as file:
            return file.read(), os.stat(self.path(path)).st_mode

    def tighten(self):
        """The tree may be smaller than sizes.txt allows: then a line more wouldn't be noticed."""
        count = re.search(r'(\d+) lines of code', self.run([self.path(SIZES), '/bin/sh', '0'])[1])[1]
        text = self.read('tests/tree/sizes.txt')
        self.write('tests/tree/sizes.txt', instead(r'^lines: \d+', f'lines: {count}')(text))

    def write(self, path, now):
        if now is None:
            os.remove(self.path(path))
            return
        with open(self.path(path), 'w', encoding='utf-8') as out:
            out.write(now[0])
        os.chmod(self.path(path), now[1])

    def change(self, step, was):
        if step.change != 'golden':
            return step.change(was)
        return self.wants.get(step.path, was)

    def complete(self, path, without=None):
        now = self.before[path]
        for step in self.steps:
            if step.path == path and step is not without:
                now = self.change(step, now)
        return now

    def add(self):
        for path in self.before:
            now = self.complete(path)
            if now != self.read(path):
                self.write(path, now)

    def without(self, step, ask):
        """What `ask` says of the tree without one step."""
        path, stat = self.path(step.path), os.stat(self.path(step.path))
        self.write(step.path, self.complete(step.path, step))
        try:
            return ask()
        finally:
            self.write(step.path, self.complete(step.path))
            if step.who[0] not in ('unit', 'built'):
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            if step.who[0] == 'built':
                self.ninja(PROGRAM)

    # ---- who is asked ----

    def run(self, command, cwd=None):
        """Whether it passed, and what it said."""
        environment = {name: text for name, text in os.environ.items() if name not in ('CI', 'LD_LIBRARY_PATH')}
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              cwd=cwd or self.root, check=False, text=True, errors='replace',
                              env={**environment, 'CMOCKA_MESSAGE_OUTPUT': 'TAP'})
        return done.returncode == 0 and '\nnot ok' not in '\n' + done.stdout, done.stdout

    def ninja(self, *targets):
        return self.run(['ninja', '-C', self.build, *targets])

    def script(self, script, *more):
        program, libraries = os.path.join(self.build, PROGRAM), os.path.join(self.build, 'libimgprobe/libimgprobe.')
        return self.run([self.path(script), *{
            DOCS: [libraries + 'so', libraries + 'a', program],
            SIZES: [libraries + 'so', '2'],
            FINDINGS: ['--tree', '--imgprobe', program],
        }.get(script, [] if script in (TREE, STEPS) else ['--imgprobe', program]), *more])

    def ask(self, who):
        if isinstance(who, str):
            return self.script(who)
        kind, what = who
        if kind == 'compiler':
            return self.run([CC, '-std=c11', '-D_GNU_SOURCE', '-fsyntax-only', '-Wall', '-Wmissing-prototypes',
                             '-Werror', '-Ilibimgprobe', '-Iformats', '-Icli', what])
        if kind == 'golden':
            return self.script('tests/program/golden.py', '--only', what)
        made, said = self.ninja(PROGRAM if kind == 'built' else f'tests/unit/test-{what}')
        if not made:
            return True, said  # no test has failed
        return self.script(what) if kind == 'built' else self.run([f'{self.build}/tests/unit/test-{what}'])


def failures(said):
    """The tests that failed, with what they say, or all if there is no test."""
    parts = re.split(r'^(?=(?:not )?ok )', said, flags=re.M)
    return '\n'.join(part for part in parts if part.startswith('not ok')) if len(parts) > 1 else said


def add_all(tap, copy):
    """Whether the tree with all things is built. golden.py then writes what the images give."""
    copy.add()
    setup = ['meson', 'setup', '--native-file', 'build-dev.ini', '-Dtests=enabled', copy.build]
    for what, command in (('configured', setup), ('built', ['ninja', '-C', copy.build])):
        passed, said = copy.run(command)
        if not tap.ok(passed, f'with all added the copy is {what}', said[-4000:]):
            return False
    for step in copy.steps:
        if step.change == 'golden':
            copy.script('tests/program/golden.py', '--update', '--only', step.path.partition('/')[2][:-len('.want')])
            copy.wants[step.path] = copy.read(step.path)
    return True


def check_complete(tap, copy):
    for script in (TREE, STEPS, DOCS, SIZES, MANUALS, 'tests/program/matrix.py', 'tests/program/kinds.py'):
        passed, said = copy.script(script, *(('--only', 'asmade') if 'kinds' in script else ()))
        tap.ok(passed, f'with all added {os.path.basename(script)} passes', failures(said))
    passed, said = copy.run([copy.path(FINDINGS), '--imgprobe', os.path.join(copy.build, PROGRAM)])
    tap.ok(passed, 'with all added check-findings.py passes', failures(said))
    passed, said = copy.run(['meson', 'test', '-C', copy.build, '--no-rebuild', '--print-errorlogs',
                             '--suite', 'unit', '--suite', 'golden'])
    tap.ok(passed, 'with all added the unit tests and the golden images pass', said[-8000:])


def check_steps(tap, copy):
    for thing, steps in THINGS.items():
        for step in steps:
            passed, said = copy.without(step, lambda: copy.ask(step.who))
            who = step.who if isinstance(step.who, str) else f'the {" of ".join(step.who)}'
            said = failures(said)
            tap.ok(not passed and step.says in said,
                   f'{thing} without {step.path}: {who} fails and says "{step.says}"', said)


def main():
    tap = Tap()
    if not ALL:
        tap.skip('a thing of each sort is added', 'it takes long, and is asked with IMGPROBE_TEST_ALL=1')
        tap.done()
    with tempfile.TemporaryDirectory(prefix='imgprobe-') as folder:
        copy = Copy(folder)
        if add_all(tap, copy):
            check_complete(tap, copy)
            check_steps(tap, copy)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
