#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`imgprobe access`: who gets which mode, what confines names, and that half an answer is never printed as a whole.

Images are qemu-img's where it makes such ones. Every refusal's advice is carried out: what it says must be enough.
"""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

MIB = 1 << 20


def qemu_img(folder, *words):
    subprocess.run(['qemu-img', *words], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


def create(folder, name, *options, size='1M', fmt='qcow2'):
    qemu_img(folder, 'create', '-q', '-f', fmt, *options, name, *([size] if size else []))


def raw(folder, name, size=MIB):
    path = os.path.join(os.fsencode(folder), os.fsencode(name))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as out:
        out.truncate(size)
    return path


def qcow2(folder, name, **given):
    with open(os.path.join(os.fsencode(folder), os.fsencode(name)), 'w+b') as out:
        mkimage.qcow2(out, **given)
    return name


def vmdk(folder, name, extents, create_type='twoGbMaxExtentFlat'):
    with open(os.path.join(folder, name), 'wb') as out:
        out.write(mkimage.descriptor(create_type, extents))
    return name


def ask(program, folder, *words, **keywords):
    """The answer as JSON."""
    return images.run([program, 'access', '--output', 'json', *words], cwd=folder, **keywords)


def told(answer):
    """What is granted: role, path, mode, format and how that is known."""
    return [tuple(member.get(key) for key in ('role', 'path', 'mode', 'format', 'format-source'))
            for member in (answer.document or {}).get('members', [])]


def outcome(answer):
    document = answer.document or {}
    return answer.status, document.get('chain-state'), document.get('status'), document.get('reason')


def kinds(program):
    """The kinds of output that are whole or nothing, with what each needs. `options` answers where these refuse."""
    text = images.run([program, 'access', '--help']).out.decode()
    found = re.findall(r'^  ([a-z]+) ', text.split('kinds of output:')[1], flags=re.M)
    return [(kind, *(['--user', 'root'] if kind == 'acl' else [])) for kind in found if kind not in ('human', 'json', 'options')]


def refused(tap, program, folder, title, words, want, **keywords):
    """One line that says why and one for each thing to do, the same in JSON; nothing from a kind of text. Returns
    the JSON's answer."""
    answer = ask(program, folder, *words, **keywords)
    document = answer.document or {}
    lines = answer.error.rstrip('\n').split('\n')
    tries = [line.split(': ', 2)[2] for line in lines if re.match('imgprobe: (add|run|hint): ', line)]
    tap.equal(outcome(answer), want, f'{title}: refused')
    tap.ok(document.get('exit') == answer.status and document.get('message') and len(lines) == 1 + len(tries)
           and lines[0].startswith('imgprobe: ') and document['message'] in lines[0].replace('\\\\', '\\')
           and tries == document.get('advice') and not any('mode' in m for m in document['members']),
           f'{title}: says why, in a line and in JSON, and gives no mode', str(answer))
    for kind, *needs in [*kinds(program), ('paths', '-0')]:
        other = images.run([program, 'access', '--output', kind, *needs, *words], cwd=folder, **keywords)
        tap.ok(other.status == answer.status and not other.out and other.error == answer.error,
               f'{title}: no {kind} at all', str(other))
    human = images.run([program, 'access', *words], cwd=folder, **keywords)
    tap.ok(human.status == answer.status and not re.search(rb'^read', human.out, flags=re.M)
           and human.error == answer.error, f'{title}: no mode for people', str(human))
    return answer


def advice(answer):
    return (answer.document or {}).get('advice', [])


