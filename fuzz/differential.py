#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The files of the kept corpus, read by programs that no one here wrote: qemu-img, and libvhdi's, libvmdk's and
libqcow's. Where one of them answers and so do we, sizes, types and names agree, or DISAGREEMENTS says why not. How
often they answer what we refuse is counted, by status and field.

They are asked about every file that we answer. Of those that differ in a name alone they get one in three, and of
those that we refuse one in eight. With IMGPROBE_TEST_ALL they get all."""

import collections
import concurrent.futures
import ctypes
import functools
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(ROOT, 'tests', 'lib'))
import images  # noqa: E402  pylint: disable=wrong-import-position
import qemuinfo  # noqa: E402  pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402  pylint: disable=wrong-import-position

ALL = 'IMGPROBE_TEST_ALL' in os.environ
NAMES, SELDOM = (1, 1) if ALL else (3, 8)
LIMITED = ('sh', '-c', 'ulimit -t 10 -v 4000000 -f 0 -c 0; exec "$@"', 'sh')
SECONDS = 60
QEMU_NAMES = {'vhd': 'vpc'}
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def without_network():
    """Names in these files may lead to any host. For this process and its children there is none."""
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    return unshare(CLONE_NEWNET) == 0 or unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0


@functools.lru_cache(maxsize=None)
def of_host():
    """The version of this machine's qemu-img, as the reader for which we answer."""
    said = subprocess.run(['qemu-img', '--version'], stdout=subprocess.PIPE, check=True).stdout.decode()
    return '--reader', 'qemu-' + re.search(r'version (\d+\.\d+)', said)[1]


