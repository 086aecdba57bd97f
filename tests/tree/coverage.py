#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which lines of libimgprobe/ and formats/ the tests of a build with -Db_coverage=true have reached: coverage.py
BUILD-FOLDER. Prints TAP, and leaves the figure and every line that wasn't reached, with its reason, in
BUILD-FOLDER/coverage.txt. A line without a reason is a failure, and so is a reason without a line.
"""
import json
import os
import subprocess
import sys

sys.path.append(sys.path[0] + "/../lib")
from tap import Tap

LEAST = 97.0  # per cent
AT_ONCE = 30  # files that one gcov is asked about
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("libimgprobe/", "formats/")

# Why lines aren't reached: the file and the text of each. SOMEWHERE: reached on some machines, and not on others.
SOMEWHERE = "on this machine or as this user it can't be brought about; the tests that reach it were skipped"
REASONS = {
    "detection has read these bytes, and what was read once can be had again": {
        "formats/content/content.c": ["return s;"],
        "formats/luks.c": ["return s;"],
        "formats/vdi.c": ["return s;"],
        "formats/vhd/footer.c": ["return p->image->error.status;"],
    },
    "no driver came or went between the versions that were compared": {
        "libimgprobe/json/graph.c": ['*ret_status = ip_graph_refuse_some(g, word, driver->when, "the reader has its driver '
                                     'in some versions only");'],
        "libimgprobe/name/place.c": [
            "enum imgprobe_status ip_unfollowed_by_some(struct imgprobe_reference *r, const struct place *place,",
            "enum imgprobe_status s = ip_versions_differ(place->w, place->versions, when, what, &what, place->error);",
            "ip_own(r)->differs = true;",
            'return s ? s : ip_unfollowed(r, IMGPROBE_KIND_NONE, "versions-differ", what);',
        ],
        "libimgprobe/name/protocol.c": ['return ip_unfollowed_by_some(r, place, n.driver->when, "the reader has its driver '
                                        'in some versions only");'],
    },
    "every driver that shows its file is of the first tier": {
        "libimgprobe/answer/tiers.c": ["return true;"],
    },
    "a walk of 1,024 names would take a tree that is as deep; links and dots come to the same limit": {
        "libimgprobe/open/enter.c": ["return s;"],
        "libimgprobe/open/path-walk.c": ["return s;"],
    },
    "detection has found the trailer, or the format would not have been chosen": {
        "formats/dmg.c": ['return ip_fail_what(p, IMGPROBE_MALFORMED, "trailer", 0, "isn\'t at the end");'],
    },
    "the switch names every status, so that a new one is a warning": {
        "libimgprobe/chain/stop.c": ["case IMGPROBE_OK:", "return IMGPROBE_CHAIN_COMPLETE;"],
    },
    "the ranges of the member were given back just before, and took more than is asked for here": {
        "libimgprobe/chain/candidates.c": ["return ip_error_full(place->error, b->w);", "return s;",
                                           "return s ? s : ip_error_full(place->error, b->w);"],
        "libimgprobe/chain/follow.c": ["return ip_chain_full(b, b->chain->members, NULL);"],
        "libimgprobe/chain/names.c": ["return ip_chain_unresolved(b, &error, m, NULL);"],
        "libimgprobe/json/graph-override.c": ["return IMGPROBE_LIMIT;", "return s;"],
    },
    "only what was decoded is overridden, and of that it is known": {
        "libimgprobe/json/graph-override.c": ["return;"],
    },
    "every list of words ends with a bar, and the loop behind it": {
        "libimgprobe/json/graph-keys.c": ["return false;"],
    },
    "where a string ends was found before it is unescaped": {
        "libimgprobe/json/string.c": ['return fail(s, "a string doesn\'t end");'],
    },
    "in a build that leaves formats out, which golden.py asks; and no format is without its decoder": {
        "libimgprobe/image/probe.c": ['return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "format", IMGPROBE_UNKNOWN,'],
    },
    "the kernel or the device would have to fail where it has succeeded just before": {
        "libimgprobe/open/opener.c": ["return ip_open_errno(error, errno);", "s = ip_open_errno(w->error, errno);"],
        "libimgprobe/open/path-walk.c": ["return ip_open_errno(w->error, errno);"],
        "libimgprobe/open/storage.c": ["return ip_open_errno(error, errno);"],
        "libimgprobe/open/enter.c": ["return;"],
    },
    "a root that has no name is no way to anything that could have been opened beneath it": {
        "libimgprobe/open/enter.c": ["continue;"],
    },
    "no test reaches it yet: it came with feeds, with descriptors that are kept, and with what stands inside gzip": {
        "formats/dmg.c": ["return ip_await_end(p);"],
        "formats/vhd/parent.c": ["return false;"],
        "formats/vmdk/descriptor.c": ["return IMGPROBE_OK;"],
        "formats/vmdk/embedded.c": ["break;"],
        "formats/vmdk/imago.c": ['return ip_fail(p, IMGPROBE_LIMIT, "chain_members", at, disk->extents, 0, '
                                 'p->limits.chain_members);', "return s;", "break;", "return ip_vmdk_await(p, 0, &all);"],
        "formats/vmdk/link.c": ["s = parent_hint(p, text->bytes, offset, &name, &name_offset);",
                                "s = ip_vmdk_refer_to_parent(p, name, name_offset, false);"],
        "formats/vmdk/other.c": ["break;"],
        "libimgprobe/answer/check.c": ["return s;"],
        "libimgprobe/chain/ask.c": ["return;"],
        "libimgprobe/chain/chain.c": ["return ip_chain_full(b, b->chain->members, NULL);"],
        "libimgprobe/chain/keep.c": ["return false;"],
        "libimgprobe/feed/feed.c": ["s = IMGPROBE_LIMIT;", "ip_error_full(&feed->error, feed->workspace);"],
        "libimgprobe/image/detect.c": ["return true;"],
        "libimgprobe/image/inflate.c": [
            'return ip_error_over(&in->error, "image_reads", in->taken, in->reads + 1, in->limits.image_reads);',
            'in->error.what = "the stream went past that, and it wasn\'t kept: give the file by its name";',
            'return ip_error_over(&in->error, "inside_inflated", IMGPROBE_UNKNOWN, in->told->inflated + length,',
        ],
        "libimgprobe/image/inside.c": [
            'return ip_await(p, "gzip", 0, head.length < MAGIC ? MAGIC : p->limits.inside_compressed);',
            'return ip_fail_what(p, IMGPROBE_UNSUPPORTED, "inside", 0,'],
        "libimgprobe/open/kept.c": ["return;"],
        "libimgprobe/open/opener.c": ['return ip_error(error ? error : &unwanted, IMGPROBE_USAGE, NULL, "what is kept is of '
                                      'an unknown size");', "return;"],
    },
    "zlib is given memory, and gives none back before its end": {
        "libimgprobe/image/inflate.c": ["static void give_back(void *context, void *address)", "}"],
    },
    "something else than procfs would have to be mounted on /proc": {
        "libimgprobe/open/descriptors.c": ["(void)close(again);",
                                           "errno = ENOENT; /* what is mounted on /proc isn't procfs */", "return -1;"],
        "libimgprobe/open/opener.c": ["s = ip_error(w->error, IMGPROBE_SYSTEM, NULL, \"what is mounted on /proc isn't "
                                 "procfs\");", "(void)close(fd);"],
    },
    "a working directory in another mount namespace": {
        "libimgprobe/open/enter.c": ['return ENOENT; /* "(unreachable)": it lies in another mount namespace */'],
    },
    "Linux has no empty links, and none as long as a path": {
        "libimgprobe/open/path-walk.c": ["return ip_open_errno(w->error, ENOENT);", "return ip_open_errno(w->error, "
                               "ENAMETOOLONG);"],
    },
    "a name that is too long for a path was found to be so when it was put together": {
        "libimgprobe/open/path-walk.c": ["return ip_open_errno(w->error, ENAMETOOLONG);"],
    },
    SOMEWHERE: {
        "libimgprobe/open/opener.c": [
            "if (fd < 0)",
            "return ip_open_errno(w->error, errno);",
        ],
        "libimgprobe/open/enter.c": [
            "return false;",
            "return ip_open_escape(w->error);",
            "return ip_open_no_proc(w->error);",
            'w->directory = open("/dev", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);',
            "if (w->directory < 0 || fstat(w->directory, &st) != 0 || st.st_dev != w->link_device)",
            'memcpy(w->at, "/dev", sizeof "/dev");',
            "w->next = r.entry;",
            "w->leaf = true;",
            "w->in_dev = true;",
            "w->by_canonical = true;",
            "return tell_of_root(w);",
        ],
        "libimgprobe/open/error.c": ['return ip_error(error, IMGPROBE_SYSTEM, NULL, "cannot be opened");'],
        "libimgprobe/open/path-walk.c": [
            "return ip_open_process_name(w->error);",
            "s = ip_open_escape(w->error);",
        ],
    },
}


def compiled(build):
    """What gcc noted of each object of the library, be it run or not."""
    found = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(build, "libimgprobe"))
             for name in names if name.endswith(".gcno")]
    return sorted(found)


def counts(build):
    """How often each line was reached: by file, by number."""
    lines = {}
    notes = compiled(build)
    for at in range(0, len(notes), AT_ONCE):
        done = subprocess.run(["gcov", "--json-format", "--stdout", *notes[at:at + AT_ONCE]], cwd=build, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for document in done.stdout.decode().splitlines():
            for file in json.loads(document)["files"] if document.strip() else ():
                name = os.path.relpath(os.path.normpath(os.path.join(build, file["file"])), ROOT)
                if name.startswith(FOLDERS):
                    numbers = lines.setdefault(name, {})
                    for line in file["lines"]:
                        numbers[line["line_number"]] = numbers.get(line["line_number"], 0) + line["count"]
    return lines


def missed(lines):
    """(file, number, text) of each line that wasn't reached."""
    for name in sorted(lines):
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            text = file.read().split("\n")
        for number in sorted(lines[name]):
            if lines[name][number] == 0:
                yield name, number, text[number - 1].strip()


