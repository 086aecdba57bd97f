# SPDX-License-Identifier: MIT
"""The random images of oracle-headers.py: a good image with bytes of its header changed, or the text of a VMDK. A number
makes one, the same each time."""

import os
import random
import re

import mkimage

SECRET = ('--object', 'secret,id=key,data=imgprobe')
LUKS = 'key-secret=key,iter-time=10'
ENCRYPTED = 'encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10'
# By qemu-img: driver, options.
MADE = (
    *(('qcow2', given) for given in (
        'compat=0.10', 'compat=1.1', 'compat=0.10,cluster_size=512', 'extended_l2=on', 'compression_type=zstd',
        'lazy_refcounts=on', 'refcount_bits=1', 'cluster_size=2M', 'encrypt.format=aes,encrypt.key-secret=key',
        ENCRYPTED, 'data_file=data', 'data_file=data,data_file_raw=on', 'backing_file=data,backing_fmt=raw',
        'backing_file=data,backing_fmt=raw,compat=0.10')),
    *(('vmdk', f'subformat={kind}') for kind in ('monolithicSparse', 'monolithicFlat', 'twoGbMaxExtentSparse',
                                                 'twoGbMaxExtentFlat', 'streamOptimized')),
    ('vmdk', 'backing_file=parent,backing_fmt=vmdk'),
    *(('vpc', f'subformat={kind},force_size={force}') for kind in ('dynamic', 'fixed') for force in ('on', 'off')),
    ('vdi', ''), ('vdi', 'static=on'), ('vhdx', 'subformat=dynamic'), ('vhdx', 'subformat=fixed'),
    ('qed', ''), ('qed', 'cluster_size=4k,table_size=2'), ('qed', 'backing_file=data,backing_fmt=raw'),
    ('qcow', ''), ('qcow', 'encrypt.format=aes,encrypt.key-secret=key'), ('qcow', 'backing_file=data,backing_fmt=raw'),
    ('parallels', ''), ('luks', LUKS), ('luks', LUKS + ',cipher-mode=cbc,ivgen-alg=essiv,ivgen-hash-alg=sha256'),
)
# Of the crafted ones those that are good, and refer to nothing that isn't there by a name that leads elsewhere.
CRAFTED = re.compile(r'(qcow2|vmdk|vhd|others)/good-(?!.*(-most|json|nbd|password|protocol|-256k|-4g|-1000|-102|absolute'
                     r'|external|forged|version-1$))')
DRIVERS = {'qcow2': 'qcow2', 'vmdk': 'vmdk', 'vhd': 'vpc'}
OFTEN = {'qcow2': 3, 'vmdk': 3, 'vpc': 2, 'vhdx': 2}  # and the others once
# By driver: the order of bytes, and where fields stand, the header first; what is negative counts from the end.
FIELDS = {
    'qcow2': ('big', (4, 100), (104, 160)),
    'vmdk': ('little', (4, 75), (0, 208), (512, 600), (-1024, 80)),
    'vpc': ('big', (8, 80), (-512, 84), (512, 64), (512, 64), (1088, 192)),
    'vhdx': ('little', (65536, 80), (131072, 80), (196608, 80), (262144, 80), (2 << 20, 240), (2113536, 64),
             (3 << 20, 240), (3211264, 64)),
    'vdi': ('little', (64, 352), (344, 64)),
    'qed': ('little', (4, 60), (4, 60), (64, 40)),
    'qcow': ('big', (4, 44), (4, 44), (48, 64)),
    'parallels': ('little', (16, 48), (16, 48), (64, 16)),
    'luks': ('big', (6, 202), (104, 10), (208, 384)),
    'bochs': ('little', (32, 64), (64, 24)),
    'cloop': ('big', (128, 8), (128, 16)),
    'dmg': ('big', (-512, 512), (-512, 60), (-300, 16)),
}
NAMES = (b'', b'flat', b'flat', b'flat', b'sub/flat 2', b'sparse', b'sparse', b'whole', b'cowd', b'sesparse', b'stream',
         b'text', b'qcow2', b'./flat', b'nowhere', b'/dev/null', b'sub', b'file:flat', b'nbd:flat', b'top', b'a\\flat',
         b'fl%61t', b'x' * 300, b'y' * 520, b'\xff')


