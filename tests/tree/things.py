# SPDX-License-Identifier: MIT
"""A made-up thing of each sort that CONTRIBUTING.md says how to add, step by step; add-a-thing.py adds them."""

import re

LICENCE = '/* SPDX-License-Identifier: MIT */\n'
TREE, STEPS, DOCS, SIZES = (f'tests/tree/check-{name}' for name in ('tree.sh', 'steps.py', 'docs.sh', 'sizes.py'))
MANUALS, FINDINGS = 'tests/program/check-manuals.py', 'tests/program/check-findings.py'


def new(text, mode=0o644):
    """A file that wasn't there."""
    return lambda was: (text, mode) if was is None else was


def before(pattern, text):
    """Lines in front of the first that match."""
    return lambda was: put(was, rf'^(?={pattern})', text)


def after(pattern, text):
    return lambda was: put(was, rf'^{pattern}.*\n', lambda found: found[0] + text)


def instead(pattern, text):
    return lambda was: put(was, pattern, text)


def put(was, pattern, text):
    changed, count = re.subn(pattern, text if callable(text) else lambda _: text, was[0], count=1, flags=re.M)
    if not count:
        raise ValueError(f'nothing is like {pattern}')
    return changed, was[1]


class Step:
    """What is done to one file, who has to miss it, and which words say what is missing."""

    def __init__(self, path, change, who, says):
        self.path, self.change, self.who, self.says = path, change, who, says


def compiles(path):
    """The compiler is asked about one file."""
    return ('compiler', path)


def unit(name):
    """A unit test, built anew."""
    return ('unit', name)


def built(script):
    """A script that asks the program, built anew."""
    return ('built', script)


def golden(name):
    """One crafted image is built and compared."""
    return ('golden', name)


FORMAT = LICENCE + '''/* Made up. */
#include "format.h"

struct madeup {
    uint64_t sectors;
};

static const struct field header_rows[] = {
    FIELD(struct madeup, 8, U32BE, sectors, 1, 65535, MALFORMED),
};

static enum imgprobe_status decode(struct probe *p)
{
    struct madeup h = {0};
    enum imgprobe_status s = ip_decode(p, 0, header_rows, IP_COUNT(header_rows), &h);

    if (s != IMGPROBE_OK)
        return s;
    p->image->virtual_size = h.sectors * IP_SECTOR;
    return ip_count(p, "made-up-sectors", false, h.sectors);
}

const struct format ip_madeup = {
    .row =
        {
            .name = "madeup",
            .qemu_name = "madeup",
            .tier = IMGPROBE_TIER_REFUSE,
            .why = "made up",
            .decoded = true,
            .compiled = IP_COMPILED(madeup),
            .reads = 4,
            .bytes = 8192,
        },
    .parent = PARENT_NEVER,
    .magics = {{0, "MADE-UP", 8}},
    .driver = {"madeup", DRIVER_FORMAT, ip_keys_file, false},
    .decode = IP_COMPILED(madeup) ? decode : NULL,
};
'''
FORMAT_TEST = LICENCE + '''#include "probe-loops.h"

static const struct base madeup = {
    .patches = {TEXT(0, "MADE-UP\\0"), BE32(8, 2)},
    .size = 1024,
    .whole = 12,
    .magic = 8,
    .format = "madeup",
    .virtual_size = 1024,
};

static const struct probe_case cases[] = {
    {"madeup of two sectors", &madeup, .attributes = {"made-up-sectors=2"}},
    {"madeup of no sectors", &madeup, WITH(BE32(8, 0)), FAILS(MALFORMED, "sectors", 8, 0, 1, 65535)},
    {"madeup of too many sectors", &madeup, WITH(BE32(8, 65536)), FAILS(MALFORMED, "sectors", 8, 65536, 1, 65535)},
};

int main(void)
{
    return run_cases("madeup", cases, IP_COUNT(cases));
}
'''
KIND = LICENCE + '''/* The kind `asmade`: made up. */
#include "access/access.h"

bool access_asmade(const struct grants *grants, FILE *stream, struct cannot *ret_why)
{
    (void)ret_why;
    return access_paths(grants, stream, ret_why);
}
'''
KIND_TEST = '''def asmade(tap, program, folder):
    with open(os.path.join(folder, 'a'), 'wb') as out:
        out.truncate(512)
    answer = images.run([program, 'access', '--output', 'asmade', '-f', 'raw', 'a'], cwd=folder)
    tap.equal((answer.status, answer.out), (0, b'a\\n'), 'asmade')


'''
SETTER = '''static const char *set_made_up(struct options *options, const char *value)
{
    (void)value;
    options->made_up = true;
    return NULL;
}

'''
LIMIT = '''    if (p->size < INT64_MAX / 2 && p->size > p->limits.made_up_bytes)
        return ip_fail(p, IMGPROBE_LIMIT, "made_up_bytes", 0, p->size, 0, p->limits.made_up_bytes);
'''
RAISED = '''    if (p->size == 5120)
        return ip_finding(p, FOUND_MADE_UP_SIZE, IMGPROBE_UNKNOWN, "a size that is made up");
'''
IMAGE = '# SPDX-License-Identifier: MIT\n# a format that is made up\noffset 0: "MADE-UP\\0" be32=2\nsize 1024\n'
DISK = '# SPDX-License-Identifier: MIT\n# a content that is made up\noffset 0: "MADE-IN"\nsize 1M\n'

