#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The sandbox: each layer bites, the program says what is in force, and its answers are the same inside and outside.

sandbox-bite does what is forbidden, imgprobe-unlocked is the same program without a sandbox. A kernel that lacks a
layer is made by a filter of our own, under which the program is started. Prints TAP.
"""

import ctypes
import errno
import os
import re
import resource
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import time

sys.path.append(sys.path[0] + '/../lib')
import images
import landlock
import mkimage
import scenes
from tap import Tap

NOBODY = dict(user=65534, group=65534, extra_groups=[])
GAVE_UP = 'imgprobe: CPU time: the limit is reached, and there is no answer\n'
LAYERS = ['no-core-dump', 'memory-limit', 'cpu-limit', 'no-new-privileges', 'landlock', 'descriptor-limit', 'seccomp']
MIB = 1 << 20
X86_64, S390 = 62, 22  # elf(5): e_machine


def machine(program):
    """That of the program, which needn't be this script's."""
    with open(program, 'rb') as file:
        head = file.read(20)
    return int.from_bytes(head[18:20], 'little' if head[5] == 1 else 'big')


# Without a layer

class Program(ctypes.Structure):
    _fields_ = (('length', ctypes.c_ushort), ('filter', ctypes.c_char_p))


def without(*calls):
    """For preexec_fn: these system calls are none."""
    lines = [struct.pack('HBBI', 0x20, 0, 0, 0)]
    for call in calls:
        lines += [struct.pack('HBBI', 0x15, 0, 1, call), struct.pack('HBBI', 0x06, 0, 0, 0x50000 | errno.ENOSYS)]
    lines.append(struct.pack('HBBI', 0x06, 0, 0, 0x7FFF0000))
    text = b''.join(lines)

    def enter():
        if landlock.libc.prctl(landlock.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError('no_new_privs')
        program = Program(len(lines), text)
        if landlock.libc.prctl(22, 2, ctypes.byref(program), 0, 0):
            raise OSError('seccomp')
    return enter


def without_layer(asked, layer):
    """The same for what closes it, 0 for Landlock and 1 for the filter of calls."""
    return dict(preexec_fn=without(int(images.run([asked.bite, 'numbers']).out.split()[layer])))


def has_landlock():
    try:
        return landlock.version()
    except OSError:
        return 0


def has_seccomp():
    return images.run(['true'], preexec_fn=without()).status == 0


# What bites

def end(bite, *words, **keywords):
    """How a deed ended: the name of the signal or of the errno, 'done' for none."""
    answer = images.run([bite, *words], **keywords)
    if answer.status < 0:
        return signal.Signals(-answer.status).name
    if (answer.status, answer.out, answer.error) == (1, b'', GAVE_UP):
        return 'given up'
    number = int(answer.out or -1)
    return 'done' if number == 0 else errno.errorcode.get(number, str(answer))


def expect(tap, bite, layers, folder, rows, **keywords):
    inside, outside = os.path.join(folder, 'in', 'file'), os.path.join(folder, 'out')
    for deed, where, want in rows:
        path = {'in': inside, 'out': outside, 'new': os.path.join(folder, 'in', 'new'),
                'directory': os.path.dirname(inside)}[where]
        tap.equal(end(bite, layers, os.path.dirname(inside), deed, path, **keywords), want,
                  f'{layers}: {deed} {where}: {want}')
    tap.equal([open(path, 'rb').read() for path in (inside, outside)], [b'unharmed'] * 2,
              f'{layers}: the files are as they were')
    tap.ok(not os.path.exists(os.path.join(folder, 'in', 'new')), f'{layers}: there is no new file')


def bites(tap, asked, folder):
    os.mkdir(os.path.join(folder, 'in'))
    for name in ('in/file', 'out'):
        with open(os.path.join(folder, name), 'wb') as out:
            out.write(b'unharmed')
    with open(os.path.join(folder, 'out'), 'r+b') as third:
        at_three = dict(preexec_fn=lambda: os.dup2(third.fileno(), 3), close_fds=False)
        limits(tap, asked.bite, folder)
        if has_landlock():
            files(tap, asked.bite, folder)
        else:
            tap.lacking('what Landlock forbids', 'Landlock')
        if has_seccomp():
            calls(tap, asked.bite, folder, at_three)
            descriptors(tap, asked, folder)
        else:
            tap.lacking('what the filter of calls forbids', 'seccomp')


def files(tap, bite, folder):
    """Landlock alone. What needs no opening isn't held by it."""
    rows = [('read', 'in', 'done'), ('read', 'out', 'EACCES'), ('find', 'out', 'done'),
            ('list', 'directory', 'EACCES'), ('write', 'in', 'EACCES'), ('write', 'out', 'EACCES'),
            ('update', 'in', 'EACCES'), ('make', 'new', 'EACCES'), ('read-openat2', 'in', 'done'),
            ('read-openat2', 'out', 'EACCES'), ('write-openat2', 'in', 'EACCES'), ('make-openat2', 'new', 'EACCES')]
    if has_landlock() >= 3:
        rows += [('cut', 'in', 'EACCES'), ('cut-openat2', 'in', 'EACCES')]
    expect(tap, bite, 'files', folder, rows)


