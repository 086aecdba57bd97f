# SPDX-License-Identifier: MIT
"""What `qemu-img info` says of an image beside our answer: both as they can be compared, and the differences."""

import json
import re

import emulator
import images

# Formats of whose clusters and cleanness it says nothing; our answer has what their headers say.
WITHOUT_CLUSTERS = ('parallels', 'bochs', 'cloop', 'dmg')

# Where our answer differs from qemu-img's on purpose: a path of keys, the versions that have it (all), and why.
EXCEPTIONS = (
    ('imgprobe', '', 'ours alone'),
    ('children', '8.0-', 'our output does not change with the emulator installed'),
    ('snapshots', '', 'the table is not read; its count is in "imgprobe" and compared below'),
    ('format-specific.data.bitmaps', '',
     'the directory is not read; their count is in "imgprobe" and compared below'),
    ('format-specific.data.encrypt.*', '',
     "the LUKS header is not read, so there is nothing of it beyond 'format'"),
)

compared = set()  # the formats of which both have answered


def without(document, path):
    key, _, rest = path.partition('.')
    if key == '*':
        return {k: v for k, v in document.items() if k == 'format'}
    if not isinstance(document, dict) or key not in document:
        return document
    copy = dict(document)
    if rest:
        copy[key] = without(copy[key], rest)
    else:
        del copy[key]
    return copy


def folded(value):
    """Bytes that aren't UTF-8: the two put another number of U+FFFD for them, and qemu-img U+0000 for `c0 80`. What
    the bytes are is in our name-bytes, and compared in `names`."""
    if isinstance(value, dict):
        return {key: folded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [folded(item) for item in value]
    return re.sub('[\ufffd\0]+', '\ufffd', value) if isinstance(value, str) else value


def comparable(document):
    if isinstance(document, list):
        return [comparable(member) for member in document]
    for path, versions, _ in EXCEPTIONS:
        document = without(document, path) if emulator.holds(versions) else document
    if document.get('format') in WITHOUT_CLUSTERS:
        document = without(without(document, 'cluster-size'), 'dirty-flag')
    return folded(document)


def qemu(*args, folder, check=True):
    return images.qemu_img(*args, cwd=folder, check=check)


def qemu_info(name, *flags, folder):
    """The document, or None and the error."""
    done = qemu('info', '--output=json', *flags, name, folder=folder, check=False)
    if done.returncode:
        return None, done.stderr.decode(errors='replace').strip() or f'exit {done.returncode}'
    return json.loads(done.stdout.decode('utf-8', 'replace')), ''


def differences(theirs, ours, where=''):
    """Key by key, as lines."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return [line for key in sorted(theirs.keys() | ours.keys())
                for line in differences(theirs.get(key), ours.get(key), f'{where}.{key}')]
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        return [line for i, pair in enumerate(zip(theirs, ours)) for line in differences(*pair, f'{where}[{i}]')]
    same = theirs == ours and isinstance(theirs, bool) == isinstance(ours, bool)
    return [] if same else [f'{where}: qemu-img {theirs!r}, imgprobe {ours!r}']


def compare(tap, program, folder, name, title, flags=()):
    """One question to both. What is counted in "imgprobe" is compared with the length of qemu-img's lists."""
    theirs, error = qemu_info(name, *flags, folder=folder)
    answer = images.info(program, '--reader', f'qemu-{emulator.version()}', *flags, name, cwd=folder)
    title = f'{title} {" ".join(flags)}'.rstrip()
    if theirs is None:
        return tap.ok(answer.status != 0, f'{title}: refused by both', f'qemu-img: {error}\n{answer}')
    ours = answer.document
    if not tap.ok(answer.status == 0 and ours is not None, f'{title}: answered', str(answer)):
        return False
    compared.add(answer.own.get('format'))
    found = differences(comparable(theirs), comparable(ours))
    for member, own in zip(images.members(theirs), images.members(ours)):
        facts = own.get('imgprobe', {}).get('attributes', {})
        data = member.get('format-specific', {}).get('data', {})
        for key, there in (('snapshots', member.get('snapshots')), ('bitmaps', data.get('bitmaps'))):
            if there and facts.get(key) != len(there):
                found.append(f'{key}: {len(there)}, and imgprobe counts {facts.get(key)}')
    return tap.ok(not found, f'{title}: equal', '\n'.join(found))
