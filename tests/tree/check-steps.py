#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every step of "Where do I add" in CONTRIBUTING.md was done for all that there is: what stands in a list of the
sources stands in its tests, too. A failure names the thing that lacks something. Prints TAP.

What the manuals say is asked elsewhere: check-manuals.py, check-findings.py --tree, check-docs.sh.
"""
import glob
import importlib.util
import os
import re
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
from tap import Tap


def read(path):
    with open(os.path.join(images.ROOT, path), encoding='utf-8') as file:
        return file.read()


def paths(pattern):
    return sorted(glob.glob(pattern, root_dir=images.ROOT, recursive=True))


def joined(*patterns):
    return '\n'.join(read(path) for pattern in patterns for path in paths(pattern))


def script(path):
    """A script as a module, for its tables."""
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], os.path.join(images.ROOT, path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(text, name):
    """The rows of a table of C."""
    return re.search(rf'\b{name}\[\] = \{{\n(.*?)\n\}};', text, flags=re.S)[1]


def found(pattern, text):
    return re.findall(pattern, text, flags=re.M)


def lacking(tap, names, there, what):
    """Each name is there, and nothing is that has no name."""
    tap.none([f'{name} is missing' for name in names if name not in there]
             + [f'{name} is there, and nothing is called so' for name in sorted(there) if name not in names], what)


def missing(tap, names, there, what):
    """Each name is there, among others."""
    tap.none([f'{name} is missing' for name in names if name not in there], what)


def check_formats(tap):
    names = found(r'^ +X\((\w+)\)', read('formats/list.h'))
    sources = {name for name in names if paths(f'formats/{name}.c') or paths(f'formats/{name}/{name}.c')}
    missing(tap, names, sources, 'every format of formats/list.h has its file or its folder')
    decoded = [name for name in names if 'IP_RECOGNISED' not in joined(f'formats/{name}.c')]
    bases = re.findall(r'struct base \w+ = \{(.*?)\n\};', joined('tests/unit/test-*.c'), flags=re.S)
    missing(tap, decoded, found(r'\.format = "(\w+)"', '\n'.join(bases)), 'every format has a good image in a unit test')
    missing(tap, set(names) - set(decoded), found(r'\bTAKEN\("[^"]*", "(\w+)"', read('tests/unit/test-recognised.c')),
            'every format that is recognised alone is found in test-recognised.c')
    tap.equal(found(r'^    \{"(\w+)"', table(read('tests/unit/test-api.c'), r'formats')), names,
              'every format has its row in test-api.c, in order')
    missing(tap, decoded, found(r'"format": "(\w+)"', joined('testimages/*/good-*.want')),
            'every format has a crafted image that is answered')
    missing(tap, set(names) - set(decoded), found(r'"format": "(\w+)"', joined('testimages/*/unsupported-*.want')),
            'every format that is recognised alone has a crafted image')
    matrix = script('tests/program/matrix.py')
    lacking(tap, names, {*matrix.MARKS, *matrix.UNMARKED}, 'every format has its mark in matrix.py, or its reason')
    lacking(tap, names, script('tests/oracle/oracle-qemu.py').COMPARED, 'oracle-qemu.py compares every format')


def check_contents(tap):
    names = found(r'^    \{"([\w-]+)", \{', table(read('formats/content/content.c'), 'ip_contents'))
    asked = ' '.join(found(r'\.content = "([^"]*)"', read('tests/unit/test-content.c')))
    asked += ' ' + ' '.join(found(r'^    [A-Z]+\("[^"]*", "([^"]*)"', read('tests/unit/test-content.c')))
    missing(tap, names, asked.split(), 'every content is asked for in test-content.c')
    told = ' '.join(found(r'"content": \[([^]]*)\]', joined('testimages/*/good-*.want')))
    missing(tap, names, found(r'"([\w-]+)"', told), 'every content has a crafted image')
    lacking(tap, names, script('tests/oracle/oracle-content.py').WORDS,
            'every content has its row in oracle-content.py')


def check_limits(tap):
    names = found(r'^    X\((\w+), \d', read('libimgprobe/imgprobe.h'))
    bites = table(read('tests/unit/test-limits.c'), 'bites')
    walks = found(r'"(opener_\w+)"\},$', table(read('tests/unit/test-opener-edges.c'), 'walk_cases'))
    missing(tap, names, found(r'^    \{"[^"]*", "(\w+)"', bites) + walks,
            'every limit has its rows in test-limits.c, or in test-opener-edges.c')


def check_kinds(tap):
    writers = found(r'^    \{"\w+", .*, access_(\w+), \w+\},', read('cli/access/kinds/kinds.c'))
    files = [os.path.basename(path)[:-2] for path in paths('cli/access/kinds/*.c')]
    lacking(tap, [name for name in files if name != 'kinds'], writers,
            'every file of cli/access/kinds has its row in kinds.c')
    tests = joined('tests/program/kinds*.py')
    missing(tap, writers, found(r"'([a-z]+)'", tests), 'every kind of output is handed to its program in kinds*.py')


def check_options(tap):
    rows = found(r"""^    \{ "([a-z-]+)", +('(.)'|0),""", table(read('cli/options/rows.c'), 'option_rows'))
    tests = joined('tests/program/*.py')
    given = set(found(r"""(?<![\w-])-(-[a-z-]+|\w)(?![\w-])""", tests))
    names = sorted({name for name, _, letter in rows if not {'-' + name, letter or '-' + name} & given})
    tap.none([f'--{name} is missing' for name in names],
             'every option is given in a script of tests/program')


def check_keys(tap):
    drivers = joined('formats/**/*.c', 'libimgprobe/readers/*.c')
    names = sorted(set(found(r'\bKEY(?:_\w+)?\("([a-z0-9-]+)"', drivers)))
    tap.ok(len(names) > 30, "keys of the reader's drivers are found in the sources", names)
    for path in ('tests/unit/test-graph.c', 'tests/oracle/oracle-json.py'):
        given = set(found(r"""(?:'|(?<=\.))([a-z0-9-]+)(?:'|(?=\.))""", read(path).replace('\\"', "'")))
        missing(tap, names, given, f"every key of the reader's drivers is given in {os.path.basename(path)}")


def check_guide(tap):
    words = found(r'`([^`\s]+)`', read('CONTRIBUTING.md'))
    tap.none([word for word in words if re.fullmatch(r'(?!build/)[a-z][\w.-]*(?:/[\w.-]+)+', word)
              and 'NAME' not in word and not os.path.exists(os.path.join(images.ROOT, word))],
             'every file that CONTRIBUTING.md names is there')


def main():
    tap = Tap()
    for check in (check_formats, check_contents, check_limits, check_kinds, check_options, check_keys, check_guide):
        check(tap)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
