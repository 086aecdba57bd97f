#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a version of a reader costs in code, and that nothing else than the tables and ip_have asks for one. Prints TAP.

A line counts for a version if it names it, in a row or in a message: `IP_SINCE(11, 1)`, "since 11.1".
"""
import os
import re
import sys

sys.path.append(sys.path[0] + '/../lib')
import csource
from tap import Tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ('libimgprobe', 'formats', 'cli')
MOST = 30  # lines of code for one version
LISTS = re.compile(r'static const unsigned (\w*versions)\[\] = \{(.*?)\};', re.DOTALL)
ONE = re.compile(r'IMGPROBE_READER_VERSION\((\d+), (\d+)\)')
# What is a version of a reader, or a bound of one. The two ends stand in any variable of their type.
VERSION = (r'\b(?:IMGPROBE_READER_VERSION|IP_SINCE|IP_UNTIL)\b|(?:\.|->)(?:since|until)\b'
           r'|\b(?:options|asked)(?:\.|->)version\b')
ENDS = r'|\b(?:versions|{})(?:\.|->)(?:first|last)\b'
VARIABLE = re.compile(r'\bstruct ip_versions \*?(\w+)')
# Who may look at one. All others ask ip_have about a row.
MAY = {
    # compares
    'libimgprobe/readers/readers.h': ('ip_have', 'IP_SINCE', 'IP_UNTIL', 'KEY_SINCE', 'KEY_NEWER'),
    # turn what the user says into those that were compared
    'libimgprobe/readers/readers.c': ('ip_reader_versions',),
    'libimgprobe/image/drivers.c': ('imgprobe_reader_version', 'fill'),
    'cli/options/readers.c': ('set_version', 'option_reader'),
    'cli/answer.c': ('question', 'look_inside'),
    'cli/scan/probe.c': ('look_at_chain',),
    # say which they are
    'libimgprobe/image/versions.c': ('put_versions',),
    'cli/formats/drivers.c': ('print_json', 'print_human'),
    'cli/output/readers.c': ('readers_text', 'readers_json'),
}
ASKED = re.compile(r'\bip_have\(')
# Of it and a row, and what comes of it is compared with one of its three answers, or with a parameter of that type.
WELL = re.compile(r'\bip_have\([\w.>-]+, [\w.>-]+\) [!=]= (?:IP_(?:NONE_HAS|SOME_HAVE|ALL_HAVE)|have)\b')


def texts():
    for path in csource.paths(ROOT, FOLDERS):
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            yield path, csource.without_comments(file.read())


def naming(lines, major, minor):
    """Lines of code that name the version."""
    named = re.compile(rf'(?:VERSION|SINCE|UNTIL)\((?:[^()]*, )?{major}, {minor}\)|(?<![\d.]){major}\.{minor}(?![\d.])')
    return [f'{path}:{number}' for path, number, line in lines if named.search(line)]


def check_counts(tap, code):
    lines = [(path, number, line) for path, text in code for number, line in enumerate(text.split('\n'), 1)]
    lists = [found for path, text in code if path.startswith('libimgprobe/readers/') for found in LISTS.findall(text)]
    versions = {(int(major), int(minor)) for _, rows in lists for major, minor in ONE.findall(rows)}
    tap.ok(len(versions) > 3, 'the versions that were compared are found in the sources', versions)
    dear = []
    for major, minor in sorted(versions):
        found = naming(lines, major, minor)
        tap.note(f'{major}.{minor}: {len(found)} lines: {" ".join(found)}')
        if not 0 < len(found) <= MOST:
            dear.append(f'{major}.{minor}: {len(found)} lines')
    tap.none(dear, 'no version takes more lines of code than it may')


def check_functions(tap, code):
    found, wrong, calls, listed = [], [], 0, {(path, name) for path, names in MAY.items() for name in names}
    for path, text in code:
        source = csource.Source(text)
        parts = [(name, body) for name, body in (*source.functions.items(), *source.macros.items()) if name]
        version = re.compile(VERSION + ENDS.format('|'.join({*VARIABLE.findall(text), 'versions'})))
        found += [f'{path}, {name}: {match[0]}' for name, body in parts for match in version.finditer(body)
                  if name not in MAY.get(path, ())]
        listed -= {(path, name) for name, body in parts if version.search(body)}
        calls += sum(len(WELL.findall(body)) for _, body in parts)
        wrong += [f'{path}, {name}: {body[match.start():match.start() + 60]!r}' for name, body in parts
                  for match in ASKED.finditer(body) if not WELL.match(body, match.start())]
    found += [f'{path}, {name}: listed here, and does no such thing' for path, name in sorted(listed)]
    tap.none(found, 'no function looks at a version of a reader, but those of the list here')
    tap.ok(calls > 8 and not wrong, 'ip_have is asked about a row, and its answer is one of three',
           '\n'.join([*wrong, f'{calls} calls']))


def main():
    tap, code = Tap(), list(texts())
    check_counts(tap, code)
    check_functions(tap, code)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
