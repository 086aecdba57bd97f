#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long `imgprobe scan` takes, in ratios to a loop that opens, stats, reads 4 KiB of and closes the same files.

    scan.py [--imgprobe PATH] [--count N] [--folder DIR]

DIR keeps the images, so that a second run needn't make them. bench.py has the bars.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, 'testimages'), os.path.join(ROOT, 'tests', 'lib')]
import mkimage
import peak

A_FOLDER = 1000  # images in one
FLOOR = r'''
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All that any program has to do which looks at each file of a folder of folders. */
int main(int argc, char **argv)
{
    static char bytes[4096];
    long sum = 0;
    struct dirent *outer, *inner;
    DIR *top = opendir(argv[argc - 1]);

    while ((outer = readdir(top)) != NULL) {
        int folder = outer->d_name[0] == '.' ? -1 : openat(dirfd(top), outer->d_name, O_RDONLY | O_DIRECTORY);
        DIR *names = folder < 0 ? NULL : fdopendir(folder);

        while (names && (inner = readdir(names)) != NULL) {
            struct stat found;
            int fd = inner->d_name[0] == '.' ? -1 : openat(folder, inner->d_name, O_RDONLY);

            if (fd < 0)
                continue;
            fstat(fd, &found);
            sum += found.st_size + pread(fd, bytes, sizeof bytes, 0);
            close(fd);
        }
        if (names)
            closedir(names);
    }
    printf("%ld\n", sum);
    return 0;
}
'''


def make(folder, count):
    """So many sparse images, of which every tenth is an overlay of the one before it."""
    for number in range(count):
        where = os.path.join(folder, f'{number // A_FOLDER:05}')
        if number % A_FOLDER == 0:
            os.makedirs(where, exist_ok=True)
        path = os.path.join(where, f'disk-{number:06}.qcow2')
        if os.path.exists(path):
            continue
        words = {}
        if number % 10 == 9:
            words = dict(backing=f'disk-{number - 1:06}.qcow2'.encode(), backing_format=b'qcow2')
        with open(path, 'w+b') as out:
            mkimage.qcow2(out, **words)
            out.truncate(1 << 20)


class Cost:
    """What a command took at best of some rounds: seconds by the clock, and of the processor."""

    def __init__(self, command, rounds):
        ran = [self.run(command) for _ in range(rounds)]
        self.passed, self.used = (min(values) for values in zip(*ran))

    @staticmethod
    def run(command):
        begin = time.perf_counter()
        with open(os.devnull, 'wb') as quiet, subprocess.Popen(command, stdout=quiet, stderr=quiet) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode < 0:
            sys.exit(f'{command}: signal {-child.returncode}')
        return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime


def measure(program, folder, rounds=3):
    """The costs of the floor, and of a scan by one thread and by two."""
    source = os.path.join(folder, '..', 'floor.c')
    floor = os.path.join(folder, '..', 'floor')
    with open(source, 'w', encoding='utf-8') as out:
        out.write(FLOOR)
    subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-o', floor, source], check=True)
    words = [program, 'scan', '--output', 'ndjson', folder, '-j']
    return Cost([floor, folder], rounds), Cost([*words, '1'], rounds), Cost([*words, '2'], rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--imgprobe', default=os.path.join(ROOT, 'build', 'gcc', 'cli', 'imgprobe'), metavar='PATH')
    parser.add_argument('--count', type=int, default=100000, metavar='N')
    parser.add_argument('--folder', metavar='DIR')
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='imgprobe-') as scratch:
        folder = os.path.join(asked.folder or scratch, 'store')
        make(folder, asked.count)
        program = os.path.abspath(asked.imgprobe)
        floor, one, two = measure(program, folder)
        print(f'{asked.count} images; the floor {floor.used * 1e6 / asked.count:.2f} us of the processor each')
        print(f'scan -j 1: {one.used * 1e6 / asked.count:.2f} us each, {one.used / floor.used:.2f} x the floor')
        print(f'scan -j 2: {one.passed / two.passed:.2f} x faster than -j 1 by the clock')
        print(f'memory: {peak.resident(program, folder)} KiB')


if __name__ == '__main__':
    sys.exit(main())