class Images:
    """The images that are changed, in a folder of their own each, made when they are first asked for."""

    def __init__(self, builder):
        self.b, self.made = builder, {}
        self.crafted = [(name, path) for name, path in mkimage.descriptions() if CRAFTED.match(name)]
        by = {}
        for at, row in enumerate((*MADE, *self.crafted)):
            by.setdefault(row[0] if at < len(MADE) else self.driver(row[0]), []).append(at)
        self.by = [(driver, rows) for driver, rows in sorted(by.items()) for _ in range(OFTEN.get(driver, 1))]

    @staticmethod
    def driver(name):
        folder, word = name.split('/good-')
        return DRIVERS.get(folder) or word.split('-')[0]

    def get(self, rng):
        """Driver, folder and what the image is called."""
        driver, rows = rng.choice(self.by)
        at = rng.choice(rows)
        folder = f'base{at}'
        if at not in self.made:
            self.made[at] = self.make(at, folder)
        return driver, folder, self.made[at]

    def make(self, at, folder):
        if at >= len(MADE):
            name, path = self.crafted[at - len(MADE)]
            mkimage.build(mkimage.read(path), self.b.path(folder))
            return name
        driver, options = MADE[at]
        self.b.raw(f'{folder}/data', 4 << 20)
        with open(self.b.path(f'{folder}/parent'), 'w+b') as out:
            mkimage.kdmv(out, name=b'parent')
        given = SECRET if 'key' in options else ()
        where = ('-o', options) if options else ()
        self.b.img('create', '-q', '-f', driver, *given, *where, 'image',
                   *([] if 'backing' in options else ['4M']), cwd=folder)
        return f'{driver} {options}'