def calls(tap, bite, folder, at_three):
    """The filter alone, and with everything: then openat2 is Landlock's."""
    rows = [('read', 'in', 'done'), ('find', 'in', 'done'), ('write-1', 'in', 'done'), ('map-memory', 'in', 'done')]
    for deed in ('write', 'update', 'cut', 'write-3', 'map-3', 'map-code', 'make-code', 'ask', 'copy'):
        if deed not in ('map-3', 'map-code') or machine(bite) != S390:
            rows.append((deed, 'in', 'SIGSYS'))
    rows.append(('make', 'new', 'SIGSYS'))
    if machine(bite) == X86_64:
        rows += [('call-old', 'in', 'SIGSYS'), ('call-x32', 'in', 'SIGSYS')]
    for deed, where in (('read', 'in'), ('write', 'in'), ('cut', 'in'), ('make', 'new')):
        rows.append((f'{deed}-openat2', where, 'ENOSYS'))
    expect(tap, bite, 'calls', folder, rows, **at_three)
    if has_landlock() >= 3:
        for i in range(len(rows)):
            if rows[i][0].endswith('-openat2'):
                rows[i] = (rows[i][0], rows[i][1], 'done' if rows[i][0] == 'read-openat2' else 'EACCES')
        rows.append(('read', 'out', 'EACCES'))
    expect(tap, bite, 'all', folder, rows, **at_three)
    answer = images.run([bite, 'calls'])
    tap.ok(answer.status == 0, 'every other system call kills', str(answer))


def memory_file():
    """What Landlock doesn't hold: a file in memory, held for reading alone."""
    first = os.memfd_create('image')
    os.write(first, b'unharmed')
    held = os.open(f'/proc/self/fd/{first}', os.O_RDONLY)
    os.close(first)
    return held


def descriptors(tap, asked, folder):
    """One that the program was given can't be opened anew for writing, and one that it doesn't read is closed."""
    held = memory_file()
    at_three = dict(preexec_fn=lambda: os.dup2(held, 3), close_fds=False)
    for layers, deed, want in (('passed', 'write-openat2', 'ENOSYS'), ('passed', 'cut-openat2', 'ENOSYS'),
                               ('passed', 'write', 'SIGSYS'), ('passed', 'cut', 'SIGSYS'),
                               ('dropped', 'read', 'ENOENT'), ('dropped', 'read-openat2', 'ENOENT')):
        tap.equal(end(asked.bite, layers, folder, deed, '/proc/self/fd/3', **at_three), want,
                  f'{layers}: {deed} of a descriptor: {want}')
    tap.equal(os.pread(held, 9, 0), b'unharmed', 'passed: the file in memory is as it was')
    if not images.tool('strace'):
        return tap.lacking('descriptors that are given', 'strace')
    image, log = os.path.join(folder, 'in', 'file'), os.path.join(folder, 'strace.log')
    for title, words, closes in (('a path', [image], True), ('a descriptor', [f'fd:{held}'], False),
                                 ('standard input', ['-'], False), ('both', [image, '-'], False)):
        with open(image, 'rb') as standard_input:
            done = images.run(['strace', '-o', log, '-e', 'trace=close_range', asked.imgprobe, 'info', '-f', 'raw', *words],
                              pass_fds=(held,), stdin=standard_input)
        with open(log, encoding='utf-8') as file:
            tap.ok(done.status == 0 and ('close_range(3, ' in file.read()) == closes,
                   f'{title}: what was given is {"closed" if closes else "kept"}', str(done))