def modes(tap, program, folder):
    """Roles and modes of images as qemu-img makes them."""
    create(folder, 'base.qcow2')
    create(folder, 'mid.qcow2', '-b', 'base.qcow2', '-F', 'qcow2', size=None)
    create(folder, 'top.qcow2', '-b', 'mid.qcow2', '-F', 'qcow2', size=None)
    create(folder, 'split.vmdk', '-o', 'subformat=twoGbMaxExtentFlat', size='3G', fmt='vmdk')
    create(folder, 'over.vmdk', '-b', 'split.vmdk', '-F', 'vmdk', size=None, fmt='vmdk')
    create(folder, 'data.qcow2', '-o', f'data_file={folder}/data.raw')
    create(folder, 'overdata.qcow2', '-b', 'data.qcow2', '-F', 'qcow2', size=None)
    create(folder, 'disk.vhd', fmt='vpc')
    chain = [('image', 'top.qcow2', 'qcow2', 'pinned'), ('backing', 'mid.qcow2', 'qcow2', 'declared'),
             ('backing', 'base.qcow2', 'qcow2', 'declared')]
    split = [('image', 'split.vmdk', 'vmdk', 'pinned'), ('extent', 'split-f001.vmdk', 'raw', 'implied'),
             ('extent', 'split-f002.vmdk', 'raw', 'implied')]
    data = [('image', 'data.qcow2', 'qcow2', 'pinned'), ('data-file', f'{folder}/data.raw', 'raw', 'implied')]
    overdata = [('image', 'overdata.qcow2', 'qcow2', 'pinned'), ('backing', 'data.qcow2', 'qcow2', 'declared'),
                data[1]]
    overvmdk = [('image', 'over.vmdk', 'vmdk', 'pinned'), ('backing', 'split.vmdk', 'vmdk', 'implied'), *split[1:]]
    alone = [('image', 'disk.vhd', 'vhd', 'pinned')]
    for words, members, written in (
            (['-f', 'qcow2', 'top.qcow2'], chain, ()), (['-f', 'qcow2', '--write', 'top.qcow2'], chain, (0,)),
            (['-f', 'qcow2', '--write', '--write-member', 'base.qcow2', 'top.qcow2'], chain, (0, 2)),
            (['-f', 'qcow2', '--write-member', './mid.qcow2', 'top.qcow2'], chain, (1,)),
            (['-f', 'vmdk', 'split.vmdk'], split, ()),
            (['-f', 'vmdk', '--write', '--allow-write', '.', 'split.vmdk'], split, (0, 1, 2)),
            (['-f', 'vmdk', '--write', '--allow-write', '/', 'split.vmdk'], split, (0, 1, 2)),
            (['-f', 'vmdk', '--write', '--allow-write', 'split-f001.vmdk', '--allow-write', 'split-f002.vmdk',
              'split.vmdk'], split, (0, 1, 2)),
            (['-f', 'vmdk', '--write', 'over.vmdk'], overvmdk, (0,)),
            (['-f', 'qcow2', 'data.qcow2'], data, ()),
            (['-f', 'qcow2', '--write', '--allow-write', 'data.raw', 'data.qcow2'], data, (0, 1)),
            (['-f', 'qcow2', '--write', 'overdata.qcow2'], overdata, (0,)),
            (['-f', 'vpc', '--write', 'disk.vhd'], alone, (0,)), (['-f', 'raw', 'top.qcow2'],
                                                                [('image', 'top.qcow2', 'raw', 'pinned')], ())):
        want = [(role, path, 'read-write' if i in written else 'read', *rest)
                for i, (role, path, *rest) in enumerate(members)]
        answer = ask(program, folder, *words)
        tap.equal(told(answer), want, ' '.join(words))
        tap.equal((outcome(answer), answer.error), ((0, 'complete', 'ok', None), ''), ' '.join(words) + ': complete')
        compare_qemu(tap, folder, words, answer)
        paths = images.run([program, 'access', '--output', 'paths', *words], cwd=folder)
        tap.equal(paths.out.decode().split('\n'), [path for _, path, *_ in want] + [''], ' '.join(words) + ': paths')
        human = images.run([program, 'access', *words], cwd=folder).out.decode().split('\n')
        tap.equal([(line.split()[0], line.split()[-1]) for line in human[2:-1]],
                  [(mode, path) for _, path, mode, *_ in want], ' '.join(words) + ': for people')
    shape(tap, program, folder)


def opened(folder, words):
    """Which files of `folder` the real reader opens, and whether for writing; None where it can't be traced."""
    log = os.path.join(folder, 'strace.log')
    flags = ['-f', words[words.index('-f') + 1], *([] if '--write' in words else ['-r'])]
    done = subprocess.run(['strace', '-f', '-s', '4096', '-e', 'trace=open,openat', '-o', log, 'qemu-io', *flags,
                           '-c', 'quit', words[-1]], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, timeout=60)
    text = open(log, errors='replace').read() if os.path.exists(log) else ''
    if done.returncode != 0 or 'exited with' not in text:
        return None
    found = {}
    for path, how in re.findall(r'open(?:at)?\(.*?"([^"]*)", (\S+)\)? *= \d', text.replace(', 0666', '')):
        path = os.path.join(folder, path)
        if os.path.dirname(path) == folder:
            found[path] = found.get(path, False) or 'O_RDWR' in how
    return found


def compare_qemu(tap, folder, words, answer):
    """The same files, in the same modes, as QEMU opens them. What is raised is raised for a job that comes later."""
    title = ' '.join(words) + ': what QEMU opens'
    if '--write-member' in words:
        return None
    if not images.tool('strace') or not images.tool('qemu-io'):
        return tap.lacking(title, 'strace' if images.tool('qemu-io') else 'qemu-io')
    found = opened(folder, words)
    if found is None:
        return tap.skip(title, 'strace cannot trace qemu-io here')
    return tap.equal({os.path.join(folder, path): mode == 'read-write' for _, path, mode, *_ in told(answer)}, found,
                     title)


def shape(tap, program, folder):
    answer = ask(program, folder, '-f', 'qcow2', '--stats', 'top.qcow2')
    member = answer.document['members'][0]
    found = os.stat(os.path.join(folder, 'top.qcow2'))
    tap.equal(list(answer.document), ['schema', 'filename', 'reader', 'reader-versions', 'write', 'chain-state', 'status', 'exit',
                                      'members'], 'the keys of an answer')
    tap.equal(list(member), ['index', 'role', 'path', 'canonical-path', 'kind', 'device', 'inode', 'format',
                             'format-source', 'mode', 'writable', 'stats'], 'the keys of a member')
    tap.equal((member['device'], member['inode'], member['kind'], member['canonical-path']),
              (f'{os.major(found.st_dev)}:{os.minor(found.st_dev)}', found.st_ino, 'file', folder + '/top.qcow2'),
              'which file it is')
    tap.equal([sorted(m['stats']) for m in answer.document['members'][:2]],
              [['bytes', 'reads', 'sandbox', 'workspace'], ['bytes', 'reads']], 'the keys of stats')
    tap.equal((answer.document['schema'], answer.document['filename'], answer.document['reader'],
               answer.document['write']), (1, 'top.qcow2', 'qemu', False), 'what was asked')
    os.link(os.path.join(folder, 'data.raw'), os.path.join(folder, 'again.raw'))
    vmdk(folder, 'twice.vmdk', b'RW 1 FLAT "data.raw" 0\nRW 1 FLAT "again.raw" 0\nRW 1 FLAT "data.raw" 1\n')
    answer = ask(program, folder, '-f', 'vmdk', 'twice.vmdk')
    tap.equal([(m['path'], m.get('names')) for m in answer.document['members']],
              [('twice.vmdk', None), ('data.raw', [{'role': 'extent', 'path': 'data.raw'},
                                                   {'role': 'extent', 'path': 'again.raw'}])],
              'a file under two names is one member with both')


