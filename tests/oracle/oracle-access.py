#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `imgprobe access` grants and what a real QEMU opens, traced: the same files, names and modes, both ways."""

import os
import re
import resource
import stat
import sys

sys.path.append(sys.path[0] + '/../lib')
import accessimages
import accessnames
import emulator
import images
from tap import Tap

# What QEMU opens for itself, whatever the image.
OWN = re.compile(rb'/(usr|lib|lib64|sys)/|/etc/(ld\.so|localtime|gnutls|ssl|crypto|nsswitch)|/dev/(null|u?random)$'
                 rb'|/proc/(self/status|meminfo|cpuinfo|filesystems|sys/.*|[0-9]+/task/[0-9]+/comm)$'
                 rb'|' + re.escape(os.fsencode(emulator.FETCHED)) + rb'/')
OPENED = re.compile(rb'^\d+ +(open|openat|openat2|creat|connect)\((.*)\) += (-?\d+|\?)(?:<((?:\\x[0-9a-f]{2})*)>?[^)]*)?')
AT = re.compile(rb'^AT_FDCWD<[^>]*>, ')
NAME = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')
KINDS = ('paths', 'bwrap', 'apparmor', 'libvirt', 'blockdev')

# Differences that grant nothing else: a title, what is said, and why.
EXCEPTIONS = (
    ('(a block device as )?base.* file:', "QEMU tried b'.*/file:.*', which",
     'every host driver is asked whether a name is its own, and the one for CD-ROMs opens it to see; '
     'whatever comes of it, QEMU goes on'),
)
# What imgprobe answers wrongly, and nobody has put right yet: how a title begins, and what is wrong.
TODO = {}


PARTS = {part.__name__.replace('_', '-'): part for part in (*accessimages.PARTS, *accessnames.PARTS)}


class Verdicts(Tap):
    """One that knows what is still to be done."""

    def verdict(self, faults, name, diagnostic=''):
        plain = name.split(': ', 1)[-1]
        faults = [fault for fault in faults
                  if not any(re.match(title, plain) and re.match(what, fault) for title, what, _ in EXCEPTIONS)]
        reason = next((why for start, why in TODO.items() if re.match(start, name)), None)
        text = '\n'.join([*faults, diagnostic])
        if not reason:
            return self.ok(not faults, name, text)
        if not faults:
            return self.ok(False, name, 'listed under TODO, and it passes')
        self.todo(name, reason)
        return False


def unhex(text):
    return bytes.fromhex(text.replace(rb'\x', b'').decode())


class File:
    """One file on this host, and how it's opened."""

    def __init__(self, canonical):
        found = os.stat(canonical)
        number = found.st_rdev if stat.S_ISBLK(found.st_mode) else found.st_dev
        self.canonical = canonical
        inode = None if stat.S_ISBLK(found.st_mode) else found.st_ino
        self.identity = f'{os.major(number)}:{os.minor(number)}', inode
        self.write, self.names = False, set()

    def __str__(self):
        names = ' '.join(sorted(repr(n) for n in self.names))
        return f'{self.canonical!r} {"read-write" if self.write else "read"} as {names}'


def whole(lines):
    """Calls that another thread's call interrupts stand in two lines of a trace."""
    begun = {}
    for line in lines:
        line = line.rstrip(b'\n')
        thread = line.split(b' ')[0]
        rest = re.match(rb'\d+ +<\.\.\. \w+ resumed>(.*)', line)
        if line.endswith(b' <unfinished ...>'):
            begun[thread] = line[:-len(b' <unfinished ...>')]
        else:
            yield begun.pop(thread, b'') + rest[1] if rest else line


