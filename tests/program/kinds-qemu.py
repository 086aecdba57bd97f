#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `imgprobe access` prints for QEMU and libvirt: the storage daemon starts from the graph, with the formats,
files and modes of the chain, and opens these files only; the disk is valid by libvirt's schema and names the whole
chain."""

import glob
import json
import os
import re
import sys
import xml.etree.ElementTree

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
import scenes
from tap import Tap

QMP = b'{"execute":"qmp_capabilities"}{"execute":"query-named-block-nodes","arguments":{"flat":true}}' \
      b'{"execute":"quit"}'
DOMAIN = b"<domain type='qemu'>\n<name>x</name>\n<memory>65536</memory>\n<os><type arch='x86_64'>hvm</type></os>\n" \
         b"<devices>\n%s</devices>\n</domain>\n"


def refused(tap, answer, error, title):
    lines = answer.error.rstrip('\n').split('\n')
    return tap.ok(answer.status == 1 and not answer.out and len(lines) == 1 and error in lines[0]
                  and lines[0].startswith('imgprobe: ') and 'but json' in lines[0], title, str(answer))


def access(program, kind, driver, top, *flags):
    known = ('--allow', 'parent-not-told') if driver == 'parallels' else ()
    return images.run([program, 'access', '-f', driver, '--root', '/', *known, '--output', kind, *flags, top])


# ---------------------------------------------------------------------------------------------------------------
# blockdev
# ---------------------------------------------------------------------------------------------------------------

class Started:
    """The storage daemon with this graph: its nodes by name, and the files in a folder that it opened."""

    def __init__(self, graph, folder):
        log = os.path.join(folder, 'strace.log')
        self.answer = images.run(['strace', '-f', '-s', '8192', '-xx', '-e', 'trace=open,openat,openat2', '-o', log,
                                  'qemu-storage-daemon', '--chardev', 'stdio,id=m', '--monitor', 'chardev=m',
                                  '--blockdev', graph], input=QMP)
        documents = self.answer.documents
        self.nodes = {node['node-name']: node for document in documents if isinstance(document.get('return'), list)
                      for node in document['return']}
        self.traced = os.path.exists(log) and b'openat' in open(log, 'rb').read()
        self.opened = set()
        for line in open(log, 'rb').read().split(b'\n') if self.traced else ():
            m = re.search(rb'open\w*\((?:AT_FDCWD, )?"((?:\\x[0-9a-f]{2})*)"', line)
            path = bytes.fromhex(m[1].replace(b'\\x', b'').decode()) if m else b''
            if path.startswith(os.fsencode(folder)) and b'= -1' not in line:
                self.opened.add((os.path.realpath(path), b'O_RDWR' in line))


def described(graph):
    """(driver, node-name, read-only, file name) of each node, from the top."""
    found = [(graph['driver'], graph['node-name'], graph['read-only'], graph.get('filename'))]
    for key in ('file', 'data-file', 'backing'):
        found += described(graph[key]) if isinstance(graph.get(key), dict) else []
    return found


def check_graph(tap, program, folder, driver, top, title, *flags, want=None):
    """`want`: (driver, file or None, written) of each node."""
    answer = access(program, 'blockdev', driver, top, *flags)
    if answer.status:
        return tap.ok(False, title, str(answer))
    graph = answer.document
    got = [(node, name and os.path.realpath(os.fsencode(name)), not only) for node, _, only, name in described(graph)]
    paths = access(program, 'paths', driver, top, '-0', *flags).out.split(b'\0')[:-1]
    paths = {os.path.realpath(os.path.join(os.path.dirname(os.fsencode(top)), path)) for path in paths}
    started = Started(answer.out, os.path.dirname(top) if folder is None else folder)
    nodes = [(name, node) for _, name, _, _ in described(graph) if (node := started.nodes.get(name))]
    alike = all(node['drv'] == driver and node['ro'] == only
                for (driver, name, only, _), (_, node) in zip(described(graph), nodes))
    tap.ok(len(nodes) == len(got) == len(started.nodes) and alike and (want is None or got == want),
           f'blockdev: {title}', f'{got}\n{want}\n{started.nodes}\n{answer}\n{started.answer}')
    if not started.traced:
        return tap.skip(f'blockdev: {title}: files', 'strace cannot trace here')
    return tap.ok({path for path, _ in started.opened} == paths
                  and {path for path, written in started.opened if written}
                  == {path for _, path, written in got if path and written},
                  f'blockdev: {title}: opens these files alone', f'{started.opened}\n{paths}\n{answer}')


def needs(tap, title, *tools):
    missing = [tool for tool in tools if not images.tool(tool)]
    for tool in missing:
        tap.lacking(title, tool)
    return not missing


def blockdev(tap, program, folder):
    if not needs(tap, 'blockdev', 'qemu-storage-daemon', 'strace', 'qemu-img', 'qemu-io'):
        return
    for number, name in enumerate(scenes.NAMES):
        own = os.path.join(folder, str(number))
        os.mkdir(own)
        named_graph(tap, program, own, scenes.chain(own, name), name)
    two_disks(tap, program, folder)
    blind(tap, program, folder)
    formats(tap, program, folder)
    json_names(tap, program, folder)
    data_file(tap, program, folder)
    raised(tap, program, folder)
    device(tap, program, folder)
    deep(tap, program, folder)


def named_graph(tap, program, folder, top, name):
    bad = re.search(rb'\xff|\xef\xb7\x90', name)
    if bad:
        offset = len(os.path.dirname(top) + b'/link/./beside/../') + bad.start()
        refused(tap, access(program, 'blockdev', 'qcow2', top),
                f'byte 0x{name[bad.start()]:02x} at offset {offset} of its name', f'blockdev: {name!r}')
        return
    here = os.fsencode(folder)
    files = [top, os.path.join(here, b'bases/middle'), os.path.join(here, b'bases', name)]
    for flags in ((), ('--write',)):
        want = [(driver, path, bool(flags) and file == top) for format, file in zip(('qcow2', 'qcow2', 'raw'), files)
                for driver, path in ((format, None), ('file', file))]
        check_graph(tap, program, folder, 'qcow2', top, f'{name!r} {" ".join(flags)}', *flags, want=want)
    graph = access(program, 'blockdev', 'qcow2', top).out.decode()
    reads = images.run(['qemu-io', '-r', '-c', f'read -P {scenes.PATTERN} 0 512', 'json:' + graph])
    tap.ok(reads.status == 0 and b'ops' in reads.out and b'failed' not in reads.out,
           f'blockdev: {name!r}: reads', reads)


def two_disks(tap, program, folder):
    """Side by side in one emulator."""
    graphs = [access(program, 'blockdev', 'qcow2', os.path.join(folder, number, 'tops/top')).out.decode()
              for number in ('0', '1')]
    names = [name for graph in graphs for _, name, _, _ in described(json.loads(graph))]
    done = images.run(['qemu-storage-daemon', '--chardev', 'stdio,id=m', '--monitor', 'chardev=m',
                       *(word for graph in graphs for word in ('--blockdev', graph))], input=QMP)
    tap.ok(done.status == 0 and not done.error and len(set(names)) == len(names) == 12
           and max(len(name) for name in names) < 32, 'blockdev: two disks', f'{names}{done}')


def blind(tap, program, folder):
    """What the headers name after the answer is followed no more than what they named before."""
    own = os.path.join(folder, 'blind')
    os.mkdir(own)
    top = scenes.chain(own, b'base')
    graph = access(program, 'blockdev', 'qcow2', top).out
    bait = os.path.join(own, 'bait')
    scenes.fill(bait)
    before = Started(graph, own).opened
    for path, driver in ((top, 'qcow2'), (os.path.join(os.fsencode(own), b'bases/middle'), 'qcow2')):
        scenes.run('qemu-img', 'rebase', '-u', '-f', driver, '-b', bait, '-F', 'raw', path)
    os.unlink(os.path.join(own, 'bases/base'))
    scenes.overlay(os.path.join(own, 'bases/base'), bait, 'raw')
    after = Started(graph, own)
    tap.ok(after.opened == before and len(after.nodes) == 6, 'blockdev: no name in a header is followed',
           f'{before}\n{after.opened}\n{after.answer}')
    alone = os.path.join(own, 'alone')
    scenes.run('qemu-img', 'create', '-q', '-f', 'qcow2', alone, '1M')
    graph = access(program, 'blockdev', 'qcow2', alone).out
    scenes.overlay(alone, bait, 'raw')
    after = Started(graph, own)
    tap.equal({path for path, _ in after.opened}, {os.fsencode(alone)}, 'blockdev: a last member stays the last')


def formats(tap, program, folder):
    own = os.path.join(folder, 'formats')
    os.mkdir(own)
    for driver, options in (('qcow2', ()), ('qcow', ()), ('qed', ()), ('vmdk', ()), ('vdi', ()), ('vpc', ()),
                            ('vpc', ('-o', 'subformat=fixed')), ('vhdx', ()), ('parallels', ()), ('raw', ())):
        top = os.path.join(own, f'{driver}{len(options)}')
        scenes.run('qemu-img', 'create', '-q', '-f', driver, *options, top, '4M')
        check_graph(tap, program, own, driver, top, driver + ' '.join(options))
        check_disk(tap, program, driver, top, f'{driver} {" ".join(options)}',
                   None if driver in ('vhdx', 'parallels') else [('file', driver, top)])
        if driver in ('qcow2', 'qcow', 'qed', 'vmdk'):
            over = top + '-over'
            scenes.run('qemu-img', 'create', '-q', '-f', driver, '-b', top, '-F', driver, over)
            check_graph(tap, program, own, driver, over, f'{driver} over {driver}')
    cannot(tap, program, own)


def cannot(tap, program, own):
    top = os.path.join(own, 'split.vmdk')
    scenes.run('qemu-img', 'create', '-q', '-f', 'vmdk', '-o', 'subformat=twoGbMaxExtentSparse', top, '4M')
    described_as = mkimage.read(os.path.join(images.TESTIMAGES, 'qcow2/good-luks.txt'))
    locked = os.fsdecode(mkimage.build(described_as, os.path.join(own, 'locked')))
    for kind in ('blockdev', 'fdset', 'libvirt'):
        refused(tap, access(program, kind, 'vmdk', top), 'extents', f'{kind}: extents')
        refused(tap, access(program, kind, 'qcow2', locked), 'encrypted', f'{kind}: an encrypted image')
        refused(tap, access(program, kind, 'raw', locked, '--reader', 'xen'), 'another reader', f'{kind}: for Xen')


def json_names(tap, program, folder):
    """What a json: name puts between the overlay and its file: said, or refused, and what is read is the same."""
    own = os.path.join(folder, 'json')
    os.mkdir(own)
    top, base, under, decoy = (os.path.join(own, name) for name in ('top', 'base', 'under', 'decoy'))
    with open(base, 'wb') as out:
        out.write(b''.join(bytes([n]) * 512 for n in range(256)))
    scenes.fill(decoy, 7)
    scenes.overlay(under, decoy, 'raw')
    with open(os.path.join(own, 'shifted'), 'wb') as out:
        out.write(bytes(1024) + open(under, 'rb').read())
    file = {'driver': 'file', 'filename': base}
    qcow2 = {'driver': 'qcow2', 'file': {'driver': 'file', 'filename': under}}
    bare = {'driver': 'qcow2', 'file': {'driver': 'file', 'filename': os.path.join(own, 'bare')}}
    scenes.run('qemu-img', 'create', '-q', '-f', 'qcow2', bare['file']['filename'], '64k')
    window = {'driver': 'raw', 'offset': 1024, 'file': {'driver': 'file', 'filename': os.path.join(own, 'shifted')}}
    for title, graph, refusal in (
            ('raw', {'driver': 'raw', 'file': file}, None),
            ('a file alone', file, None),
            ('a part', {'driver': 'raw', 'offset': 4096, 'size': 8192, 'file': file}, None),
            ('a part from an offset on', {'driver': 'raw', 'offset': 512, 'file': file}, None),
            ('a part of a whole', {'driver': 'raw', 'size': 8192, 'file': {'driver': 'raw', 'file': file}}, None),
            ('qcow2', qcow2, None),
            ('qcow2 over another', dict(bare, backing={'driver': 'raw', 'file': file}), None),
            ('qcow2 over nothing', dict(qcow2, backing=None), None),
            ('qcow2 in the whole', {'driver': 'qcow2', 'file': {'driver': 'raw', 'file': qcow2['file']}}, None),
            ('qcow2 in a part', {'driver': 'qcow2', 'file': window}, 'a part of a file'),
            ('a part of a part', {'driver': 'raw', 'offset': 512, 'file': {'driver': 'raw', 'offset': 512,
                                                                           'file': file}}, 'a part of a file')):
        name = 'json:' + json.dumps(graph)
        scenes.run('qemu-img', 'create', '-q', '-u', '-f', 'qcow2', '-b', name, '-F', graph['driver'], top, '64k')
        if refusal:
            refused(tap, access(program, 'blockdev', 'qcow2', top), refusal, f'blockdev: json: {title}')
            refused(tap, access(program, 'libvirt', 'qcow2', top), refusal, f'libvirt: json: {title}')
        elif check_graph(tap, program, own, 'qcow2', top, f'json: {title}'):
            same_bytes(tap, program, top, title)


def same_bytes(tap, program, top, title):
    graph = access(program, 'blockdev', 'qcow2', top).out.decode()
    by_name, by_graph = (images.run(['qemu-io', '-r', *word, '-c', 'read -v 0 64k'])
                         for word in (('-f', 'qcow2', top), ('json:' + graph,)))
    dumps = [re.findall(rb'^[0-9a-f]{8}:.*$', answer.out, re.M) for answer in (by_name, by_graph)]
    tap.ok(dumps[0] == dumps[1] and len(dumps[0]) == 4096, f'blockdev: json: {title}: the same bytes',
           f'{by_name.error}{by_graph.error}{graph}')


def data_file(tap, program, folder):
    own = os.path.join(folder, 'data')
    os.mkdir(own)
    base, top = os.path.join(own, 'base'), os.path.join(own, 'top')
    scenes.run('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', f'data_file={own}/base.raw', base, '4M')
    scenes.run('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', f'data_file={own}/top.raw', '-b', base,
               '-F', 'qcow2', top)
    files = [os.fsencode(path) for path in (top, top + '.raw', base, base + '.raw')]
    for flags in ((), ('--write', '--allow-write', own)):
        want = [(driver, file, bool(flags) and name in files[:2])
                for names in (files[:2], files[2:]) for driver, file, name in
                (('qcow2', None, names[0]), ('file', names[0], names[0]), ('file', names[1], names[1]))]
        check_graph(tap, program, own, 'qcow2', top, f'data files {" ".join(flags[:1])}', *flags, want=want)
    for flags in ((), ('--write', '--allow-write', own)):
        check_disk(tap, program, 'qcow2', top, 'data files', [('file', 'qcow2', path, ('file', 'raw', path + '.raw'))
                                                              for path in (top, base)], *flags)
    part = {'driver': 'raw', 'offset': 512, 'file': {'driver': 'file', 'filename': base + '.raw'}}
    whole = {'driver': 'raw', 'file': part['file']}
    for title, data in (('a part', part), ('a whole', whole)):
        name = 'json:' + json.dumps({'driver': 'qcow2', 'file': {'driver': 'file', 'filename': base},
                                     'data-file': data})
        over = os.path.join(own, 'over')
        scenes.run('qemu-img', 'create', '-q', '-u', '-f', 'qcow2', '-b', name, '-F', 'qcow2', over, '4M')
        if data is whole:
            check_graph(tap, program, own, 'qcow2', over, f'json: a data file: {title}')
        for kind in ('blockdev', 'libvirt') if data is part else ():
            refused(tap, access(program, kind, 'qcow2', over), 'a part of it', f'{kind}: json: a data file: {title}')


def raised(tap, program, folder):
    """A member for a block job."""
    own = os.path.join(folder, 'raised')
    os.mkdir(own)
    top = scenes.chain(own, b'base')
    middle = os.path.join(os.fsencode(own), b'bases/middle')
    graph = access(program, 'blockdev', 'qcow2', top, '--write', '--write-member', middle).document
    tap.equal([not only for _, _, only, _ in described(graph)], [True, True, True, True, False, False],
              'blockdev: --write-member')
    check_graph(tap, program, own, 'qcow2', top, '--write-member', '--write', '--write-member', middle)


def device(tap, program, folder):
    own = os.path.join(folder, 'device')
    os.mkdir(own)
    disk, top = os.path.join(own, 'disk'), os.path.join(own, 'top')
    scenes.fill(disk)
    with scenes.Loop(disk) as loop:
        if not loop:
            return tap.skip('blockdev: a device', 'this machine gives no loop device')
        scenes.overlay(top, loop, 'raw')
        graph = access(program, 'blockdev', 'qcow2', top).document
        started = Started(json.dumps(graph), own)
        tap.ok(graph['backing']['file']['driver'] == 'host_device' and len(started.nodes) == 4, 'blockdev: a device',
               f'{graph}{started.answer}')
        return check_disk(tap, program, 'qcow2', top, 'a device', [('file', 'qcow2', top), ('block', 'raw', loop)])


def deep(tap, program, folder):
    """The deepest chain that is answered."""
    own = os.path.join(folder, 'deep')
    os.mkdir(own)
    scenes.fill(os.path.join(own, '0'))
    for n in range(1, 200):
        scenes.run('qemu-img', 'create', '-q', '-u', '-f', 'qcow2', '-b', f'{own}/{n - 1}', '-F',
                   'raw' if n == 1 else 'qcow2', f'{own}/{n}', '1M')
    check_graph(tap, program, own, 'qcow2', f'{own}/199', '200 images')
    check_disk(tap, program, 'qcow2', f'{own}/199', '200 images',
               [('file', 'qcow2' if n else 'raw', f'{own}/{n}') for n in range(199, -1, -1)])


# ---------------------------------------------------------------------------------------------------------------
# fdset: fdset.py starts emulators with it
# ---------------------------------------------------------------------------------------------------------------

def fdset(tap, program, folder):
    """A file that is read and written has a descriptor for each in one set."""
    both, middle, top = (os.path.join(folder, name) for name in ('a,b', 'middle', 'top'))
    for path, backing in (middle, ()), (top, ('-b', middle, '-F', 'qcow2')):
        scenes.run('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', f'data_file={both.replace(",", ",,")}', *backing, path,
                   '1M')
    for flags in ((), ('--write', '--allow-write', folder)):
        answer = access(program, 'fdset', 'qcow2', top, '-0', *flags)
        words, written = answer.out.decode().split('\0'), bool(flags)
        names = [top, *[both.replace(',', ',,')] * (1 + written), middle]
        sets = [f'fd={3 + i},set={3 + i - (i == 2 and written)},opaque={name}' for i, name in enumerate(names)]
        tap.equal(words[:-2], [word for name in sets for word in ('-add-fd', name)] + ['-blockdev'],
                  f'fdset: {" ".join(flags)}: sets')
        tap.equal([(name, not only) for _, _, only, name in described(json.loads(words[-2])) if name],
                  [('/dev/fdset/3', written), ('/dev/fdset/4', written), (f'/dev/fdset/{5 + written}', False),
                   ('/dev/fdset/4', False)], f'fdset: {" ".join(flags)}: files')
        line = access(program, 'fdset', 'qcow2', top, *flags).out
        shell = images.run(['sh', '-c', "printf '%s\\0' " + line.decode()])
        tap.equal(shell.out, answer.out, f'fdset: {" ".join(flags)}: by a shell')


# ---------------------------------------------------------------------------------------------------------------
# libvirt
# ---------------------------------------------------------------------------------------------------------------

# Of the libvirt that tests/machines/libvirt.sh unpacked, as ./dev test has it do; None where it didn't.
NEWEST_SCHEMA = next(iter(glob.glob(os.path.join(images.ROOT, 'build/libvirt/schemas/domain.rng'))), None)


def check_schemas(tap, path, title, data):
    """By libvirt's own rules: the machine's, unless they may be too old for a data file, and the newest."""
    if not data:
        valid = images.run(['virt-xml-validate', path, 'domain'])
        tap.ok(valid.status == 0, f'{title}: valid', valid)
    if not NEWEST_SCHEMA:
        return tap.lacking(f'{title}: valid by the newest libvirt', 'the newest schema of libvirt')
    valid = images.run(['xmllint', '--noout', '--relaxng', NEWEST_SCHEMA, path])
    return tap.ok(valid.status == 0, f'{title}: valid by the newest libvirt', valid)


def named(element, kind, format):
    """(type, format, name) of what is described so, and of its data file in the same way."""
    source = element.find('source')
    data = source.find('dataStore')
    return (kind, format, source.get('dev' if kind == 'block' else 'file'),
            *(() if data is None else (named(data, data.get('type'), data.find('format').get('type')),)))


def check_disk(tap, program, driver, top, title, want, *flags):
    """`want`: (type, format, name) of each image, and the same of its data file; None where the schema has no such
    format."""
    if not needs(tap, f'libvirt: {title}', 'virt-xml-validate', 'xmllint'):
        return None
    answer = access(program, 'libvirt', driver, top, *flags)
    if want is None:
        return refused(tap, answer, 'libvirt', f'libvirt: {title}')
    path = os.path.join(os.path.dirname(os.fsencode(top)), b'domain.xml')
    with open(path, 'wb') as out:
        out.write(DOMAIN % answer.out)
    got, at = [], xml.etree.ElementTree.fromstring(answer.out) if answer.out else None
    readonly = at is not None and at.find('readonly') is not None
    while at is not None and len(at):
        got.append(named(at, at.get('type'), at.find('driver' if at.tag == 'disk' else 'format').get('type')))
        at = at.find('backingStore')
    title = f'libvirt: {title} {" ".join(flags[:1])}'
    data = answer.out.count(b'<dataStore')
    check_schemas(tap, path, title, data)
    return tap.ok(got == want and at is not None and readonly == (not flags)
                  and answer.out.count(b'libvirt 10.10 or later') == data, title, f'{got}\n{want}\n{answer}')


def libvirt(tap, program, folder):
    for number, name in enumerate(scenes.NAMES):
        own = os.path.join(folder, str(number))
        os.mkdir(own)
        top = scenes.chain(own, name)
        bad = re.search(rb'[\x01-\x1f\xff]|\xef\xbf\xbf', name)
        start = os.path.dirname(top) + b'/link/./beside/../'
        if bad:
            refused(tap, access(program, 'libvirt', 'qcow2', top),
                    f'byte 0x{name[bad.start()]:02x} at offset {len(start) + bad.start()} of its name',
                    f'libvirt: {name!r}')
            continue
        want = [('file', 'qcow2', top.decode()), ('file', 'qcow2', os.path.dirname(top).decode() + '/link/middle'),
                ('file', 'raw', (start + name).decode())]
        for flags in ((), ('--write',)):
            check_disk(tap, program, 'qcow2', top, f'{name!r}', want, *flags)


PARTS = (blockdev, fdset, libvirt)


def main():
    asked = images.arguments(__doc__, ('--only', dict(metavar='PART', help=' '.join(p.__name__ for p in PARTS))))
    tap = Tap()
    if not images.tool('qemu-img'):
        tap.lacking('kinds', 'qemu-img')
        tap.done()
    for part in PARTS:
        if asked.only in (None, part.__name__):
            with images.scratch() as folder:
                part(tap, asked.imgprobe, os.path.realpath(folder))
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