def consent(tap, program, folder):
    """Every file that lacks it is named at once, and what is said is enough."""
    create(folder, 'split.vmdk', '-o', 'subformat=twoGbMaxExtentFlat', size='5G', fmt='vmdk')
    raw(folder, "it's a; name.raw")
    create(folder, 'data.qcow2', '-o', f"data_file={folder}/it's a; name.raw")
    for name, fmt, count in (('split.vmdk', 'vmdk', 3), ('data.qcow2', 'qcow2', 1)):
        answer = refused(tap, program, folder, name, ['-f', fmt, '--write', name],
                         (3, 'complete', 'refused', 'write-needs-consent'))
        words = shlex.split(advice(answer)[0])
        tap.ok(len(advice(answer)) == 1 and words[::2] == ['--allow-write'] * count,
               f'{name}: every file that lacks it in one line', str(answer))
        tap.equal(sum('needs-consent' in m for m in answer.document['members']), count, f'{name}: marked in JSON')
        again = ask(program, folder, '-f', fmt, '--write', *words, name)
        tap.ok(again.status == 0 and all(m['mode'] == 'read-write' for m in again.document['members']),
               f'{name}: what is said is enough', str(again))
        for most in range(count):
            again = ask(program, folder, '-f', fmt, '--write', *words[:2 * most], name)
            tap.equal(len(shlex.split((advice(again) or [''])[0])), 2 * (count - most), f'{name}: {most} of {count}')
    os.mkdir(os.path.join(folder, 'elsewhere'))
    for path in ('elsewhere', 'split.vmdk'):
        answer = ask(program, folder, '-f', 'vmdk', '--write', '--allow-write', path, 'split.vmdk')
        tap.equal(outcome(answer), (3, 'complete', 'refused', 'write-needs-consent'),
                  f'consent for {path} is no other')
    answer = ask(program, folder, '-f', 'vmdk', '--write-member', 'split-f001.vmdk', 'split.vmdk')
    tap.equal([m['mode'] for m in answer.document['members']], ['read', 'read-write', 'read', 'read'],
              'a raised member is consented to')
    answer = refused(tap, program, folder, 'no member', ['-f', 'vmdk', '--write-member', 'data.qcow2', 'split.vmdk'],
                     (3, 'complete', 'refused', 'not-a-member'))
    tap.equal(advice(answer), ['leave out --write-member data.qcow2'], 'no member: which')
    qcow2(folder, 'corrupt.qcow2', incompatible=2)
    refused(tap, program, folder, 'corrupt', ['-f', 'qcow2', '--write', 'corrupt.qcow2'],
            (3, 'complete', 'refused', 'not-writable'))
    answer = ask(program, folder, '-f', 'qcow2', 'corrupt.qcow2')
    tap.ok(answer.status == 0 and not answer.document['members'][0]['writable'], 'corrupt: may be read', str(answer))


def escape(folder, how, name):
    """An overlay in `folder`/in whose backing file lies outside, and what its name is there."""
    inside, outside = os.path.join(folder, 'in'), os.path.join(folder, 'out')
    path = {'up': f'../out/{name}', 'up twice': f'../in/../out/{name}', 'absolute': f'{outside}/{name}',
            'file:': f'file:{outside}/{name}', 'link': f'l-{name}', 'through a link': f'dir/{name}'}[how]
    if how == 'link' and not os.path.lexists(os.path.join(inside, path)):
        os.symlink(f'../out/{name}', os.path.join(inside, path))
    if how == 'through a link' and not os.path.lexists(os.path.join(inside, 'dir')):
        os.symlink('../out', os.path.join(inside, 'dir'))
    return qcow2(inside, 'over.qcow2', backing=os.fsencode(path), backing_format=b'raw')


def roots(tap, program, folder):
    """What lies outside is the same whether it exists; what the refusal says is enough, where it says a directory."""
    inside = os.path.join(folder, 'in')
    os.mkdir(inside)
    raw(folder, 'out/here.raw')
    raw(folder, 'in/mine.raw')
    for how in ('up', 'up twice', 'absolute', 'file:', 'link', 'through a link'):
        for where, name in ((inside, 'over.qcow2'), (folder, 'in/over.qcow2'), ('/', inside + '/over.qcow2')):
            if how == 'up twice' and where == '/':
                continue
            escape(folder, how, 'here.raw')
            answer = refused(tap, program, where, f'{how}, {name}', ['-f', 'qcow2', name],
                             (3, 'refused', 'refused', 'path-escape'))
            human = images.run([program, 'access', '-f', 'qcow2', name], cwd=where)
            escape(folder, how, 'gone.raw')
            other = ask(program, where, '-f', 'qcow2', name)
            tap.equal((other.status, other.out.replace(b'gone', b'here'), other.error.replace('gone', 'here')),
                      (answer.status, answer.out, answer.error),
                      f'{how}, {name}: the same for a missing file')
            other = images.run([program, 'access', '-f', 'qcow2', name], cwd=where)
            tap.equal((other.status, other.out, other.error.replace('gone', 'here')),
                      (human.status, human.out, human.error), f'{how}, {name}: the same for people')
            escape(folder, how, 'here.raw')
            words = shlex.split(advice(answer)[0].split(',')[0])
            if 'link' in how:
                words = [folder + '/out' if word == 'DIR' else word for word in words]
            again = ask(program, where, '-f', 'qcow2', *words, name)
            tap.ok(again.status == 0 and len(again.document['members']) == 2,
                   f'{how}, {name}: enough with {shlex.join(words)}', str(again))
            tap.equal(ask(program, where, '-f', 'qcow2', '--root', '/', name).status, 0, f'{how}, {name}: anywhere')
    default_root(tap, program, folder, inside)
    beside(tap, program, folder)


