#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The deepest stack of the library, by gcc's own account of each function: no recursion, no frame of unknown size, no
path from a public function beyond BOUND. Prints TAP.

gcc -fcallgraph-info gives the calls that remain after inlining. A call through a pointer has no target there, so
INDIRECT says which functions may stand behind it, of those that no one calls by name (they stand in a table, or gcc
would have dropped them). A file that makes such a call and isn't listed is an error, and so is a row that no function
fits. What the caller hands over (its own source, observer, opener) and what libc and xxHash use isn't counted.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.append(sys.path[0] + "/../lib")
from tap import Tap

BOUND = 32768  # bytes, from the call of a public function on
FLAGS = "-std=c11 -O2 -fPIC -fvisibility=hidden -fstack-protector-strong -D_GNU_SOURCE -D_FORTIFY_SOURCE=2".split()

# Files that call through a pointer; files and names of the functions that may stand behind it. All are patterns; SAME
# is the caller's own file. USER is a function of whoever calls the library, which isn't counted.
SAME, USER = None, ()
INDIRECT = [
    ("libimgprobe/image/(detect|probe).c", "formats/.*", "decode.*|matches.*"),
    ("libimgprobe/image/content.c", "formats/content/.*", ".*_holds"),
    ("libimgprobe/image/(source|receipt|inflate).c", "libimgprobe/.*", "(?!read_inflated)read_.*"),
    ("libimgprobe/image/source.c", "libimgprobe/image/inflate.c", "read_inflated"),
    ("libimgprobe/image/record.c", "libimgprobe/(image/source|open/opener).c", "read_.*"),
    ("libimgprobe/(chain/(member|ask)|open/once).c", "libimgprobe/open/opener.c", "safe_.*"),
    ("libimgprobe/(open/enter|chain/keep).c", USER, ""),
    ("libimgprobe/answer/check.c", "libimgprobe/answer/remarks.c", "(?!ip_).*"),
    ("libimgprobe/image/slice.c", "libimgprobe/(image/(source|record)|open/opener).c", "read_.*"),
    ("libimgprobe/name/protocol.c", "libimgprobe/name/protocol-.*", "ip_name_.*"),
    ("formats/.*", SAME, "(?!decode|matches).*"),
]