def limits(tap, bite, folder):
    rows = [('allocate', 'in', 'ENOMEM'), ('open-many', 'in', 'EMFILE'), ('spin', 'in', 'given up')]
    expect(tap, bite, 'limits', folder, rows)
    expect(tap, bite, 'all', folder, rows)
    for what, shut_out in (
            ('ignored', lambda: signal.signal(signal.SIGXCPU, signal.SIG_IGN)),
            ('blocked', lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGXCPU}))):
        tap.equal(end(bite, 'all', '/', 'spin', '/', preexec_fn=shut_out), 'given up',
                  f'all: spin, with SIGXCPU {what}: given up')
    with open(os.path.join(folder, 'out'), 'rb') as held:
        tap.equal(end(bite, 'all', folder, 'open-many', os.path.join(folder, 'out'), pass_fds=(held.fileno(),)),
                  'EMFILE', 'all: as many descriptors beside one that was passed')
    for most in (20, 40):
        tap.equal(end(bite, 'all', folder, 'open-many', os.path.join(folder, 'out'), preexec_fn=lambda most=most:
                      resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))), 'EMFILE',
                  f'all: as many descriptors where no more than {most} may be open')
    for layers in ('limits', 'all'):
        crash(tap, bite, folder, layers)


def crash(tap, bite, folder, layers):
    process = subprocess.Popen([bite, layers, '/', 'crash'], cwd=folder, stdout=subprocess.DEVNULL, preexec_fn=lambda:
                               resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2))
    status = os.waitpid(process.pid, 0)[1]
    process.returncode = 0
    tap.ok(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSEGV and not os.WCOREDUMP(status)
           and not [name for name in os.listdir(folder) if name.startswith('core')], f'{layers}: crash: no core dump',
           str(status))


# What the program says of it

def itself(tap, asked, folder):
    """The kernel's own account of the running program, while it waits for its input."""
    process = subprocess.Popen([asked.imgprobe, 'info', '-', '--output', 'json'], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, cwd=folder)
    until = time.monotonic() + images.TIMEOUT
    status = ''
    while not re.search(r'^Seccomp:\t2$', status, flags=re.M) and process.poll() is None and time.monotonic() < until:
        with open(f'/proc/{process.pid}/status', encoding='ascii') as file:
            status = file.read()
        with open(f'/proc/{process.pid}/limits', encoding='ascii') as file:
            rows = dict(re.findall(r'^(Max [a-z ]+?) {2,}\S+ +(\S+)', file.read(), flags=re.M))
    out, _ = process.communicate(bytes(1024))
    tap.ok(re.search(r'^NoNewPrivs:\t1$', status, flags=re.M) and re.search(r'^Seccomp:\t2$', status, flags=re.M),
           'no new privileges, and a filter', status)
    bounds = {'Max core file size': 1, 'Max cpu time': 3700, 'Max address space': 129 * MIB, 'Max open files': 24}
    tap.ok(all(rows.get(name, '').isdigit() and int(rows[name]) <= bound for name, bound in bounds.items()),
           'limits that no process can raise again', str(rows))
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != 0:
        tap.equal(rows.get('Max core file size'), '1', 'no core dump is piped either, as with 0 it would be')
    tap.ok(process.returncode == 0 and b'"raw"' in out, 'and it answers', out.decode())


def gives_up(tap, asked, _folder):
    """At the limit of CPU time, which is lowered here: it reads a pipe that never ends."""
    with subprocess.Popen(['cat', '/dev/zero'], stdout=subprocess.PIPE) as endless:
        for command in ('info', 'check'):
            answer = images.run([asked.imgprobe, command, '--output', 'json', '-'], stdin=endless.stdout,
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 5)))
            tap.equal((answer.status, answer.out, answer.error), (1, b'', GAVE_UP),
                      f'{command}: one line where CPU time ends, and nothing of an answer')
        endless.stdout.close()
        endless.terminate()


def stats(answer):
    own = answer.own or answer.document or {}
    own = (own.get('members') or [own])[0] if 'stats' not in own else own
    return own.get('stats', {}).get('sandbox', {})