def beside(tap, program, folder):
    """The root that is given holds the file, and the name goes up out of a directory that isn't beneath one."""
    raw(folder, '_base/abc')
    os.makedirs(os.path.join(folder, 'vms/one/deep'))
    for name, backing, given, lacking in (
            ('vms/disk', '../_base/abc', '_base', ['vms']), ('vms/one/disk', '../../_base/abc', '_base', ['vms/one']),
            ('vms/one/deep/disk', '../../../_base/abc', '_base', ['vms/one/deep']),
            ('vms/one/disk', '../one/../../_base/abc', '_base', ['vms/one']),
            ('vms/one/disk', '../../_base/abc', '_base/../_base', ['vms/one']),
            ('vms/disk', folder + '/vms/../_base/abc', '_base', [folder + '/vms']),
            ('vms/disk', f'{folder}//vms/./one/..///../_base/abc', folder + '/_base', [f'{folder}//vms/./one'])):
        qcow2(folder, name, backing=os.fsencode(backing), backing_format=b'raw')
        words, asked = ['--root', given], []
        answer = ask(program, folder, '-f', 'qcow2', *words, name)
        while advice(answer) and 'DIR' not in advice(answer)[0] and len(asked) < 9:
            more = shlex.split(advice(answer)[0])
            asked.append(more[-1])
            words += more
            answer = ask(program, folder, '-f', 'qcow2', *words, name)
        tap.equal((answer.status, asked), (0, lacking), f'{backing} in {name}, beneath {given}: what is said is enough')


def default_root(tap, program, folder, inside):
    """Beside FILE by the name given, and what is given stands in place of that."""
    qcow2(inside, 'fine.qcow2', backing=b'mine.raw', backing_format=b'raw')
    for where, name in ((inside, 'fine.qcow2'), (inside, './fine.qcow2'), (folder, 'in/fine.qcow2'),
                        (folder, 'in//fine.qcow2'), ('/', inside + '/fine.qcow2')):
        answer = ask(program, where, '-f', 'qcow2', name)
        tap.ok(answer.status == 0 and len(answer.document['members']) == 2, f'{name} in {os.path.basename(where)}',
               str(answer))
    answer = ask(program, inside, '-f', 'qcow2', '--root', '../out', 'fine.qcow2')
    tap.equal(outcome(answer), (3, 'refused', 'refused', 'path-escape'), 'a root that is given replaces the default')
    tap.equal(ask(program, inside, '-f', 'qcow2', '--root', '../out', '--root', folder, 'fine.qcow2').status, 0,
              'the second of two roots')
    os.symlink('in/fine.qcow2', os.path.join(folder, 'link.qcow2'))
    raw(folder, 'mine.raw')
    answer = ask(program, folder, '-f', 'qcow2', 'link.qcow2')
    tap.equal([m['path'] for m in answer.document['members']], ['link.qcow2', 'mine.raw'],
              'names stand beside the name given, not what it links to')
    untouched(tap, program, folder, inside)


def untouched(tap, program, folder, inside):
    """Nothing outside the roots is even looked at."""
    title = 'what lies outside is not touched'
    if not images.tool('strace'):
        return tap.lacking(title, 'strace')
    for how in ('up', 'absolute', 'file:', 'link'):
        name = escape(folder, how, 'here.raw')
        log = os.path.join(folder, 'strace.log')
        images.run(['strace', '-f', '-s', '4096', '-e', 'trace=%file', '-o', log, program, 'access', '-f', 'qcow2',
                    name], cwd=inside)
        lines = open(log, errors='replace').read().split('\n') if os.path.exists(log) else []
        if not any('exited with' in line for line in lines):
            return tap.skip(title, 'strace cannot trace here')
        bad = [line for line in lines if re.search(r'"[^"]*\bout\b', line) and 'readlink' not in line
               and 'execve' not in line]
        tap.ok(not bad, f'{title}: {how}', '\n'.join(bad))
    return None