def read_by(*command, folder):
    """Standard output, or None where the program didn't answer."""
    try:
        done = subprocess.run([*LIMITED, *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None


class Case:
    """Files a, b, ... in a folder, of which `a` is asked about, and the format that is stated, or None."""

    def __init__(self, folder, line):
        self.name, given, self.digest = line.split()
        self.target, number = self.name.split('-')
        self.number = int(number)
        self.folder = os.path.join(folder, self.name)
        self.format = None if given == '-' else given

    def ask(self, program):
        self.program = program
        flags = ('-f', self.format) if self.format else ()
        answer = images.info(program, *flags, *of_host(), 'a', cwd=self.folder)
        self.answered = answer.status == 0
        self.document, self.own = answer.member or {}, answer.own
        said = [str(self.own.get(key, '')) for key in ('status', 'format', 'field')]
        self.refusal = ' '.join([*said, f'(exit {answer.status})']).replace('  ', ' ')

    def compare(self):
        """By reader: None where it didn't answer, or the list of (key, theirs, ours) that differ."""
        self.differences = {reader: function(self) for reader, function in READERS.items()}


# ---- qemu-img: the whole document, but for what qemuinfo.py leaves out ----

def unequal(theirs, ours, where=''):
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return [row for key in sorted(theirs.keys() | ours.keys())
                for row in unequal(theirs.get(key), ours.get(key), f'{where}.{key}'.lstrip('.'))]
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        return [row for pair in zip(theirs, ours) for row in unequal(*pair, f'{where}[]')]
    return [] if theirs == ours and isinstance(theirs, bool) == isinstance(ours, bool) else [(where, theirs, ours)]


def comparable(document):
    return qemuinfo.without(qemuinfo.comparable(document), 'actual-size')  # the host's, and it may yet change


def qemu_img(case):
    flags = ('-f', QEMU_NAMES.get(case.format, case.format)) if case.format else ()
    out = read_by('qemu-img', 'info', '--output=json', *flags, 'a', folder=case.folder)
    if out is None:
        return None
    theirs = json.loads(out.decode('utf-8', 'replace'))
    return unequal(*map(comparable, (theirs, case.document))) if case.answered else []


def qemu_img_chain(case):
    """Chains that we call complete, of more than one member."""
    if case.target not in ('chain', 'name') or not case.answered:
        return None
    flags = ('-f', QEMU_NAMES.get(case.format, case.format)) if case.format else ()
    ours = images.info(case.program, *flags, '--backing-chain', 'a', cwd=case.folder)
    if ours.status or len(images.members(ours.document)) == 1:
        return None
    out = read_by('qemu-img', 'info', '--output=json', '--backing-chain', *flags, 'a', folder=case.folder)
    if out is None:
        return None
    theirs = json.loads(out.decode('utf-8', 'replace'))
    return unequal(*([comparable(member) for member in chain] for chain in (theirs, ours.document)))


# ---- the libraries' tools: lines of text ----

def lines_of(program, case):
    """The first of each line's name; extents by their number. None: not answered."""
    out = read_by(program, 'a', folder=case.folder)
    if out is None:
        return None
    facts, extent = {}, ''
    for line in qemuinfo.folded(out.decode('utf-8', 'replace')).split('\n'):
        began = re.match(r'Extent: (\d+)', line)
        extent = f'extent {began[1]} ' if began else extent
        found = re.match(r'\t([^\t:]+?)\s*:\s*(.*)$', line)
        if found:
            facts.setdefault(extent + found[1], found[2].strip())
    return facts


def size_in(text):
    found = re.search(r'(\d+) bytes', text or '')
    return int(found[1]) if found else None


def differing(*rows):
    return [row for row in rows if row[1] != row[2]]


def names_of(case, role):
    """As an emulator cuts them, and then as a line of text has them."""
    return [qemuinfo.folded(r['name'].split('\0')[0].split('\n')[0].strip())
            for r in case.own.get('references', []) if r['role'] == role]


def first(names):
    return names[0] if names else None


def one_of(name, names):
    """The name if it's among them: of a parent there are several, of which the tool tells one."""
    return name if name in names else names


VHD_KINDS = {'Fixed': 'fixed', 'Dynamic': 'dynamic', 'Differential': 'differencing'}


def vhdiinfo(case):
    facts = lines_of('vhdiinfo', case)
    if facts is None or not case.answered:
        return facts and []
    form = 'vhdx' if 'VHDX' in facts['Format'] else 'vhd'
    if case.own['format'] != form:
        return [('format', form, case.own['format'])]
    attributes = case.own.get('attributes', {})
    size = attributes.get('size-by-field', case.document.get('virtual-size'))
    rows = [('type', VHD_KINDS.get(facts['Disk type']), case.own.get('variant')),
            ('size', size_in(facts['Media size']), size)]
    if form == 'vhd':
        rows += [('unique-id', facts['Identifier'].lower(), attributes.get('unique-id')),
                 ('parent-unique-id', facts.get('Parent identifier', '').lower() or None,
                  attributes.get('parent-unique-id'))]
    if 'Parent filename' in facts:
        rows.append(('name', facts['Parent filename'], one_of(facts['Parent filename'], names_of(case, 'backing'))))
    return differing(*rows)


VMDK_KINDS = {
    '2GB extent flat': 'twoGbMaxExtentFlat', '2GB extent sparse': 'twoGbMaxExtentSparse', 'Custom': 'custom',
    'Device': 'fullDevice', 'Device paritioned': 'partitionedDevice', 'Monolithic flat': 'monolithicFlat',
    'Monolithic sparse': 'monolithicSparse', 'Stream optimized': 'streamOptimized', 'VMFS flat': 'vmfs',
    'VMFS sparse': 'vmfsSparse',
}


def vmdkinfo(case):
    facts = lines_of('vmdkinfo', case)
    if facts is None or not case.answered:
        return facts and []
    if case.own['format'] != 'vmdk':
        return [('format', 'vmdk', case.own['format'])]
    data = case.document.get('format-specific', {}).get('data', {})
    numbers = [i for i in range(1, int(facts['Number of extents']) + 1) if facts.get(f'extent {i} Type') != 'Zero']
    rows = [('type', VMDK_KINDS.get(facts['Disk type'], facts['Disk type']), data.get('create-type')),
            ('size', size_in(facts['Media size']), case.document.get('virtual-size')),
            ('cid', int(facts['Content identifier'], 16), data.get('cid')),
            ('parent-cid', int(facts['Parent content identifier'], 16), data.get('parent-cid')),
            ('backing', facts.get('Parent filename'), first(names_of(case, 'backing'))),
            ('extents', [(facts.get(f'extent {i} Filename'), size_in(facts[f'extent {i} Size'])) for i in numbers],
             [(r['name'], r.get('size')) for r in case.own.get('references', []) if r['role'] == 'extent'])]
    return differing(*rows)


QCOW_METHODS = {'None': False, 'AES-CBC 128-bit': True, 'Linux Unified Key Setup (LUKS)': True}


def qcowinfo(case):
    facts = lines_of('qcowinfo', case)
    if facts is None or not case.answered:
        return facts and []
    if case.own['format'] not in ('qcow', 'qcow2'):
        return [('format', 'qcow', case.own['format'])]
    version = {'qcow': '1', 'compat 0.10': '2', 'compat 1.1': '3'}
    return differing(
        ('version', facts['Format version'],
         version.get(case.own.get('variant')) or version.get(case.own['format'])),
        ('size', size_in(facts['Media size']), case.document.get('virtual-size')),
        ('encrypted', QCOW_METHODS.get(facts['Encryption method']), case.document.get('encrypted', False)),
        ('backing', facts.get('Backing filename') or None, first(names_of(case, 'backing'))),
        ('snapshots', int(facts.get('Number of snapshots', 0)),
         case.own.get('attributes', {}).get('snapshots', 0)))


READERS = {'qemu-img': qemu_img, 'qemu-img --backing-chain': qemu_img_chain,
           'vhdiinfo': vhdiinfo, 'vmdkinfo': vmdkinfo, 'qcowinfo': qcowinfo}

# ---- where we disagree ----

def hidden(_, theirs, ours):
    """The same but for what we hide."""
    return isinstance(theirs, str) and '***' in str(ours) and re.fullmatch(
        '.+'.join(re.escape(part) for part in ours.split('***')), theirs, re.S)


def hidden_line(_, theirs, ours):
    """The same, and what we hide goes on in the next line."""
    return '***' in str(ours) and str(theirs).startswith(ours.split('***')[0])


def decoded(_, theirs, ours):
    """The same but for bytes that aren't UTF-8, or up to the first of them: of C0 80 it makes a NUL."""
    parts = str(ours).split('\ufffd')
    return len(parts) > 1 and (theirs == parts[0] or
                               re.fullmatch('.+'.join(re.escape(part) for part in parts), str(theirs), re.S))


def found(case, finding):
    return any(f['id'] == finding for f in case.own.get('findings', []))


def qemu_probes_so(case, *_):
    return case.format is None and case.differences['qemu-img'] is not None and not any(
        key == 'format' for key, _, _ in case.differences['qemu-img'])


# Reader, what differs, whether this is the case (of the case, theirs, ours), and why.
DISAGREEMENTS = (
    ('qemu-img', 'backing-filename|full-backing-filename', hidden, 'we show no passwords'),
    ('qemu-img', 'dirty-flag', lambda case, theirs, ours: case.own['format'] == 'qed' and ours and not theirs,
     'the header says so; QEMU clears the bit in its memory when it drains the node that it opened'),
    ('qemu-img --backing-chain', r'\[\]\.format', lambda case, theirs, ours: theirs == 'file' and ours == 'raw',
     "a protocol's driver that is stated as a format means raw over it"),
    ('qcowinfo', 'backing', hidden, 'we show no passwords'),
    ('qcowinfo', 'backing', hidden_line, 'we show no passwords, and text ends where the name has an end of line'),
    ('qcowinfo', 'size', lambda case, theirs, ours: ours == theirs // 512 * 512 and
     (found(case, 'size-not-sector-multiple') or case.own['format'] == 'qcow'),
     "the reader's size is in whole sectors, and of a qcow2 a finding says so"),
    ('qcowinfo', 'backing', decoded, 'libqcow makes letters of bytes that are no UTF-8'),
    ('vmdkinfo', 'extents', lambda case, theirs, ours: ours == [] and len(theirs) == 1 and
     case.own.get('variant') in ('monolithicSparse', 'streamOptimized'), 'it is the file that was asked about'),
    ('vmdkinfo', 'type', lambda case, theirs, ours: ours == 'monolithicSparse' and case.differences['qemu-img'] == [],
     'the header says that there is no text, so QEMU reads no type; libvmdk looks in sector 1 all the same'),
    ('vmdkinfo', 'size', lambda case, theirs, ours: found(case, 'sizes-disagree') and ours < theirs,
     'QEMU passes over ZERO extents, and a finding says so'),
    ('vhdiinfo', 'unique-id|size', lambda case, *_: found(case, 'footers-disagree'),
     'libvhdi reads the footer at the end and QEMU its copy at the head, and a finding says that they disagree'),
    ('vhdiinfo|vmdkinfo|qcowinfo', 'format', lambda case, *_: case.format == case.own['format'],
     'the caller says the format, and the image bears it out'),
    ('vhdiinfo|vmdkinfo|qcowinfo', 'format', qemu_probes_so, "the chosen reader's probe decides, and it agrees"),
)


def explained(case, reader, key, theirs, ours):
    for row in DISAGREEMENTS:
        if re.fullmatch(row[0], reader) and re.fullmatch(row[1], key) and row[2](case, theirs, ours):
            return row
    return None


# ---- all of it ----

def cases(replay, folder):
    """Each file once."""
    done = subprocess.run([replay, os.path.join(ROOT, 'fuzz', 'corpus'), folder], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True, timeout=SECONDS)
    found = {}
    for line in done.stdout.decode().splitlines():
        case = Case(folder, line)
        if os.path.exists(os.path.join(case.folder, 'a')):
            found.setdefault((case.format, case.digest), case)
    return list(found.values())


def ask_all(program, found):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda case: case.ask(program), found))
        asked = [case for case in found if case.number %
                 (SELDOM if not case.answered else NAMES if case.target == 'name' else 1) == 0]
        list(pool.map(lambda case: case.compare(), asked))
    return asked


