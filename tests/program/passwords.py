#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No command prints a password that stands in a name of an image: not for people, not as JSON, not on standard error.

Each image has the password in another place where a name may stand, or in a name of another kind.
"""

import os
import re
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

SECRET = 'pass-word'
URL = f'https://user:{SECRET}@host.example/a'
HIDDEN = re.compile('|'.join([SECRET, SECRET.encode().hex(), SECRET.encode('utf-16-le').hex()]))


def backing(name, more=''):
    name = name.replace('\\', '\\\\').replace('"', '\\"')
    return f'base qcow2 backing="{name}"{more}'


def vmdk(create, *lines):
    text = ''.join(f'    {line}\n' for line in ('# Disk DescriptorFile', 'version=1', 'CID=12345678',
                                                f'createType="{create}"', *lines))
    return f'text 0:\n{text}'


# where the name stands, its options, description
IMAGES = (
    ('a backing file', '-f qcow2', backing(URL, ' backing_format="raw"')),
    ('a backing file without a format', '-f qcow2', backing(URL)),
    ('a backing file in a format that isn\'t known', '-f qcow2', backing(URL, ' backing_format="rare"')),
    ('a backing file, one that is malformed', '-f qcow2', backing(f'https://user:{SECRET}@a@host.example/a')),
    ('a backing file, a key of rbd', '-f qcow2', backing(f'rbd:pool/image:key={SECRET}')),
    ('a backing file, a query of iscsi', '-f qcow2', backing(f'iscsi://host/t/0?target_password={SECRET}')),
    ('a backing file, a name within another', '-f qcow2', backing(f'blkdebug:/c:{URL}')),
    ('a backing file, a protocol that isn\'t known', '-f qcow2', backing(f'what://user:{SECRET}@host/a')),
    ('a backing file behind file:', '-f qcow2 --workdir .', backing(f'file:{URL}')),
    ('a json: name, a URL', '-f qcow2', backing(f'json:{{"driver":"https","url":"{URL}"}}')),
    ('a json: name, an unknown key', '-f qcow2', backing(f'json:{{"driver":"nbd","password":"{SECRET}"}}')),
    ('a backing file of a backing file', '-f qcow2',
     backing('mid', ' backing_format="qcow2"') + '\nfile mid\n' + backing(URL, ' backing_format="raw"')),
    ('a backing file of a member whose format is only probed', '-f qcow2',
     backing('mid') + '\nfile mid\n' + backing(URL, ' backing_format="raw"')),
    ('a data file', '-f qcow2 --workdir .', f'base qcow2 data_file="{URL}"'),
    ('an extent', '-f vmdk', vmdk('twoGbMaxExtentFlat', 'parentCID=ffffffff', f'RW 2048 FLAT "{URL}" 0')),
    ('the parent of a VMDK', '-f vmdk',
     vmdk('twoGbMaxExtentFlat', 'parentCID=12345679', f'parentFileNameHint="{URL}"', 'RW 2048 FLAT "b.img" 0')
     + 'file b.img\nsize 1M'),
    ('a locator of a VHD, to QEMU', '-f vpc', f'base vhd-differencing parent="a.vhd" MacX="{URL}"'),
    ('a locator of a VHD, to Xen', '-f vpc --reader xen', f'base vhd-differencing parent="a.vhd" MacX="{URL}"'),
    ('a backing file that a json: name overrides', '-f qcow2 --workdir .',
     backing('json:{"driver":"qcow2","backing":null,"file":{"driver":"file","filename":"mid"}}', ' backing_format="qcow2"')
     + '\nfile mid\n' + backing(URL, ' backing_format="raw"')),
    ('a backing file that a json: name overrides in part', '-f qcow2 --workdir .',
     backing('json:{"driver":"qcow2","backing":{"driver":"raw"},"file":{"driver":"file","filename":"mid"}}',
             ' backing_format="qcow2"') + '\nfile mid\n' + backing(URL, ' backing_format="raw"')),
    ('a backing file beside a data file that a json: name asks for', '-f qcow2 --workdir .',
     backing('json:{"driver":"qcow2","data-file":{"driver":"file","filename":"a"},'
             '"file":{"driver":"file","filename":"mid"}}', ' backing_format="qcow2"')
     + '\nfile mid\n' + backing(URL, ' backing_format="raw"')),
    ('a json: name\'s own backing file beside a data file that it asks for', '-f qcow2 --workdir .',
     backing(f'json:{{"driver":"qcow2","backing":{{"driver":"https","url":"{URL}"}},'
             '"data-file":{"driver":"file","filename":"a"},"file":{"driver":"file","filename":"mid"}}',
             ' backing_format="qcow2"') + '\nfile mid\nbase qcow2'),
)


def commands(program):
    """Every way to ask about an image."""
    for output in ('human', 'json'):
        yield 'info', '--output', output
        yield 'info', '--backing-chain', '--output', output
        for policy in ('upload', 'guest', 'base'):
            yield 'check', '--policy', policy, '--output', output
    text = images.run([program, 'access', '--help']).out.decode()
    for kind in re.findall(r'^  ([a-z]+) ', text.split('kinds of output:')[1], flags=re.M):
        yield 'access', '--output', kind, *(['--user', 'root'] if kind == 'acl' else [])


def build(folder, text):
    """The name of the image of that description, which is built in that folder."""
    os.mkdir(folder)
    path = os.path.join(folder, 'description')
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text + '\n')
    return os.path.basename(mkimage.build(mkimage.read(path), folder))


def check_image(tap, program, folder, row):
    title, options, text = row
    image, named = build(folder, text), set()
    for words in commands(program):
        answer = images.run([program, *words, *options.split(), image], cwd=folder)
        said = answer.out.decode(errors='backslashreplace') + answer.error
        tap.ok(not HIDDEN.search(said), f'{title}: {" ".join(words)} hides it', str(answer))
        named |= {words[0]} if '***' in said else set()
    tap.ok({'info', 'check'} <= named, f'{title}: what shows the name shows stars in its place', str(named))


def main():
    asked, tap = images.arguments(__doc__), Tap()
    with images.scratch() as folder:
        for number, row in enumerate(IMAGES):
            check_image(tap, asked.imgprobe, os.path.join(folder, str(number)), row)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