def descriptors(tap, program, folder):
    create(folder, 'base.qcow2')
    create(folder, 'top.qcow2', '-b', 'base.qcow2', '-F', 'qcow2', size=None)
    qcow2(folder, 'absolute.qcow2', backing=os.fsencode(folder) + b'/base.qcow2', backing_format=b'qcow2')
    for top in ('top.qcow2', 'absolute.qcow2'):
        with open(os.path.join(folder, top), 'rb') as image:
            n = image.fileno()
            given = dict(pass_fds=(n,))
            if top == 'top.qcow2':
                answer = refused(tap, program, folder, 'no directory', ['-f', 'qcow2', f'fd:{n}'],
                                 (3, 'refused', 'refused', 'no-directory'), **given)
                tap.ok(advice(answer)[0].startswith(f'give fd:{n}=NAME '), 'no directory: what to say', str(answer))
                answer = ask(program, folder, '-f', 'qcow2', '-', stdin=image)
                tap.ok(advice(answer)[0].startswith('give fd:0=NAME '), 'standard input: what to say', str(answer))
            else:
                answer = refused(tap, program, folder, 'nothing to be opened', ['-f', 'qcow2', f'fd:{n}'],
                                 (3, 'refused', 'refused', 'path-escape'), **given)
                answer = ask(program, folder, '-f', 'qcow2', *shlex.split(advice(answer)[0]), f'fd:{n}', **given)
                tap.ok(answer.status == 0 and 'path' not in answer.document['members'][0]
                       and answer.document['members'][0]['canonical-path'] == folder + '/absolute.qcow2',
                       'nothing to be opened: what is said is enough', str(answer))
                paths = images.run([program, 'access', '--output', 'paths', '-f', 'qcow2', '--root', folder,
                                    f'fd:{n}'], cwd=folder, **given)
                tap.ok(paths.status == 1 and not paths.out and 'without a name' in paths.error,
                       'a descriptor without a name has no path', str(paths))
            answer = ask(program, '/', '-f', 'qcow2', f'fd:{n}={folder}/{top}', **given)
            tap.equal([m['path'] for m in answer.document['members']], [f'{folder}/{top}', f'{folder}/base.qcow2'],
                      f'fd:N=NAME: beside NAME, {top}')
    answer = ask(program, folder, '-f', 'raw', '-', input=b'bytes')
    tap.ok(answer.status == 0 and not {'path', 'inode', 'device'} & set(answer.document['members'][0]),
           'a pipe is no file', str(answer))
    answer = ask(program, folder, '-f', 'raw', '--write', '-', input=b'bytes')
    tap.ok(answer.status == 1 and 'pipe' in answer.error, 'nobody writes to a pipe', str(answer))


def probed(tap, program, folder):
    """The format is the user's word; what it looks like is not put into their mouth."""
    create(folder, 'base.qcow2')
    create(folder, 'top.qcow2', '-b', 'base.qcow2', '-F', 'qcow2', size=None)
    create(folder, 'alone.qcow2')
    answer = refused(tap, program, folder, 'a probed top', ['top.qcow2'], (3, 'complete', 'refused', 'format-probed'))
    qcow2(folder, 'alone.qcow2')
    for words, warned in ((['--write'], True), ([], False), (['--write', '-f', 'qcow2'], False)):
        human = images.run([program, 'access', *words, 'alone.qcow2'], cwd=folder)
        tap.ok(human.status == 0 and ('say -f FORMAT' in human.out.decode()) == warned and not human.error,
               f'a probed top alone, {words}: a word on -f where it is written', str(human))
    tap.ok(advice(answer)[0] == '-f FORMAT' and 'looks like qcow2' in advice(answer)[1], 'a probed top: -f FORMAT',
           str(answer))
    tap.equal(ask(program, folder, *shlex.split(advice(answer)[0].replace('FORMAT', 'qcow2')), 'top.qcow2').status, 0,
              'a probed top: what is said is enough')
    tap.equal(told(ask(program, folder, 'alone.qcow2')), [('image', 'alone.qcow2', 'read', 'qcow2', 'probed')],
              'a probed top that refers to nothing')
    for name in ('mid.qcow2', "-it's.qcow2", 'new\nline.qcow2', 'a b;$(x).qcow2', b'bad\xff.qcow2'):
        title = f'a probed member {name!r}'
        qcow2(folder, name, backing=b'base.qcow2', backing_format=b'qcow2')
        over = qcow2(folder, '-over x.qcow2', backing=os.fsencode(name))
        answer = refused(tap, program, folder, title, ['-f', 'qcow2', '--', over],
                         (3, 'refused', 'refused', 'format-probed'))
        tap.ok(len(advice(answer)) == 3 and 'looks like qcow2' in advice(answer)[2]
               and 'qcow2' not in ''.join(advice(answer)[:2]).replace('.qcow2', ''), f'{title}: FORMAT stays open',
               str(answer))
        line = advice(answer)[0].replace('FORMAT', 'qcow2')
        again = images.run(['bash', '-c', f'"$0" access -f qcow2 {line} -- "$1"', program, over], cwd=folder)
        tap.equal((again.status, again.error), (0, ''), f'{title}: --declare is enough')
        shutil.copy(os.path.join(folder, over), os.path.join(folder, 'copy'))
        done = images.run(['bash', '-c', advice(answer)[1].replace('FORMAT', 'qcow2')], cwd=folder)
        tap.equal((done.status, ask(program, folder, '-f', 'qcow2', '--', over).status), (0, 0),
                  f'{title}: qemu-img rebase is enough')
    qcow2(folder, 'tree.qcow2', backing=b'mid.qcow2')
    raw(folder, 'd.raw')
    answer = ask(program, folder, '-f', 'qcow2', '--declare', 'mid.qcow2=raw', 'tree.qcow2')
    tap.equal(told(answer)[1:], [('backing', 'mid.qcow2', 'read', 'raw', 'declared')], 'declared raw ends the chain')