def report(tap, asked):
    used = collections.Counter()
    for reader in READERS:
        for target in sorted({case.target for case in asked}):
            both, odd = 0, []
            for case in asked:
                if case.target != target or not case.answered or case.differences[reader] is None:
                    continue
                both += 1
                for key, theirs, ours in case.differences[reader]:
                    row = explained(case, reader, key, theirs, ours)
                    used[row] += 1
                    if row is None:
                        odd.append(f'{case.name} {case.own.get("format")} {key}: {theirs!r}, imgprobe {ours!r}')
            if both:
                tap.ok(not odd, f'{reader} and imgprobe: {both} of {target}', '\n'.join(odd))
    return used


def counts(tap, asked, used):
    refused = collections.Counter((reader, case.refusal) for case in asked if not case.answered
                                  for reader in READERS if case.differences[reader] is not None)
    alone = sum(case.answered and all(found is None for found in case.differences.values()) for case in asked)
    tap.note(f'{sum(c.answered for c in asked)} of {len(asked)} files answered, {alone} of them by imgprobe alone')
    for (reader, refusal), count in sorted(refused.items()):
        tap.note(f'{reader} answers and imgprobe does not: {count} {refusal}')
    for row in DISAGREEMENTS:
        tap.note(f'{row[0]} differs in {row[1]}: {used[row]}: {row[3]}')


def main():
    tap = Tap()
    given = images.arguments(__doc__, ('--replay', {'required': True, 'help': 'the program that has the corpus'}))
    missing = [reader for reader in READERS if not images.tool(reader.split()[0])]
    if missing:
        tap.lacking('the corpus, by other readers', missing[0])
    elif not without_network():
        tap.skip('the corpus, by other readers', 'no namespace without a network is to be had here')
    else:
        with images.scratch() as folder:
            asked = ask_all(given.imgprobe, cases(os.path.abspath(given.replay), folder))
            used = report(tap, asked)
            counts(tap, asked, used)
    tap.done()


if __name__ == '__main__':
    main()
