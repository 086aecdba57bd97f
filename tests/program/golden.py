#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds every crafted image and compares what imgprobe says of it with the .want beside its description."""

import difflib
import json
import os
import re
import shlex
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

README = os.path.join(images.TESTIMAGES, 'README.md')


def normalised(value):
    """Without what depends on the file system, the sizes of our structs or the kernel."""
    if isinstance(value, list):
        return [normalised(item) for item in value]
    if isinstance(value, dict):
        return {key: normalised(item) for key, item in value.items()
                if key not in ('actual-size', 'workspace', 'sandbox')}
    return value


def output(answer):
    if answer.documents:
        return '\n'.join(json.dumps(normalised(d), indent=2, ensure_ascii=False) for d in answer.documents)
    text = answer.out.decode('utf-8', 'backslashreplace')
    return re.sub(r'^.*(disk size|workspace|sandbox).*\n', '', text, flags=re.M).rstrip('\n')


def arguments(given):
    """Every run says what it read, so that no image gets dearer unseen."""
    asked = ['--stats', *shlex.split(given)]
    return asked if '--output' in asked else ['--output', 'json', *asked]


def answers(program, made, folder):
    """All runs of one description, as its .want has them, and the first of them."""
    parts, first = [], None
    name = os.path.basename(mkimage.build(made, folder))
    for given in made.runs:
        answer = images.run([program, 'info', *arguments(given), name], cwd=folder)
        first = first or answer
        lines = [f'# args: {given}'.rstrip(), f'exit: {answer.status}']
        lines += [f'stderr: {line}' for line in answer.error.rstrip('\n').split('\n') if line]
        parts.append('\n'.join(lines) + '\n' + output(answer))
    return '\n\n'.join(parts).replace(os.path.realpath(folder), 'SCRATCH') + '\n', first


def promise(name, first):
    """What the prefix of a name says of its first run; nothing if it holds."""
    prefix = name.split('/')[1].split('-')[0]
    if prefix == 'good' and first.status != 0:
        return f'good, and exit {first.status}'
    if prefix == 'bad' and first.status not in (1, 2, 3, 8):
        return f'bad, and exit {first.status}'
    if prefix == 'unsupported' and (first.status != 1 or first.own.get('status') != 'unsupported'):
        return f'unsupported, and exit {first.status}, status {first.own.get("status")}'
    if prefix not in ('good', 'bad', 'unsupported'):
        return 'the name begins with none of good-, bad-, unsupported-'
    if first.status != 0 and not first.error.startswith('imgprobe: '):
        return f'no error line: {first.error}'
    return ''


def left_out(program):
    """The formats that this build recognises and doesn't decode."""
    rows = json.loads(images.run([program, 'formats', '--output', 'json']).out)
    return {row['name'] for row in rows if not row['compiled']}


def mentions(path, names):
    want_path = path[:-len('.txt')] + '.want'
    want = open(want_path, encoding='utf-8').read() if os.path.exists(want_path) else ''
    return set(re.findall(r'[a-z0-9]+', want)) & names


def refused(tap, name, path, first, names):
    """What a build leaves out is told from raw and never answered in full, at the top or below."""
    want = open(path[:-len('.txt')] + '.want', encoding='utf-8').read()
    top = re.search(r'\n    "format": "([a-z0-9]+)"', want)
    own = first.own
    if top and top[1] in names and own:
        tap.ok(first.status != 0 and own.get('status') != 'ok' and own.get('format') in (top[1], None),
               f'{name}: {top[1]} is left out, and refused', str(own))
    else:
        tap.ok(own.get('format') not in names or own.get('status') != 'ok', f'{name}: nothing left out is answered',
               str(own))


def compare(tap, name, path, got, update):
    want_path = path[:-len('.txt')] + '.want'
    want = open(want_path, encoding='utf-8').read() if os.path.exists(want_path) else ''
    if update and got != want:
        with open(want_path, 'w', encoding='utf-8') as out:
            out.write(got)
        want = got
    tap.ok(got == want, name, '\n'.join(difflib.unified_diff(want.split('\n'), got.split('\n'), 'want', 'got',
                                                             lineterm='')))


def check_readme(tap, reasons, update):
    text = open(README, encoding='utf-8').read()
    head, mark, _ = text.partition('\n## The images\n')
    lists = ''
    for folder in mkimage.FOLDERS:
        rows = ''.join(f'- `{name}`: {why}\n' for name, why in reasons if name.startswith(folder + '/'))
        lists += f'\n### {folder}\n\n{rows}'
    want = head + (mark or '\n## The images\n') + lists
    if update and text != want:
        with open(README, 'w', encoding='utf-8') as out:
            out.write(want)
        text = want
    tap.ok(text == want, 'testimages/README.md has one line for each image',
           '\n'.join(difflib.unified_diff(text.split('\n'), want.split('\n'), 'is', 'should be', lineterm='')))


def main():
    asked = images.arguments(__doc__, ('--update', dict(action='store_true', help='rewrite .want and README.md')),
                             ('--only', dict(default='', metavar='PREFIX', help='images whose name begins so')))
    tap, reasons = Tap(), []
    missing = left_out(asked.imgprobe)
    with images.scratch() as folder:
        for name, path in mkimage.descriptions():
            made = mkimage.read(path)
            reasons.append((name, made.reason))
            if not name.startswith(asked.only):
                continue
            got, first = answers(asked.imgprobe, made, os.path.join(folder, name))
            if mentions(path, missing):
                refused(tap, name, path, first, missing)
                continue
            tap.ok(not promise(name, first), f'{name} as its name says', promise(name, first))
            compare(tap, name, path, got, asked.update)
    check_readme(tap, reasons, asked.update)
    stems = {path[:-4] for _, path in mkimage.descriptions()}
    lone = [entry for folder in mkimage.FOLDERS for entry in os.listdir(os.path.join(images.TESTIMAGES, folder))
            if os.path.join(images.TESTIMAGES, folder, entry).rsplit('.', 1)[0] not in stems]
    tap.equal(lone, [], 'nothing lies in testimages without a description')
    tap.ok(all(why for _, why in reasons), 'every description has its reason')
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
