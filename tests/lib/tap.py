# SPDX-License-Identifier: MIT
"""The Test Anything Protocol, for every script in Python that prints it; tap.sh is its like for sh."""

import os
import sys

CI = os.environ.get('CI') == 'true'


class Tap:
    """Test results on standard output. Every line of a diagnostic begins with a #."""

    def __init__(self):
        self.count = self.failures = 0

    def result(self, passed, name, directive=''):
        self.count += 1
        print(f'{"ok" if passed else "not ok"} {self.count} - {clean(name)}{directive}', flush=True)

    def ok(self, passed, name, diagnostic=''):
        self.failures += not passed
        self.result(passed, name)
        if not passed and diagnostic:
            self.note(diagnostic)
        return passed

    def equal(self, got, want, name):
        return self.ok(got == want, name, f'got:  {got!r}\nwant: {want!r}')

    def none(self, offenders, name):
        """Fine when there are none."""
        return self.ok(not offenders, name, '\n'.join(offenders))

    def todo(self, name, why):
        """It fails, as is known."""
        self.result(False, name, f' # TODO {clean(why)}')

    def skip(self, name, why):
        """Left out, and that is no failure anywhere."""
        print(f'{os.path.basename(sys.argv[0])}: {name} left out: {why}', file=sys.stderr)
        self.result(True, name, f' # SKIP {clean(why)}')

    def lacking(self, name, tool):
        """Left out for want of a tool: at home a skip, in CI a failure."""
        if CI:
            print(f'{os.path.basename(sys.argv[0])}: {tool} is missing', file=sys.stderr)
            self.ok(False, name, f'{tool} is missing')
        else:
            self.skip(name, f'{tool} is missing')

    @staticmethod
    def note(text):
        print('\n'.join('# ' + clean(line) for line in str(text).split('\n')), flush=True)

    def done(self):
        print(f'1..{self.count}', flush=True)
        sys.exit(1 if self.failures else 0)


def clean(text):
    """One line of printable ASCII; TAP gives `#` a meaning of its own."""
    return ''.join(c if ' ' <= c <= '~' else c.encode('unicode_escape').decode() if ord(c) < 0xD800 or ord(c) > 0xDFFF
                   else f'\\x{ord(c) & 0xFF:02x}' for c in text).replace('# SKIP', '#SKIP') if text else text