NODE = re.compile(r'^node: \{ title: "([^"]+)" label: "([^"]*)"', re.MULTILINE)
EDGE = re.compile(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', re.MULTILINE)
SIZE = re.compile(r"\\n(\d+) bytes \(([^)]+)\)")


class Graph:
    def __init__(self):
        self.frame, self.origin, self.calls = {}, {}, {}  # by function: its bytes, its file, whom it calls
        self.problems = []

    def read(self, text, origin):
        for title, label in NODE.findall(text):
            size = SIZE.search(label)
            if size:
                self.frame[title], self.origin[title] = int(size[1]), origin
                if size[2] not in ("static", "dynamic,bounded"):
                    self.problems.append(f"{title}: its frame is {size[2]}")
        for source, target in EDGE.findall(text):
            self.calls.setdefault(source, set()).add(target)

    def behind(self, origin, files, names):
        """The functions that a call through a pointer in the file `origin` may reach by one row of INDIRECT."""
        called = set().union(*self.calls.values())
        fits = []
        for title, file in self.origin.items():
            if title in called or title.startswith("imgprobe_"):
                continue
            name = title.rsplit(":", 1)[-1].split(".", 1)[0]  # without file, and what gcc appends to a clone
            if re.fullmatch(re.escape(origin) if files is SAME else files, file) and re.fullmatch(names, name):
                fits.append(title)
        return fits

    def resolve(self, indirect):
        """Adds the possible targets of each indirect call to whom its function calls."""
        aliases = {t: t.rsplit(":", 1)[-1].removesuffix(".localalias") for t in set().union(*self.calls.values())}
        for title, calls in self.calls.items():
            self.calls[title] = {aliases[t] if t.endswith(".localalias") else t for t in calls}
            for lost in sorted(t for t in self.calls[title] if ":" in t and t not in self.frame):
                self.problems.append(f"{title}: it calls {lost}, of which gcc says nothing")
        behind_pointers = {}
        for title, calls in self.calls.items():
            if "__indirect_call" not in calls:
                continue
            rows = [row for row in indirect if re.fullmatch(row[0], self.origin[title])]
            if not rows:
                self.problems.append(f"{title}: it calls through a pointer, and no row of INDIRECT is for its file")
            for _, files, names in rows:
                targets = set() if files is USER else self.behind(self.origin[title], files, names)
                if not targets and files is not USER:
                    self.problems.append(f"{title}: nothing fits its row of INDIRECT, {names}")
                behind_pointers.setdefault(title, set()).update(targets)
        for title, targets in behind_pointers.items():
            self.calls[title] |= targets

    def deepest(self, title, known, path=()):
        """Bytes and path of the deepest stack from `title` on; a cycle is a problem. `known` has earlier answers."""
        if title in path:
            self.problems.append("recursion: " + " > ".join(path[path.index(title) :] + (title,)))
            return 0, ()
        if title not in known and title in self.frame:
            below = [self.deepest(c, known, path + (title,)) for c in sorted(self.calls.get(title, ()))]
            size, way = max(below, default=(0, ()))
            known[title] = self.frame[title] + size, (title,) + way
        return known.get(title, (0, ()))


def measure(root, sources, indirect):
    """The graph of the sources with their problems, and the deepest stack of each of their functions."""
    graph, known = Graph(), {}
    with tempfile.TemporaryDirectory() as scratch:
        for number, source in enumerate(sources):
            stem = os.path.join(scratch, str(number))
            include = ["-I", os.path.join(root, "libimgprobe"), "-I", os.path.join(root, "formats")]
            account = ["-fstack-usage", "-fcallgraph-info=su"]
            # In `root`, so that a static function's name begins with a path of the tree.
            subprocess.run(["gcc", *FLAGS, *account, *include, "-c", source, "-o", stem + ".o"], check=True, cwd=root)
            with open(stem + ".ci", encoding="utf-8") as text:
                graph.read(text.read(), source)
    graph.resolve(indirect)
    for title in list(graph.frame):
        graph.deepest(title, known)
    return graph, known


BAD = r"""
__attribute__((visibility("default"))) int self(int n);
int self(int n) { return n ? self(n - 1) * n + self(n - 2) : 1; }
__attribute__((noinline, noclone)) int once(int n), again(int n);
int grown(int n), through(int (*f)(int)), use(char *p);
int once(int n) { return n ? again(n - 1) + 1 : 0; }
int again(int n) { return n ? once(n - 2) * 3 : 1; }
int grown(int n) { char space[n]; return use(space); }
int through(int (*f)(int)) { return f(1) + 1; }
"""


def blind():
    """What this check doesn't find in a source that has it all."""
    with tempfile.TemporaryDirectory() as scratch:
        with open(os.path.join(scratch, "bad.c"), "w", encoding="utf-8") as file:
            file.write(BAD)
        problems = "\n".join(measure(scratch, ["bad.c"], [])[0].problems)
    words = ("recursion: self", "again > once > again", "its frame is", "through a pointer")
    return [word for word in words if word not in problems]


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sources = sorted(glob.glob("libimgprobe/*/*.c", root_dir=root) +
                     glob.glob("formats/**/*.c", recursive=True, root_dir=root))
    graph, known = measure(root, sources, INDIRECT)
    size, path = max((known[title] for title in known if title.startswith("imgprobe_")), default=(0, ()))
    tap = Tap()
    tap.none(blind(), "the check finds what it looks for")
    tap.none(graph.problems, "no recursion, no frame of unknown size, no call of unknown target")
    tap.ok(0 < size <= BOUND, f"the deepest stack, {size} bytes, is not over {BOUND}")
    for title in path:
        tap.note(f"{graph.frame[title]:6} {title}")
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
