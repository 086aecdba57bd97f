#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Can the checks of the tree fail? In a copy of it each fault of FAULTS is planted alone: the checks named beside it must
fail, and no other. A check that a script prints and no fault is for is a failure, and so is a script without faults.
Prints TAP.

planted.py --shared LIBRARY --static LIBRARY --imgprobe PROGRAM
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.append(sys.path[0] + '/../lib')
import tree as sources
from tap import Tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ALL = 'IMGPROBE_TEST_ALL' in os.environ
SLOW = ('tests/tree/check-builds.py', 'tests/tree/check-stack.py')  # set up builds, compile the library, each time
LINE = re.compile(r'^(not )?ok \d+ - (.*?)(?: # (?:SKIP|TODO).*)?$', re.MULTILINE)
FINDINGS = 'cli/imgprobe-findings.7'
LICENCE = '/* SPDX-License-Identifier: MIT */\n'


class Tree:
    """A copy of the tree, and the libraries and the program that belong to it."""

    def __init__(self, folder, asked):
        self.root, self.asked = os.path.join(folder, 'tree'), asked
        self.scratch = os.path.join(folder, 'scratch')
        sources.copy(ROOT, self.root)
        self.kept = {}
        self.clear()

    def clear(self):
        """As it was before anything was planted."""
        for path, was in self.kept.items():
            if was is None:
                os.remove(path)
                self.without_empty(os.path.dirname(path))
            else:
                shutil.copy2(was, path)
        shutil.rmtree(os.path.join(self.root, '.git'), ignore_errors=True)
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.mkdir(self.scratch)
        self.kept, self.shared, self.static = {}, self.asked.shared, self.asked.static
        self.program = self.asked.imgprobe
        self.environment = {name: text for name, text in os.environ.items() if name != 'CI'}

    @staticmethod
    def without_empty(folder):
        if not os.listdir(folder):
            os.rmdir(folder)

    def keep(self, path):
        path = os.path.join(self.root, path)
        if path not in self.kept:
            self.kept[path] = None
            if os.path.exists(path):
                self.kept[path] = os.path.join(self.scratch, f'kept-{len(self.kept)}')
                shutil.copy2(path, self.kept[path])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, path, text, mode=0o644):
        path = self.keep(path)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        os.chmod(path, mode)

    def remove(self, path):
        os.remove(self.keep(path))

    def edit(self, path, pattern, new):
        with open(os.path.join(self.root, path), encoding='utf-8') as file:
            text, count = re.subn(pattern, new, file.read(), flags=re.MULTILINE)
        if not count:
            raise ValueError(f'{path} has nothing like {pattern}')
        self.write(path, text, os.stat(os.path.join(self.root, path)).st_mode)

    def append(self, path, text):
        self.edit(path, r'\Z', lambda _: text)

    def first(self, pattern):
        """The first file of that name, so that no fault depends on one image."""
        return sorted(glob.glob(pattern, root_dir=self.root, recursive=True))[0]

    def sources(self, **texts):
        """New files of the library or the program, by path with _ for / and without .c"""
        for path, text in texts.items():
            self.write(path.replace('_', '/') + '.c', LICENCE + text)

    # ---- libraries ----

    def compile(self, text):
        source, target = os.path.join(self.scratch, 'stray.c'), os.path.join(self.scratch, 'stray.o')
        with open(source, 'w', encoding='utf-8') as out:
            out.write(text)
        subprocess.run([os.environ.get('CC', 'cc'), '-w', '-fPIC', '-c', source, '-o', target], check=True)
        return target

    def grow_static(self, text):
        self.static = shutil.copy2(self.asked.static, os.path.join(self.scratch, 'stray.a'))
        subprocess.run(['ar', 'r', self.static, self.compile(text)], check=True, stderr=subprocess.DEVNULL)

    def link_shared(self, text='', pattern=r'\Z', new=''):
        """The shared library with that source besides, and with another version script."""
        with open(os.path.join(self.root, 'libimgprobe', 'imgprobe.map'), encoding='utf-8') as file:
            script, count = re.subn(pattern, new, file.read(), count=1)
        if not count:
            raise ValueError(f'imgprobe.map has nothing like {pattern}')
        self.shared, name = os.path.join(self.scratch, 'stray.so'), os.path.join(self.scratch, 'stray.map')
        with open(name, 'w', encoding='utf-8') as out:
            out.write(script)
        subprocess.run([os.environ.get('CC', 'cc'), '-shared', '-o', self.shared, self.compile(text),
                        '-Wl,--whole-archive', self.asked.static, '-Wl,--no-whole-archive',
                        '-Wl,--version-script,' + name, '-lxxhash', '-lz'], check=True)

    def grow_program(self, text):
        self.program = os.path.join(self.scratch, 'stray')
        subprocess.run([os.environ.get('CC', 'cc'), '-o', self.program, self.compile(text)], check=True)

    # ---- a script on it ----

    def run(self, script):
        """Names of the checks that passed, of those that failed, and what was said."""
        arguments = {
            'check-abi.sh': [self.shared, version_of(self.root)],
            'check-docs.sh': [self.shared, self.static, self.asked.imgprobe],
            'check-sizes.py': [self.shared, '2'],
            'check-symbols.sh': [self.shared, self.static, self.program],
            'checksums.py': ['--tree', '--imgprobe', self.asked.imgprobe],
            'check-findings.py': ['--tree', '--imgprobe', self.asked.imgprobe],
            'check-manuals.py': ['--imgprobe', self.asked.imgprobe],
        }.get(os.path.basename(script), [])
        done = subprocess.run([os.path.join(self.root, script), *arguments], stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment)
        lines = [(bool(bad), re.sub(r'\d+', 'N', name)) for bad, name in LINE.findall(done.stdout)]
        return {n for bad, n in lines if not bad}, {n for bad, n in lines if bad}, done.stdout