def said(tap, asked, folder):
    """--stats and --require-sandbox, where all is in force, where a layer isn't, and where there is none."""
    with open(os.path.join(folder, 'raw'), 'wb') as out:
        out.truncate(512)
    scenes_of = [('all there is', asked.imgprobe, {}, set()), ('no sandbox', asked.unlocked, {}, set(LAYERS)),
                 ('no Landlock', asked.imgprobe, without_layer(asked, 0), {'landlock'}),
                 ('no seccomp', asked.imgprobe, without_layer(asked, 1), {'seccomp'})]
    if not has_landlock() or not has_seccomp():
        return tap.lacking('what is said of the sandbox', 'Landlock or seccomp')
    for title, program, given, lacking in scenes_of:
        for words in (['info'], ['check'], ['access', '-f', 'raw']):
            one_said(tap, program, f'{title}: {words[0]}', [*words, 'raw'], lacking, dict(given, cwd=folder))
        answer = images.run([program, 'formats', '--require-sandbox'], cwd=folder, **given)
        tap.ok((answer.status, bool(answer.out)) == ((1, False) if lacking else (0, True)),
               f'{title}: formats --require-sandbox', str(answer))
    return None


def one_said(tap, program, title, words, lacking, given):
    found = stats(images.run([program, *words, '--stats', '--output', 'json'], **given))
    want = {layer: layer not in lacking for layer in LAYERS}
    version = found.pop('landlock-version', 0)
    tap.equal((found, version > 0), (want, want['landlock']), f'{title} --stats')
    line = [line for line in images.run([program, *words, '--stats'], **given).out.decode().split('\n')
            if 'sandbox:' in line]
    there = [f'landlock {version}' if layer == 'landlock' else layer for layer in LAYERS if want[layer]]
    text = ', '.join(there) or 'none'
    if lacking:
        text += '; not in force: ' + ', '.join(layer for layer in LAYERS if layer in lacking)
    tap.equal([line.strip() for line in line], [f'sandbox: {text}'], f'{title} --stats, for people')
    answer = images.run([program, *words, '--require-sandbox'], **given)
    if lacking:
        tap.equal((answer.status, answer.out, answer.error),
                  (1, b'', f'imgprobe: --require-sandbox: not in force here: {text.split("force: ")[1]}\n'),
                  f'{title} --require-sandbox')
    else:
        tap.ok(answer.status == 0 and answer.out, f'{title} --require-sandbox', str(answer))


def reach(tap, asked, folder):
    """What Landlock is told to allow, for the kernel doesn't say it of a process: files to be read, and no more."""
    if not images.tool('strace') or not has_landlock():
        return tap.lacking('what may be read', 'strace' if has_landlock() else 'Landlock')
    for name in ('one/a', 'two/b'):
        os.makedirs(os.path.dirname(os.path.join(folder, name)))
        with open(os.path.join(folder, name), 'wb') as out:
            out.truncate(512)
    for words, paths in (
            (['info', 'one/a'], [None]), (['info', '--no-open', 'one/a', 'two/b'], ['/one/a', '/two/b']),
            (['info', '--root', 'two', 'one/a'], ['/one/a', '/two']), (['info', '--no-open', '-'], []),
            (['access', 'one/a'], ['/one', '/one/a']), (['access', '--root', 'two', 'one/a'], ['/one/a', '/two']),
            (['access', 'fd:0'], []), (['access', 'fd:0=two/b'], ['/two']), (['check', '-'], []),
            (['check', 'one/a', 'two/b'], ['/one', '/one/a', '/two', '/two/b']), (['check', '--list'], []),
            (['check', '--root', 'nosuch', 'one/a'], []), (['verify', 'one/a'], [None]),
            (['verify', '--root', 'two', 'one/a'], ['/one/a', '/two']), (['formats'], [])):
        log = os.path.join(folder, 'log')
        images.run(['strace', '-y', '-o', log, asked.imgprobe, *words], cwd=folder)
        text = open(log, encoding='utf-8', errors='replace').read()
        if 'exited with' not in text:
            return tap.skip('what may be read', 'strace cannot trace here')
        found = re.findall(r'^landlock_add_rule\(.*allowed_access=(\S+), parent_fd=\d+<(.*)>', text, flags=re.M)
        rights = {right for right, _ in found} - {'LANDLOCK_ACCESS_FS_READ_FILE|' + device
                                                 for device in ('0x8000', 'LANDLOCK_ACCESS_FS_IOCTL_DEV')}
        tap.equal((sorted(path for _, path in found), rights - {'LANDLOCK_ACCESS_FS_READ_FILE'}),
                  (sorted('/' if path is None else folder + path for path in paths), set()),
                  f'{" ".join(words)}: what may be read')
        before = re.split(r'^seccomp\(', text, flags=re.M)[0]
        opened = [line for line in re.findall(r'^open.*', before, flags=re.M)
                  if folder in line.split(' = ')[-1] and 'O_PATH' not in line]
        tap.equal(opened, [], f'{" ".join(words)}: nothing is opened to be read before')
    return None


