#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every checksum of libimgprobe/README.md's table that is verified: one bit of what it covers is flipped, or of the
sum, and the answer has to show it."""

import os
import sys
from typing import Callable, NamedTuple

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
import images
import mkimage
from tap import Tap

TABLE = os.path.join(images.ROOT, 'libimgprobe', 'README.md')
K = 1024


def fails(status, field=None):
    return lambda answer: answer.own.get('status') == status and field in (None, answer.own.get('field'))


def finds(name):
    return lambda answer: answer.status == 0 and name in [f['id'] for f in answer.own['findings']]


def is_ok(answer):
    return answer.own.get('status') == 'ok'


def holds(content, is_there):
    return lambda answer: is_ok(answer) and (content in answer.own.get('content', [])) == is_there


def inside(status):
    return lambda answer: answer.own['inside']['status'] == status


class Sum(NamedTuple):
    """Where in an image the bytes begin that are summed, from the end if it's negative; how many they are; at which of
    them the sum stands; what shows that it holds, and that it doesn't."""
    image: str
    begin: int
    length: int
    at: int
    good: Callable
    bad: Callable
    options: tuple = ()

    def places(self):
        """Of what is covered: a byte behind the signature, one in the middle, the last one, and both ends of the sum."""
        return sorted({8, self.length // 2 + 5, self.length - 1, self.at, self.at + 3})


SUMS = {
    ('vhd', 'footer'): [
        Sum('vhd/good-fixed', -512, 512, 64, is_ok, fails('malformed'), ('-f', 'vpc')),
        Sum('vhd/good-dynamic', 0, 512, 64, is_ok, fails('malformed'))],
    ('vhd', 'footer behind a copy at the head'): [
        Sum('vhd/good-dynamic', -512, 512, 64, is_ok, finds('footers-disagree'))],
    ('vhd', 'dynamic header'): [
        Sum('vhd/good-dynamic', 512, 1024, 36, is_ok, finds('checksum-wrong')),
        Sum('vhd/good-dynamic', 512, 1024, 36, is_ok, fails('malformed'), ('--reader', 'xen'))],
    ('vhdx', 'header'): [
        Sum('others/unsupported-vhdx-log', 128 * K, 4 * K, 4, fails('unsupported', 'log'), is_ok),
        Sum('others/unsupported-vhdx-log-first', 64 * K, 4 * K, 4, fails('unsupported', 'log'), is_ok)],
    ('vhdx', 'region table'): [
        Sum('others/good-vhdx', 192 * K, 64 * K, 4, is_ok, fails('malformed', 'checksum'))],
    ("vhdx", "region table's copy"): [
        Sum('others/good-vhdx', 256 * K, 64 * K, 4, is_ok, fails('malformed', 'checksum'))],
    ('raw', 'GPT header'): [
        Sum('content/good-gpt', 512, 92, 16, holds('gpt', True), holds('gpt', False))],
    ('gzip', 'header, if it has one'): [
        Sum('content/good-gzip-header-checksum', 0, 10, 10, inside('ok'), inside('malformed'))],
    ('gzip', 'CRC-32 and length'): [
        Sum('content/good-gzip-stored', 15, 520, 512, inside('ok'), inside('malformed'))],
}


def table():
    """(format, checksum, whether it is verified) of each row."""
    with open(TABLE, encoding='utf-8') as file:
        text = file.read().split('## Checksums')[1].split('\n## ')[0]
    rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in text.split('\n') if line[:2] == '| ']
    return [(row[0], row[1], row[3]) for row in rows[2:]]


def flipped(raw, place):
    """The bytes with one bit flipped: a different one from place to place."""
    changed = bytearray(raw)
    changed[place] ^= 1 << place % 8
    return bytes(changed)


def check(tap, program, folder, name, case):
    path = mkimage.build(mkimage.read(os.path.join(images.TESTIMAGES, case.image + '.txt')), folder)
    with open(path, 'rb') as file:
        raw = file.read()
    begin = case.begin % len(raw)
    title = f'{name} of {case.image} {" ".join(case.options)}'.strip()

    def ask(what, expected, changed):
        with open(path, 'wb') as file:
            file.write(changed)
        answer = images.info(program, *case.options, path)
        tap.ok(expected(answer), f'{title}: {what}', answer)
    ask('it holds', case.good, raw)
    for place in case.places():
        ask(f'byte {place} has another bit', case.bad, flipped(raw, begin + place))


def main():
    asked = images.arguments(__doc__, ('--tree', {'action': 'store_true', 'help': 'look at the table alone'}))
    tap = Tap()
    rows = table()
    formats = images.run([asked.imgprobe, 'formats', '--output', 'json']).document
    tap.none([f['name'] for f in formats if f['name'] not in {row[0] for row in rows}], 'every format has a row')
    verified = {row[:2] for row in rows if row[2].startswith('yes: ')}
    tap.none([' '.join(row) for row in sorted(verified - set(SUMS))], 'what is verified has a case')
    tap.none([' '.join(row) for row in sorted(set(SUMS) - verified)], 'every case is a row that is verified')
    tap.none([' '.join(row[:2]) for row in rows if row[2][:4] not in ('yes:', 'no: ') and row[1:] != ('none', '')],
             'every row says what follows, or why it is not verified')
    for (form, name), cases in SUMS.items():
        for case in cases if not asked.tree else ():
            with images.scratch() as folder:
                check(tap, asked.imgprobe, folder, f'{form}: {name}', case)
    tap.done()


if __name__ == '__main__':
    main()
