# SPDX-License-Identifier: MIT
"""The random images of oracle-random.py: a number makes one, the same each time. What is plain has to be answered."""

import json
import os
import random
import re
import string

import mkimage

MIB = 1 << 20
LETTERS = [*string.ascii_lowercase, ' ', '%', '%41', "'", '#', ',', '=', '&', '~', '-', '\\', 'ü', '\u2028', '\x01',
           '\x7f', '\udcff', '\udcc0\udc80', '*', '$(id)', '{', ';']
ODD = [*LETTERS, '"', '\n', ':', 'nbd:', 'file:', 'json:', '..', '\t', '\r']
MARKS = ((0, b'QFI\xfb\0\0\0\3'), (0, b'KDMV\1\0\0\0'), (0, b'conectix'), (64, b'\x7f\x10\xda\xbe'), (0, b'QED\0'),
         (0, b'vhdxfile'), (0, b'WithoutFreeSpace'), (0, b'# Disk DescriptorFile\n'), (0, b'COWD'))
EXTENTS = ('FLAT', 'SPARSE', 'VMFS', 'VMFSSPARSE', 'ZERO')


class Chain:
    """One image with all beneath it, in a folder of the builder's. `plain` as long as nothing odd is in it."""

    def __init__(self, builder, seed, number):
        self.b, self.rng = builder, random.Random(f'{seed} {number}')
        self.folder, self.count, self.made = f'c{number}', 0, []
        self.plain, self.workdir = True, False
        self.kind = self.rng.choices(('chain', 'json', 'descriptor', 'bytes'), (5, 2, 2, 2))[0]
        self.name, self.driver = getattr(self, self.kind)()
        self.pinned = not self.odd(0.1)

    def odd(self, chance):
        """Whether something odd is to come; it is noted."""
        found = self.rng.random() < chance
        self.plain &= not found
        return found

    def fresh(self):
        """A new name for a file, in one of a few folders."""
        self.count += 1
        letters = ODD if self.odd(0.05) else LETTERS if self.rng.random() < 0.4 else string.ascii_lowercase
        stem = ''.join(self.rng.choices(letters, k=self.rng.randint(1, 12))).replace('/', '')
        folder = self.rng.choice(('', 'a/', 'a/b/', 'c d/'))
        return f'{self.folder}/{folder}{self.count}{stem}'

    def path(self, name):
        return self.b.path(os.fsencode(name))

    def refer(self, holder, target):
        """How the image `holder` names the file `target`: from its own folder, from the root, by a link."""
        start = os.path.dirname(self.path(holder))
        how = self.rng.random()
        if how < 0.5 and self.device(target):
            return os.readlink(self.path(target))
        if how < 0.2:
            self.count += 1
            link = self.path(f'{self.folder}/l{self.count}')
            os.symlink(os.path.relpath(self.path(target), os.path.dirname(link)), link)
            target = os.path.relpath(link, os.fsencode(self.b.folder)).decode()
        if how > 0.7:
            return self.path(target)
        name = os.path.relpath(self.path(target), start)
        if b':' in name.split(b'/')[0] or self.rng.random() < 0.3:
            name = b'./' + name
        return name if len(name) < 1000 else self.path(target)

    def device(self, target):
        return os.path.islink(self.path(target)) and os.readlink(self.path(target)).startswith(b'/dev/')

    # ------------------------------------------------------------------------
    # Images
    # ------------------------------------------------------------------------

    def raw(self):
        name = self.fresh()
        if self.b.loops and self.rng.random() < 0.05:
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            os.symlink(self.rng.choice(self.b.loops), self.path(name))
        else:
            self.b.raw(os.fsencode(name))
        return name, 'raw'

    def base(self):
        """An image that refers to nothing, by a tool's own hand or after one of many tools that write VHDs."""
        name, kind = self.fresh(), self.rng.choice(sorted(self.b.templates))
        if kind == 'dynamic':
            creator = self.rng.choice((b'win ', b'qem2', b'qemu', b'vpc ', b'tap\0', b'vbox', b'wa\0\0', b'd2v\0'))
            with open(self.b.make(os.fsencode(name)), 'w+b') as out:
                mkimage.vhd_dynamic(out, creator=creator, size=self.rng.choice((8, 9, 10)) * MIB)
            return name, 'vpc'
        with open(self.b.make(os.fsencode(name)), 'wb') as out:
            out.write(self.b.templates[kind])
        return name, {'fixed': 'vpc', 'stream': 'vmdk', 'sparse': 'vmdk'}.get(kind, kind)

    def qcow2(self, depth):
        name, given = self.fresh(), {'cluster_bits': self.rng.choice((9, 12, 16, 16, 21))}
        if given['cluster_bits'] == 9:
            given['size'] = 64 << 10
        if self.rng.random() < 0.75 and depth:
            under, driver = self.image(depth - 1)
            declared = driver
            if self.odd(0.1):
                declared = self.rng.choice((None, 'raw', 'qcow2', 'vmdk', 'file', 'nosuch', 'vpc', 'io_uring'))
            given['backing'] = self.spelled(name, under, driver)
            given['backing_format'] = declared.encode() if declared else None
        if self.rng.random() < 0.25:
            given['data_file'] = self.data_file(name)
        elif self.rng.random() < 0.2:
            given['version'] = 2
        with open(self.b.make(os.fsencode(name)), 'w+b') as out:
            mkimage.qcow2(out, **given)
        return name, 'qcow2'

    def data_file(self, holder):
        """Its name is relative to where the reader runs, not to its image."""
        target, _ = self.raw()
        name = self.refer(holder, target)
        if not name.startswith(b'/'):
            self.workdir = True
            name = os.path.relpath(self.path(target), self.b.path('run'))
        if self.odd(0.1):
            name = self.rng.choice((b'nowhere', b'', b'nbd:x', b'file:' + self.path(target), name + b'\0x'))
        return name

    def spelled(self, holder, target, driver):
        """A backing file's name: as a path, as file:, as json:."""
        name = self.refer(holder, target)
        how = self.rng.random()
        if self.odd(0.03):
            return self.rng.choice((b'nowhere', b'.', b'', b'/dev/null', b'nbd:unix:x', name + b'/', name + b'\0x'))
        if how < 0.1 and name.startswith(b'/'):
            return b'file:' + name
        if how < 0.2:
            return self.as_json({'driver': driver, 'file': {'driver': 'file', 'filename': self.text(target)}}) or name
        return name

    def text(self, target):
        return os.fsdecode(self.path(target))

    def here(self, target):
        """As seen from where the reader runs, which a name in an object starts from."""
        if self.rng.random() < 0.7:
            return self.text(target)
        self.workdir = True
        return os.path.relpath(self.text(target), self.b.text('run'))

    def as_json(self, value):
        """None where a name is no Unicode, or too long for a name."""
        text = json.dumps(value, ensure_ascii=False)
        if re.search('[\ud800-\udfff]', text):
            return None
        name = b'json:' + (json.dumps(value) if self.rng.random() < 0.5 else text).encode()
        return name if len(name) < 1024 else None

    def vmdk(self, depth):
        name = self.fresh()
        given = {}
        if self.rng.random() < 0.3 and depth:
            under = self.vmdk(depth - 1)[0]
            given = {'parent': self.refer(name, under), 'parent_cid': 0x12345678}
            if b'"' in given['parent'] or b'\n' in given['parent']:
                self.plain = False
        if self.rng.random() < 0.4:
            with open(self.b.make(os.fsencode(name)), 'w+b') as out:
                mkimage.kdmv(out, name=os.fsencode(os.path.basename(name)), **given)
            return name, 'vmdk'
        lines = [self.extent(name) for _ in range(self.rng.randint(1, 4))]
        self.b.descriptor(os.fsencode(name), 'twoGbMaxExtentFlat', b'\n'.join(lines), **given)
        return name, 'vmdk'

    def extent(self, holder):
        kind = self.rng.choice(('FLAT', 'FLAT', 'SPARSE', 'VMFS', 'VMFSSPARSE'))
        target = self.fresh()
        if kind in ('FLAT', 'VMFS'):
            self.b.raw(os.fsencode(target))
        else:
            with open(self.b.make(os.fsencode(target)), 'w+b') as out:
                (mkimage.kdmv if kind == 'SPARSE' else mkimage.cowd)(out, text=0)
        name = self.refer(holder, target)
        if b'"' in name or b'\n' in name or b'\r' in name:
            self.plain = False
        return b'RW 2048 %s "%s"%s' % (kind.encode(), name, b' 0' if kind == 'FLAT' else b'')

    def image(self, depth):
        """A new one, or one that was made before, which refers to nothing that comes later."""
        if self.made and self.rng.random() < 0.1:
            return self.rng.choice(self.made)
        make = self.rng.choices((self.raw, self.base, self.qcow2, self.vmdk), (2, 2, 5, 2))[0]
        self.made.append(make(depth) if make in (self.qcow2, self.vmdk) else make())
        return self.made[-1]

    # ------------------------------------------------------------------------
    # What is called
    # ------------------------------------------------------------------------

    def chain(self):
        return self.image(self.rng.randint(1, 5))

    def overlay(self, backing, declared):
        name = f'{self.folder}/top'
        self.b.overlay(name, backing, declared)
        return name, 'qcow2'

    def json(self):
        """An overlay whose backing file is a graph of nodes, of every driver."""
        self.plain = False
        under, driver = self.image(1)
        value = self.node(under, driver, 3)
        declared = self.rng.choice((driver, driver, 'raw', None))
        return self.overlay(self.as_json(value) or self.path(under), declared)

    def protocol(self, target):
        """The node that ends the graph."""
        simple = self.rng.random() < 0.8
        driver = 'file' if simple else self.rng.choice(
            ('host_device', 'host_cdrom', 'io_uring', 'null-co', 'null-aio', 'nbd', 'vvfat', 'nvme', 'ssh', 'http',
             'nfs', 'iscsi', 'rbd', 'gluster', 'sheepdog', 'nosuch', 'virtio-blk-vhost-user'))
        more = {
            'null-co': {'size': MIB}, 'null-aio': {'size': MIB}, 'vvfat': {'dir': self.b.text('run')},
            'nbd': {'server': {'type': 'unix', 'path': self.b.text('nowhere')}},
            'nvme': {'device': '0000:00:00.0', 'namespace': 1}, 'ssh': {'host': '127.0.0.1', 'port': '1', 'path': 'x'},
            'http': {'url': 'http://127.0.0.1:1/x'}, 'nfs': {'server': {'type': 'inet', 'host': '127.0.0.1'}},
            'iscsi': {'transport': 'tcp', 'portal': '127.0.0.1:1'}, 'rbd': {'image': 'x'}, 'gluster': {'volume': 'x'},
            'virtio-blk-vhost-user': {'path': self.b.text('nowhere')},
        }.get(driver, {'filename': self.here(target)})
        return {**({} if simple and self.rng.random() < 0.2 else {'driver': driver}), **more,
                **self.keys(('locking', 'off'), ('aio', 'threads'), ('drop-cache', False),
                            ('x-check-cache-dropped', True))}

    def keys(self, *own):
        """Some keys that any node takes, and some of its own; seldom one that asks for writing, or isn't known."""
        common = (('read-only', True), ('auto-read-only', True), ('discard', 'unmap'), ('detect-zeroes', 'on'),
                  ('force-share', False), ('cache', {'no-flush': True}), ('node-name', f'n{self.count}'),
                  ('active', True), ('read-only', False), ('nosuch', 1))
        weights = (8, 8, 8, 8, 4, 4, 8, 1, 1, 1)
        self.count += 1
        chosen = self.rng.choices(common, weights, k=self.rng.choice((0, 0, 1, 2)))
        return dict(chosen + (self.rng.sample(own, 1) if own and self.rng.random() < 0.2 else []))

    def node(self, target, driver, depth):
        file = self.protocol(target)
        how = self.rng.random() if depth else 1
        if how < 0.12:
            file = self.filter(self.protocol(target), target)
        keys = {'qcow2': (('lazy-refcounts', True), ('l2-cache-size', MIB), ('overlap-check', 'none'),
                          ('discard-no-unref', True), ('pass-discard-other', False)),
                'raw': (('offset', 512), ('size', 65536)), 'vpc': (('force_size_calc', 'auto'),)}.get(driver, ())
        value = {'driver': driver, 'file': file, **self.keys(*keys)}
        if driver == 'qcow2' and self.rng.random() < 0.3:
            other, of = self.image(0)
            value['backing'] = self.rng.choice((None, self.node(other, of, 0)))
        if 0.12 < how < 0.3:
            value = self.filter(value, target)
        return value

    def filter(self, value, target):
        driver = self.rng.choice(('raw', 'raw', 'preallocate', 'compress', 'throttle', 'copy-on-read', 'blkdebug',
                                  'blkverify', 'quorum', 'copy-before-write', 'blklogwrites', 'replication', 'luks',
                                  'snapshot-access', 'blkreplay'))
        if driver == 'throttle':
            return {'driver': driver, 'throttle-group': 'g', 'file': value}
        if driver in ('blkdebug', 'blkreplay'):
            return {'driver': driver, 'image': value}
        if driver == 'blkverify':
            return {'driver': driver, 'test': value, 'raw': {'driver': 'file', 'filename': self.text(target)}}
        if driver == 'quorum':
            return {'driver': driver, 'vote-threshold': 1, 'children': [value]}
        if driver == 'copy-before-write':
            return {'driver': driver, 'file': value, 'target': {'driver': 'null-co', 'size': MIB}}
        if driver == 'blklogwrites':
            return {'driver': driver, 'file': value, 'log': {'driver': 'null-co', 'size': MIB}}
        return {'driver': driver, 'file': value, **({'mode': 'primary'} if driver == 'replication' else {})}

    def descriptor(self):
        """A text by the grammar, and somewhat beside it."""
        self.plain = False
        name = self.fresh()
        lines = [self.line(name) for _ in range(self.rng.randint(1, 6))]
        kind = self.rng.choice(('twoGbMaxExtentFlat', 'monolithicFlat', 'vmfs', 'twoGbMaxExtentSparse', 'custom',
                                'monolithicSparse', 'vmfsSparse', 'fullDevice', 'x'))
        text = mkimage.descriptor(kind, self.rng.choice((b'\n', b'\n', b'\r\n', b'\n\n')).join(lines))
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            text = self.mutated(text)
        with open(self.b.make(os.fsencode(name)), 'wb') as out:
            out.write(text)
        return name, 'vmdk'

    def line(self, holder):
        target = self.fresh()
        kind = self.rng.choice(EXTENTS)
        if kind in ('FLAT', 'VMFS', 'ZERO'):
            self.b.raw(os.fsencode(target))
        else:
            with open(self.b.make(os.fsencode(target)), 'w+b') as out:
                (mkimage.kdmv if kind == 'SPARSE' else mkimage.cowd)(out, text=0)
        blank = self.rng.choice((b' ', b' ', b' ', b'  ', b'\t'))
        access = self.rng.choice((b'RW', b'RW', b'RW', b'RW', b'RDONLY', b'NOACCESS', b'rw'))
        words = [access, b'%d' % self.rng.choice((2048, 2048, 1024, 0, 1, 4096)), kind.encode()]
        if kind != 'ZERO' or self.rng.random() < 0.2:
            words.append(b'"%s"' % self.refer(holder, target))
        if kind == 'FLAT' or self.rng.random() < 0.1:
            words.append(b'%d' % self.rng.choice((0, 0, 0, 128, 1 << 40)))
        return blank.join(words)

    def mutated(self, text):
        lines = text.split(b'\n')
        at = self.rng.randrange(1, len(lines))
        how = self.rng.randrange(5)
        if how == 0:
            lines.insert(at, self.rng.choice(lines))
        elif how == 1:
            del lines[at]
        elif how == 2:
            lines[at] = self.rng.choice((b' ', b'\t', b'#', b'x')) + lines[at]
        elif how == 3:
            lines[at] = lines[at].swapcase()
        else:
            lines[at] = lines[at][:self.rng.randrange(len(lines[at]) + 1)]
        return b'\n'.join(lines)

    def bytes(self):
        """A good image, and a few of its header's bytes by chance."""
        self.plain = False
        name, driver = self.rng.choice((lambda: self.image(2), lambda: self.qcow2(1), self.base))()
        path = self.path(name)
        if os.path.islink(path) or not os.path.getsize(path):
            return name, driver
        size = os.path.getsize(path)
        with open(path, 'r+b') as out:
            if self.rng.random() < 0.1:
                mkimage.put(out, *self.rng.choice(MARKS))
            for _ in range(self.rng.randint(1, 3)):
                out.seek(self.rng.randrange(min(size, self.rng.choice((32, 128, 512, 2048)))))
                out.write(self.rng.choice((bytes([self.rng.randrange(256)]), b'\0', b'\1', b'\xff')))
        return name, driver
