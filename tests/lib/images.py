# SPDX-License-Identifier: MIT
"""What the test scripts share: tools that may be missing, running imgprobe, its JSON."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TESTIMAGES = os.path.join(ROOT, 'testimages')
sys.dont_write_bytecode = True
sys.path.insert(0, TESTIMAGES)
TIMEOUT = 120


def arguments(description, *more):
    """The options that every script takes, and this one's own (name, keywords)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--imgprobe', default=os.path.join(ROOT, 'build', 'cli', 'imgprobe'), metavar='PATH',
                        help='the program under test')
    for name, keywords in more:
        parser.add_argument(name, **keywords)
    asked = parser.parse_args()
    asked.imgprobe = os.path.abspath(asked.imgprobe)
    if not os.access(asked.imgprobe, os.X_OK):
        sys.exit(f'{os.path.basename(sys.argv[0])}: {asked.imgprobe}: no such program')
    return asked


def tool(name):
    return shutil.which(name)


def scratch():
    """A folder that is gone when the test ends; `with scratch() as folder`."""
    return tempfile.TemporaryDirectory(prefix='imgprobe-')


class Answer:
    """What one run gave."""

    def __init__(self, done):
        self.status, self.out = done.returncode, done.stdout
        self.error = done.stderr.decode(errors='backslashreplace')

    @property
    def documents(self):
        """Every document of the output; none of them where one isn't valid."""
        try:
            return documents(self.out)
        except ValueError:
            return []

    @property
    def document(self):
        found = self.documents
        return found[0] if found else None

    @property
    def member(self):
        """The first member, which stands in an array or alone."""
        found = self.document
        return found[0] if isinstance(found, list) else found

    @property
    def own(self):
        return (self.member or {}).get('imgprobe', {})

    def __str__(self):
        return f'exit {self.status}\n{self.error}{self.out[:4000].decode(errors="backslashreplace")}'


def documents(raw):
    """Every JSON document of a stream, one after another."""
    text, found, at = raw.decode('utf-8'), [], 0
    decoder = json.JSONDecoder()
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return found
        document, at = decoder.raw_decode(text, at)
        found.append(document)


def run(command, **keywords):
    """A finished process; sanitizers stop it with a status that no test expects."""
    keywords.setdefault('timeout', TIMEOUT)
    keywords.setdefault('stdin', subprocess.DEVNULL)
    if 'input' in keywords:
        del keywords['stdin']
    environment = dict(os.environ, ASAN_OPTIONS='exitcode=99:detect_leaks=0',
                       UBSAN_OPTIONS='halt_on_error=1:exitcode=99')
    return Answer(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                                 check=False, **keywords))


def qemu_img(*args, cwd=None, check=True):
    """A finished qemu-img. LUKS measures its own speed, and gives up when the machine is too busy for a figure."""
    for _ in range(20):
        done = subprocess.run(['qemu-img', *args], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, check=False, timeout=TIMEOUT)
        if b'Unable to get accurate CPU usage' not in done.stderr:
            break
    if check and done.returncode:
        raise RuntimeError(f'qemu-img {args}: {done.stderr.decode(errors="replace")}')
    return done


def info(program, *args, **keywords):
    """`imgprobe info --output json` with these arguments; names may be bytes."""
    return run([program, 'info', '--output', 'json', *args], **keywords)


def members(document):
    return document if isinstance(document, list) else [document]