# The same answers

def both(asked, words, **keywords):
    """Its answer and that of the program without a sandbox, which has to be the same; `locked` is for the first."""
    locked = keywords.pop('locked', {})
    found = images.run([asked.imgprobe, *words], **{**keywords, **locked})
    want = images.run([asked.unlocked, *words], **keywords)
    return found, (found.status, found.out, found.error) == (want.status, want.out, want.error), want


def same(tap, asked, title, words, want_status=0, **keywords):
    found, equal, want = both(asked, words, **keywords)
    tap.ok(equal and want.status == want_status, f'{title}: {" ".join(map(str, words))}', f'{found}\n---\n{want}')


def build(asked, folder):
    """The image set: where each image is, its description, the format that it looks like."""
    found = []
    for name, path in mkimage.descriptions():
        made = mkimage.read(path)
        found.append((os.fsdecode(mkimage.build(made, os.path.join(folder, name))), made))
    os.sync()  # what files take of the disk is settled when they are written to it, which may be between two answers
    looks = images.info(asked.unlocked, '--no-open', *[image for image, _ in found]).documents
    return [(*one, look['imgprobe'].get('format')) for one, look in zip(found, looks)]


def kinds(program):
    text = images.run([program, 'access', '--help']).out.decode()
    return re.findall(r'^  ([a-z]+) ', text.split('kinds of output:')[1], flags=re.M)


def together(tap, asked, built, folder, title, locked):
    """Commands that take all images at once."""
    paths = [image for image, _, _ in built]
    for words in (['info', '--output', 'json'], ['info', '--backing-chain', '--output', 'json'], ['info'],
                  ['info', '--no-open', '--output', 'json'], ['info', '--backing-chain', '--root', folder],
                  ['info', '--backing-chain', '--root', folder + '/qcow2', '--output', 'json'],
                  ['check', '--output', 'json'], ['check'], ['check', '--policy', 'guest', '--root', folder],
                  ['check', '--policy', 'base', '--root', folder + '/chain', '--output', 'json']):
        found, equal, want = both(asked, [*words, *paths], locked=locked)
        lines = [f'{a!r}\n  {b!r}' for a, b in zip(found.out.split(b'\n'), want.out.split(b'\n')) if a != b][:3]
        tap.ok(equal and len(want.out) > 100 * len(built), f'{title}: {" ".join(words)}',
               '\n'.join([f'exit {found.status} and {want.status}', *lines]))


def one_by_one(tap, asked, built, title, locked):
    """Each as its description says, and what access makes of it."""
    differ = {'info': [], 'access': [], 'kinds': []}
    answered = 0
    every = kinds(asked.unlocked)
    for image, made, looks in built:
        where = dict(cwd=os.path.dirname(image), locked=locked)
        name = os.path.basename(image)
        for given in made.runs:
            words = ['info', *shlex.split(given), name]
            if not both(asked, words, **where)[1] and '--stats' not in words:
                differ['info'].append((image, words))
        for flags in [[], ['-f', looks]] if looks else [[]]:
            _, equal, want = both(asked, ['access', *flags, '--output', 'json', name], **where)
            differ['access'] += [] if equal else [(image, flags)]
            if want.status == 0 and answered < 40 and len(want.document['members']) > 1:
                answered += 1
                for kind in every:
                    user = ['--user', 'nobody'] if kind == 'acl' else []
                    words = ['access', *flags, '--output', kind, *user, name]
                    differ['kinds'] += [] if both(asked, words, **where)[1] else [(image, words)]
    for part, found in differ.items():
        tap.equal(found[:3], [], f'{title}: one by one: {part}')
    tap.ok(answered > 10, f'{title}: chains of several files were asked for in every kind', str(answered))