THINGS = {
    'a format': [
        Step('formats/madeup.c', new(FORMAT), STEPS, 'madeup is missing'),
        Step('formats/list.h', before(r' +X\(raw\)', '    X(madeup) \\\n'), TREE, 'formats/madeup.c'),
        Step('tests/unit/test-madeup.c', new(FORMAT_TEST), STEPS, 'madeup is missing'),
        Step('tests/unit/meson.build', before("  'opener',", "  'madeup',\n"), TREE, 'madeup'),
        Step('tests/unit/test-api.c', before(r'    \{"raw", "raw", IMGPROBE_TIER', '    {"madeup", "madeup", '
             'IMGPROBE_TIER_REFUSE, true, 4, 8192, NULL, false, false},\n'), STEPS, 'madeup'),
        Step('testimages/others/good-madeup.txt', new(IMAGE), TREE, 'good-madeup.want'),
        Step('testimages/others/good-madeup.want', 'golden', STEPS, 'madeup is missing'),
        Step('testimages/README.md', before('- `others/good-parallels',
             '- `others/good-madeup`: a format that is made up\n'), TREE, 'good-madeup'),
        Step('testimages/raw/bad-pinned-unknown.want', 'golden', golden('raw/bad-pinned-unknown'), 'madeup'),
        Step('testimages/chain/bad-declare-unknown.want', 'golden', golden('chain/bad-declare-unknown'), 'madeup'),
        Step('tests/program/matrix.py', before("    'bochs': ", "    'madeup': (0, b'MADE-UP\\0'),\n"), STEPS,
             'madeup is missing'),
        Step('tests/oracle/oracle-qemu.py', instead(r"^COMPARED = \(", "COMPARED = ('madeup', "), STEPS,
             'madeup is missing'),
        Step('cli/imgprobe-json.5', before(r'\.It vdi$', '.It madeup\n.Cm made-up-sectors .\n'), MANUALS,
             'made-up-sectors'),
        Step('tests/tree/sizes.txt', instead(r'^lines: \d+\nbytes: \d+', 'lines: 99999\nbytes: 999999'), SIZES,
             'libimgprobe/ and formats/'),
    ],
    'a content': [
        Step('formats/content/content.c', after(r'    \{"elf", ',
             '    {"madein", {HEAD_MAGIC("MADE-IN")}, NULL, CONTENT_DISK},\n'), STEPS, 'madein is there'),
        Step('tests/unit/test-content.c', before(r'    \{"ELF", ',
             '    {"made in", &raw, WITH(TEXT(0, "MADE-IN")), .content = "madein"},\n'), STEPS,
             'madein is missing'),
        Step('testimages/content/good-madein.txt', new(DISK), TREE, 'good-madein.want'),
        Step('testimages/content/good-madein.want', 'golden', STEPS, 'madein is missing'),
        Step('testimages/README.md', before('- `content/good-mbr',
             '- `content/good-madein`: a content that is made up\n'), TREE, 'good-madein'),
        Step('tests/oracle/oracle-content.py', before("    'elf': ", "    'madein': (r'^MADE', None),\n"), STEPS,
             'madein is missing'),
        Step('cli/imgprobe-json.5', instead(r' elf ,$', ' elf , madein ,'), MANUALS, 'madein'),
    ],
    'a finding': [
        Step('formats/findings.h', before(r'    F\(LOOP, ',
             '    F(MADE_UP_SIZE, "made-up-size", NOTE, NONE, "it is made up") \\\n'), compiles('formats/raw.c'),
             'FOUND_MADE_UP_SIZE'),
        Step('formats/raw.c', before(r'    if \(p->size % IP_SECTOR', RAISED), FINDINGS, 'made-up-size'),
        Step(FINDINGS, before(r"    \('loop', ", "    ('made-up-size', 'size @\\nrun -f raw', '5120', '5632'),\n"),
             FINDINGS, 'made-up-size'),
        Step('cli/imgprobe-findings.7', before(r'\.It Cm loop Pq',
             '.It Cm made-up-size Pq note, refused by no policy\nIt is made up.\n'), FINDINGS, 'made-up-size'),
    ],
    'a limit': [
        Step('libimgprobe/imgprobe.h', before(r' +X\(json_depth, ', '    X(made_up_bytes, 4611686018427387904, '
             '4611686018427387904, "bytes of a raw disk") \\\n'), compiles('formats/raw.c'), 'made_up_bytes'),
        Step('formats/raw.c', before(r'    if \(!ip_add\(p->size', LIMIT), unit('limits'), 'made_up_bytes'),
        Step('tests/unit/test-limits.c', before(r'    \{"json_depth: as deep',
             '    {"made_up_bytes: enough", "made_up_bytes", '
             'RAW, 0, 65536, 0, 0},\n    {"made_up_bytes: too few", "made_up_bytes", RAW, 0, 65535, 0, 65536},\n'),
             STEPS, 'made_up_bytes is missing'),
        Step('libimgprobe/imgprobe.3', before(r'\.It json_depth Ta', '.It made_up_bytes Ta 4611686018427387904 Ta '
             '4611686018427387904 Ta bytes of a raw disk\n'), DOCS, 'made_up_bytes'),
    ],
    'a kind of output': [
        Step('cli/access/kinds/asmade.c', new(KIND), STEPS, 'asmade is there'),
        Step('cli/meson.build', before("  'access/kinds/blockdev.c'", "  'access/kinds/asmade.c',\n"), TREE,
             'asmade.c'),
        Step('cli/access/access.h', after('bool access_libvirt', 'bool access_asmade(const struct grants *grants, '
             'FILE *stream, struct cannot *ret_why);\n'), compiles('cli/access/kinds/asmade.c'), 'access_asmade'),
        Step('cli/access/kinds/kinds.c', after(r'    \{"libvirt", ',
             '    {"asmade", "as made up", access_asmade, false},\n'), STEPS, 'asmade is missing'),
        Step('tests/program/kinds.py', lambda was: before('PARTS = ', KIND_TEST)(instead(r'^PARTS = \(',
             'PARTS = (asmade, ')(was)), STEPS, 'asmade is missing'),
        Step('cli/imgprobe.1', after('A disk element with its whole chain', '.It Cm asmade\nAs made up.\n'), MANUALS,
             'asmade'),
        Step('cli/imgprobe-kinds.5', before(r'\.It Cm options$', '.It Cm asmade\nMade up.\n'), MANUALS, 'asmade'),
    ],
    'an option': [
        Step('cli/options/options.h', before('    bool list;', '    bool made_up;\n'),
             compiles('cli/options/rows.c'), 'made_up'),
        Step('cli/options/rows.c', lambda was: before(r'/\* clang-format off', SETTER)(before(r'    \{ "list", ',
             '    { "made-up", 0, NULL, CHECK, "nothing", set_made_up },\n')(was)), built(MANUALS), '--made-up'),
        Step('tests/program/access.py', before('PARTS = ', "MADE_UP = ['check', '--made-up']\n"), STEPS,
             '--made-up is missing'),
        Step('cli/imgprobe.1', before(r'\.It Fl -max-virtual-size', '.It Fl -made-up\nNothing.\n'), MANUALS,
             '--made-up'),
    ],
    "a key of a reader's driver": [
        Step('formats/qcow2/qcow2.c', before(r'    KEY\("cache-size"', '    KEY("made-up", BOOL),\n'),
             unit('graph'), 'made up'),
        Step('tests/unit/test-drivers.c', instead(r'bitmap-directory \} cache-size',
             'bitmap-directory } made-up cache-size'), unit('drivers'), 'made-up'),
        Step('tests/unit/test-graph.c', before(r'    \{"an unknown key", ', '    {"a key that is made up", '
             '''"{'driver':'qcow2','made-up':true," F "}", FILES("/w/a", "qcow2")},\n'''), STEPS,
             'made-up is missing'),
        Step('tests/oracle/oracle-json.py', before(r"    # what asks for writing",
             '''    ("{'driver':'qcow2','made-up':true,"''' " + MID + '}', '', NEEDS_OBJECT),\n"), STEPS,
             'made-up is missing'),
    ],
}