def version_of(root):
    with open(os.path.join(root, 'meson.build'), encoding='utf-8') as file:
        return re.search(r"^  version : '([\d.]+)'", file.read(), re.MULTILINE)[1]


def left_behind(tree):
    subprocess.run(['git', 'init', '-q', tree.root], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(['git', '-C', tree.root, 'add', '-A'], check=True, stderr=subprocess.DEVNULL)
    tree.write('planted.md', 'left behind\n')
    tree.environment['CI'] = 'true'


def crafted(tree):
    """An image with its .want, of which README says nothing."""
    tree.write('testimages/raw/good-planted.txt', 'size 1\n')
    tree.write('testimages/raw/good-planted.want', '{}\n')


def blinded(tree):
    tree.edit('tests/tree/check-symbols.sh', '^misnamed\\(\\) {$', 'misnamed() {\n    return 0')


def misspelt(page, pattern):
    """A line of a manual that begins like this isn't there."""
    return lambda tree: tree.edit(f'cli/{page}', f'^{pattern}', '.It Cm misspelt')


def heavier(tree):
    """By whatever compiler it is, which is then the one that the figure is for."""
    tree.link_shared('const char ip_stray[300000] = {1};\n')
    told = subprocess.run(['readelf', '-p', '.comment', tree.shared], stdout=subprocess.PIPE, check=True, text=True)
    compilers = re.findall(r'\]  (.*)', told.stdout)
    tree.edit('tests/tree/sizes.txt', '^compiler: .*', lambda _: 'compiler: ' + ', '.join(compilers))


# Of each script: the checks, or the one check, that must fail, and how the fault is planted.
FAULTS = {
    'tests/tree/check-builds.py': [
        ('without tests neither a test nor a fuzzer is built',
         lambda t: t.edit('tests/meson.build', r'^if not have_tests$',
                          "executable('planted', 'unit/test-raw.c')\nif not have_tests")),
        ('check-tree.sh passes beside a build folder of any name',
         lambda t: t.edit('tests/tree/check-tree.sh', r"'\{\}/meson-private'", "'{}/nothing'")),
        (('a subproject builds the library alone', 'a subproject installs nothing of the program'),
         lambda t: t.edit('meson.build', r"^  subdir\('cli'\)$", "endif\nsubdir('cli')\nif have_tests")),
    ],
    'tests/tree/check-tree.sh': [
        ('every source says its licence', lambda t: t.write('tests/lib/planted.py', 'pass\n')),
        ('no file is binary', lambda t: t.write('planted.bin', '\0\1\2\n')),
        ('no file is over N kB', lambda t: t.write('planted.md', 'word ' * 40001)),
        ('a format includes format.h and its own header alone',
         lambda t: t.append('formats/qed.c', '#include "image/image.h"\n')),
        ("the engine includes no format's own header",
         lambda t: t.append('libimgprobe/image/probe.c', '#include "vmdk/vmdk.h"\n')),
        ('a room of the library uses only rooms before it',
         lambda t: t.append('libimgprobe/json/parse.c', '#include "chain/chain.h"\n')),
        ('a room of the library has one header, called like it',
         lambda t: t.write('libimgprobe/json/tree.h', LICENCE)),
        ('the library has eight rooms, and no more', lambda t: t.write('libimgprobe/cellar/README.md', 'empty\n')),
        ('the program includes the public header alone',
         lambda t: t.append('cli/main.c', '#include "image/image.h"\n')),
        ('the program looks at names in the places alone that are judged',
         lambda t: t.append('cli/access/kinds/systemd.c', 'static int again(void)\n{\n    return lstat(name, &found);\n}\n')),
        ('no format touches memory', lambda t: t.append('formats/qed.c', 'memcpy(to, from, 1);\n')),
        ('tests/unit/meson.build lists every unit test', lambda t: t.write('tests/unit/test-planted.c', LICENCE)),
        ('tests/meson.build lists every script',
         lambda t: t.write('tests/program/planted.sh', '# SPDX-License-Identifier: MIT\n', 0o755)),
        ('libimgprobe/meson.build lists every source', lambda t: t.sources(libimgprobe_chain_planted='')),
        ("formats/list.h has every format, and a folder's meson.build every source",
         lambda t: t.sources(formats_vhd_planted='')),
        ("formats/list.h has every format, and a folder's meson.build every source",
         lambda t: t.sources(formats_planted='')),
        ('cli/meson.build lists every source', lambda t: t.sources(cli_info_planted='')),
        ('every crafted image has what it should give, .want', lambda t: t.remove(t.first('testimages/*/*.want'))),
        ('every .want has its image', lambda t: t.remove(t.first('testimages/*/good*.txt'))),
        ("testimages/README.md says of every crafted image why it's there", crafted),
        ("a build leaves nothing behind that git doesn't know", left_behind),
    ],
    'tests/tree/check-versions.py': [
        ('the versions that were compared are found in the sources',
         lambda t: t.edit('tests/tree/check-versions.py', r"'static const unsigned ", "'static unsigned ")),
        ('no version takes more lines of code than it may', lambda t: t.sources(
            formats_planted=''.join(f'static const struct ip_when planted_{i} = IP_SINCE(11, 1);\n'
                                    for i in range(30)))),
        ('no function looks at a version of a reader, but those of the list here', lambda t: t.sources(
            formats_planted='bool planted(struct probe *p)\n{\n    return p->versions.first < 2561;\n}\n')),
        ('no function looks at a version of a reader, but those of the list here', lambda t: t.sources(
            formats_planted='#define OLD(of) ((of)->when.until != 0)\n')),
        ('ip_have is asked about a row, and its answer is one of three', lambda t: t.sources(
            formats_planted='bool planted(struct probe *p)\n{\n    return ip_have(p->versions, when);\n}\n')),
    ],
    'tests/tree/check-circles.py': [
        ('no circle between the files of libimgprobe/ and formats/', lambda t: t.sources(
            libimgprobe_json_one='void ip_one(void)\n{\n    ip_other();\n}\n',
            libimgprobe_json_other='void ip_other(void)\n{\n    ip_one();\n}\n')),
        ('no circle between the files of libimgprobe/ and formats/', lambda t: t.sources(
            formats_vhd_one='int ip_other(void);\nint (*const ip_one)(void) = ip_other;\n',
            formats_vhd_other='int ip_other(void)\n{\n    return ip_one();\n}\n')),
        ('no room of libimgprobe/ uses one behind it, nor one beside it', lambda t: t.sources(
            libimgprobe_name_planted='void ip_planted(void)\n{\n    ip_later();\n}\n',
            libimgprobe_chain_planted='void ip_later(void)\n{\n}\n')),
        ('no room of libimgprobe/ uses one behind it, nor one beside it', lambda t: t.sources(
            libimgprobe_open_planted='void ip_planted(void)\n{\n    ip_letters();\n}\n',
            libimgprobe_name_planted='void ip_letters(void)\n{\n}\n')),
        ('no circle between the files of cli/', lambda t: t.sources(
            cli_info_one='void one(void)\n{\n    other();\n}\n',
            cli_output_other='void other(void)\n{\n    call(one);\n}\n')),
    ],
    'tests/tree/check-dev.sh': [
        ('./dev help lists the commands', lambda t: t.edit('dev', r'^\./dev build ', './dev  build ')),
        (('each takes no option that it doesn\'t know', 'each takes no word too many'),
         lambda t: t.edit('dev', r'^clean\)\n    takes 0 "\$@"$', 'clean)')),
        ("a word that isn't known is named", lambda t: t.edit('dev', 'no such command: \\$command', 'no such command')),
    ],
    'tests/tree/check-docs.sh': [
        (("the header's table of limits is found", "the manual's table of limits is the header's"),
         lambda t: t.edit('libimgprobe/imgprobe.h', r'^ *X\(', '    /**/ X(')),
        ("the manual's table of limits is the header's",
         lambda t: t.edit('libimgprobe/imgprobe.3', r'^(\.It image_reads Ta )\d+', r'\g<1>63')),
        ("READMEs, header and manual say of reads and bytes what the formats' rows say",
         lambda t: t.edit('libimgprobe/imgprobe.h', r'\b11 and 16 KiB', '10 and 16 KiB')),
        ('SECURITY.md names every file system that the opener refuses',
         lambda t: t.edit('SECURITY.md', 'configfs, ', '')),
        (("README's program compiles as C++ without a warning", "README's program compiles as C without a warning"),
         lambda t: t.edit('README.md', r'^int main\(.*\)\n\{', r'\g<0>\n    int unused;')),
        ("README's program asks for nothing that the library lacks",
         lambda t: t.edit('README.md', r'^int main\(.*\)\n\{', 'void imgprobe_lacking(void);\n\\g<0>\n'
                                                                '    imgprobe_lacking();')),
        ("the manual's program compiles as C without a warning",
         lambda t: t.edit('libimgprobe/imgprobe.3', r'^int main\(.*\)\n\{', r'\g<0>\n    int unused;')),
        ("the manual's program asks for what the library has",
         lambda t: t.edit('libimgprobe/imgprobe.3', r'^int main\(.*\)\n\{', 'void imgprobe_lacking(void);\n\\g<0>\n'
                                                                             '    imgprobe_lacking();')),
        ("the header's constants are literals",
         lambda t: t.edit('libimgprobe/imgprobe.h', r'^(#define IMGPROBE_OPENER_LINKS) .*', r'\1 (int)40')),
        ("the header's version is meson's",
         lambda t: t.edit('libimgprobe/imgprobe.h', r'^#define IMGPROBE_VERSION_NUMBER \d+', r'\g<0>1')),
    ],
    'tests/tree/check-bindings.py': [
        (('the header compiles as cN and cN and cN without a warning',
          'the header compiles as c++N and c++N and c++N without a warning'),
         lambda t: t.append('libimgprobe/imgprobe.h', 'static inline int imgprobe_planted(int unused) { return 0; }\n')),
        ('the header compiles as c++N and c++N and c++N without a warning',
         lambda t: t.edit('libimgprobe/imgprobe.h', r'^#pragma GCC diagnostic ignored.*$', '')),
        ('structs, constants and calls of the header are found',
         lambda t: t.edit('tests/tree/check-bindings.py', r'len\(want\) > 20', 'len(want) > 999')),
        (('bindgen sees every call', 'cffi sees every call'),
         lambda t: t.edit('libimgprobe/imgprobe.map', r'^local:', '    imgprobe_planted;\nlocal:')),
        ('bindgen sees every constant',
         lambda t: t.edit('libimgprobe/imgprobe.h', r'^(#define IMGPROBE_OPENER_LINKS) .*', r'\1 (int)40')),
        ('bindgen lays out every struct as the compiler',
         lambda t: t.edit('tests/tree/check-bindings.py', r'usize\'', "size'")),
        ('cffi lays out every struct as the compiler',
         lambda t: t.edit('tests/tree/check-bindings.py', r'ffi\.sizeof', 'ffi.alignof')),
    ],
    'tests/tree/check-sizes.py': [
        ('N lines of code in libimgprobe/ and formats/, at most N',
         lambda t: t.append('formats/qed.c', 'int one;\n' * 10000)),
        ('libimgprobe/imgprobe.h has N lines, at most N, and more comment than code',
         lambda t: t.append('libimgprobe/imgprobe.h', '\n' * 99)),
        ('the stripped library is no larger than sizes.txt says', heavier),
    ],
    'tests/tree/check-steps.py': [
        (('every format of formats/list.h has its file or its folder', 'every format has a good image in a unit test',
          'every format has its row in test-api.c, in order', 'every format has a crafted image that is answered',
          'every format has its mark in matrix.py, or its reason', 'oracle-qemu.py compares every format'),
         lambda t: t.edit('formats/list.h', r'^ +X\(raw\)', '    X(planted) \\\\\n    X(raw)')),
        ('every format has a good image in a unit test',
         lambda t: t.edit('tests/unit/test-luks.c', r'^    \.format = "luks",$', '')),
        ('every format has its row in test-api.c, in order',
         lambda t: t.edit('tests/unit/test-api.c', r'^    \{"bochs", "bochs", .*$', '')),
        ('every format has a crafted image that is answered', lambda t: t.remove('testimages/others/good-dmg.want')),
        ('every format that is recognised alone is found in test-recognised.c',
         lambda t: t.edit('tests/unit/test-recognised.c', r'"vbox", "vbox"', '"vbox", "ovf"')),
        ('every format that is recognised alone has a crafted image',
         lambda t: t.remove('testimages/others/unsupported-pvs.want')),
        ('every format has its mark in matrix.py, or its reason',
         lambda t: t.edit('tests/program/matrix.py', r"^    'qed': .*$", '')),
        ('oracle-qemu.py compares every format',
         lambda t: t.edit('tests/oracle/oracle-qemu.py', r"^COMPARED = \('qcow2', ", 'COMPARED = (')),
        ('every content is asked for in test-content.c',
         lambda t: t.edit('tests/unit/test-content.c', r'\.content = "elf"', '.content = ""')),
        ('every content has a crafted image', lambda t: t.remove('testimages/content/good-elf.want')),
        ('every content has its row in oracle-content.py',
         lambda t: t.edit('tests/oracle/oracle-content.py', r"^    'elf': .*$", '')),
        ('every limit has its rows in test-limits.c, or in test-opener-edges.c',
         lambda t: t.edit('tests/unit/test-opener-edges.c', '"opener_bytes"},$', 'NULL},')),
        ('every limit has its rows in test-limits.c, or in test-opener-edges.c',
         lambda t: t.edit('tests/unit/test-limits.c', r'^    \{"json_depth: .*$', '')),
        ('every file of cli/access/kinds has its row in kinds.c', lambda t: t.sources(cli_access_kinds_planted='')),
        ('every kind of output is handed to its program in kinds*.py',
         lambda t: t.edit('tests/program/kinds.py', "'apparmor'", "'armour'")),
        ('every option is given in a script of tests/program',
         lambda t: t.edit('tests/program/scan.py', '--who-uses', '--whose-uses')),
        (("keys of the reader's drivers are found in the sources",
          "every key of the reader's drivers is given in test-graph.c",
          "every key of the reader's drivers is given in oracle-json.py"),
         lambda t: t.edit('tests/tree/check-steps.py', r"'formats/\*\*/\*\.c', .*\)$",
                          "'planted/*.c') + 'KEY(\"planted\"'")),
        ("every key of the reader's drivers is given in test-graph.c",
         lambda t: t.edit('tests/unit/test-graph.c', "'fat-type'", "'thin-type'")),
        ("every key of the reader's drivers is given in oracle-json.py",
         lambda t: t.edit('tests/oracle/oracle-json.py', "'fat-type'", "'thin-type'")),
        ('every file that CONTRIBUTING.md names is there',
         lambda t: t.append('CONTRIBUTING.md', 'See `tests/tree/planted.md`.\n')),
    ],
    'tests/tree/check-abi.sh': [
        ("what breaks callers is told from what doesn't",
         lambda t: t.edit('tests/tree/check-abi.sh', r'compare --no-added-syms ', 'compare ')),
        ('the ABI is recorded for this version, and for no other',
         lambda t: t.write('libimgprobe/imgprobe-9.9.abi', '')),
        ('the library has the ABI that is recorded',
         lambda t: t.edit(t.first('libimgprobe/*.abi'), "(<class-decl name='imgprobe_bytes' size-in-bits=)'\\d+'",
                          r"\g<1>'256'")),
        ('the library has the ABI that is recorded',
         lambda t: t.edit(t.first('libimgprobe/*.abi'), "^ *<enumerator name='IMGPROBE_NEED' .*\n", '')),
        ('the library has the ABI that is recorded', lambda t: t.link_shared(
            'void imgprobe_planted(void)\n{\n}\n', 'global:', 'global:\n    imgprobe_planted;')),
        ("the symbols' node is this version's",
         lambda t: t.edit('libimgprobe/imgprobe.map', r'IMGPROBE_[\d.]+', 'IMGPROBE_9.9')),
    ],
    'tests/tree/check-symbols.sh': [
        ('these checks find what they look for', blinded),
        (('the shared library exports imgprobe_ names alone', 'the shared library exports what imgprobe.map lists'),
         lambda t: t.link_shared('void ip_stray(void)\n{\n}\n', 'global:', 'global:\n    ip_stray;')),
        ('the shared library exports what imgprobe.map lists',
         lambda t: t.link_shared(pattern=r' imgprobe_\w+;', new='')),
        ('imgprobe.map lists what imgprobe.h declares',
         lambda t: t.append('libimgprobe/imgprobe.h', 'IMGPROBE_API void imgprobe_planted(void);\n')),
        ('internal names begin with ip_', lambda t: t.grow_static('void stray(void)\n{\n}\n')),
        ('the library asks others for nothing but what is listed',
         lambda t: t.grow_static('void *ip_stray(void)\n{\n    return malloc(1);\n}\n')),
        ('and it asks for all of that',
         lambda t: t.edit('tests/tree/check-symbols.sh', r"^needed='", r'\g<0>\n    gets')),
        ('the library has no variables', lambda t: t.grow_static('int ip_stray = 1;\n')),
        ('the program has one workspace', lambda t: t.grow_program('char stray[6500000];\nint main(void)\n{\n}\n')),
    ],
    'tests/tree/check-stack.py': [
        ('the check finds what it looks for',
         lambda t: t.edit('tests/tree/check-stack.py', r'its frame is \{', 'its size is {')),
        ('no recursion, no frame of unknown size, no call of unknown target', lambda t: t.sources(
            libimgprobe_json_planted='int ip_planted(int n)\n{\n'
                                     '    return n ? ip_planted(n - 1) * n + ip_planted(n - 2) : 1;\n}\n')),
        ('no recursion, no frame of unknown size, no call of unknown target', lambda t: t.sources(
            formats_vhd_planted='int ip_use(char *);\nint ip_planted(int n)\n{\n'
                                '    char all[n];\n    return ip_use(all);\n}\n')),
        ('no recursion, no frame of unknown size, no call of unknown target', lambda t: t.sources(
            libimgprobe_name_planted='int ip_planted(int (*f)(int))\n{\n    return f(1) + 1;\n}\n')),
        ('the deepest stack, N bytes, is not over N', lambda t: t.sources(
            libimgprobe_open_planted='int imgprobe_planted(int n)\n{\n    volatile char all[40000];\n'
                                     '    all[n] = 1;\n    return all[0];\n}\n')),
    ],
    'tests/program/checksums.py': [
        ('every format has a row', lambda t: t.edit('libimgprobe/README.md', r'^\| vdi \| none ', '| vid | none ')),
        ('what is verified has a case',
         lambda t: t.edit('libimgprobe/README.md', r'^\| dmg \| data fork, master \| the data \| no', r'| dmg | sum | | yes')),
        ('every case is a row that is verified',
         lambda t: t.edit('libimgprobe/README.md', r'^(\| raw \| GPT header .* \| )yes', r'\g<1>no')),
        ('every row says what follows, or why it is not verified',
         lambda t: t.edit('libimgprobe/README.md', r'^(\| vhdx \| log entry \| the entry \| ).*$', r'\g<1>|')),
    ],
    'tests/program/check-findings.py': [
        ('every finding has one row here',
         lambda t: t.edit('tests/program/check-findings.py', r"^    \('loop',", "    ('hoop',")),
        ('not-followed is held to in test-policy.c',
         lambda t: t.edit('tests/unit/test-policy.c', r'\bnot-followed\b', 'not-hollowed')),
        ('unreadable is held to in test-policy.c',
         lambda t: t.edit('tests/unit/test-policy.c', r'\bunreadable\b', 'unreachable')),
        (('the manual has a line for each finding, and no other',
          'the manual says of each finding what the program says'),
         lambda t: t.edit(FINDINGS, r'^(\.It Cm )loop\b', r'\g<1>hoop')),
        ('the manual says of each finding what the program says',
         lambda t: t.edit(FINDINGS, r'^(\.It Cm dirty Pq )warning', r'\g<1>note')),
        ('the manual says of each finding what the program says',
         lambda t: t.edit(FINDINGS, r'^(\.It Cm dirty .* by )base$', r'\g<1>guest')),
        ('the manual says of each finding what the program says',
         lambda t: t.edit(FINDINGS, "^It wasn't closed", 'It was closed')),
        ('the manual has every policy', lambda t: t.edit(FINDINGS, r'^\.It Cm upload$', '.It Cm download')),
        ('the manual has every reason of access that is no finding',
         lambda t: t.edit(FINDINGS, r'^\.It Cm not-writable$', '.It Cm writable')),
        (('the sources are searched', 'every row of findings.h is raised'),
         lambda t: t.edit('tests/program/check-findings.py', r"\('libimgprobe', 'formats'\)", "('testimages',)")),
        ('every id that the library raises is listed',
         lambda t: t.append('libimgprobe/json/graph.c', 'ip_graph_refuse(g, at, "never-listed", "");\n')),
        ('every row of findings.h is raised',
         lambda t: t.edit('formats/findings.h', r'^    F\(LOOP, ', '    F(HOOP,"hoop",)\n\\g<0>')),
    ],
    'tests/program/check-manuals.py': [
        ('the manual has every option of info, and no other', misspelt('imgprobe.1', r'\.It Fl -no-open')),
        ('the manual has every option of access, and no other', misspelt('imgprobe.1', r'\.It Fl -user')),
        ('the manual has every option of check, and no other', misspelt('imgprobe.1', r'\.It Fl -deny')),
        ('the manual has every option of formats, and no other',
         misspelt('imgprobe.1', r'\.Fl -require-sandbox\nand\n')),
        ('the manual has every option of verify, and no other', misspelt('imgprobe-verify.1', r'\.It Fl -root')),
        ('the manual has every option of scan, and no other', misspelt('imgprobe-scan.1', r'\.It Fl -sort')),
        ('access --help lists kinds',
         lambda t: t.edit('tests/program/check-manuals.py', 'nkinds of output:', 'kinds of tree:')),
        ('imgprobe.N lists every kind of output, in order', misspelt('imgprobe.1', r'\.It Cm acl$')),
        ('imgprobe-kinds.N describes every one', misspelt('imgprobe-kinds.5', r'\.It Cm acl$')),
        ("each section's keys are found in the sources",
         lambda t: t.edit('tests/program/check-manuals.py', r"'info/\*\.c'", "'inform/*.c'")),
        ('imgprobe-json.N has every key of DESCRIPTION, and no other',
         misspelt('imgprobe-json.5', r'\.It Cm workspace$')),
        ('imgprobe-json.N has every key of INFO, and no other', misspelt('imgprobe-json.5', r'\.It Cm candidate$')),
        ('imgprobe-json.N has every key of INFO, and no other',
         lambda t: t.append('cli/info/json.c', 'json_bool(json, "planted", true);\n')),
        ('imgprobe-json.N has every key of ACCESS, and no other',
         misspelt('imgprobe-json.5', r'\.It Cm canonical-path$')),
        ('imgprobe-json.N has every key of CHECK, and no other', misspelt('imgprobe-json.5', r'\.It Cm stopped-at$')),
        ('imgprobe-json.N has every key of VERIFY, and no other',
         misspelt('imgprobe-json.5', r'\.It Cm answer-exit$')),
        ('imgprobe-json.N has every key of SCAN, and no other', misspelt('imgprobe-json.5', r'\.It Cm interrupted$')),
        ('imgprobe-json.N has every key of FORMATS, and no other',
         misspelt('imgprobe-json.5', r'\.It Cm deprecated-use$')),
        ('attributes are found in the .want files',
         lambda t: t.edit('tests/program/check-manuals.py', r"'\*\.want'", "'*.wont'")),
        ('imgprobe-json.N has every attribute',
         lambda t: t.append('formats/vhd/vhd.c', 'ip_bool(p, "planted", false, true);\n')),
        ('imgprobe-json.N has every content, in order',
         lambda t: t.edit('formats/content/content.c', r'^    \{"udf", \{', '    {"fdu", {')),
        ('imgprobe-json.N has every difference to qemu-img that the comparison passes over',
         lambda t: t.edit('cli/imgprobe-json.5', r'^\.It Sy snapshots$', '.It Sy misspelt')),
        ('imgprobe-sandbox.N has every layer, in order', misspelt('imgprobe-sandbox.7', r'\.It Cm seccomp$')),
        ('imgprobe.N has every exit status', misspelt('imgprobe.1', r'\.It 8$')),
        ('imgprobe.N has every variable of the environment', misspelt('imgprobe.1', r'\.It Ev NO_COLOR$')),
        ('cli/meson.build installs every manual', lambda t: t.edit('cli/meson.build', "    'imgprobe-kinds.5',\n", '')),
        ('every manual leads to the others',
         lambda t: t.edit('cli/imgprobe.1', r'^\.Xr imgprobe-kinds 5 ,$', '.Xr imgprobe-json 5 ,')),
    ],
}


def check_script(tap, tree, script):
    name = os.path.basename(script)
    if script in SLOW and not ALL:
        tap.skip(name, 'it takes long, and is asked with IMGPROBE_TEST_ALL=1')
        return
    passed, failed, said = tree.run(script)
    tap.ok(passed and not failed, f'{name} passes before anything is planted', said)
    planted = set()
    for number, (checks, plant) in enumerate(FAULTS[script], 1):
        checks = {checks} if isinstance(checks, str) else set(checks)
        try:
            plant(tree)
            _, failed, said = tree.run(script)
        finally:
            tree.clear()
        planted |= checks
        tap.ok(failed == checks, f'{name}: fault {number} is noticed: {", ".join(sorted(checks))}', said)
    tap.equal(sorted(passed ^ planted), [], f'{name}: every check has its fault, and every fault its check')


def arguments():
    parser = argparse.ArgumentParser(description='Plants a fault for each check of the tree.')
    for name in ('--shared', '--static', '--imgprobe'):
        parser.add_argument(name, required=True, type=os.path.abspath, metavar='PATH')
    return parser.parse_args()


def main():
    asked, tap = arguments(), Tap()
    there = glob.glob('tests/tree/check-*', root_dir=ROOT)
    tap.equal(sorted(set(there) - set(FAULTS)), [], 'every script of tests/tree that checks has its faults')
    with tempfile.TemporaryDirectory(prefix='imgprobe-') as folder:
        tree = Tree(folder, asked)
        for script in FAULTS:
            check_script(tap, tree, script)
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