def answers(tap, asked, folder):
    built = build(asked, folder)
    together(tap, asked, built, folder, 'inside and outside', {})
    one_by_one(tap, asked, built, 'inside and outside', {})
    for words in (['formats'], ['formats', '--output', 'json'], ['check', '--list'], ['info', '--help'],
                  ['verify', '--help']):
        same(tap, asked, 'inside and outside', words)
    if has_seccomp():
        together(tap, asked, built, folder, 'without Landlock', without_layer(asked, 0))
    stream = open(built[0][0], 'rb').read()
    same(tap, asked, 'a pipe', ['info', '-'], both(asked, ['info', '-'], input=stream)[2].status, input=stream)
    for words in (['check', '-'], ['check', '--tee', '-'], ['check', '--tee', '--deny', 'format-probed', '-']):
        same(tap, asked, 'a pipe', words, both(asked, words, input=stream)[2].status, input=stream)
    for wrong in (['info', '/nosuch'], ['info', folder], ['info', '/dev/null'], ['access', 'fd:77'],
                  ['check', '/nosuch/file'], ['access', '--root', '/', '/nosuch']):
        same(tap, asked, 'what can\'t be opened', wrong, both(asked, wrong)[2].status or 1)


# Places

def chain(folder):
    """top over base, both qcow2, by a relative and by an absolute name."""
    for name, backing in (('base', None), ('top', b'base'), ('absolute', os.fsencode(folder) + b'/base')):
        with open(os.path.join(folder, name), 'w+b') as out:
            if backing:
                mkimage.qcow2(out, backing=backing, backing_format=b'qcow2')
            else:
                mkimage.qcow2(out)


ASKED = (['info', '--backing-chain'], ['info', '--backing-chain', '--output', 'json'],
         ['access', '-f', 'qcow2', '--output', 'json'], ['access', '-f', 'qcow2', '--output', 'paths'],
         ['check', '-f', 'qcow2', '--allow', 'backing-file', '--output', 'json'])


def ask_all(tap, asked, title, *files, **keywords):
    for words in ASKED:
        same(tap, asked, title, [*words, *files], **keywords)


def places(tap, asked, folder):
    real, pool = os.path.join(folder, 'real'), os.path.join(folder, 'pool')
    os.mkdir(real)
    os.symlink('real', pool)
    chain(real)
    ask_all(tap, asked, 'a pool behind a link', pool + '/top')
    ask_all(tap, asked, 'a pool behind a link', '--root', pool, pool + '/absolute')
    ask_all(tap, asked, 'a pool behind a link', '--root', pool, real + '/top')
    os.symlink('real/top', os.path.join(folder, 'link'))
    ask_all(tap, asked, 'FILE is a link, and its root elsewhere', '--root', real, '--declare', real + '/base=qcow2',
            '../link', cwd=real, want_status=3)
    readonly(tap, asked, real)
    unsearchable(tap, asked, folder)
    devices(tap, asked, folder, real)


