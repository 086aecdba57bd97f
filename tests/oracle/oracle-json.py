#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""json: names in real overlays: what `qemu-io` opens for each, traced, must be what our chain follows, or refused for
a reason that stands in its row. What the emulator refuses must not be followed to the end."""

import os
import re
import struct
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import emulator
import images
from tap import Tap

# A file of the test, as the trace has it: what may stand in a name, and isn't the overlay.
OPENED = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]*)", ([A-Z_|]+)[^=]*= (-?\d+)')
FORMAT_EXTENSION = bytes.fromhex('e2792aca')

MID = "'file':{'driver':'file','filename':'mid.qcow2'}"
BASE = "'file':{'driver':'file','filename':'base.qcow2'}"
LONE = "'file':{'driver':'file','filename':'lone.qcow2'}"
FLAT = "'file':{'driver':'file','filename':'flat.raw'}"
FOLLOWED = None  # to the end, as the emulator does
NEEDS_OBJECT = 'object'  # which qemu-io hasn't, and a guest's emulator may have

# name, the overlay's backing format, our reason for not following it. Of a pair the first is that for every version
# together, the second that for one which was fetched.
ROWS = (
    # the shape of a node
    ('{"driver":"qcow2","file":{"driver":"file","filename":"mid.qcow2"}}', '', FOLLOWED),
    ('{"driver":"qcow2","file.driver":"file","file.filename":"mid.qcow2"}', '', FOLLOWED),
    ('{"driver":"qcow2","file.filename":"mid.qcow2"}', '', FOLLOWED),
    ("{'driver':'qcow2','file':{'filename':'mid.qcow2'}}", '', FOLLOWED),
    ("{'driver':'qcow2','file.driver':'file','file':{'filename':'mid.qcow2'}}", '', FOLLOWED),
    (" { 'driver' : 'qcow2' , 'file' :\t{'filename':'mid.qcow2'} } \n", '', FOLLOWED),
    ("{'driver':'qcow2','file':{'filename':'m\\u0069d.qcow\\u0032'}}", '', FOLLOWED),
    ("{'driver':'qcow2','file':{'filename':'.\\/mid.qcow2'}}", '', FOLLOWED),
    ("{'driver':'raw','file':{'filename':'flat.raw'}}", '', FOLLOWED),
    ("{'driver':'file','filename':'flat.raw'}", '', FOLLOWED),
    ("{'driver':'file','filename':'mid.qcow2'}", '', FOLLOWED),
    ("{'driver':'raw'," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','file':{'filename':'nbd:x'}}", '', 'name-means-two-things'),
    ("{'driver':'raw','file':{'filename':'./nbd:x'}}", '', FOLLOWED),
    ("{'driver':'raw','file':{'filename':'file:flat.raw'}}", '', 'name-means-two-things'),
    ("{'driver':'raw','file':{'filename':'json:{}'}}", '', 'name-means-two-things'),
    ("{'driver':'qcow2','file':{'filename':'\\u0000'}}", '', 'missing'),
    # who decides the format
    ('{' + LONE + '}', '', FOLLOWED),
    ('{' + FLAT + '}', '', FOLLOWED),
    ('{' + MID + '}', '', 'format-probed'),
    ('{' + MID + '}', 'qcow2', FOLLOWED),
    ("{'driver':'raw'," + MID + '}', 'qcow2', FOLLOWED),
    ("{'driver':'qcow2'," + MID + '}', 'raw', FOLLOWED),
    ("{'driver':'qcow2'," + MID + '}', 'file', 'unknown-key'),
    ("{'filename':'flat.raw'}", 'file', FOLLOWED),
    ("{'driver':'nosuch'," + MID + '}', '', 'unknown-driver'),
    ("{'driver':'nosuch'," + MID + '}', 'qcow2', FOLLOWED),
    ("{'driver':'vhd'," + MID + '}', '', 'unknown-driver'),
    ("{'driver':'vmdk'," + MID + '}', '', 'malformed'),
    # nodes above and beneath the one that decodes
    ("{'driver':'raw','file':{'driver':'qcow2'," + MID + '}}', '', FOLLOWED),
    ("{'driver':'raw','file':{'driver':'raw','file':{'driver':'qcow2'," + MID + '}}}', '', FOLLOWED),
    ("{'driver':'raw','file':{'driver':'qcow2'," + MID + '}}', 'raw', FOLLOWED),
    ("{'driver':'qcow2','file':{'driver':'raw'," + MID + '}}', '', FOLLOWED),
    ("{'driver':'qcow2','file':{'driver':'raw','offset':1024,'file':{'filename':'shift.bin'}}}", '', FOLLOWED),
    ("{'driver':'qcow2','file':{'driver':'raw','offset':'1024','file':{'filename':'shift.bin'}}}", '', FOLLOWED),
    ("{'driver':'qcow2','file':{'driver':'raw','offset':512,'file':{'driver':'raw','offset':512,'file':"
     "{'filename':'shift.bin'}}}}", '', FOLLOWED),
    ("{'driver':'qcow2','file':{'driver':'raw','offset':512,'file':{'filename':'shift.bin'}}}", '', 'malformed'),
    ("{'driver':'raw','offset':512,'size':1024," + FLAT + '}', '', FOLLOWED),
    ("{'driver':'raw','offset':'1k','size':'1k'," + FLAT + '}', '', 'unknown-value'),
    ("{'driver':'raw','size':1000," + FLAT + '}', '', 'unknown-value'),
    ("{'driver':'raw','offset':-1," + FLAT + '}', '', 'unknown-value'),
    ("{'driver':'preallocate','file':{'driver':'qcow2'," + MID + '}}', '', FOLLOWED),
    ("{'driver':'preallocate'," + FLAT + '}', '', FOLLOWED),
    ("{'driver':'qcow2','file':{'driver':'preallocate'," + MID + '}}', '', FOLLOWED),
    ("{'driver':'compress','file':{'driver':'qcow2'," + MID + '}}', '', FOLLOWED),
    ("{'driver':'compress'," + FLAT + '}', '', 'malformed-name'),
    ("{'driver':'copy-on-read','file':{'driver':'qcow2'," + MID + '}}', '', 'reference-asks-write'),
    ("{'driver':'throttle','throttle-group':'g','file':{'driver':'qcow2'," + MID + '}}', '', NEEDS_OBJECT),
    ("{'driver':'qcow2','file':{'driver':'qcow2'," + MID + '}}', '', 'layer-hides-header'),
    ("{'driver':'blkdebug','image':{'driver':'qcow2'," + MID + '}}', '', 'special-reference'),
    ("{'driver':'quorum','vote-threshold':1,'children':[{'driver':'raw'," + FLAT + '}]}', '', 'special-reference'),
    ("{'driver':'null-co','size':1024}", '', 'special-reference'),
    ("{'driver':'nbd','server':{'type':'unix','path':'/nonexistent'}}", '', 'special-reference'),
    ("{'driver':'raw','file':{'driver':'nbd','host':'127.0.0.1','port':'1'}}", '', 'remote-reference'),
    ("{'driver':'https','url':'http://127.0.0.1:1/'}", '', 'malformed-name'),
    # the object's own names stand before the image's
    ("{'driver':'qcow2','backing':null," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','backing':''," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','backing':{'driver':'raw'," + FLAT + '},' + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','backing.driver':'raw','backing.file.filename':'flat.raw'," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','backing':{'driver':'qcow2'," + LONE + '},' + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','backing':{" + LONE + '},' + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','backing':{" + FLAT + '},' + MID + '}', '', 'malformed'),
    ("{'driver':'qcow2','backing':{'driver':'qcow2','backing':{'driver':'raw'," + FLAT + '},' + LONE + '},' + MID + '}',
     '', FOLLOWED),
    ("{'driver':'qcow2','backing':{'driver':'qcow2','backing':null," + MID + '},' + MID.replace('mid', 'other') + '}',
     '', FOLLOWED),
    ("{'driver':'qcow2','backing':{'driver':'file','filename':'flat.raw'}," + MID + '}', '', 'override-mixes-names'),
    ("{'driver':'qcow2','backing':{'driver':'file','filename':'flat.raw'}," + LONE + '}', '', FOLLOWED),
    ("{'driver':'qcow2','backing':{'driver':'raw','file':{'driver':'raw'," + FLAT + '}},' + LONE + '}', '', FOLLOWED),
    ("{'driver':'qcow2','backing':'drive0'," + MID + '}', '', 'malformed-name'),
    ("{'driver':'qcow2','backing':{}," + MID + '}', '', 'malformed-name'),
    ("{'driver':'raw','backing':{'driver':'raw'," + FLAT + '},' + MID + '}', '', 'unknown-key'),
    ("{'backing':{'driver':'raw'," + FLAT + '},' + MID + '}', '', 'format-probed'),
    ("{'driver':'raw','file':{'driver':'qcow2','backing':{'driver':'raw'," + FLAT + '},' + MID + '}}', '', FOLLOWED),
    ("{'driver':'raw','file':{'driver':'qcow2','backing':null," + MID + '}}', '', FOLLOWED),
    ("{'driver':'qcow2','data-file':{'filename':'other.raw'},'file':{'filename':'split.qcow2'}}", '', FOLLOWED),
    ("{'driver':'qcow2','data-file':{'driver':'raw','file':{'filename':'other.raw'}},"
     "'file':{'filename':'split.qcow2'}}", '', FOLLOWED),
    ("{'driver':'qcow2','file':{'filename':'split.qcow2'}}", '', FOLLOWED),
    ("{'driver':'qcow2','data-file':{'filename':'other.raw'}," + MID + '}', '', 'override-without-data-file'),
    ("{'driver':'qcow2','data-file':{'driver':'qcow2'," + LONE + "},'file':{'filename':'split.qcow2'}}", '',
     'layer-hides-header'),
    # keys that open nothing
    ("{'driver':'qcow2','node-name':'a','read-only':true,'discard':'unmap','detect-zeroes':'on','force-share':true,"
     "'cache':{'no-flush':true},'auto-read-only':false," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','lazy-refcounts':'on','overlap-check':{'template':'all','active-l1':false},"
     "'l2-cache-size':'1M','cache-clean-interval':5," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','overlap-check':'none','file':{'driver':'file','filename':'mid.qcow2','aio':'threads',"
     "'locking':'off','drop-cache':'off','read-only':'on'}}", '', FOLLOWED),
    ("{'driver':'qcow2','overlap-check':{'main-header':true,'active-l1':true,'active-l2':true,'inactive-l1':true,"
     "'inactive-l2':true,'refcount-table':true,'refcount-block':true,'snapshot-table':true,'bitmap-directory':true},"
     "'cache':{'direct':false}," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','pass-discard-request':true,'pass-discard-snapshot':true,'pass-discard-other':true,"
     "'refcount-cache-size':'256k'," + MID + '}', '', FOLLOWED),
    ("{'driver':'file','filename':'flat.raw','aio':'threads','aio-max-batch':1,'x-check-cache-dropped':false}", '',
     FOLLOWED),
    ("{'driver':'file','filename':'flat.raw','pr-manager':'p'}", '', NEEDS_OBJECT),
    ("{'driver':'vvfat','dir':'.','fat-type':16,'floppy':false,'label':'l','rw':false}", '', 'special-reference'),
    ("{'driver':'qcow2','node-name':'a','file':{'node-name':'a','filename':'mid.qcow2'}}", '', 'unknown-value'),
    ("{'driver':'qcow2','node-name':'#a'," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','discard':'maybe'," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','lazy-refcounts':'maybe'," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','lazy-refcounts':true,'file':{'filename':'old.qcow2'}}", '', 'unknown-value'),
    ("{'driver':'qcow2','lazy-refcounts':false,'file':{'filename':'old.qcow2'}}", '', FOLLOWED),
    ("{'lazy-refcounts':'on','file':{'filename':'old.qcow2'}}", 'qcow2', 'unknown-value'),
    ("{'driver':'qcow2','discard-no-unref':true,'file':{'filename':'old.qcow2'}}", '',
     ('versions-differ', 'unknown-value')),
    ("{'driver':'qcow2','cache-size':'1M','l2-cache-size':'2M'," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','cache-size':'1M','refcount-cache-size':'2M'," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','cache-size':'1M','l2-cache-size':'1024k'," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','cache-size':9223372036854775807," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','cache-size':1073741824," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','cache-clean-interval':4294967295," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','cache-clean-interval':4294967296," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','encrypt.key-secret':'s'," + MID + '}', '', FOLLOWED),
    ("{'driver':'qcow2','encrypt.format':'aes'," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','discard-no-unref':true," + MID + '}', '', ('versions-differ', FOLLOWED)),
    ("{'driver':'raw','active':true," + FLAT + '}', '', ('versions-differ', FOLLOWED)),
    ("{'driver':'luks','header':{'driver':'file','filename':'flat.raw'}," + FLAT + '}', '',
     ('versions-differ', 'special-reference')),
    ("{'driver':'qcow2','l2-cache-entry-size':1," + MID + '}', '', 'unknown-key'),
    ("{'driver':'qcow2','cache-size':'1T'," + MID + '}', '', 'unknown-value'),
    ("{'driver':'qcow2','nosuch':1," + MID + '}', '', 'unknown-key'),
    ("{'driver':'qcow2','file':{'filename':'mid.qcow2','nosuch':1}}", '', 'unknown-key'),
    ("{'driver':'qcow2','file':{'filename':'mid.qcow2','file':{}}}", '', 'unknown-key'),
    ("{'driver':'qcow2','filename':'mid.qcow2'," + MID + '}', '', 'unknown-key'),
    ("{'driver':'qcow2','extents':[{'filename':'flat.raw'}]," + MID + '}', '', 'unknown-key'),
    ("{'driver':'qcow2','cache':{'writeback':true}," + MID + '}', '', 'unknown-key'),
    # what asks for writing
    ("{'driver':'qcow2','read-only':false," + MID + '}', '', 'reference-asks-write'),
    ("{'driver':'qcow2','file':{'filename':'mid.qcow2','read-only':'off'}}", '', 'reference-asks-write'),
    ("{'driver':'qcow2','read-only':'true'," + MID + '}', '', 'reference-asks-write'),
    # what isn't a node, or no JSON
    ('{}', '', 'malformed-name'),
    ('[]', '', 'malformed-name'),
    ('', '', 'malformed-name'),
    ("{'driver':'qcow2'}", '', 'malformed-name'),
    ("{'driver':'qcow2','file':'mid.qcow2'}", '', 'malformed-name'),
    ("{'filename':'mid.qcow2'}", '', 'unknown-key'),
    ("{'driver':'qcow2','file':{}}", '', 'malformed-name'),
    ("{'driver':'raw','file':{" + MID + '}}', '', 'unknown-key'),
    ("{'driver':'file','filename':1}", '', 'unknown-value'),
    ("{'driver':'file','filename':''}", '', 'unknown-value'),
    ("{'driver':'qcow2','driver':'raw'," + MID + '}', '', 'malformed-name'),
    ("{'driver':'qcow2'," + MID + '} x', '', 'malformed-name'),
    ("{'driver':'qcow2'," + MID + ',}', '', 'malformed-name'),
    ("{'driver':%s," + MID + '}', '', 'malformed-name'),
    ("{'driver':'qcow2','file':{'filename':'\\ud800'}}", '', 'malformed-name'),
    ("{'driver':'qcow2','file.filename':'mid.qcow2','file':{'filename':'lone.qcow2'}}", '', 'name-means-two-things'),
    ("{'driver':'qcow2','file':'x','file.filename':'mid.qcow2'}", '', 'name-means-two-things'),
)


def qemu_img(folder, *args):
    subprocess.run(['qemu-img', *args], cwd=folder, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def make_files(folder):
    for name in ('base', 'lone', 'other'):
        qemu_img(folder, 'create', '-q', '-f', 'qcow2', f'{name}.qcow2', '1M')
    for name in ('mid.qcow2', './nbd:x'):
        qemu_img(folder, 'create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', name)
    qemu_img(folder, 'rebase', '-u', '-b', 'base.qcow2', '-F', 'qcow2', 'other.qcow2')
    qemu_img(folder, 'create', '-q', '-f', 'qcow2', '-o', 'data_file=data.raw', 'split.qcow2', '1M')
    qemu_img(folder, 'create', '-q', '-f', 'qcow2', '-o', 'compat=0.10', 'old.qcow2', '1M')
    for name in ('flat.raw', 'other.raw'):
        with open(os.path.join(folder, name), 'wb') as file:
            file.truncate(1 << 20)
    with open(os.path.join(folder, 'mid.qcow2'), 'rb') as mid, open(os.path.join(folder, 'shift.bin'), 'wb') as file:
        file.write(bytes(1024) + mid.read())


def make_overlay(folder, name, backing_format):
    """qemu-img writes no overlay without a backing format: then its extension becomes one that isn't known."""
    path = os.path.join(folder, 'top.qcow2')
    if os.path.exists(path):
        os.unlink(path)
    qemu_img(folder, 'create', '-q', '-f', 'qcow2', '-u', '-F', backing_format or 'raw', '-b', 'x' * len(name),
             'top.qcow2', '1M')
    with open(path, 'r+b') as file:
        head = bytearray(file.read(4096))
        offset, size = struct.unpack_from('>QI', head, 8)
        head[offset:offset + size] = name
        if not backing_format:
            at = head.index(FORMAT_EXTENSION)
            head[at:at + 4] = b'none'
        file.seek(0)
        file.write(head)