def incomplete(tap, program, folder):
    """Every way in which a chain doesn't end: its exit status, and what to do."""
    qcow2(folder, 'fine.qcow2')
    qcow2(folder, 'cut.qcow2')
    os.truncate(os.path.join(folder, 'cut.qcow2'), 60)
    qcow2(folder, 'loop.qcow2', backing=b'loop.qcow2', backing_format=b'qcow2')
    raw(folder, 'data.raw')
    cases = (
        ('missing', dict(backing=b'gone.raw', backing_format=b'raw'), (1, 'missing', 'system', 'member-missing'),
         'put the file back at gone.raw'),
        ('damaged', dict(backing=b'cut.qcow2', backing_format=b'qcow2'), (1, 'malformed', 'truncated', None), ''),
        ('not its format', dict(backing=b'data.raw', backing_format=b'qcow2'),
         (1, 'malformed', 'malformed', None), ''),
        ('remote', dict(backing=b'nbd://host/x', backing_format=b'raw'),
         (1, 'remote', 'refused', 'remote-reference'), 'qemu-img rebase -u -F FORMAT -b NAME over.qcow2'),
        ('special', dict(backing=b'fat:/srv', backing_format=b'raw'),
         (3, 'refused', 'refused', 'special-reference'), 'qemu-img rebase -u -F FORMAT -b NAME over.qcow2'),
        ('process', dict(backing=b'/dev/fd/0', backing_format=b'raw'),
         (3, 'refused', 'refused', 'process-relative-name'), 'use the name of the file itself'),
        ('no working directory', dict(backing=b'file:data.raw', backing_format=b'raw'),
         (3, 'refused', 'refused', 'needs-workdir'), '--workdir DIR'),
        ('no working directory for data', dict(data_file=b'data.raw'),
         (3, 'refused', 'refused', 'needs-workdir'), '--workdir DIR'),
        ('unknown protocol', dict(backing=b'nosuch:x', backing_format=b'raw'),
         (3, 'refused', 'refused', 'unknown-protocol'), 'qemu-img rebase -u -F FORMAT -b NAME over.qcow2'),
        ('two things', dict(data_file=b'nbd:x:1'), (3, 'refused', 'refused', 'name-means-two-things'), ''))
    for title, given, want, line in cases:
        qcow2(folder, 'over.qcow2', **given)
        answer = refused(tap, program, folder, title, ['-f', 'qcow2', 'over.qcow2'], want)
        tap.ok(line in advice(answer) if line else not advice(answer), f'{title}: what to do', str(answer))
        tap.ok(answer.document['members'] and answer.document['members'][0]['path'] == 'over.qcow2',
               f'{title}: the members up to there', str(answer))
        if '--workdir' in line:
            again = ask(program, folder, '-f', 'qcow2', '--workdir', '.', 'over.qcow2')
            tap.equal([m['path'] for m in again.document['members']], ['over.qcow2', 'data.raw'],
                      f'{title}: what is said is enough')
    answer = refused(tap, program, folder, 'loop', ['-f', 'qcow2', 'loop.qcow2'], (3, 'loop', 'refused', 'loop'))
    for words in (['info', '--backing-chain'], ['check'], ['check', '--policy', 'guest'], ['check', '--allow', 'loop'],
                  ['access', '--write'], ['access', '--output', 'paths']):
        for output in ([], ['--output', 'json']):
            other = images.run([program, *words, *output, '-f', 'qcow2', 'loop.qcow2'], cwd=folder)
            tap.equal(other.status, 3, f'loop: {" ".join([*words, *output])}')
    tap.equal(answer.document['at'], {'member': 0, 'role': 'backing', 'name': 'loop.qcow2', 'path': 'loop.qcow2'},
              'at which member and reference')
    qcow2(folder, 'mid.qcow2', backing=b'gone/base.raw', backing_format=b'raw')
    qcow2(folder, 'over.qcow2', backing=b'mid.qcow2', backing_format=b'qcow2')
    for command in (['access'], ['info', '--backing-chain']):
        answer = images.run([program, *command, '-f', 'qcow2', 'over.qcow2'], cwd=folder)
        tap.equal(answer.error.split('\n')[0], 'imgprobe: gone/base.raw: system error: no such file: backing '
                  '"gone/base.raw" of "mid.qcow2"', f'{command[0]}: the file that is missing comes first')
    refused(tap, program, folder, 'no such FILE', ['-f', 'qcow2', 'gone.qcow2'], (1, 'missing', 'system', None))
    refused(tap, program, folder, 'FILE is a directory', ['.'], (1, 'missing', 'system', None))
    path = mkimage.build(mkimage.read(os.path.join(images.TESTIMAGES, 'vhd', 'good-fixed.txt')), folder)
    answer = ask(program, folder, path)
    tap.ok(answer.status == 8 and answer.document['chain-state'] == 'ambiguous' and '-f FORMAT' in advice(answer),
           'ambiguous, and -f decides', str(answer))
    tap.equal(ask(program, folder, '-f', 'vpc', path).status, 0, 'ambiguous: what is said is enough')


AWKWARD = (b"it's", b'two words', b'new\nline', b'bad\xff\xc0', b'tab\t', b'$(echo x)', b'"quoted"', b'-rf', b'\\',
           b'esc\x1b[2J', 'ümlaut'.encode(), b'a=raw')


