#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Standard input as a stream: it is answered for as the file is, in memory that doesn't grow, and with check --tee it is
passed on until it is refused. What can't be written, a pipe that nobody reads and a signal are errors. Prints TAP."""

import json
import os
import resource
import signal
import subprocess
import sys

sys.path.append(sys.path[0] + '/../lib')
import images
import mkimage
from tap import Tap

REFUSED, BIG = 'qcow2/good-backing-1023', 64 << 20
# A VHDX whose first item lies farther than the others: when it has come, these have passed.
ITEM, AWAY = 2097152 + 32, 16384


def build(folder):
    paths = {}
    for name, path in mkimage.descriptions():
        if name in (REFUSED, 'qcow2/good-v3', 'others/good-vhdx', 'vhd/bad-fixed-checksum', 'qcow2/bad-cluster-bits-8',
                    'content/good-text', 'raw/good-empty', 'vmdk/good-sparse'):
            paths[name] = os.path.abspath(os.fsdecode(mkimage.build(mkimage.read(path), os.path.join(folder, name))))
    return paths


def bytes_of(path):
    with open(path, 'rb') as file:
        return file.read()


def tee(program, *words, **keywords):
    return images.run([program, 'check', '--tee', *words, '-'], **keywords)


def renamed(answer, path):
    """The text of the file's answer as that of the stream has it."""
    return answer.out.decode().replace(path, '-')


def passed_on(tap, program, paths):
    """What is accepted comes out as it went in, and the verdict is the file's."""
    for name, path in paths.items():
        raw = bytes_of(path)
        of_file = images.run([program, 'check', path])
        answer = tee(program, input=raw)
        tap.equal(answer.status, of_file.status, f'{name}: the status is the file\'s')
        if answer.status == 0:
            tap.equal(answer.error, renamed(of_file, path), f'{name}: so is what is said, on standard error')
            tap.ok(answer.out == raw, f'{name}: passed on as it is')
            with open(path, 'rb') as file:
                tap.ok(tee(program, stdin=file).out == raw, f'{name}: a file is passed on, too')
        else:
            tap.ok(raw.startswith(answer.out), f'{name}: what was passed on is its beginning')
        said = tee(program, '--output', 'json', input=raw)
        document = json.loads(said.error)
        tap.ok(said.status == answer.status == document['exit'] and said.out == answer.out, f'{name}: as JSON', str(said))
        if 'stopped-at' in document:
            tap.ok(len(said.out) < document['stopped-at'] <= len(raw), f'{name}: stopped before what was read last')


def start(program, *words, **keywords):
    return subprocess.Popen([program, 'check', '--tee', *words, '-'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **keywords)


def stops(tap, program, path):
    """Nothing of the rest is waited for or passed on, though the sender goes on."""
    running = start(program)
    running.stdin.write(bytes_of(path)[:1536])  # its name ends before that
    running.stdin.flush()
    try:
        status = running.wait(timeout=images.TIMEOUT)
    except subprocess.TimeoutExpired:
        running.kill()
        status = 'none'
    tap.equal((status, running.stdout.read()), (3, b''), 'it stops at the first bytes that can be refused')
    tap.ok(b'stopped at byte 1536' in running.stderr.read(), 'and says where')


def failures(tap, program, path):
    raw = bytes_of(path)
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([program, 'check', '--tee', '-'], input=raw, stdout=full, stderr=subprocess.PIPE, check=False)
    tap.ok(done.returncode == 1 and b"standard output can't be written" in done.stderr, 'a full disk', str(done))
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([program, 'check', '--tee', '-'], input=raw, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    tap.ok(done.returncode == 1 and b"standard output can't be written" in done.stderr, 'nobody reads', str(done))
    done = subprocess.run(['sh', '-c', 'exec "$0" check --tee - >&-', program], input=raw, stderr=subprocess.PIPE,
                          check=False)
    tap.equal(done.returncode, 1, 'standard output is closed')
    done = subprocess.run(['sh', '-c', 'exec "$0" check --tee - 2>/dev/full', program], input=raw,
                          stdout=subprocess.DEVNULL, check=False)
    tap.equal(done.returncode, 1, 'the verdict can\'t be told')
    with open(path + '.part', 'wb') as out:
        done = subprocess.run([program, 'check', '--tee', '-'], input=raw, stdout=out, stderr=subprocess.PIPE, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
    tap.ok(done.returncode != 0 and os.path.getsize(path + '.part') <= 8192, 'no room in the file', str(done))
    running = start(program)
    running.stdin.write(raw[:4096])
    running.stdin.flush()
    tap.ok(running.stdout.read(4096) == raw[:4096], 'what came is passed on at once')
    running.send_signal(signal.SIGTERM)
    tap.ok(running.wait(timeout=images.TIMEOUT) != 0, 'a signal is no acceptance')
    with open(path, 'r+b') as both:
        done = subprocess.run([program, 'check', '--tee', '-'], stdin=both, stdout=both, stderr=subprocess.PIPE, check=False)
    tap.ok(done.returncode == 1 and bytes_of(path) == raw, 'it isn\'t written over itself', str(done))
    for words in ([path], ['-', '-'], ['fd:0'], ['-', path]):
        answer = images.run([program, 'check', '--tee', *words])
        tap.ok(answer.status == 2 and not answer.out, f'--tee {" ".join(words)} is a mistake', str(answer))


def lost(tap, program, path):
    """What passed and wasn't kept is an error with its range."""
    raw = bytearray(bytes_of(path))
    at = 2097152 + int.from_bytes(raw[ITEM + 16:ITEM + 20], 'little')
    raw[ITEM + 16:ITEM + 20] = (at - 2097152 + AWAY).to_bytes(4, 'little')
    raw[at + AWAY:at + AWAY + 8] = raw[at:at + 8]
    with open(path, 'wb') as out:
        out.write(raw)
    tap.equal(images.info(program, path).status, 0, 'the file is answered for')
    answer = images.info(program, '-', input=bytes(raw))
    own = answer.own
    tap.ok(answer.status == 1 and own.get('status') == 'limit' and own.get('references-state') == 'cannot-tell'
           and at < own.get('offset', 0) < at + 64 and own.get('least') == 8, 'the stream isn\'t, and says of what', str(answer))


def peak(program, *words, size):
    """Kilobytes of memory in use at most, for a stream of so many zeros."""
    running = subprocess.Popen([program, *words, '-'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    for _ in range(0, size, 1 << 20):
        running.stdin.write(bytes(1 << 20))
    running.stdin.close()
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = status
    return used.ru_maxrss


def memory(tap, program):
    for words in (['info'], ['check'], ['check', '--tee']):
        small, large = peak(program, *words, size=1 << 20), peak(program, *words, size=BIG)
        tap.ok(large < small + 1024, f'{" ".join(words)}: {BIG >> 20} MiB take no more memory than one', f'{small} {large}')


def main():
    asked, tap = images.arguments(__doc__), Tap()
    with images.scratch() as folder:
        paths = build(folder)
        tap.equal(len(paths), 8, 'the images are there')
        passed_on(tap, asked.imgprobe, paths)
        stops(tap, asked.imgprobe, paths[REFUSED])
        failures(tap, asked.imgprobe, paths['qcow2/good-v3'])
        lost(tap, asked.imgprobe, paths['others/good-vhdx'])
    memory(tap, asked.imgprobe)
    tap.done()


if __name__ == '__main__':
    main()