def traced(folder):
    """Whether the emulator takes it, and the files of the test that it opened to keep."""
    trace = os.path.join(folder, 'trace')
    done = subprocess.run(['strace', '-f', '-s', '4096', '-o', trace, '-e', 'trace=open,openat', 'qemu-io', '-r', '-f',
                           'qcow2', '-c', 'quit', 'top.qcow2'], cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=images.TIMEOUT)
    text = done.stdout.decode(errors='replace')
    with open(trace, encoding='utf-8', errors='replace') as file:
        found = OPENED.findall(file.read())
    opened = {os.path.normpath(os.path.join(folder, path)): 'O_RDWR' in flags for path, flags, result in found
              if int(result) >= 0 and 'O_DIRECTORY' not in flags}
    inside = {path for path in opened if path.startswith(folder + os.sep)}
    writes = any(opened[path] for path in inside)
    return 'can\'t open' not in text and done.returncode == 0, inside, writes, text


def followed(program, folder):
    """The chain's state, what it opened, and every reason in it."""
    answer = images.info(program, *emulator.reader, '--backing-chain', '-f', 'qcow2', '--workdir', folder,
                         os.path.join(folder, 'top.qcow2'))
    own = answer.own
    paths, reasons = {os.path.join(folder, 'top.qcow2')}, set()
    waiting = [m.get('imgprobe', {}) for m in images.members(answer.document or [])]
    while waiting:
        member = waiting.pop()
        waiting += [m for m in member.get('members', [])]
        for reference in member.get('references', []):
            if 'member-index' in reference:
                paths.add(os.path.normpath(reference['path']))
            reasons.add(reference.get('reason'))
    error = own.get('chain-error', {})
    reasons |= {error.get('field'), error.get('id'), own.get('chain-state')}
    return own.get('chain-state') == 'complete', paths, reasons, answer


