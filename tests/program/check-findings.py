#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`imgprobe check`: for every finding that it lists, an image that raises it and one that just doesn't.

A finding without a row here, or without its line in the manual, is a failure. The two images of a row differ in what
stands for the @ of its description, in testimages' language. All the crafted images are asked, too: what `info` finds
is on the list, with the severity that the list gives.
"""

import glob
import gzip
import os
import re
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

MANUAL = os.path.join(images.ROOT, 'cli', 'imgprobe-findings.7')
FINDINGS = os.path.join(images.ROOT, 'formats', 'findings.h')
FILE = '\nfile b.img\nsize 1M'
FLAT = 'RW 2048 FLAT "b.img" 0'
DATA = "{'driver':'file','filename':'b.img'}"
MIDDLE = "'file':{'driver':'file','filename':'mid'}"
EXTENSION = '"\\x12\\x34\\x56\\x78\\0\\0\\0\\0"'


def backing(name, form='raw', more='', workdir='.'):
    """An overlay with that name of its backing file."""
    declared = f' backing_format="{form}"' if form else ''
    return f'base qcow2 backing="{name}"{declared}\nrun -f qcow2 --workdir {workdir} {more}{FILE}'


def quoted(text):
    return text.replace("'", '\\"')


def json(text, form='raw', more=''):
    return backing('json:' + quoted(text), form) + more


def vmdk(lines, create='monolithicFlat', more=FILE):
    text = ''.join(f'    {line}\n' for line in lines.split('\n'))
    return ('text 0:\n    # Disk DescriptorFile\n    version=1\n    CID=12345678\n    parentCID=ffffffff\n'
            f'    createType="{create}"\n{text}{more}')


def vhd(parent, reader='xen', base_id='11111111-2222-3333-4444-555555555555'):
    return f'base vhd-differencing {parent}\nrun -f vpc --reader {reader}\nfile base.vhd\nbase vhd-dynamic id="{base_id}"'


GPT = '''base content/good-gpt
offset 2096640: "EFI PART" le32=0x10000 le32=92 le32=0 le32=0 le64=@ le64=1 le64=34 le64=4062
checksum gpt at 2096640'''
FEATURES = 'base qcow2\noffset 72: be64=@\nrun -f qcow2'
PINNED = 'base vhd-fixed size=4M\nrun @'

# finding, description, what stands for @ in the image that raises it, and in the one that doesn't
ROWS = (
    ('backing-file', 'base qcow2@' + FILE, ' backing="b.img" backing_format="raw"', ''),
    ('data-file', 'base qcow2@\nrun --workdir .' + FILE, ' data_file="b.img"', ''),
    ('extent-file', vmdk('@'), FLAT, 'RW 2048 ZERO'),
    ('external-extent', vmdk('@', more='\nfolder d' + FILE), FLAT.replace('b.img', 'd/../b.img'),
     FLAT.replace('b.img', 'd/./b.img')),
    ('device-extent', vmdk('RW 2048 FLAT "@" 0'), '/dev/b.img', '/devb.img'),
    ('backing-format-missing', 'base qcow2 backing="b.img"@' + FILE, '', ' backing_format="raw"'),
    ('remote-reference', backing('@'), 'nbd://host/b', './nbd://host/b'),
    ('special-reference', backing('@'), 'fat:/etc', './fat:/etc'),
    ('path-escape', backing('@b.img'), '../', './'),
    ('process-relative-name', backing('/@/self/fd/0', more='--root /'), 'proc', 'prac'),
    ('needs-workdir', 'base qcow2 data_file="b.img"\nrun @' + FILE, '', '--workdir .'),
    ('no-directory', 'base qcow2 backing="b.img" backing_format="raw"\nrun @' + FILE, '-', ''),
    ('empty-name', backing('file:@'), '', 'b.img'),
    ('backing-name-empty', 'base qcow2 backing="@" backing_format="raw"' + FILE, '\\0b.img', 'b.img'),
    ('unknown-protocol', backing('@foo:b.img'), '', './'),
    ('malformed-name', json("{'driver':'raw','file':" + DATA + '@'), '', '}'),
    ('name-means-two-things', 'base qcow2 data_file="@nbd:b.img"\nrun --workdir .', '', './'),
    ('versions-differ', backing('json:' + quoted("{'driver':'raw','active':true,'file':" + DATA + '}'), 'raw',
                                '--reader @'), 'qemu', 'qemu-10.0'),
    ('reference-asks-write', json("{'driver':'raw','read-only':@,'file':" + DATA + '}'), 'false', 'true'),
    ('reference-ignored-by-reader', vhd('W2ru=".\\\\base.vhd"', '@'), 'qemu', 'xen'),
    ('driver-takes-another-name', backing('b.img', '@'), 'host_device', 'file'),
    ('layer-hides-header', json("{'driver':'qcow2','file':{'driver':'@','file':" + DATA + '}}', ''), 'vmdk', 'raw'),
    ('unknown-key', json("{'driver':'raw'@,'file':" + DATA + '}'), quoted(",'b':1"), ''),
    ('unknown-value', json("{'driver':'raw','size':@,'file':" + DATA + '}'), '513', '512'),
    ('unknown-driver', json("{'driver':'@','file':" + DATA + '}', ''), 'rare', 'raw'),
    ('override-mixes-names', json("{'driver':'qcow2','backing':@," + MIDDLE + '}', 'qcow2', '\nfile mid\nbase qcow2 '
                                  'backing="b.img" backing_format="raw"'), quoted(DATA), 'null'),
    ('override-without-data-file', json("{'driver':'qcow2','data-file':" + DATA + ',' + MIDDLE + '}', 'qcow2',
                                        '\nfile mid\nbase qcow2@'), '', ' data_file="b.img"'),
    ('parent-names-disagree', vhd('W2ru=".\\\\base.vhd" W2ku="C:@.vhd"') + '\nfile other.vhd\nbase vhd-dynamic',
     'other', 'base'),
    ('name-control-character', backing('b.img@'), '\\n', ' '),
    ('name-invalid-utf8', backing('b.img@'), '\\xff', ' '),
    ('parent-mismatch', vhd('W2ru=".\\\\base.vhd" parent_id="11111111-2222-3333-4444-55555555555@"'), '6', '5'),
    ('parent-not-told', 'base others/@', 'good-parallels', 'good-vdi'),
    ('member-missing', backing('@.img'), 'gone', 'b'),
    ('loop', 'base qcow2 backing="@" backing_format="qcow2"\nfile mid\nbase qcow2', 'image', 'mid'),
    ('declared-formats-disagree', backing('b.img', more='--declare b.img=@'), 'qcow2', 'raw'),
    ('member-means-two-things', vmdk('RW 2048 SPARSE "b.vmdk"\nRW 2048 @ "b.vmdk"', 'vmfs',
                                     '\nfile b.vmdk\nbase kdmv text=0'), 'VMFSSPARSE', 'SPARSE'),
    ('data-after-end', vmdk(FLAT, more='\nfile b.img\nsize @'), '1049088', '1M'),
    ('format-probed', 'base qcow2\nrun @', '', '-f qcow2'),
    ('format-mismatch', 'offset 0: "QFI@" be32=3\nsize 1M\nrun -f raw', '\\xfb', '\\xfa'),
    ('trailer-also-matches', 'base vhd-fixed size=4M\noffset 4M: "@"\nrun -f raw', 'c', 'k'),
    ('other-reader-differs', 'offset 0: "# Disk DescriptorFile\\nversion=1\\nCID=12345678\\nparentCID=ffffffff\\n"\n'
     'offset 64: "createType=\\"twoGbMaxExtentSparse\\"\\nRW 2048 SPARSE \\"" @*"a" "\\"\\n"', '512', '511'),
    ('ambiguous', PINNED, '', '-f vpc'),
    ('image-empty', 'size @', '0', '512'),
    ('truncated', 'base qcow2\ntruncate @', '99', '256K'),
    ('malformed', 'base qcow2\noffset 20: be32=@', '8', '16'),
    ('unsupported-version', 'base qcow2\noffset 4: be32=@', '4', '3'),
    ('unknown-incompatible-feature', FEATURES, '32', '0'),
    ('unsupported', vmdk(FLAT, '@'), 'custom', 'monolithicFlat'),
    ('limit-reached', f'base qcow2\noffset 112: @*{EXTENSION}', '1025', '1024'),
    ('unknown-compatible-feature', 'base qcow2 compatible=@', '2', '1'),
    ('unknown-autoclear-feature', 'base qcow2 autoclear=@', '4', '1'),
    ('tier-import', 'base @', 'kdmv', 'qcow2'),
    ('tier-identify', 'base others/@', 'unsupported-ovf', 'unsupported-cow'),
    ('tier-refuse', 'base @', 'others/good-qed', 'qcow2'),
    ('format-deprecated', 'base others/@', 'good-qcow', 'good-vdi'),
    ('vmdk-create-type', '@' + FILE, vmdk(FLAT, more=''), 'base kdmv'),
    ('extent-type-unknown', vmdk(FLAT + '\nRW 63 @ "b"', create='vmfs'), 'FOO', 'VMFSRDM'),
    ('dirty', FEATURES, '1', '0'),
    ('corrupt', FEATURES, '2', '0'),
    ('encryption-aes', 'base qcow2 crypt=@', '1', '0'),
    ('encryption-luks', 'base qcow2/good-luks@', '', '\noffset 32: be32=1'),
    ('luks-version', 'base content/good-luks2\noffset 6: be16=@', '2', '3'),
    ('internal-snapshots', 'base qcow2 snapshots=@\nsize 8M', '3', '0'),
    ('bitmaps', 'base qcow2@', '/good-bitmaps', ' autoclear=1'),
    ('compression-type', 'base qcow2 compression=@', '1', '0'),
    ('data-file-unused', 'base qcow2 data_file="b.img" incompatible=@\nrun --workdir .' + FILE, '0', '4'),
    ('checksum-wrong', 'base vhd-dynamic\noffset 560: @', '01', '00'),
    ('footers-disagree', 'base vhd-dynamic end=@', '0', '1'),
    ('sizes-disagree', 'base vhd-dynamic size=64M creator="@" cylinders=1000 heads=4 sectors=17', 'vbox', 'win '),
    ('tier-below-floor', 'base others/good-vdi\nrun --tier @', 'guest', 'import'),
    ('virtual-size-over-limit', 'base qcow2 size=2M\nrun --max-virtual-size @', '2097151', '2M'),
    ('size-not-sector-multiple', 'size @\nrun -f raw', '1000', '1024'),
    ('content-archive', 'base content/good-zip\noffset 3: @', '04', '05'),
    ('content-compressed', 'base content/good-gzip\noffset 2: @\nrun -f raw', '08', '07'),
    ('inside-not-whole', 'size @\ngzip\nrun --inside -f raw', '4194305', '4M'),
    ('compressed-twice', 'size 512\n@\ngzip\nrun --inside', 'gzip', ''),
    ('content-program', 'base content/good-elf\noffset 3: "@"', 'F', 'G'),
    ('content-text', 'base content/good-text\nrun@', '', ' -f raw'),
    ('partition-table-odd', GPT, '4094', '4095'),
)

# What no image raises here: where it is held to instead, which has to name it.
ELSEWHERE = {
    'not-followed': 'test-policy.c',  # the program follows always
    'unreadable': 'test-policy.c',  # it takes a disk that is broken
}

# Where the sources have an id; those of access.c are of consent, and no findings.
RAISES = re.compile(r'(?:(?:IMGPROBE_REFUSED|IMGPROBE_AMBIGUOUS|IMGPROBE_KIND_[A-Z]+),|'
                    r'ip_graph_refuse\([^;"]*,|reason = )\s*"([a-z0-9]+(?:-[a-z0-9]+)+|loop)"')


def run(program, folder, text):
    """`check` on the image of a description, which is built in that folder."""
    os.mkdir(folder)
    path = os.path.join(folder, 'description')
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text + '\n')
    made = mkimage.read(path)
    name = os.path.basename(mkimage.build(made, folder))
    words = [program, 'check', '--output', 'json', *made.runs[0].split()]
    if words[-1] != '-':
        return images.run([*words, name], cwd=folder)
    with open(os.path.join(os.fsencode(folder), name), 'rb') as image:
        return images.run(words, cwd=folder, input=image.read())


def found(answer):
    return {finding['id']: finding for finding in (answer.document or {}).get('findings', [])}


def check_row(tap, program, folder, row, listed):
    name, text, raising, sparing = row
    raised = run(program, os.path.join(folder, name), text.replace('@', raising))
    spared = run(program, os.path.join(folder, name + '-not'), text.replace('@', sparing))
    finding = found(raised).get(name)
    tap.ok(finding is not None, f'{name} is raised', f'{text.replace("@", raising)}\n{raised}')
    tap.ok(bool(spared.document) and name not in found(spared), f'{name} is not, where it just isn\'t so',
           f'{text.replace("@", sparing)}\n{spared}')
    if finding and name in listed:
        want = listed[name]['severity'], 'upload' in listed[name]['refused-by'], listed[name]['explanation']
        tap.equal((finding['severity'], finding['refused'], finding['explanation']), want, f'{name} is as listed')


def check_refusals(tap, program, folder):
    """A finding that the policy lets pass is refused by --deny, and --allow has the last word."""
    with open(os.path.join(folder, 'odd'), 'wb') as out:
        out.truncate(1000)
    ask, name = [program, 'check', '-f', 'raw', '--output', 'json'], 'size-not-sector-multiple'
    for flags, status in (((), 0), (('--deny', name), 3), (('--allow', name, '--deny', name), 0)):
        answer = images.run([*ask, *flags, 'odd'], cwd=folder)
        finding = found(answer).get(name, {})
        tap.ok(answer.status == status and finding.get('refused') is (status == 3), f'check {" ".join(flags)}', str(answer))


def check_text(tap, program, folder):
    """Each line is about the FILE at its beginning, whose content stands in the verdict; JSON has the same."""
    with gzip.open(os.path.join(folder, 'disk.gz'), 'wb') as out:
        out.write(bytes(512))
    with open(os.path.join(folder, 'over'), 'w+b') as out:
        mkimage.qcow2(out, backing=b'gone', backing_format=b'raw')
    answer = images.run([program, 'check', 'disk.gz', 'over', 'nosuch'], cwd=folder)
    lines = answer.out.decode().rstrip('\n').split('\n')
    names = [line.partition(': ')[0] for line in lines]
    tap.ok(sorted(set(names)) == ['disk.gz', 'nosuch', 'over'] and names == sorted(names, key=['disk.gz', 'over',
           'nosuch'].index), 'each line begins with its FILE', str(answer))
    verdict = [line for line in lines if line.startswith('disk.gz: ')][-1]
    tap.ok(', format raw (probed), content gzip: ' in verdict, 'the verdict has the content', verdict)
    tap.ok(any(line.startswith('over: refused  danger   member-missing "gone", backing "gone" of "over": ')
               for line in lines), 'a missing file stands first in what is said of it', str(answer))
    answer = images.run([program, 'check', '--output', 'json', 'disk.gz'], cwd=folder)
    tap.equal((answer.document or {}).get('content'), ['gzip'], 'JSON has the content')
    for name, below in (('two', 'over'), ('three', 'two')):
        with open(os.path.join(folder, name), 'w+b') as out:
            mkimage.qcow2(out, backing=below.encode(), backing_format=b'qcow2')
    answer = images.run([program, 'check', '-f', 'qcow2', 'three'], cwd=folder).out.decode()
    tap.ok(answer.count(' backing-file ') == 3 and answer.count('whose data it shows') == 1,
           'an explanation stands once in the text of a FILE', answer)
    images.qemu_img('create', '-q', '-f', 'raw', 'alone', '512', cwd=folder)
    answer = images.run([program, 'check', 'alone'], cwd=folder).out.decode()
    tap.ok(answer.count('\n') == 2 and ': 1 finding, 0 refused\n' in answer, 'one finding is no "findings"', answer)


def check_manual(tap, listed, policies):
    """It says of each finding what the program says, as an item's parentheses and first sentence, and maybe more."""
    text = open(MANUAL, encoding='utf-8').read()
    section = text.partition('\n.Sh FINDINGS\n')[2].partition('\n.Sh ')[0]
    rows = re.findall(r'^\.It Cm (\S+) Pq (\w+), refused by ([^\n]*)\n((?:[^.\n][^\n]*\n)+)', section + '\n', flags=re.M)
    told = {name: (severity, by, said.replace('\\-', '-').replace('\n', ' ')) for name, severity, by, said in rows}
    tap.equal(sorted(told), sorted(listed), 'the manual has a line for each finding, and no other')
    wrong = []
    for name, row in listed.items():
        by = 'every policy' if row['refused-by'] == policies else ' and '.join(row['refused-by']) or 'no policy'
        want = row['severity'], by, row['explanation'][0].upper() + row['explanation'][1:] + '. '
        got = told.get(name, ('', '', ''))
        wrong += [] if got[:2] == want[:2] and got[2].startswith(want[2]) else [f'{name}: {got}']
    tap.none(wrong, 'the manual says of each finding what the program says')
    section = text.partition('\n.Sh POLICIES\n')[2].partition('\n.Sh ')[0]
    tap.equal(re.findall(r'^\.It Cm (\S+)$', section, flags=re.M), policies, 'the manual has every policy')


