#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds up what meson's tests said in each build folder given, and prints one line, `N passed, N failed`.

A line of TAP counts as one, and so does each that was planned and never came. A test that ended badly counts as one
failure if none of its lines did, and so does one that was asked for and has no result. What is skipped because
something `is missing` is a failure in CI, which can install it.
"""
import json
import os
import re
import sys

EXPLAIN = 20  # lines of what a test says about its failure
IN_CI = os.environ.get("CI") == "true"
LINE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*(.*?)\s*(?:#\s*(SKIP|TODO)\b\S*\s*(.*))?$", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)(?:\s*#\s*SKIP\S*\s*(.*))?", re.IGNORECASE)


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def fail(self, name, why):
        self.failed += 1
        print(f"FAILED: {name}: {why}", file=sys.stderr)

    def skip(self, name, reason):
        if IN_CI and "is missing" in reason:
            self.fail(name, f"skipped in CI: {reason}")
        else:
            self.skipped += 1
            print(f"skipped: {name}: {reason}", file=sys.stderr)

    def test(self, name, test):
        failed_before, seen, planned, explain = self.failed, 0, 0, 0
        for line in test.get("stdout", "").splitlines():
            plan = PLAN.match(line)
            if plan:
                planned = int(plan[1])
                if planned == 0:
                    self.skip(name, plan[2] or "no reason given")
                continue
            said = LINE.match(line)
            if not said:
                if explain > 0:
                    print(f"    {line}", file=sys.stderr)
                explain -= 1
                continue
            seen += 1
            explain = 0
            bad, what, directive, reason = said.groups()
            directive = (directive or "").upper()
            if directive == "SKIP":
                self.skip(f"{name}: {what}", reason or "no reason given")
            elif bad and directive != "TODO":
                self.fail(name, what)
                explain = EXPLAIN
            else:
                self.passed += 1
        for number in range(seen, planned):
            self.fail(name, f"planned and never came: {number + 1} of {planned}")
        if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and self.failed == failed_before:
            self.fail(name, f"{test['result']}, status {test['returncode']}")
            for line in test.get("stderr", "").splitlines()[-EXPLAIN:]:
                print(f"    {line}", file=sys.stderr)
        elif seen == planned == 0 and test["result"] == "OK":
            self.fail(name, "reported nothing")

    def build(self, folder):
        build, came = os.path.basename(folder), set()
        for line in lines(os.path.join(folder, "meson-logs", "testlog.json")):
            test = json.loads(line)
            came.add(test["name"])
            self.test(f"{build}: {test['name']}", test)
        asked = {line.strip() for line in lines(os.path.join(folder, "asked.txt"))}
        for name in sorted(asked - came):
            self.fail(f"{build}: {name}", "it was asked for and has no result")
        if not asked:
            self.fail(build, "nothing was asked for: see above why it didn't build")


def lines(path):
    """The lines of a file, none if it isn't there."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return file.readlines()


def main():
    tally = Tally()
    for folder in sys.argv[1:]:
        tally.build(folder)
    sys.stderr.flush()
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    print(f"{tally.passed} passed, {tally.failed} failed{skipped}", flush=True)
    return tally.failed != 0


if __name__ == "__main__":
    sys.exit(main())