def readers(tap, program, folder):
    """The reader decides: QEMU opens no parent of a VHD, and so the guest would read zeros."""
    path = mkimage.build(mkimage.read(os.path.join(images.TESTIMAGES, 'vhd', 'good-differencing.txt')), folder)
    over = os.path.basename(os.fsdecode(path))
    answer = refused(tap, program, folder, 'a VHD parent', ['-f', 'vpc', over],
                     (3, 'refused', 'refused', 'reference-ignored-by-reader'))
    tap.ok('--reader xen' in advice(answer)[0], 'a VHD parent: what to do', str(answer))
    parents = {r['path'] for r in images.info(program, '-f', 'vpc', '--reader', 'xen', '--no-open', over,
                                              cwd=folder).own['references'] if 'path' in r}
    for parent in parents:
        if parent.startswith('/'):
            continue
        with open(os.path.join(folder, parent), 'w+b') as out:
            mkimage.vhd_dynamic(out)
    answer = ask(program, folder, '-f', 'vpc', '--reader', 'xen', '--write', over)
    tap.equal([(m['role'], m['mode'], m['format']) for m in answer.document['members']],
              [('image', 'read-write', 'vhd'), ('backing', 'read', 'vhd')], 'a VHD parent under xen')
    tap.equal(answer.document['reader'], 'xen', 'whose rules')


def devices(tap, program, folder):
    """A block device is known by its number alone."""
    found = [entry.path for entry in os.scandir('/dev') if stat.S_ISBLK(entry.stat(follow_symlinks=False).st_mode)]
    device = next((path for path in found if ask(program, folder, '-f', 'raw', path).status == 0), None)
    if device is None:
        return tap.skip('a block device', 'none here can be read')
    qcow2(folder, 'over.qcow2', backing=os.fsencode(device), backing_format=b'raw')
    number = os.stat(device).st_rdev
    answer = ask(program, folder, '-f', 'qcow2', '--root', '/dev', '--write-member', device, 'over.qcow2')
    member = (answer.document['members'] + [{}, {}])[1]
    return tap.ok(member.get('kind') == 'block' and 'inode' not in member and member['mode'] == 'read-write'
                  and member['device'] == f'{os.major(number)}:{os.minor(number)}', 'a block device', str(answer))


def names(tap, program, folder):
    """Any bytes that a name may hold come out whole, and none of them drives a terminal."""
    for name in AWKWARD:
        raw(folder, name)
    for name in AWKWARD:
        over = qcow2(folder, b'over-' + name, backing=name, backing_format=b'raw')
        words = ['-f', 'qcow2', '--', os.fsencode(over)]
        want = [over, (b'./' if name.startswith(b'-') else b'') + name]
        nul = images.run([program, 'access', '--output', 'paths', '-0', *words], cwd=folder)
        tap.equal(nul.out.split(b'\0'), [*want, b''], f'{name!r} with -0')
        lines = images.run([program, 'access', '--output', 'paths', *words], cwd=folder)
        if b'\n' in name:
            tap.ok(lines.status == 1 and not lines.out and '-0' in lines.error and lines.error.count('\n') == 1,
                   f'{name!r} by lines: cannot, and says -0', str(lines))
        else:
            tap.equal(lines.out.split(b'\n'), [*want, b''], f'{name!r} by lines')
        answer = ask(program, folder, *words)
        member = answer.document['members'][1]
        got = bytes.fromhex(member['path-bytes']) if 'path-bytes' in member else member['path'].encode()
        tap.ok(got == name and b'\x1b' not in answer.out, f'{name!r} in JSON', str(answer))
        human = images.run([program, 'access', *words], cwd=folder)
        tap.ok(not re.search(rb'[\x00-\x09\x0b-\x1f\x7f\xff]', human.out) and human.out.count(b'\n') == 4,
               f'{name!r} for people', str(human))
        vmdk(folder, 'x.vmdk', b'RW 1 FLAT "%s" 0\n' % name if b'"' not in name and b'\n' not in name
             else b'RW 1 FLAT "tab\t" 0\n')
        answer = ask(program, folder, '-f', 'vmdk', '--write', 'x.vmdk')
        line = advice(answer)[0] if advice(answer) else 'nothing'
        done = images.run(['bash', '-c', f'"$0" access -f vmdk --write {line} x.vmdk', program], cwd=folder)
        tap.ok(done.status == 0 and not re.search(r'[\x00-\x1f\x7f-\x9f]', line), f'{name!r} in advice',
               f'{line}\n{done}')


def parents(tap, program, folder):
    """A Parallels image doesn't say whether it has a parent. Whoever knows that it has none may say so."""
    made = mkimage.read(os.path.join(images.TESTIMAGES, 'others/good-parallels.txt'))
    os.rename(mkimage.build(made, folder), os.path.join(folder, 'disk.hds'))
    qcow2(folder, 'over', backing=b'disk.hds', backing_format=b'parallels')
    for words in (['-f', 'parallels', 'disk.hds'], ['-f', 'qcow2', 'over']):
        answer = refused(tap, program, folder, words[-1], words, (3, 'complete', 'refused', 'parent-not-told'))
        line = advice(answer)[0] if advice(answer) else 'nothing'
        again = ask(program, folder, *shlex.split(line), *words)
        tap.ok(again.status == 0 and told(again)[-1][2:4] == ('read', 'parallels'), f'{words[-1]}: {line} lifts it',
               str(again))
        checked = {policy: images.run([program, 'check', '--policy', policy, '--allow', 'tier-import', *words],
                                      cwd=folder).status for policy in ('upload', 'guest', 'base')}
        tap.equal((checked['upload'], checked['guest'], checked['base']), (3, 0, 3), f'{words[-1]}: by policy')
    for word in ('format-probed', 'write-needs-consent', 'nothing'):
        answer = ask(program, folder, '--allow', word, 'over')
        tap.ok(answer.status == 2 and 'parent-not-told' in answer.error, f'--allow {word} is a mistake', str(answer))