def few_files():
    """A loop of images ends when QEMU has no descriptor left, which should be soon."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


class Trace:
    """What one run opened, besides what is its own."""

    def __init__(self, command, cwd, log, timeout=images.TIMEOUT, **keywords):
        # Strings in hexadecimal, so that no name can look like another line. Whoever runs the suite may have said
        # where our library is, and QEMU would look for its own there.
        done = images.run(['env', '-u', 'LD_LIBRARY_PATH', 'strace', '-f', '-qq', '-y', '-xx', '-s', '65536',
                           '--seccomp-bpf', '-e', 'trace=open,openat,openat2,creat,connect', '-o', log, *command],
                          cwd=cwd, preexec_fn=few_files, timeout=timeout, **keywords)
        self.status, self.out = done.status, done.out
        self.error, self.files, self.tried, self.strange = done.error.strip(), {}, set(), []
        self.error += done.out.decode(errors='replace') if done.status else ''
        self.opened = not re.search("can't open|Could not|could not open", self.error)
        self.cwd = os.fsencode(cwd)
        with open(log, 'rb') as lines:
            for line in whole(lines):
                self.read(line)

    def read(self, line):
        found = OPENED.match(line)
        if not found:
            if not re.match(rb'\d+ +(\+\+\+|---|\?\?\?)', line):
                self.strange.append(f'not understood: {line!r}')
            return
        call, given = found[1], found[2]
        name = NAME.search(given)
        if not name:
            self.strange.append(f'no name: {line!r}')
            return
        name = unhex(name[1])
        if call == b'connect':
            if not name.startswith(b'/var/run/nscd'):
                self.strange.append(f'connects to {name!r}')
            return
        if OWN.match(name):
            return
        if found[3] == b'?':  # the process ended within the call
            self.strange.append(f'not seen to its end: {line!r}')
            return
        if call.startswith(b'openat') and not AT.match(given) and not name.startswith(b'/'):
            self.strange.append(f'relative to a descriptor: {line!r}')
        # A failed creation or probe is an attempt: it tells which names QEMU knows.
        name = os.path.join(self.cwd, name)
        self.tried.add(name)
        if int(found[3]) >= 0 and b'O_PATH' not in given:
            self.add(name, unhex(found[4]), b'O_RDWR' in given or b'O_WRONLY' in given or call == b'creat')

    def add(self, name, canonical, write):
        file = File(canonical)
        file = self.files.setdefault(file.identity, file)
        file.names.add(name)
        file.write |= write


def exact(of, key):
    """The bytes of a name in JSON."""
    return bytes.fromhex(of[f'{key}-bytes']) if f'{key}-bytes' in of else os.fsencode(of[key])


def granted(document, cwd):
    """What an answer grants, by identity, and what is wrong with the answer itself."""
    files, faults = {}, []
    for member in document.get('members', []):
        canonical = exact(member, 'canonical-path')
        if os.path.realpath(canonical) != canonical:
            faults.append(f'{canonical!r} is not canonical')
        file = File(canonical)
        block = member['kind'] == 'block'
        said = member['device'], None if block else member['inode']
        if said != file.identity:
            faults.append(f'{canonical!r} is {file.identity}, said {said}')
        if file.identity in files:
            faults.append(f'{canonical!r} is listed twice')
        file.names = {os.path.join(os.fsencode(cwd), name) for name in names(member)}
        file.write = member['mode'] == 'read-write'
        files[file.identity] = file
    return files, faults


def names(member):
    found = [exact(member, 'path')]
    for name in member.get('names', []):
        found.append(exact(name, 'path'))
    return found


def differences(trace, ours):
    faults = list(trace.strange)
    for identity, file in trace.files.items():
        own = ours.get(identity)
        if not own:
            faults.append(f'QEMU opens what was not granted: {file}')
            continue
        if own.write != file.write:
            faults.append(f'QEMU opens {file}, granted: {own}')
        if own.names != file.names:
            faults.append(f'other names: QEMU opens {file}, granted: {own}')
        if own.canonical != file.canonical:
            faults.append(f'other canonical name: {own.canonical!r}, QEMU {file.canonical!r}')
    faults += [f'granted and never opened: {file}' for identity, file in ours.items() if identity not in trace.files]
    known = {name for file in ours.values() for name in file.names}
    faults += [f'QEMU tried {name!r}, which is in no name granted' for name in trace.tried - known]
    return faults


class Suite:
    def __init__(self, tap, program, folder, timeout=images.TIMEOUT):
        self.tap, self.program, self.folder, self.timeout = tap, program, folder, timeout
        self.log = os.path.join(folder, 'trace')

    def ask(self, case, *more, kind='json'):
        given = [*emulator.reader, *case.probing, *case.more, *more, '--allow', 'parent-not-told']
        given += [word for root in case.roots for word in ('--root', root)]
        given += ['--workdir', case.cwd] if case.workdir else []
        return images.run([self.program, 'access', '--output', kind, *given, '--', case.file], cwd=case.cwd)

    def qemu(self, case, write):
        if case.command:
            return Trace(case.command, case.cwd, self.log, self.timeout)
        given = ['--object', 'secret,id=key,data=imgprobe'] if case.secret else []
        given += [] if write else ['-r']
        if case.secret:
            options = f'driver={case.driver},file.driver=file,file.filename={os.fsdecode(case.file)}'
            given += ['--image-opts', *case.io(write), f'{options},{case.secret}']
        else:
            given += [*case.probing, *case.io(write), b'./' + case.file if case.file[:1] == b'-' else case.file]
        return Trace(['qemu-io', *given], case.cwd, self.log, self.timeout)

    def run(self, case):
        for write in case.modes:
            title = f'{case.title}{", writing" if write else ""}'
            try:
                group, why = case.group(write)
                self.answer(case, title, group, why, write)
            except (OSError, KeyError, ValueError) as problem:
                self.tap.verdict([f'{type(problem).__name__}: {problem}'], title)

    def answer(self, case, title, group, why, write):
        consent = ['--write', *(word for path in case.allow for word in ('--allow-write', path))] if write else []
        answer = self.ask(case, *consent)
        alone = self.ask(case, '--write') if write and not case.more else None
        kinds = KINDS if answer.status and group != 'either' else ()
        silent = [kind for kind in kinds if self.ask(case, *consent, kind=kind).out]
        if case.workdir and group == 'same':
            self.without_workdir(case, title, consent)
        outside = [] if not write or case.command else self.outside(case)
        if outside:
            self.tap.verdict([f'never to be written: {file}' for file in outside], title)
            return
        trace = self.qemu(case, write)
        faults = [f'prints {kind} though it refuses' for kind in silent]
        if answer.document is None:
            faults.append('no JSON')
        elif answer.document.get('exit') != answer.status:
            faults.append(f'"exit" is {answer.document.get("exit")}, the status {answer.status}')
        faults += getattr(self, group.replace('-', '_'))(trace, answer, case)
        if alone and group == 'same' and not faults:
            faults += self.consent(trace, alone)
        self.tap.verdict(faults, f'{group}: {title}{" (" + why + ")" if why else ""}',
                         f'QEMU: {trace.error}\n{"".join(f"{f}" + chr(10) for f in trace.files.values())}{answer}')

    def outside(self, case):
        """Whatever an image says, QEMU is let write nothing but what the suite made."""
        return [file for file in self.qemu(case, False).files.values()
                if not file.canonical.startswith(os.fsencode(case.home) + b'/')
                and os.fsdecode(file.canonical) not in case.devices]

    def same(self, trace, answer, case):
        faults = [] if trace.opened else ['QEMU refuses it']
        faults += [] if answer.status == 0 else [f'imgprobe ends with {answer.status}']
        if faults or answer.document is None:
            return faults
        ours, faults = granted(answer.document, case.cwd)
        if answer.document['chain-state'] != 'complete' or answer.document['status'] != 'ok':
            faults.append('not complete')
        return faults + differences(trace, ours)

    def both_refuse(self, trace, answer, _case):
        faults = ['QEMU opens it'] if trace.opened else []
        return faults + (['imgprobe answers it'] if answer.status == 0 else [])

    def we_refuse(self, trace, answer, _case):
        faults = [] if trace.opened else ['QEMU refuses it']
        return faults + (['imgprobe answers it'] if answer.status == 0 else [])

    def they_refuse(self, trace, answer, case):
        """QEMU fails for what no header says; until then it may open nothing but what was granted."""
        faults = ['QEMU opens it'] if trace.opened else []
        faults += [] if answer.status == 0 else [f'imgprobe ends with {answer.status}']
        if faults:
            return faults
        ours, faults = granted(answer.document, case.cwd)
        return faults + [line for line in differences(trace, ours) if 'not granted' in line or 'in no name' in line]

    def either(self, trace, answer, case):
        """Whoever refuses: nothing is opened that a complete answer doesn't grant."""
        if answer.status:
            return []
        return self.same(trace, answer, case) if trace.opened else self.they_refuse(trace, answer, case)

    def consent(self, trace, alone):
        """Without --allow-write: refused exactly where more than the image itself is written."""
        several = sum(file.write for file in trace.files.values()) > 1
        if not several:
            return [] if alone.status == 0 else [f'without --allow-write: ends with {alone.status}: {alone.error}']
        faults = [] if alone.status == 3 else [f'without --allow-write: ends with {alone.status}']
        return faults + ([] if '--allow-write' in alone.error else [f'no advice: {alone.error}'])

    def without_workdir(self, case, title, consent):
        case.workdir = False
        answer = self.ask(case, *consent)
        case.workdir = True
        faults = [] if answer.status in (1, 3) and '--workdir' in answer.error else ['not refused with advice']
        self.tap.verdict(faults, f'without --workdir: {title}', str(answer))


def main():
    asked = emulator.arguments(__doc__, ('--only', dict(metavar='PART', help=' '.join(PARTS))),
                               ('--keep', dict(metavar='DIR', help='build the images there and leave them')))
    tap = Verdicts()
    lacking = [name for name in ('qemu-img', 'qemu-io', 'strace') if not images.tool(name)]
    if lacking:
        tap.lacking('access against a traced QEMU', lacking[0])
        tap.done()
    with images.scratch() as scratch:
        folder = os.path.realpath(asked.keep or scratch)
        suite = Suite(tap, asked.imgprobe, scratch)
        for name, part in PARTS.items():
            if asked.only in (None, name):
                with accessimages.Builder(os.path.join(folder, name), tap) as builder:
                    for case in part(builder):
                        suite.run(case)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
