#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `imgprobe access` prints for those that confine a reader, given to them: the reader works, and doesn't with
any one of the files left out. What one of them can't be told is refused with the byte that it can't carry."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.append(sys.path[0] + '/../lib')
import images
import landlock
import mkimage
import scenes
from tap import Tap

NOBODY = 65534
SYSTEMD = '/lib/systemd/systemd'


def refused(tap, answer, error, title):
    lines = answer.error.rstrip('\n').split('\n')
    return tap.ok(answer.status == 1 and not answer.out and len(lines) == 1 and error in lines[0]
                  and lines[0].startswith('imgprobe: ') and 'but json' in lines[0], title, str(answer))


def in_folder(check):
    """Calls it with a folder of its own for each name."""
    def part(tap, program, folder):
        for number, name in enumerate(scenes.NAMES):
            own = os.path.join(folder, str(number))
            os.mkdir(own)
            check(tap, program, own, name)
    part.__name__ = check.__name__
    return part


# ---------------------------------------------------------------------------------------------------------------
# acl
# ---------------------------------------------------------------------------------------------------------------

WHO = dict(user=NOBODY, group=NOBODY, extra_groups=[])


def closed(folder):
    """Nobody but root opens anything in it."""
    for directory, _, names in os.walk(os.fsencode(folder)):
        os.chmod(directory, 0o700)
        for name in names:
            if not os.path.islink(os.path.join(directory, name)):
                os.chmod(os.path.join(directory, name), 0o600)


def fresh(folder, number, name):
    own = os.path.join(folder, number)
    os.mkdir(own)
    top = scenes.chain(own, name)
    closed(own)
    return top


def acl(tap, program, folder):
    if not images.tool('setfacl'):
        return tap.lacking('acl', 'setfacl')
    if os.getuid() != 0:
        return tap.skip('acl', 'only root can become another user')
    os.chmod(folder, 0o755)
    if images.run(['setfacl', '-m', f'u:{NOBODY}:r--', '--', folder]).status:
        return tap.skip('acl', f'the file system of {folder} keeps no access control lists')
    images.run(['setfacl', '-b', '--', folder])
    for number, name in enumerate(scenes.NAMES):
        check_acl(tap, program, fresh(folder, f'{number}', name), name)
    leave_out_acl(tap, program, folder)
    acl_keeps(tap, program, folder)
    acl_exchanged(tap, program, folder)
    return None


def acl_script(program, top, *flags):
    return scenes.access(program, 'acl', top, '--user', str(NOBODY), *flags)


def check_acl(tap, program, top, name):
    before, _ = scenes.reads(top, **WHO)
    answer = acl_script(program, top, '--write')
    done = images.run(['sh', '-c', answer.out], cwd='/')
    after, how = scenes.reads(top, **WHO)
    writes, _ = scenes.reads(top, write=True, **WHO)
    base = os.path.join(os.path.dirname(top), b'../bases', name)
    spared = not may(base, os.O_RDWR, NOBODY) and not may(top, os.O_RDONLY, NOBODY - 1)
    tap.ok(not before and answer.status == 0 and done.status == 0 and after and writes and spared,
           f'acl: {name!r}', f'{before} {after} {writes} {spared}\n{answer}{done}{how}')


def may(path, flags, user):
    """Whether this user opens it so."""
    code = 'import os,sys; os.open(os.fsencode(sys.argv[1]), int(sys.argv[2]))'
    return images.run(['/usr/bin/python3', '-c', code, path, str(flags)], user=user, group=user,
                      extra_groups=[]).status == 0