def compare(tap, program, folder, row):
    name, backing_format, reason = row
    reason = reason[bool(emulator.reader)] if isinstance(reason, tuple) else reason
    raw = b'json:' + name.encode()
    make_overlay(folder, raw, backing_format)
    taken, opened, writes, text = traced(folder)
    complete, paths, reasons, answer = followed(program, folder)
    title = f'{backing_format or "no format"}: {raw.decode()}'
    said = f'qemu-io: {text.strip()}\nit opened {sorted(opened)}, we {sorted(paths)} {reasons - {None}}\n{answer}'
    if reason == NEEDS_OBJECT:
        tap.ok(not taken and complete and not opened - paths, f'followed, and the emulator lacks an object: {title}', said)
    elif reason is FOLLOWED:
        tap.ok(taken and complete and paths == opened and not writes, f'followed: {title}', said)
    else:
        tap.ok(not complete and reason in reasons and not (paths - opened), f'{reason}: {title}', said)


def main():
    asked = emulator.arguments(__doc__)
    tap = Tap()
    for tool in ('qemu-img', 'qemu-io', 'strace'):
        if not images.tool(tool):
            tap.lacking('names compared with what the emulator opens', tool)
            tap.done()
    with images.scratch() as scratch:
        folder = os.path.realpath(scratch)
        make_files(folder)
        for row in ROWS:
            compare(tap, asked.imgprobe, folder, row)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