def readonly(tap, asked, real):
    mount = ['unshare', '-m', 'sh', '-c', 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && "$@"', real]
    if os.getuid() != 0 or images.run([*mount, 'true']).status != 0:
        return tap.skip('a mount that is read only', 'none can be made here')
    for words in ASKED:
        found = images.run([*mount, asked.imgprobe, *words, real + '/top'])
        want = images.run([*mount, asked.unlocked, *words, real + '/top'])
        tap.ok(found.status == 0 and (found.status, found.out, found.error) == (want.status, want.out, want.error),
               f'a mount that is read only: {" ".join(words)}', f'{found}\n---\n{want}')
    return None


def unsearchable(tap, asked, folder):
    """The working directory can be searched, and what lies above it can't."""
    if os.getuid() != 0:
        return tap.skip('beneath a directory that can\'t be searched', 'needs another user')
    inner = os.path.join(folder, 'closed', 'inner')
    os.makedirs(inner)
    chain(inner)
    os.mkdir(os.path.join(inner, 'beside'))
    os.chmod(inner, 0o755)
    os.chmod(os.path.dirname(inner), 0o700)

    def enter():
        os.chdir(inner)
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    for words in (['info'], ['info', '--backing-chain', '--output', 'json'], ['access', '-f', 'qcow2']):
        for title, before in (('', lambda: None), (' without Landlock', without_layer(asked, 0)['preexec_fn'])):
            same(tap, asked, f'beneath a directory that can\'t be searched{title}', [*words, './beside/../top'],
                 preexec_fn=enter, locked=dict(preexec_fn=lambda first=before: (first(), enter())))
    return None


def devices(tap, asked, folder, real):
    disk = os.path.join(folder, 'disk')
    with open(disk, 'w+b') as out:
        mkimage.qcow2(out)
        out.truncate(MIB)
    with scenes.Loop(disk) as device:
        if not device:
            return tap.skip('a member on a block device', 'losetup gives none here')
        with open(os.path.join(real, 'over'), 'w+b') as out:
            mkimage.qcow2(out, backing=os.fsencode(device), backing_format=b'qcow2')
        ask_all(tap, asked, 'FILE is a device', device)
        ask_all(tap, asked, 'a member is a device', '--root', '/dev', '--root', real, real + '/over')
        links = f'/dev/imgprobe-{os.getpid()}'
        os.mkdir(links)
        try:
            os.symlink('../' + os.path.basename(device), links + '/disk')
            with open(os.path.join(real, 'over-link'), 'w+b') as out:
                mkimage.qcow2(out, backing=os.fsencode(links) + b'/disk', backing_format=b'qcow2')
            ask_all(tap, asked, 'a member is a link in /dev', '--root', links, '--root', real, real + '/over-link')
            ask_all(tap, asked, 'FILE is a link in /dev', links + '/disk')
        finally:
            shutil.rmtree(links)
    return None


# Descriptors alone

def public(asked, folder):
    """Both programs where anybody may run them, with their library beside them as where they were built."""
    os.chmod(folder, 0o755)
    os.makedirs(os.path.join(folder, 'p', 'cli'))
    os.makedirs(os.path.join(folder, 'p', 'libimgprobe'))
    built = os.path.join(os.path.dirname(os.path.dirname(asked.imgprobe)), 'libimgprobe')
    for name in os.listdir(built):
        if '.so' in name and os.path.isfile(os.path.join(built, name)):
            shutil.copy(os.path.join(built, name), os.path.join(folder, 'p', 'libimgprobe', name))
    found = type(asked)()
    for which in ('imgprobe', 'unlocked'):
        setattr(found, which, shutil.copy(getattr(asked, which), os.path.join(folder, 'p', 'cli', which)))
    return found


def passed(tap, asked, folder):
    """A user to whom no file is readable, and one who sees none at all, with a descriptor."""
    secret = os.path.join(folder, 'secret')
    os.mkdir(secret, 0o700)
    with open(os.path.join(secret, 'image'), 'w+b') as out:
        mkimage.qcow2(out)
    programs = public(asked, folder)
    with open(os.path.join(secret, 'image'), 'r+b') as image:
        words = [['info', f'fd:{image.fileno()}'], ['info', '--output', 'json', f'fd:{image.fileno()}=x'],
                 ['access', '-f', 'qcow2', '--output', 'json', f'fd:{image.fileno()}'],
                 ['check', '-f', 'qcow2', f'fd:{image.fileno()}', '--root', '/']]
        given = dict(pass_fds=(image.fileno(),), cwd='/', **(NOBODY if os.getuid() == 0 else {}))
        for one in words:
            same(tap, programs, 'as nobody, with a descriptor', one, **given)
        bare = ['bwrap', '--unshare-all', '--setenv', 'LD_LIBRARY_PATH', '/p/libimgprobe', '--ro-bind',
                os.path.join(folder, 'p'), '/p']
        for path in ('/usr', '/lib', '/lib64', '/lib32'):
            bare += ['--ro-bind', path, path] if os.path.isdir(path) else []
        if not images.tool('bwrap'):
            return tap.lacking('with nothing but a descriptor', 'bwrap')
        if images.run([*bare, '/usr/bin/true']).status != 0:
            return tap.skip('with nothing but a descriptor', 'bwrap can\'t do it here')
        for one in words:
            found, want = [images.run([*bare, f'/p/cli/{program}', *one], pass_fds=(image.fileno(),))
                           for program in ('imgprobe', 'unlocked')]
            tap.ok(found.status == 0 and (found.out, found.error) == (want.out, want.error),
                   f'with nothing but a descriptor: {" ".join(one)}', f'{found}\n---\n{want}')
    return None


PARTS = (bites, itself, gives_up, said, reach, answers, places, passed)


def main():
    asked = images.arguments(__doc__, ('--unlocked', dict(metavar='PATH', help='the program without a sandbox')),
                             ('--bite', dict(metavar='PATH', help='what does the forbidden')),
                             ('--only', dict(metavar='PART', help=' '.join(part.__name__ for part in PARTS))))
    tap = Tap()
    if not asked.bite:
        tap.skip('the sandbox', 'this build has none: -Dsandbox')
        return tap.done()
    for part in PARTS:
        if asked.only in (None, part.__name__):
            with images.scratch() as folder:
                part(tap, asked, os.path.realpath(folder))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