def explain(found):
    """Every line with its reason, the lines without any, and the rows without a line."""
    rows = {(name, text): why for why, table in REASONS.items() for name, texts in table.items() for text in texts}
    told = [(name, number, text, rows.get((name, text))) for name, number, text in found]
    bare = [f"{name}:{number}: {text}" for name, number, text, why in told if why is None]
    used = {(name, text) for name, _, text, _ in told}
    stale = [f"{name}: {text}" for (name, text), why in rows.items() if (name, text) not in used and why != SOMEWHERE]
    return told, bare, stale


def main():
    build = os.path.abspath(sys.argv[1])
    lines = counts(build)
    found = list(missed(lines))
    total = sum(map(len, lines.values()))
    if total == 0:
        sys.exit("coverage.py: nothing was compiled with -Db_coverage=true")
    share = 100 * (total - len(found)) / total
    told, bare, stale = explain(found)
    figure = f"{share:.1f} % of {total} lines in libimgprobe/ and formats/ are reached by the tests"
    with open(os.path.join(build, "coverage.txt"), "w", encoding="utf-8") as out:
        print(figure, file=out)
        for name, number, text, why in told:
            print(f"{name}:{number}: {text}\n    {why or 'no reason given'}", file=out)
    tap = Tap()
    tap.ok(share >= LEAST, f"{figure}, at least {LEAST:.0f} %", figure)
    tap.none(bare, f"each of the other {len(found)} has its reason")
    tap.none(stale, "no reason is given for what is reached")
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