def check_reasons(tap, listed):
    """What refuses access and is no finding."""
    text = open(MANUAL, encoding='utf-8').read().partition('\n.Sh REASONS OF ACCESS\n')[2].partition('\n.Sh ')[0]
    source = open(os.path.join(images.ROOT, 'libimgprobe', 'answer', 'access.c'), encoding='utf-8').read()
    raised = set(re.findall(r'\brefuse\(\w+, "([a-z-]+)"', source)) - set(listed)
    tap.equal(sorted(re.findall(r'^\.It Cm (\S+)$', text, flags=re.M)), sorted(raised),
              'the manual has every reason of access that is no finding')


def check_severities(tap, program, folder, listed):
    """What `info` finds in the crafted images is on the list, and as severe."""
    wrong = set()
    for name, path in mkimage.descriptions():
        made = mkimage.read(path)
        into = os.path.join(folder, 'all', name)
        image = os.path.basename(mkimage.build(made, into))
        for answer in (images.info(program, '--backing-chain', *flags, image, cwd=into)
                       for flags in ((), ('--reader', 'xen'), ('--reader', 'imago'))):
            for member in images.members(answer.document or []):
                own = member.get('imgprobe', {})
                for each in [own, *own.get('members', [])]:
                    wrong |= {f'{name}: {f["id"]} {f["severity"]}' for f in each.get('findings', [])
                              if listed.get(f['id'], {}).get('severity') != f['severity']}
                    wrong |= {f'{name}: {r["reason"]}' for r in each.get('references', [])
                              if 'reason' in r and r['reason'] not in listed}
    tap.equal(sorted(wrong), [], 'what info finds in the crafted images is listed, and as severe')


