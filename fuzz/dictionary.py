#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints an AFL++ dictionary: every word that the rows of the formats, protocols and json: keys compare with."""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = (('formats', ''), ('libimgprobe', 'protocol'), ('libimgprobe', 'graph'), ('libimgprobe', 'json'),
           ('libimgprobe', 'uri'), ('libimgprobe', 'reference'), ('cli/verify', 'document'))
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
ESCAPE = re.compile(r'\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))')
LETTERS = {'n': '\n', 'r': '\r', 't': '\t'}
NUMBERS = (0xe2792aca, 0x6803f857, 0x23852875, 0x0537be77, 0x44415441, 0xffffffff, 0x7fffffff)


def decoded(literal):
    def one(m):
        if m[1] or m[2]:
            return chr(int(m[1] or m[2], 16 if m[1] else 8) & 255)
        return LETTERS.get(m[3], m[3])
    return ESCAPE.sub(one, literal).encode('latin-1', 'ignore')


def words():
    found = set()
    for folder, start in FOLDERS:
        for name in os.listdir(os.path.join(ROOT, folder)):
            if name.endswith('.c') and name.startswith(start):
                text = open(os.path.join(ROOT, folder, name), encoding='utf-8').read()
                text = re.sub(r'^#include[^\n]*|/\*.*?\*/', '', text, flags=re.M | re.S)
                found |= {decoded(literal) for literal in LITERAL.findall(text)}
    found = {word for word in found if 2 <= len(word) <= 38 and word.count(b' ') < 3}
    for number in NUMBERS:
        found |= {number.to_bytes(4, 'big'), number.to_bytes(4, 'little')}
    return sorted(found)


def main():
    for word in words():
        print('"' + ''.join(chr(c) if 32 <= c < 127 and c not in b'"\\' else f'\\x{c:02X}' for c in word) + '"')


if __name__ == '__main__':
    main()
