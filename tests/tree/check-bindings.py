#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""imgprobe.h is good for those who include it, in C and in C++ with all warnings, and for the tools that make bindings of
it: these see every call and every constant, and each struct as the compiler lays it out. Prints TAP."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.append(sys.path[0] + '/../lib')
import images
from tap import Tap

LIBRARY = os.path.join(images.ROOT, 'libimgprobe')
HEADER = os.path.join(LIBRARY, 'imgprobe.h')
WARNINGS = ('-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Wundef')
LANGUAGES = (('c', 'cc', ('c99', 'c11', 'c17')), ('c++', 'c++', ('c++98', 'c++11', 'c++20')))
# bindgen has one number type for macros, of 64 bits with a sign: a caller casts this to u64.
VALUES = {'IMGPROBE_UNKNOWN': '-1'}
INCLUDE = '#include "imgprobe.h"\n'


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def compiled(command, *words, text=INCLUDE):
    return subprocess.run([command, *words, '-I', LIBRARY, '-'], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


def check_compilers(tap):
    for language, usual, standards in LANGUAGES:
        own = os.environ.get('CC' if language == 'c' else 'CXX', usual).split()[0]
        others = ('gcc', 'clang') if language == 'c' else ('g++', 'clang++')
        title = f'the header compiles as {" and ".join(standards)} without a warning'
        there = sorted({name for name in (own, *others) if shutil.which(name)})
        if not there:
            tap.lacking(title, own)
            continue
        said = [f'{name} {standard}: {done.stderr}' for name in there for standard in standards
                if (done := compiled(name, f'-std={standard}', '-x', language, *WARNINGS, '-fsyntax-only')).stderr
                or done.returncode]
        tap.none(said, title)


def calls():
    return sorted(set(re.findall(r'^ {4}(imgprobe_\w+);', read(os.path.join(LIBRARY, 'imgprobe.map')), flags=re.M)))


def constants():
    """The header's macros that are a number or a string: name, value."""
    found = dict(re.findall(r'^ *#define (IMGPROBE_[A-Z_]+) ("[^"]*"|\S+)', read(HEADER), flags=re.M))
    return {name: value for name, value in found.items() if name != 'IMGPROBE_API'}


def sizes(folder):
    """Each struct as the compiler has it."""
    names = sorted(set(re.findall(r'^struct (imgprobe_\w+) \{', read(HEADER), flags=re.M)))
    program = os.path.join(folder, 'sizes')
    body = ''.join(f'    printf("{name} %zu\\n", sizeof(struct {name}));\n' for name in names)
    done = compiled(os.environ.get('CC', 'cc').split()[0], '-x', 'c', '-o', program,
                    text=f'#include <stdio.h>\n{INCLUDE}int main(void)\n{{\n{body}}}\n')
    if done.returncode:
        raise OSError(done.stderr)
    lines = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return {name: int(size) for name, size in map(str.split, lines)}


def check_bindgen(tap, folder, want):
    titles = ('bindgen sees every call', 'bindgen sees every constant', 'bindgen lays out every struct as the compiler')
    if not shutil.which('bindgen'):
        for title in titles:
            tap.lacking(title, 'bindgen')
        return
    target = os.path.join(folder, 'bindings.rs')
    subprocess.run(['bindgen', HEADER, '-o', target], check=True)
    text = read(target)
    found = set(re.findall(r'pub fn (imgprobe_\w+)\s*\(', text))
    tap.none([name for name in calls() if name not in found], titles[0])
    found = dict(re.findall(r'pub const (IMGPROBE_[A-Z_]+): [^=]+ = b?(-?\w+|"[^"]*");', text))
    tap.none([f'{name} is {found.get(name)}' for name, value in constants().items()
              if found.get(name, '').replace('\\0', '') != VALUES.get(name, value)], titles[1])
    found = {name: int(size) for name, size in
             re.findall(r'size_of::<(imgprobe_\w+)>\(\),\s*(\d+)usize', text)}
    tap.equal({name: found.get(name) for name in want}, want, titles[2])


def check_cffi(tap, want):
    titles = ('cffi sees every call', 'cffi lays out every struct as the compiler')
    try:
        import cffi
    except ImportError:
        for title in titles:
            tap.lacking(title, 'python3-cffi')
        return
    # It reads what the preprocessor leaves, without the headers of the system.
    done = compiled(os.environ.get('CC', 'cc').split()[0], '-E', '-P', '-DIMGPROBE_API=', '-x', 'c')
    ffi = cffi.FFI()
    try:
        ffi.cdef(done.stdout[done.stdout.index('enum imgprobe_status {'):])
        tap.none([name for name in calls() if 'function ' + name not in ffi._parser._declarations], titles[0])
        tap.equal({name: ffi.sizeof(f'struct {name}') for name in want}, want, titles[1])
    except (cffi.CDefError, ffi.error, NotImplementedError) as error:
        for title in titles:
            tap.ok(False, title, str(error)[:1000])


def main():
    tap = Tap()
    check_compilers(tap)
    with tempfile.TemporaryDirectory() as folder:
        want = sizes(folder)
        tap.ok(len(want) > 20 and len(constants()) > 6 and len(calls()) > 20,
               'structs, constants and calls of the header are found', (want, constants(), calls()))
        check_bindgen(tap, folder, want)
    check_cffi(tap, want)
    tap.done()


if __name__ == '__main__':
    main()