def usage(tap, program, folder):
    qcow2(folder, 'a')
    qcow2(folder, 'b')
    for words in ([], ['a', 'b'], ['--output', 'xml', 'a'], ['-0', 'a'], ['-0', '--output', 'json', 'a'],
                  ['--user', 'root', 'a'], ['--user', 'root', '--output', 'paths', 'a'], ['--output', 'acl', 'a'],
                  ['--allow-write', 'gone', 'a'], ['--write-member', 'gone', 'a'], ['--write-member', '.', 'a'],
                  ['--declare', 'gone=raw', 'a'], ['-f', 'nosuch', 'a'], ['--reader', 'x', 'a'], ['--root', '', 'a'],
                  ['--root', 'nosuch', 'a'], ['--workdir', '', 'a'], ['--workdir', 'nosuch', 'a'],
                  ['--workdir', 'a', 'a'], ['--root', 'a', 'a'], ['--backing-chain', 'a'], ['--no-open', 'a'], ['fd:x']):
        answer = images.run([program, 'access', *words], cwd=folder)
        tap.ok(answer.status == 2 and answer.error.startswith('imgprobe: ') and answer.error.count('\n') == 1
               and not answer.out, f'usage: {" ".join(words) or "no FILE"}', str(answer))
    for words, why in ((['access', '--root', '../gone', 'a'], '--root ../gone: no such directory'),
                       (['access', '--root', 'a', 'a'], '--root a: not a directory'),
                       (['access', '--allow-write', 'gone', 'a'], '--allow-write gone: no such file'),
                       (['formats', '--readers', '--drivers'], '--drivers: not together with --readers'),
                       (['formats', '--drivers', '--readers'], '--readers: not together with --drivers')):
        answer = images.run([program, *words], cwd=folder)
        tap.ok(answer.status == 2 and answer.error == f'imgprobe: {why}\n', f'usage: {why}', str(answer))
    answer = images.run([program, 'access', '--output', 'paths', '--output', 'json', '-U', 'a'], cwd=folder)
    tap.ok(answer.status == 0 and answer.document['schema'] == 1, 'the last --output counts', str(answer))
    answer = images.run([program, 'access', '--output', 'json', '--output', 'paths', 'a'], cwd=folder)
    tap.equal((answer.status, answer.out), (0, b'a\n'), 'the last --output counts, whichever it is')
    full = images.run(['sh', '-c', '"$0" access --output paths a >/dev/full', program], cwd=folder)
    tap.ok(full.status == 1 and 'imgprobe: ' in full.error, 'an answer that cannot be written is no success',
           str(full))


def outputs(tap, program, folder):
    """An image that is standard output or standard error is refused, and not written over, whatever leads to it."""
    raw(folder, 'base', 512)
    qcow2(folder, 'top', backing=b'base', backing_format=b'raw')
    qcow2(folder, 'other')
    os.symlink('base', os.path.join(folder, 'link'))
    before = {name: open(os.path.join(folder, name), 'rb').read() for name in ('base', 'top', 'other')}
    for command in ('info --backing-chain', 'access -f qcow2', 'access -f qcow2 --output json', 'check', 'check --output json'):
        for number in (1, 2):
            for files, taken in (('top', 'top'), ('top', 'base'), ('other top', 'top'), (f'fd:{number}', 'top'),
                                 ('fd:7 7<top', 'top'), ('- <top', 'top'), ('nosuch link', 'base')):
                for how in ('<>', '>>') if ' ' not in files or '<' in files or 'access' not in command else ():
                    words = f'"$0" {command} {files} {number}{how}{taken}'
                    answer = images.run(['sh', '-c', words, program], cwd=folder)
                    same = all(open(os.path.join(folder, name), 'rb').read() == raw for name, raw in before.items())
                    tap.ok(answer.status == 1 and same and (number == 2 or (not answer.out and answer.error)),
                           f'{words[5:]}: refused', str(answer))
                    if not same:
                        raise RuntimeError('an image was written over')
    answer = images.run(['sh', '-c', '"$0" access -f qcow2 top >told 2>told', program], cwd=folder)
    tap.equal(answer.status, 0, 'any other file takes the answer')
    for number in (1, 2):
        answer = images.run([program, 'info', f'fd:{number}'], cwd=folder)
        tap.ok(answer.status == 1 and "can't be read" in answer.error, f'fd:{number} is refused whatever it is', str(answer))


PARTS = (modes, consent, roots, descriptors, probed, incomplete, readers, devices, names, parents, outputs, usage)
NEED_QEMU = (modes, consent, descriptors, probed)


def main():
    asked = images.arguments(__doc__, ('--only', dict(metavar='PART', help=' '.join(p.__name__ for p in PARTS))))
    tap = Tap()
    for part in PARTS:
        if asked.only not in (None, part.__name__):
            continue
        if part in NEED_QEMU and not images.tool('qemu-img'):
            tap.lacking(part.__name__, 'qemu-img')
            continue
        with images.scratch() as folder:
            part(tap, asked.imgprobe, os.path.realpath(folder))
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
