#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a build is asked to leave out it leaves out, and the tree is the same beside a build folder of any name: in a
copy that git doesn't know, as one unpacks a release. Nothing is compiled. Prints TAP.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.append(sys.path[0] + '/../lib')
import images
import tree
from tap import Tap

OUTER = "project('outer', 'c')\nexecutable('outer', 'outer.c', dependencies : subproject('imgprobe')" \
        ".get_variable('imgprobe_dep'))\n"


def run(command, folder):
    environment = {name: text for name, text in os.environ.items() if name != 'CI'}
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          cwd=folder, check=False, text=True, env=environment)


class Build:
    """Set up, and what it would make and install; `said` is why not, where it couldn't be set up."""

    def __init__(self, folder, build, *options):
        done = run(['meson', 'setup', *options, build], folder)
        self.said, self.targets, self.installed = done.stdout, set(), []
        if done.returncode:
            return
        told = json.loads(run(['meson', 'introspect', '--targets', '--installed', build], folder).stdout)
        self.targets = {os.path.relpath(target['defined_in'], folder) for target in told['targets']}
        self.installed = list(told['installed'].values())

    def of(self, *rooms):
        return sorted(path for path in self.targets if re.match(rf'(?:subprojects/imgprobe/)?({"|".join(rooms)})/', path))


def check_without_tests(tap, folder):
    build = Build(folder, 'of-any-name', '-Dtests=disabled', '-Dsandbox=disabled')
    tap.ok(build.of('cli', 'libimgprobe') and not build.of('tests', 'fuzz'),
           'without tests neither a test nor a fuzzer is built', f'{sorted(build.targets)}\n{build.said}')


def check_beside(tap, folder):
    done = run([os.path.join(folder, 'tests/tree/check-tree.sh')], folder)
    tap.ok(done.stdout.startswith('ok 1') and '\nnot ok' not in done.stdout,
           'check-tree.sh passes beside a build folder of any name', done.stdout)


def check_subproject(tap, folder):
    outer = os.path.join(folder, 'outer')
    tree.copy(os.path.join(folder, 'tree'), os.path.join(outer, 'subprojects', 'imgprobe'))
    for name, text in (('meson.build', OUTER), ('outer.c', 'int main(void) { return 0; }\n')):
        with open(os.path.join(outer, name), 'w', encoding='utf-8') as out:
            out.write(text)
    build = Build(outer, 'out')
    tap.ok(build.of('libimgprobe') and not build.of('cli', 'tests', 'fuzz'), 'a subproject builds the library alone',
           f'{sorted(build.targets)}\n{build.said}')
    tap.ok(any(path.endswith('/imgprobe.h') for path in build.installed)
           and not [path for path in build.installed if re.search(r'/bin/|/man[157]/', path)],
           'a subproject installs nothing of the program', '\n'.join(build.installed) + build.said)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='imgprobe-') as folder:
        folder = os.path.realpath(folder)
        tree.copy(images.ROOT, os.path.join(folder, 'tree'))
        check_without_tests(tap, os.path.join(folder, 'tree'))
        check_beside(tap, os.path.join(folder, 'tree'))
        check_subproject(tap, folder)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