class Changed:
    """A good image of which some bytes are others for as long as `with` holds."""

    def __init__(self, images, rng):
        self.driver, self.folder, self.title = images.get(rng)
        self.rng, self.path = rng, images.b.path(f'{self.folder}/image')
        self.name, self.old, self.new = f'{self.folder}/image', [], []

    def __enter__(self):
        with open(self.path, 'r+b') as self.file:
            self.size = os.path.getsize(self.path)
            for _ in range(self.rng.choice((1, 1, 1, 2, 2, 3))):
                self.change()
            if self.driver in ('vpc', 'vhdx') and self.rng.random() < 0.5:
                self.mend()
        return self

    def __exit__(self, *_):
        with open(self.path, 'r+b') as self.file:
            for at, raw in reversed(self.old):
                mkimage.put(self.file, at, raw)
            self.file.truncate(self.size)

    def read(self, at, length):
        self.file.seek(at)
        return self.file.read(length)

    def put(self, at, raw):
        raw = raw[:max(0, self.size - at)]
        self.old.append((at, self.read(at, len(raw))))
        self.new.append(f'{at}:{raw[:64].hex()}')
        mkimage.put(self.file, at, raw)

    def place(self):
        """Where a field may begin, and how long it is."""
        order, *areas = FIELDS[self.driver]
        start, length = areas[0] if self.rng.random() < 0.5 else self.rng.choice(areas)
        start += self.size if start < 0 else 0
        size = self.rng.choice((1, 2, 4, 4, 4, 4, 8, 8, 8))
        step = min(size, 4) if self.rng.random() < 0.9 else 1
        return max(0, start + self.rng.randrange(length) // step * step), size, order

    def change(self):
        at, size, order = self.place()
        old = int.from_bytes(self.read(at, size), order)
        value = self.value(old, size, order) % (1 << 8 * size)
        self.put(at, value.to_bytes(size, order))

    def value(self, old, size, order):
        most, rng = (1 << 8 * size) - 1, self.rng
        how = rng.randrange(8)
        if how == 0:
            return rng.choice((0, 1, 2, 3, 4, 7, 8, most, most - 1, most >> 1, (most >> 1) + 1))
        if how == 1:
            return old + rng.choice((-1, 1, -1, 1, -8, 8, -512, 512, 4096, -4096))
        if how == 2:
            return old ^ 1 << rng.randrange(8 * size)
        if how == 3:
            return (1 << rng.randrange(8 * size)) + rng.choice((-1, 0, 0, 0, 1))
        if how == 4:
            return (self.size >> rng.choice((0, 0, 9, 12, 16))) + rng.choice((-1, 0, 0, 1))
        if how == 5:
            return rng.choice((old * 2, old // 2, old * 16, old << 9, old >> 9))
        if how == 6:  # another field
            return int.from_bytes(self.read(self.place()[0], size), order)
        return rng.getrandbits(8 * size)

    def mend(self):
        """The checksums, so that what else is wrong is looked at; and one copy of a footer for both."""
        if self.driver == 'vpc':
            dynamic = self.read(0, 8) == b'conectix'
            if dynamic:
                self.sum('vhd-footer', 0, 512)
            if self.read(self.size - 512, 8) == b'conectix':
                if dynamic and self.rng.random() < 0.7:
                    self.put(self.size - 512, self.read(0, 512))
                self.sum('vhd-footer', self.size - 512, 512)
            at = int.from_bytes(self.read(16, 8), 'big')
            if dynamic and at + 1024 <= self.size:
                self.sum('vhd-header', at, 1024)
        elif self.size >= 1 << 20:
            for at in (65536, 131072):
                self.sum('vhdx-header', at, 4096)
            for at in (196608, 262144):
                self.sum('vhdx-regions', at, 65536)

    def sum(self, what, at, length):
        self.old.append((at, self.read(at, length)))
        mkimage.checksum(self.file, what, at)
        self.new.append(f'{what} at {at}')


class Text:
    """A VMDK's descriptor by its grammar, and beside it, in a file alone or within a sparse extent."""
    driver, title, folder, name = 'vmdk', 'text', 'texts', 'texts/top'

    def __init__(self, images, rng):
        self.b, self.rng = images.b, rng
        self.path, self.new = self.b.path(self.name), []
        if not os.path.exists(self.path):
            self.surroundings()

    def surroundings(self):
        self.b.raw('texts/flat', 1 << 20)
        self.b.raw('texts/sub/flat 2', 512 << 10)
        self.b.raw('texts/a\\flat')
        self.b.descriptor('texts/text', 'monolithicFlat', b'RW 1024 FLAT "flat" 0')
        for name, make in (('sparse', lambda out: mkimage.kdmv(out, text=0)), ('cowd', mkimage.cowd),
                           ('whole', lambda out: mkimage.kdmv(out, name=b'whole')), ('qcow2', mkimage.qcow2),
                           ('sesparse', mkimage.sesparse), ('stream', mkimage.stream_optimized)):
            with open(self.b.make(f'texts/{name}'), 'w+b') as out:
                make(out)

    def __enter__(self):
        text = self.text()
        with open(self.path, 'w+b') as out:
            if self.rng.random() < 0.25 and len(text) <= 20 * 512:
                mkimage.kdmv(out, name=b'top')
                mkimage.put(out, 512, text.ljust(20 * 512, b'\0'))
                self.title = 'text within'
            else:
                out.write(text)
        self.new = [repr(text[:3000])]
        return self

    def __exit__(self, *_):
        pass

    def odd(self, usual, *others, chance=0.15):
        return self.rng.choice(others) if self.rng.random() < chance else usual

    def text(self):
        rng, odd = self.rng, self.odd
        lines = [odd(b'version=1', b'version=2', b'version=3', b'version=4', b'version=', b'version=1 ', b' version=1',
                     b'version = 1', b'VERSION=1', b'version=1\r', b'version=11', b'', chance=0.1),
                 b'CID=' + odd(b'12345678', b'ffffffff', b'fffffffe', b'', b'0', b'zz', b'123456789', b' 1', b'0x12'),
                 odd(b'', b' ', b'#') + b'parentCID=' + odd(b'ffffffff', b'FFFFFFFF', b'12345678', b'', b'1ffffffff',
                                                            b'-1', b'fffffffe'),
                 self.create_type()]
        lines += [self.hint() for _ in range(odd(0, 1, 2, chance=0.25))]
        lines += [b'', b'# Extent description', *(self.extent() for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 0))))]
        lines += [b'', b'#DDB', odd(b'ddb.adapterType = "ide"', b'ddb.adapterType = ide', b'ddb.x', b'x' * 3000, b'=')]
        if rng.random() < 0.2:
            lines.insert(rng.randrange(len(lines)), self.noise())
        if rng.random() < 0.1:
            rng.shuffle(lines)
        if rng.random() < 0.15:
            at = rng.randrange(len(lines))
            lines.insert(rng.randrange(len(lines)), lines[at])
        if rng.random() < 0.05:
            at = rng.randrange(len(lines))
            lines[at] = lines[at].swapcase()
        end = odd(b'\n', b'\r\n', b'\n\n', b'\r', b'\n ', chance=0.1)
        first = odd(b'# Disk DescriptorFile', b'#disk descriptorfile', b'# Disk DescriptorFile ', b'#', b' ',
                    b'# Disk DescriptorFileX', b'\xef\xbb\xbf# Disk DescriptorFile', b'# Disk  DescriptorFile',
                    chance=0.1)
        return end.join([first, *lines]) + odd(end, b'', b'\0', b'\0\0x', b' ', chance=0.1)

    def create_type(self):
        kind = self.rng.choice((b'monolithicFlat', b'twoGbMaxExtentFlat', b'twoGbMaxExtentSparse', b'monolithicSparse',
                                b'vmfs', b'vmfsSparse', b'seSparse', b'streamOptimized'))
        kind = self.odd(kind, b'custom', b'fullDevice', b'MonolithicFlat', b'', b'monolithicflat', b'x' * 200,
                        b'vmfsRaw', b'partitionedDevice', b'2GbMaxExtentSparse', chance=0.1)
        return self.odd(b'createType="%s"', b'createType=%s', b'createType = "%s"', b'createType="%s', b' createType="%s"',
                        b'xcreateType="%s"', b'#createType="%s"', b'CreateType="%s"', b'createType="%s" ',
                        chance=0.1) % kind

    def hint(self):
        return self.rng.choice((b'parentFileNameHint="%s"', b'parentFileNameHint="%s"', b'parentFileNameHint=%s',
                                b'#parentFileNameHint="%s"', b' parentFileNameHint = "%s"',
                                b'parentFileNameHint="%s')) % self.rng.choice(NAMES)

    def noise(self):
        return self.rng.choice((b'encoding="UTF-8"', b'encoding="GBK"', b'isNativeSnapshot="no"', b'x' * 5000, b'\0',
                                b'changeTrackPath="flat"', b'# ' + b'c' * 9000, b'RW', b'\t', b'=', b'"', b'\xff\xfe',
                                b'ddb.longContentID = "1"', b'deltaBytes="x"', b'parentFileNameHint', b'CID',
                                b'RW 2048 FLAT', b'RW 2048'))

    def extent(self):
        odd = self.odd
        kind = self.rng.choice((b'FLAT', b'FLAT', b'SPARSE', b'VMFS', b'VMFSSPARSE', b'SESPARSE', b'ZERO', b'VMFSRDM'))
        usual = {b'SPARSE': b'sparse', b'VMFSSPARSE': b'cowd', b'SESPARSE': b'sesparse'}.get(kind, b'flat')
        kind = odd(kind, kind.lower(), b'X', b'', b'FLATX', b'FLAT ', b'VMFSRAW', chance=0.07)
        words = [odd(b'RW', b'RDONLY', b'NOACCESS', b'rw', b'RWX', b'R', b' RW', b'', chance=0.1),
                 odd(b'2048', b'1024', b'0', b'1', b'4096', b'-1', b'+5', b'0x800', b'08', b'2048x', b'99999999999',
                     b'99999999999999999999', b'9223372036854775807', b'18446744073709551615', b'36028797018963968',
                     b'', chance=0.2),
                 kind]
        if kind != b'ZERO' or self.rng.random() < 0.3:
            name = odd(usual, *NAMES, chance=0.25)
            words.append(odd(b'"%s"', b'%s', b'"%s', b'""%s"', b"'%s'", b'" %s"',
                             chance=0.07) % name)
        if kind.startswith(b'FLAT') or self.rng.random() < 0.15:
            words.append(odd(b'0', b'128', b'-1', b'0x10', b'1099511627776', b'0 x', b'0"', b'', b'18014398509481984',
                             b'36028797018963968', b'18446744073709551615', b'9223372036854775807', chance=0.2))
        blank = odd(b' ', b'  ', b'\t', b'\x0b', b'\n', chance=0.1)
        return blank.join(words) + odd(b'', b' ', b'\t', b' x', b'#', b'\r', chance=0.07)


def image(images, seed, number):
    """One of them, and whether the reader is told its format."""
    rng = random.Random(f'{seed} {number}')
    made = (Text if rng.random() < 0.3 else Changed)(images, rng)
    made.pinned = rng.random() < 0.85
    return made
