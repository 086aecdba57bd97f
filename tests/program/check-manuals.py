#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program's manuals say all that the program has, and nothing that it hasn't: options, kinds of output, keys of
JSON, layers of the sandbox, exit statuses. check-findings.py asks the same of findings and policies, check-docs.sh of
limits."""

import glob
import json
import os
import re
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import qemuinfo
from tap import Tap

CLI = os.path.join(images.ROOT, 'cli')
COMMANDS = 'info', 'access', 'check', 'verify', 'scan', 'formats'
COMMON = 'Options of info, access and check'
# Where the keys of each section of imgprobe-json.5 are written. QEMU's own keys are QEMU's to explain.
WRITERS = {'DESCRIPTION': ('output/*.c',), 'INFO': ('info/*.c',), 'CHECK': ('check/*.c',), 'FORMATS': ('formats/*.c',),
           'VERIFY': ('verify/*.c',), 'SCAN': ('scan/*.c',), 'ACCESS': ('access/*.c', 'access/kinds/landlock.c')}
QEMUS = 'info/qemu.c'


def read(*path):
    with open(os.path.join(images.ROOT, *path), encoding='utf-8') as file:
        return file.read()


def manual(name):
    return read('cli', name)


def section(text, title, macro='Sh'):
    """What stands beneath a heading; nothing if there is no such heading."""
    found = text.partition(f'\n.{macro} {title}\n')[2]
    return re.split(r'\n\.S[hs] ' if macro == 'Ss' else r'\n\.Sh ', found)[0]


def words(text, macro='Cm'):
    """The words that a macro marks, in order, as in `.It Cm a , b` or `.Cm a`."""
    found = []
    for line in re.findall(rf'^\.(?:It )?{macro} (.*)$', text, flags=re.M):
        found += [word for word in re.split(r' (?:Ns|Op|Ar|Fl|Xr|Pq)\b', line)[0].split() if word not in ',;:.()|']
    return found


def items(text, macro='Cm'):
    return words('\n'.join(re.findall(rf'^\.It {macro} .*$', text, flags=re.M)), macro)


def flags(text):
    """Each option that an item of a list begins with, as `-f` or `--format`."""
    return {'-' + name for line in re.findall(r'^\.It (Fl .*)$', text, flags=re.M)
            for name in re.findall(r'Fl (\S+)', line)}


def check_options(tap, program):
    text = manual('imgprobe.1')
    for command in COMMANDS:
        given = images.run([program, command, '--help']).out.decode().partition('\noptions:\n')[2].partition('\n\n')[0]
        taken = set(re.findall(r'^ +(-\w) --', given, flags=re.M)) | set(re.findall(r' (--[a-z-]+)', given))
        own = section(text, f'imgprobe {command}', 'Ss')
        told = flags(own) | flags(section(text, COMMON, 'Ss'))
        if command in ('scan', 'verify'):
            own = section(manual(f'imgprobe-{command}.1'), 'OPTIONS')
            told = flags(own)
        if command in ('verify', 'formats'):
            others = own.partition('\nThe other options are\n')[2].partition('\n.Pp\n')[0]
            told = flags(own) | {'-' + name for name in re.findall(r'^\.Fl (\S+)', others, flags=re.M)}
            taken -= {'--help'}  # which stands as -h
        tap.equal(sorted(told), sorted(taken), f'the manual has every option of {command}, and no other')


def check_kinds(tap, program):
    text = images.run([program, 'access', '--help']).out.decode().partition('\nkinds of output:\n')[2]
    kinds = re.findall(r'^  ([a-z]+) ', text.partition('\n\n')[0], flags=re.M)
    if not tap.ok('json' in kinds, 'access --help lists kinds', text):
        return
    listed = section(manual('imgprobe.1'), 'imgprobe access', 'Ss').partition('.It Fl -output Ar kind')[2]
    tap.equal(items(listed.partition('\n.El\n')[0]), kinds, 'imgprobe.1 lists every kind of output, in order')
    tap.equal(items(section(manual('imgprobe-kinds.5'), 'KINDS')), kinds, 'imgprobe-kinds.5 describes every one')


def written(patterns):
    """The keys that these sources write, all of which are literals there."""
    paths = {path for pattern in patterns for path in glob.glob(os.path.join(CLI, pattern))}
    return {key for path in paths if not path.endswith(QEMUS)
            for key in re.findall(r'\bjson_\w+\(\s*&?\w+, "([a-z-]+)"', read(path))}


def check_keys(tap):
    text = manual('imgprobe-json.5')
    keys = {title: written(patterns) for title, patterns in WRITERS.items()}
    if not tap.none([title for title in keys if len(keys[title]) < 5], "each section's keys are found in the sources"):
        return
    for title, found in keys.items():
        part = section(text, title)
        wrong = (found - set(words(part))) | (set(items(part)) - set().union(*keys.values()))
        tap.none(sorted(wrong), f'imgprobe-json.5 has every key of {title}, and no other')


def check_differences(tap):
    """What tests/lib/qemuinfo.py passes over when it compares is said to differ."""
    part = section(manual('imgprobe-json.5'), 'Differences to qemu-img', 'Ss')
    told = [path for row in re.findall(r'^\.It Sy (.*?)(?: Pq .*)?$', part, flags=re.M) for path in row.split(' , ')]
    tap.none([path for path, *_ in qemuinfo.EXCEPTIONS if path != 'imgprobe' and path not in told],
             'imgprobe-json.5 has every difference to qemu-img that the comparison passes over')


def attributes(value, found):
    if isinstance(value, list):
        for item in value:
            attributes(item, found)
    elif isinstance(value, dict):
        found |= set(value.get('imgprobe', {}).get('attributes', {}))
        attributes(list(value.values()), found)
    return found


def check_attributes(tap):
    """Those that the sources name, and those that the crafted images show."""
    found, sources = set(), glob.glob(os.path.join(images.ROOT, 'formats', '**', '*.c'), recursive=True)
    for path in glob.glob(os.path.join(images.TESTIMAGES, '*', '*.want')):
        for text in re.findall(r'^[\[{]$.*?^[\]}]$', read(path), flags=re.M | re.S):
            attributes(json.loads(text), found)
    if not tap.ok(len(found) > 15, 'attributes are found in the .want files', sorted(found)):
        return
    for path in sources:
        found |= set(re.findall(r'\bip_(?:bool|count|text|word)\([^;]*?"([a-z0-9-]+)", false', read(path)))
        found |= set(re.findall(r'\bip_uuid\(\w+, "([a-z0-9-]+)"', read(path)))
    found = {name for name in found if not name.endswith('-bytes')}
    told = words(section(manual('imgprobe-json.5'), 'Attributes', 'Ss'))
    tap.none(sorted(found - set(told)), 'imgprobe-json.5 has every attribute')


def check_content(tap):
    names = re.findall(r'^    \{"([a-z0-9-]+)", \{', read('formats', 'content', 'content.c'), flags=re.M)
    part = manual('imgprobe-json.5').partition('\n.It Cm content\n')[2].partition('\n.It')[0]
    tap.equal(words(part), names, 'imgprobe-json.5 has every content, in order')


def check_rest(tap, program):
    text = manual('imgprobe.1')
    with images.scratch() as folder:
        with open(os.path.join(folder, 'a'), 'wb') as out:
            out.truncate(512)
        stats = images.info(program, '-f', 'raw', '--stats', 'a', cwd=folder).own['stats']
    tap.equal(items(section(manual('imgprobe-sandbox.7'), 'LAYERS')), [name for name in stats['sandbox'] if name != 'landlock-version'],
              'imgprobe-sandbox.7 has every layer, in order')
    sources = ''.join(read(path) for path in glob.glob(os.path.join(CLI, '**', '*.[ch]'), recursive=True))
    tap.equal(sorted(re.findall(r'^\.It (\d+)$', section(text, 'EXIT STATUS'), flags=re.M)),
              sorted(re.findall(r'\bSTATUS_[A-Z_]+ = (\d+)', sources)), 'imgprobe.1 has every exit status')
    tap.equal(sorted(items(section(text, 'ENVIRONMENT'), 'Ev')), sorted(set(re.findall(r'\bgetenv\("(\w+)"', sources))),
              'imgprobe.1 has every variable of the environment')


def check_pages(tap):
    """Each is installed, and leads to the others."""
    pages = sorted(os.path.basename(path) for path in glob.glob(os.path.join(CLI, '*.[1-9]')))
    build = read('cli', 'meson.build')
    tap.none([page for page in pages if f"'{page}'" not in build], 'cli/meson.build installs every manual')
    tap.none([f'{page}: {other}' for page in pages for other in pages if other != page
              and f'.Xr {other[:-2]} {other[-1]}' not in section(manual(page), 'SEE ALSO')],
             'every manual leads to the others')


def main():
    asked, tap = images.arguments(__doc__), Tap()
    check_options(tap, asked.imgprobe)
    check_kinds(tap, asked.imgprobe)
    check_keys(tap)
    check_differences(tap)
    check_attributes(tap)
    check_content(tap)
    check_rest(tap, asked.imgprobe)
    check_pages(tap)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