def leave_out_acl(tap, program, folder):
    lines = acl_script(program, fresh(folder, 'all', b'x')).out.decode().splitlines()
    for left, line in enumerate(lines):
        top = fresh(folder, f'without-{left}', b'x')
        rest = acl_script(program, top).out.decode().splitlines()
        title = f'acl: without {shlex.split(line)[-1][len(folder) + 4:]}'
        images.run(['sh', '-c', '\n'.join(rest[:left] + rest[left + 1:])])
        tap.ok(len(rest) == len(lines) and not scenes.reads(top, **WHO)[0], title, '\n'.join(rest))
    tap.equal(len(lines), len({shlex.split(line)[-1] for line in lines}), 'acl: each file and directory once')


EXCHANGE = """
import ctypes, sys
libc, one, two = ctypes.CDLL(None), *map(str.encode, sys.argv[1:])
print(flush=True)
while libc.renameat2(-100, one, -100, two, 2) == 0:
    pass
"""
RUNS = 300


def acl_exchanged(tap, program, folder):
    """A directory of the root is exchanged with a link to a private one, without end: nothing of that is granted."""
    own, private = os.path.join(folder, 'exchanged'), os.path.join(folder, 'private')
    for directory in (own, os.path.join(own, 'd'), private):
        os.mkdir(directory)
        with open(os.path.join(directory, 'base'), 'wb') as out:
            out.truncate(512)
    os.symlink(private, os.path.join(own, 'link'))
    scenes.overlay(os.path.join(own, 'top'), 'd/base', 'raw')
    scenes.overlay(os.path.join(own, 'up'), 'd/../d/base', 'raw')
    closed(own)
    os.chmod(private, 0o700)
    with subprocess.Popen(['/usr/bin/python3', '-c', EXCHANGE, os.path.join(own, 'd'), os.path.join(own, 'link')],
                          stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        answers = []
        for at in range(RUNS):
            kind, name = [('acl', 'top'), ('acl', 'up'), ('systemd', 'up')][at % 3]
            more = ('--user', str(NOBODY)) if kind == 'acl' else ()
            answers.append(images.run([program, 'access', '-f', 'qcow2', '--output', kind, *more, os.path.join(own, name)]))
        ended = other.poll()
        other.kill()
    told = [answer for answer in answers if answer.status == 0]
    tap.ok(ended is None and told, f'acl: {RUNS} answers while a directory is exchanged for a link, some good',
           answers[0])
    tap.none([str(answer) for answer in answers if private.encode() in answer.out][:3],
             'acl: none names the directory outside the root to which the link leads')
    tap.none([str(answer) for answer in answers if answer.status not in (0, 1, 3) or (answer.status != 0 and answer.out)]
             [:3], 'acl: the others are refused, and print nothing')


def acl_keeps(tap, program, folder):
    """Other entries, what the user may do already, and what a mask hides."""
    top = fresh(folder, 'keeps', b'x')
    images.run(['setfacl', '-m', f'u:{NOBODY - 1}:rw-', '--', top])
    images.run(['setfacl', '-m', f'u:{NOBODY}:r--', '--', os.path.dirname(top)])
    images.run(['sh', '-c', acl_script(program, top).out])
    found = images.run(['getfacl', '-cn', '--', top]).out.decode()
    tap.ok(f'user:{NOBODY - 1}:rw-\n' in found and f'user:{NOBODY}:r--\n' in found, 'acl: other entries stay', found)
    found = images.run(['getfacl', '-cn', '--', os.path.dirname(top)]).out.decode()
    tap.ok(f'user:{NOBODY}:r-x\n' in found, 'acl: what it may already stays', found)
    again = acl_script(program, top).out.decode()
    tap.ok('--x' not in again and '\'' + os.fsdecode(os.path.realpath(top)) + '\'' in again,
           'acl: no directory that is searchable', again)
    images.run(['setfacl', '-m', 'm::---', '--', top])
    refused(tap, acl_script(program, top), 'has a mask that hides rights', 'acl: a mask that hides rights')
    for user in ('a:b', 'no-such-user-here', 'a b', '4294967296'):
        answer = scenes.access(program, 'acl', top, '--user', user)
        tap.ok(answer.status == 2 and not answer.out and answer.error == f'imgprobe: --user {user}: there is no such user\n',
               f'acl: no user {user}', str(answer))


# ---------------------------------------------------------------------------------------------------------------
# bubblewrap
# ---------------------------------------------------------------------------------------------------------------

def jail():
    words = ['bwrap', '--unshare-all', '--proc', '/proc', '--dev', '/dev']
    for path in scenes.SYSTEM:
        if os.path.islink(path):
            words += ['--symlink', os.readlink(path), path]
        elif os.path.isdir(path):
            words += ['--ro-bind', path, path]
    return words


def jailed(top, words, **keywords):
    """With the arguments as --args takes them."""
    with tempfile.TemporaryFile() as given:
        given.write(b''.join(os.fsencode(word) + b'\0' for word in words))
        given.seek(0)
        return scenes.reads(top, *jail(), '--args', str(given.fileno()), '--', pass_fds=(given.fileno(),), **keywords)


def groups_of(words):
    """One for each option."""
    found = []
    while words:
        length = 2 if words[0] == b'--dir' else 3
        found.append(words[:length])
        words = words[length:]
    return found


def has_bwrap(tap):
    if not images.tool('bwrap'):
        tap.lacking('bwrap', 'bwrap')
        return False
    answer = images.run([*jail(), 'true'])
    if answer.status:
        tap.skip('bwrap', f'bubblewrap makes no jail here: {answer.error}')
    return answer.status == 0


def bwrap(tap, program, folder):
    if not has_bwrap(tap):
        return
    for number, name in enumerate(scenes.NAMES):
        own = os.path.join(folder, str(number))
        os.mkdir(own)
        check_bwrap(tap, program, scenes.chain(own, name), name)
    with_dirs(tap, program, folder)
    conflict(tap, program, folder)
    bwrap_device(tap, program, folder)
    bwrap_many(tap, program, folder)


def check_bwrap(tap, program, top, name):
    words = scenes.access(program, 'bwrap', top, '-0').out.split(b'\0')[:-1]
    fine, how = jailed(top, words)
    text = scenes.access(program, 'bwrap', top).out.rstrip(b'\n')
    shell = images.run(['sh', '-c', b'set -- ' + text + b'\nfor a; do printf "%s\\0" "$a"; done'])
    tap.ok(fine and len(words) == 11 and shell.out.split(b'\0')[:-1] == words, f'bwrap: {name!r}',
           f'{words}\n{how}{shell}')
    tap.ok(not jailed(top, words, write=True)[0], f'bwrap: {name!r}: not for writing')
    groups = groups_of(words)
    for left in groups:
        rest = [word for group in groups if group is not left for word in group]
        tap.ok(not jailed(top, rest)[0], f'bwrap: {name!r}: not without {os.path.basename(left[-1])!r}', rest)
    words = scenes.access(program, 'bwrap', top, '-0', '--write').out.split(b'\0')[:-1]
    tap.ok(jailed(top, words, write=True)[0], f'bwrap: {name!r}: --write')


def with_dirs(tap, program, folder):
    """A name that walks through a directory in which nothing stands, and one file by two names."""
    own = os.path.join(folder, 'dirs')
    os.makedirs(os.path.join(own, 'empty/deep'))
    scenes.fill(os.path.join(own, 'base'))
    top = os.path.join(own, 'top')
    scenes.overlay(top, 'empty/./deep/../../base', 'raw')
    words = scenes.access(program, 'bwrap', top, '-0').out.split(b'\0')[:-1]
    fine, how = jailed(top, words)
    tap.ok(fine and b'--dir' in words, 'bwrap: a name through empty directories', f'{words}\n{how}')
    rest = [word for group in groups_of(words) if group[0] != b'--dir' for word in group]
    tap.ok(not jailed(top, rest)[0], 'bwrap: not without the directories', rest)
    refused(tap, scenes.access(program, 'systemd', top), 'walks through a directory', 'systemd: the same')


def conflict(tap, program, folder):
    """By letters two files stand in one place."""
    own = os.path.join(folder, 'conflict')
    os.makedirs(os.path.join(own, 'far/away'))
    os.symlink('far/away', os.path.join(own, 'link'))
    scenes.fill(os.path.join(own, 'far/base'))
    scenes.overlay(os.path.join(own, 'base'), 'link/../base', 'raw')
    top = os.path.join(own, 'top')
    scenes.overlay(top, 'base', 'qcow2')
    for kind in ('bwrap', 'systemd'):
        refused(tap, scenes.access(program, kind, top), 'taken by another file', f'{kind}: two files in one place')
    scenes.overlay(top, 'link/../base', 'raw')
    words = scenes.access(program, 'bwrap', top, '-0').out.split(b'\0')[:-1]
    fine, how = jailed(top, words)
    tap.ok(fine, 'bwrap: a name with .. that passes a link', f'{words}\n{how}')
    refused(tap, scenes.access(program, 'systemd', top), 'behind a link', 'systemd: the same')


def device_chain(folder):
    scenes.fill(os.path.join(folder, 'disk'))
    return os.path.join(folder, 'disk'), os.path.join(folder, 'top')


def bwrap_device(tap, program, folder):
    own = os.path.join(folder, 'device')
    os.mkdir(own)
    disk, top = device_chain(own)
    with scenes.Loop(disk) as device:
        if not device:
            return tap.skip('bwrap: a device', 'this machine gives no loop device')
        scenes.overlay(top, device, 'raw')
        words = scenes.access(program, 'bwrap', top, '-0').out.split(b'\0')[:-1]
        fine, how = jailed(top, words)
        tap.ok(fine and b'--dev-bind' in words, 'bwrap: a device', f'{words}\n{how}')
        return tap.ok(not jailed(top, words[:3])[0], 'bwrap: not without the device')


def bwrap_many(tap, program, folder):
    """More than bubblewrap takes."""
    own = os.path.join(folder, 'many')
    os.mkdir(own)
    top = os.path.join(own, 'top.vmdk')
    for count, status in ((3001, 1), (2999, 0)):
        names = [f'x{n}' for n in range(count)]
        for name in names:
            open(os.path.join(own, name), 'wb').close()
            os.truncate(os.path.join(own, name), 512)
        with open(top, 'w', encoding='ascii') as out:
            out.write(re.sub(r'(?m)^ +', '', f'''# Disk DescriptorFile
                version=1
                CID=12345678
                parentCID=ffffffff
                createType="twoGbMaxExtentFlat"
                ''') + ''.join(f'RW 1 FLAT "{name}" 0\n' for name in names))
        answer = images.run([program, 'access', '-f', 'vmdk', '--output', 'bwrap', '-0', top])
        words = answer.out.split(b'\0')[:-1]
        tap.ok(answer.status == status and len(words) <= 9000 and ('9000' in answer.error) == bool(status),
               f'bwrap: {count + 1} files', str(answer)[:2000])


# ---------------------------------------------------------------------------------------------------------------
# AppArmor
# ---------------------------------------------------------------------------------------------------------------

def apparmor(tap, program, folder):
    """The parser's automaton accepts the names of the files and nothing else."""
    parser = shutil.which('apparmor_parser', path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
    if not parser:
        tap.lacking('apparmor', 'apparmor_parser')
        return
    for number, name in enumerate(scenes.NAMES):
        own = os.path.join(folder, str(number))
        os.mkdir(own)
        top = scenes.chain(own, name)
        for flags in ((), ('--write',)):
            rules = scenes.access(program, 'apparmor', top, *flags)
            profile = b'profile imgprobe {\n' + rules.out + b'}\n'
            done = images.run([parser, '-Q', '-K', '-D', 'dfa-states'], input=profile)
            accepted = automaton(done.error)
            tap.equal(sorted(accepted), sorted(scenes.files(program, top)), f'apparmor: {name!r} {" ".join(flags)}')
            tap.ok(done.status == 0 and rules.out.count(b'" rwk,\n') == len(flags), f'apparmor: {name!r}: modes',
                   f'{rules}{done}')


def automaton(dump):
    """Every string that it accepts; more than a few would be an error of their own."""
    arrows, accepting, state, found = {}, set(), None, []
    for line in dump.split('\n'):
        if m := re.match(r'\{(\d+)\} \(0x ', line):
            accepting.add(m[1])
        elif m := re.match(r'\{(\d+)\} perms', line):
            state = m[1]
        elif m := re.match(r' {4}(?:\\?.{1,2} )?0x([0-9a-f]+) -> \{(\d+)\}', line):
            arrows.setdefault(state, []).append((int(m[1], 16), m[2]))
        elif m := re.search(r'-> \{(\d+)\}', line):
            found.append(b'any: ' + line.encode())
    todo = [('1', b'')]
    while todo and len(found) < 20:
        state, text = todo.pop()
        found += [text] if state in accepting else []
        todo += [(to, text + bytes([byte])) for byte, to in arrows.get(state, [])]
    return found


# ---------------------------------------------------------------------------------------------------------------
# systemd
# ---------------------------------------------------------------------------------------------------------------

UNIT = b'[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n'


def parsed(folder):
    """What systemd itself makes of the unit there, line by line: it tells in its test mode, but not to root."""
    who = WHO if os.getuid() == 0 else {}
    home = os.path.join(folder, 'home')
    for path in (folder, home, os.path.join(folder, 'x.service.d')):
        os.chmod(path, 0o777)
    images.run(['chmod', '-R', 'a+rX', folder])
    answer = images.run(['env', f'SYSTEMD_UNIT_PATH={folder}:', f'XDG_RUNTIME_DIR={home}', f'HOME={home}', SYSTEMD,
                         '--test', '--user', '--unit=x.service'], **who)
    whole = re.search(rb'-> Unit x\.service:\n.*?(?=\t-> Unit|\t-> Job|\Z)', answer.out, re.S)
    return whole[0] if whole else b'', answer


def unit(folder, drop_in):
    for path in ('home', 'x.service.d'):
        os.makedirs(os.path.join(folder, path))
    with open(os.path.join(folder, 'x.service'), 'wb') as out:
        out.write(UNIT)
    with open(os.path.join(folder, 'x.service.d', 'disk.conf'), 'wb') as out:
        out.write(drop_in)
    return images.run(['systemd-analyze', 'verify', os.path.join(folder, 'x.service')])


def systemd(tap, program, folder):
    if not images.tool('systemd-analyze') or not os.path.exists(SYSTEMD):
        tap.lacking('systemd', 'systemd-analyze')
        return
    os.chmod(folder, 0o755)
    for number, name in enumerate(scenes.NAMES):
        own = os.path.join(folder, str(number))
        os.mkdir(own)
        check_systemd(tap, program, scenes.chain(own, name, b'../bases/middle', b'../tops/link/'), name, own)
    systemd_device(tap, program, folder)


def check_systemd(tap, program, top, name, own):
    answer = scenes.access(program, 'systemd', top, '--write')
    bad = re.search(rb'[\n\r\xff]|\xef\xb7\x90', name)
    if bad:
        offset = len(os.path.dirname(top) + b'/../bases/../tops/link/') + bad.start()
        refused(tap, answer, f'byte 0x{name[bad.start()]:02x} at offset {offset} of its name', f'systemd: {name!r}')
        return
    verified = unit(os.path.join(own, 'unit'), answer.out)
    found, whole = parsed(os.path.join(own, 'unit'))
    here = os.path.dirname(os.path.dirname(top))
    want = [b'BindPaths: %s:%s:rbind' % (top, top)]
    for file, place in ((b'bases/middle', b'bases/middle'), (b'bases/' + name, b'tops/link/' + name)):
        want.append(b'BindReadOnlyPaths: %s/%s:%s/%s:rbind' % (here, file, here, place))
    lines = [line.strip(b'\t') for line in found.split(b'\n')]
    tap.ok(verified.status == 0 and not verified.error and not [line for line in want if line not in lines]
           and sum(line.startswith(b'Bind') and b'Paths' in line for line in lines) == 3, f'systemd: {name!r}',
           f'{want}\n{answer}{verified}\n{found}\n{whole.error[:2000]}')


def systemd_device(tap, program, folder):
    own = os.path.join(folder, 'device')
    os.mkdir(own)
    disk, top = device_chain(own)
    with scenes.Loop(disk) as device:
        if not device:
            return tap.skip('systemd: a device', 'this machine gives no loop device')
        scenes.overlay(top, device, 'raw')
        answer = scenes.access(program, 'systemd', top)
        verified = unit(os.path.join(own, 'unit'), answer.out)
        found, _ = parsed(os.path.join(own, 'unit'))
        elsewhere = os.path.join(own, 'node')
        tap.ok(verified.status == 0 and f'DeviceAllow: {device} r\n'.encode() in found, 'systemd: a device',
               f'{answer}{verified}{found}')
        os.mknod(elsewhere, 0o600 | stat.S_IFBLK, os.stat(device).st_rdev)
        scenes.overlay(top, elsewhere, 'raw')
        return refused(tap, scenes.access(program, 'systemd', top), 'outside /dev', 'systemd: a device outside /dev')


# ---------------------------------------------------------------------------------------------------------------
# Landlock
# ---------------------------------------------------------------------------------------------------------------

def locked(top, rules, **keywords):
    system = [*scenes.SYSTEM, '/proc', '/sys', '/dev/null', '/dev/zero', '/dev/urandom']
    return scenes.reads(top, preexec_fn=lambda: landlock.restrict(rules, system), **keywords)


def check_landlock(tap, program, folder, name):
    top = scenes.chain(folder, name)
    rules = scenes.access(program, 'landlock', top).document['rules']
    fine, how = locked(top, rules)
    tap.ok(fine and [landlock.path_of(rule) for rule in rules] == scenes.files(program, top), f'landlock: {name!r}',
           f'{rules}\n{how}')
    tap.ok(not locked(top, rules, write=True)[0], f'landlock: {name!r}: not for writing')
    for left in rules:
        rest = [rule for rule in rules if rule is not left]
        tap.ok(not locked(top, rest)[0],
               f'landlock: {name!r}: not without {landlock.path_of(left)[len(folder) + 1:]!r}')
    rules = scenes.access(program, 'landlock', top, '--write').document['rules']
    tap.ok(locked(top, rules, write=True)[0], f'landlock: {name!r}: --write')


def landlocked(tap, program, folder):
    try:
        landlock.version()
    except OSError as reason:
        tap.skip('landlock', f'this kernel has none: {reason}')
        return
    in_folder(check_landlock)(tap, program, folder)
    own = os.path.join(folder, 'device')
    os.mkdir(own)
    disk, top = device_chain(own)
    with scenes.Loop(disk) as device:
        if not device:
            tap.skip('landlock: a device', 'this machine gives no loop device')
            return
        scenes.overlay(top, device, 'raw')
        rules = scenes.access(program, 'landlock', top).document['rules']
        tap.equal(rules[1], {'path': device, 'access': ['read_file', 'ioctl_dev']}, 'landlock: the rule of a device')
        fine, how = locked(top, rules)
        tap.ok(fine, 'landlock: a device', f'{rules}\n{how}')
        tap.ok(not locked(top, rules[:1])[0], 'landlock: not without the device')


# ---------------------------------------------------------------------------------------------------------------
# options
# ---------------------------------------------------------------------------------------------------------------

ODD = ("it's", 'two words', '-dash', 'new\nline', '$(touch PWNED)', 'caf\u00e9', '*')
# The name of a backing file in vm/top, and the directories that it takes.
LEFT = (
    ('base', []), ('l', ['x', 'y']), ('deep/../base', []), ('../y/f', ['y']), ('../linkd/r', ['linkd']),
    ('../x/../y/f', ['x', 'y']), ('deep/../../y/f', ['y']), ('../x/l2', ['x', 'y']), ('../y/inner/../f', ['y']),
    ('to/f', ['y']), ('../y/inner/g', ['y/inner']), ('to/inner/g', ['y/inner']), ('../x/l3', ['x', 'y']))


def given_back(program, tap, title, *words, count, **keywords):
    """What it prints, taken by access itself through a shell, and word by word."""
    asked = [program, 'access', '-f', *words]
    lines = images.run([*asked, '--output', 'options'], **keywords)
    nul = images.run([*asked, '--output', 'options', '-0'], **keywords)
    line = shlex.join([*asked, '--output', 'json']) + ' ' + lines.out.decode()
    again = images.run(['sh', '-c', line], **keywords)
    members = (again.document or {}).get('members', [])
    tap.ok((lines.status, again.status, len(members)) == (0, 0, count), f'options: {title}', f'{lines}\n{again}')
    given = nul.out.decode().split('\0')[:-1]
    tap.equal(shlex.split(lines.out.decode()), given, f'options: {title}: -0')
    return given


def options(tap, program, folder):
    """Names that leave the roots by their letters and by links."""
    for name in ('vm/deep', 'x', 'y/inner', 'real'):
        os.makedirs(os.path.join(folder, name))
    for name in ('vm/base', 'y/f', 'y/inner/g', 'real/r'):
        scenes.fill(os.path.join(os.fsencode(folder), name.encode()))
    for name, to in (('vm/l', '../x/l2'), ('x/l2', '../y/f'), ('linkd', 'real'), ('vm/to', '../y'), ('x/l3', '../y/l4'),
                     ('y/l4', 'inner/g')):
        os.symlink(to, os.path.join(folder, name))
    for backing, want in LEFT:
        for where, top in ((folder, 'vm/top'), (os.path.join(folder, 'vm'), 'top'), ('/', folder + '/vm/top')):
            images.qemu_img('create', '-q', '-u', '-f', 'qcow2', '-b', backing, '-F', 'raw', top, '1M', cwd=where)
            got = given_back(program, tap, f'{backing} of {top}', 'qcow2', top, count=2, cwd=where)[1::2]
            tap.equal((sorted(got[1:]), got[:1]),
                      (sorted(os.path.join(folder, name) for name in want), [os.path.dirname(top) or '.'][:len(want)]),
                      f'options: {backing} of {top}: these directories')
    images.qemu_img('create', '-q', '-u', '-f', 'qcow2', '-b', '../x/l2', '-F', 'raw', 'vm/top', '1M', cwd=folder)
    asked = [program, 'access', '-f', 'qcow2', '--root', 'vm', '--root', 'x', '--output', 'options', 'vm/top']
    tap.equal(images.run(asked, cwd=folder).out.decode(), f"--root '{folder}/y'\n",
              'options: beside roots that are given')
    os.unlink(os.path.join(folder, 'y/f'))
    answer = images.run(asked, cwd=folder)
    tap.ok((answer.status, answer.out) == (1, b'') and 'no such file' in answer.error,
           'options: of a chain that ends early nothing', str(answer))
    options_odd(tap, program, folder)
    options_many(tap, program, folder)
    options_absent(tap, program, folder)


def options_odd(tap, program, folder):
    """Each image in a directory of its own, with consents, and what is refused whatever is consented to."""
    before = ''
    for name in ODD:
        os.mkdir(os.path.join(folder, name))
        text = f'../{before}/top' if before else None
        images.qemu_img('create', '-q', '-u', '-f', 'qcow2', *(['-b', text, '-F', 'qcow2'] if text else []), './top',
                        '1M', cwd=os.path.join(folder, name))
        before = name
    got = given_back(program, tap, 'odd names', 'qcow2', './*/top', count=len(ODD), cwd=folder)
    tap.equal(len(got), 2 * len(ODD), 'options: odd names: each directory once')
    tap.ok(not os.path.exists(os.path.join(folder, 'PWNED')), 'options: nothing is run')
    images.qemu_img('create', '-q', '-f', 'vmdk', '-o', 'subformat=twoGbMaxExtentFlat', 'd.vmdk', '3G', cwd=folder)
    got = given_back(program, tap, 'consents', 'vmdk', '--write', 'd.vmdk', count=3, cwd=folder)
    tap.equal(got, ['--allow-write', 'd-f001.vmdk', '--allow-write', 'd-f002.vmdk'], 'options: consents')
    scenes.fill(os.path.join(os.fsencode(folder), b'alone'))
    for words, reason in ((['d.vmdk'], 'format-probed'), (['-f', 'vmdk', '--write-member', 'alone', 'd.vmdk'], 'not-a-member')):
        answer = images.run([program, 'access', '--write', '--output', 'options', *words], cwd=folder)
        tap.ok((answer.status, answer.out) == (3, b'') and reason in answer.error,
               f'options: nothing where {reason} stays', str(answer))


def options_many(tap, program, folder):
    """Each of many names would have to be looked for beneath each of many directories, which grows with both."""
    lines = []
    for number in range(60):
        os.mkdir(os.path.join(folder, f'd{number}'))
        scenes.fill(os.path.join(os.fsencode(folder), b'd%d/f' % number))
        lines.append(f'../d{number}/f')
    lines += ['../' + 'd0/../' * 50 + f'd{number % 60}/f' for number in range(600)]
    with open(os.path.join(folder, 'vm/many.vmdk'), 'wb') as out:
        out.write(mkimage.descriptor('twoGbMaxExtentFlat',
                                     ''.join(f'RW 1 FLAT "{line}" 0\n' for line in lines).encode()))
    answer = images.run([program, 'access', '-f', 'vmdk', '--output', 'options', 'vm/many.vmdk'], cwd=folder)
    tap.ok((answer.status, answer.out) == (1, b'') and 'too many names and directories' in answer.error,
           'options: too many to try each with each', str(answer))


def options_absent(tap, program, folder):
    """libvhd looks first for a name at which there is nothing, and that has to be told, too."""
    os.mkdir(os.path.join(folder, 'empty'))
    with open(os.path.join(folder, 'y/p.vhd'), 'w+b') as out:
        mkimage.vhd_dynamic(out)
    for first, want in (('empty', ['empty', 'y']), ('nowhere', [])):
        with open(os.path.join(folder, 'vm/c.vhd'), 'w+b') as out:
            mkimage.vhd_differencing(out, MacX=f'file://../{first}/gone.vhd'.encode(), W2ku=b'..\\y\\p.vhd')
        answer = images.run([program, 'access', '-f', 'vhd', '--reader', 'xen', '--output', 'options', '-0', 'vm/c.vhd'],
                            cwd=folder)
        given = sorted(os.path.basename(word) for word in answer.out.decode().split('\0')[3::2])
        tap.ok((answer.status, given) == (0 if want else 1, want), f'options: a first name in {first} that leads nowhere',
               str(answer))


PARTS = (acl, bwrap, apparmor, systemd, landlocked, options)


def main():
    asked = images.arguments(__doc__, ('--only', dict(metavar='PART', help=' '.join(p.__name__ for p in PARTS))))
    tap = Tap()
    if not images.tool('qemu-io'):
        tap.lacking('kinds', 'qemu-io')
        tap.done()
    for part in PARTS:
        if asked.only in (None, part.__name__):
            with images.scratch() as folder:
                part(tap, asked.imgprobe, os.path.realpath(folder))
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