def check_sources(tap, listed):
    """Each id that the library raises by its letters has its row; of others the compiler knows it."""
    sources = [open(path, encoding='utf-8').read() for folder in ('libimgprobe', 'formats')
               for path in sorted(glob.glob(os.path.join(images.ROOT, folder, '**', '*.c'), recursive=True))
               if not path.endswith('answer/access.c')]
    raised = {name for text in sources for name in re.findall(RAISES, text)}
    tap.ok(len(raised) > 20, 'the sources are searched', sorted(raised))
    tap.equal(sorted(raised - set(listed)), [], 'every id that the library raises is listed')
    text = '\n'.join(sources)
    rows = re.findall(r'^    F\((\w+), *"([a-z0-9-]+)"', open(FINDINGS, encoding='utf-8').read(), flags=re.M)
    tap.none([name for const, name in rows if not re.search(rf'\bFOUND_{const}\b|"{name}"', text)],
             'every row of findings.h is raised')


def check_tree(tap, listed, policies):
    """What tests, manual and sources say of the findings."""
    names = [row[0] for row in ROWS]
    tap.equal(sorted(names + list(ELSEWHERE)), sorted(listed), 'every finding has one row here')
    for name, where in ELSEWHERE.items():
        text = open(os.path.join(images.ROOT, 'tests', 'unit', where), encoding='utf-8').read()
        tap.ok(re.search(rf'\b{name}\b', text), f'{name} is held to in {where}')
    check_manual(tap, listed, policies)
    check_reasons(tap, listed)
    check_sources(tap, listed)


def main():
    tap = Tap()
    asked = images.arguments(__doc__, ('--tree', {'action': 'store_true', 'help': 'what the tree says, and no image'}))
    answer = images.run([asked.imgprobe, 'check', '--list', '--output', 'json'])
    listed = {row['id']: row for row in (answer.document or {}).get('findings', [])}
    policies = [row['name'] for row in (answer.document or {}).get('policies', [])]
    if asked.tree:
        check_tree(tap, listed, policies)
        tap.done()
    tap.equal(answer.status, 0, 'check --list')
    human = images.run([asked.imgprobe, 'check', '--list']).out.decode()
    tap.ok(all(f'\n{name} ' in human for name in listed), 'check --list for people has every finding', human)
    with images.scratch() as folder:
        for row in ROWS:
            check_row(tap, asked.imgprobe, folder, row, listed)
        check_severities(tap, asked.imgprobe, folder, listed)
        check_refusals(tap, asked.imgprobe, folder)
        check_text(tap, asked.imgprobe, folder)
    check_tree(tap, listed, policies)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
