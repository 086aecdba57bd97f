# SPDX-License-Identifier: MIT
"""What mutate.py changes: the mutants of a source, and the explanations of those that no suite can notice.

One token is changed in each mutant. Rules, and what is left out since no suite could or should notice it:

- a row: its offset, least and most by one up and one down, the type to the other byte order and to half its width,
  the verdict, where there are values for it; "any" to all but the largest; its multiple to any;
- a number or a character by one up and one down. Not to 0 besides: whoever notices the neighbour notices that. Not
  the size in the declaration of an array, and not the zero in `= {0}`;
- a name of a constant that another header has (NAMES) to one less, or to its neighbour; constants of the file itself
  are changed where they are defined;
- an operator to its neighbour (OPERATORS); `!` and `~` are dropped;
- `if` to one that is never taken, but whose condition is worked out; `s ? s : x` to `x`, which forgets the failure;
- the smaller of two, written `a < b ? a : b`, takes either where they are equal: no change of that operator;
- a string's last byte: a magic, a word that is compared, a field's name. A sentence, which has a blank and is no
  magic or word to compare, is for a reader.

Comments, #include and the like, and assertions that the compiler checks have no mutants.
"""
import os
import re

FLAGS = ['-DIF_NEVER(...)=if ((__VA_ARGS__) && 0)']

TOKEN = re.compile(r'''
    (?P<skip> /\*.*?\*/ | //[^\n]* | \#[ ]*define\s+\w+(?:\([^)]*\))? | \#(?:[^\n\\]|\\\n|\\.)*
            | _Static_assert\s*\([^;]*; | \bassert\s*\([^;]*; | =\s*\{(?:0|NULL,\s0|NULL,\sNULL(?:,\s0)*)\} )
  | (?P<string> "(?:[^"\\]|\\.)*" )
  | (?P<char> '(?:[^'\\]|\\.)*' )
  | (?P<number> \b(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*\b )
  | (?P<name> \b[A-Za-z_]\w*\b )
  | (?P<op> <<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:;,.(){}\[\]\\] )
''', re.S | re.X)

OPERATORS = {'<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==', '&&': '||', '||': '&&', '+': '-',
             '-': '+', '*': '/', '/': '*', '%': '/', '<<': '>>', '>>': '<<', '&': '|', '|': '&', '+=': '-=',
             '-=': '+=', '|=': '&=', '&=': '|='}
LARGEST = ('IMGPROBE_UNKNOWN', 'UINT64_MAX', 'INT64_MAX', 'UINT32_MAX', 'INT32_MAX', 'UINT16_MAX', 'UINT_MAX',
           'INT_MAX', 'SIZE_MAX', 'IP_SECTOR', 'IP_HEAD_LENGTH', 'IP_TAIL_LENGTH', 'IP_MIDDLE_OFFSET',
           'IP_MIDDLE_LENGTH')
NAMES = {'true': 'false', 'false': 'true', **{name: f'({name} - 1)' for name in LARGEST}}
for _prefix, _names in (
        ('IMGPROBE_', 'MALFORMED UNSUPPORTED'), ('IMGPROBE_', 'TRUNCATED LIMIT AMBIGUOUS NEED SYSTEM REFUSED'),
        ('', 'MALFORMED UNSUPPORTED'), ('IMGPROBE_', 'NOTE WARNING DANGER'),
        ('IMGPROBE_TIER_', 'GUEST IMPORT REFUSE'), ('IMGPROBE_ROLE_', 'BACKING DATA_FILE EXTENT'),
        ('IMGPROBE_FORMAT_', 'DECLARED IMPLIED PROBED PINNED'),
        ('IMGPROBE_READER_', 'QEMU XEN IMAGO'), ('IMGPROBE_REFERENCES_', 'NONE KNOWN CANNOT_TELL'),
        ('IP_', 'U16BE U16LE'), ('IP_', 'U32BE U32LE'), ('IP_', 'U64BE U64LE')):
    _list = _names.split()
    NAMES.update({_prefix + a: _prefix + b for a, b in zip(_list, _list[1:] + _list[:1])})

COMPARES = ('ip_equal', 'ip_find', 'HEAD_MAGIC')

ROW = re.compile(r'^\s*[A-Z]\w*\((?:struct \w+,\s*)?((?:[^,()]|\([^()]*\))+),\s*(U\d+(?:BE|LE)?),\s*(\w+),'
                 r'\s*((?:[^,()]|\([^()]*\))+),\s*((?:[^,()]|\([^()]*\))+),\s*([A-Z]+)\s*(?:,\s*(IP_\w+)\s*)?\)', re.M)
HALF = {'U16BE': 'U8', 'U16LE': 'U8', 'U32BE': 'U16BE', 'U32LE': 'U16LE', 'U64BE': 'U32BE', 'U64LE': 'U32LE'}
OTHER_ORDER = str.maketrans('BL', 'LB')


class Mutant:
    """One change of one file: `new` in place of what stands from `start` to `end`."""

    def __init__(self, file, source, start, end, new):
        self.file, self.source, self.start, self.end, self.new = file, source, start, end, new
        self.line = source.count('\n', 0, start) + 1
        first, last = source.rfind('\n', 0, start) + 1, source.find('\n', end)
        self.before = source[first:last]
        self.after = source[first:start] + new + source[end:last]

    def text(self):
        return self.source[:self.start] + self.new + self.source[self.end:]

    def __str__(self):
        return f'{self.file}:{self.line}: {self.source[self.start:self.end]} -> {self.new}: {self.after.strip()}'


class Explanation:
    """Matches by the text of the line, so that it stays true wherever the line moves."""

    def __init__(self, line, file, before, after):
        self.line, self.file, self.before, self.after, self.used = line, file, before, after, False

    def explains(self, mutant):
        text, at = mutant.before, mutant.before.find(self.before)
        while mutant.file == self.file and at >= 0:
            if text[:at] + self.after + text[at + len(self.before):] == mutant.after:
                return True
            at = text.find(self.before, at + 1)
        return False


def explanations(path):
    """FILE, a colon, and the reason; beneath it, indented, BEFORE -> AFTER, each a piece of a line. '#' begins a
    comment."""
    found, file = [], None
    with open(path, encoding='utf-8') as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip('\n')
            if line and line[0] not in '# ':
                file = line.split(':')[0]
            elif ' -> ' in line and line[0] == ' ':
                found.append(Explanation(number, file, *line.strip().split(' -> ', 1)))
    return found


def of_row(match):
    """(start, end, new) for each change of a row."""
    at, kind, least, most, verdict = (match.group(i).strip() for i in (1, 2, 4, 5, 6))
    where = {i: (match.start(i) + len(match.group(i)) - len(match.group(i).lstrip()), match.end(i))
             for i in range(1, 7)}
    for group, text in ((1, at), (4, least), (5, most)):
        if text == 'IP_ANY':
            bits = int(re.search(r'\d+', kind)[0])
            yield *where[group], f'UINT64_C({hex(2**bits - 2)})'
            continue
        yield *where[group], f'({text}) + 1'
        if text not in ('0', '0x00'):
            yield *where[group], f'({text}) - 1'
    if kind in HALF:
        yield *where[2], kind.translate(OTHER_ORDER)
        yield *where[2], HALF[kind]
    if (least, most) != ('0', 'IP_ANY'):
        yield *where[6], NAMES.get(verdict, 'MALFORMED')
    if match.group(7):
        yield *match.span(7), 'IP_OF_1'


def of_number(text):
    digits, suffix = re.fullmatch(r'(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)', text).groups()
    value = int(digits, 16 if digits[:2] in ('0x', '0X') else 8 if digits[0] == '0' else 10)
    for other in (value + 1, value - 1):
        if other >= 0:
            yield (hex(other) if digits[:2] in ('0x', '0X') else str(other)) + suffix


def of_string(text):
    """The last byte of a literal to another one."""
    elements = re.findall(r'\\x[0-9a-fA-F]+|\\[0-7]{1,3}|\\.|[^\\]', text[1:-1], re.S)
    if not elements:
        return '"x"'
    last = elements[-1]
    return '"' + ''.join(elements[:-1]) + ('y' if last == 'x' else 'x') + '"'


class Tokens:
    def __init__(self, source):
        self.source = source
        self.list = [m for m in TOKEN.finditer(source)]

    def at(self, i):
        return self.list[i].group() if 0 <= i < len(self.list) else ''

    def is_operand(self, i):
        token = self.list[i] if i >= 0 else None
        return token and (token.lastgroup in ('string', 'char', 'number') or token.group() in (')', ']') or
                          token.lastgroup == 'name' and token.group() not in ('return', 'case'))

    def line(self, i):
        at = self.list[i].start()
        return self.source[self.source.rfind('\n', 0, at) + 1:self.source.find('\n', at)]

    def is_choice(self, i):
        """`a < b ? a : b`, `a > b ? a - b : 0`, `a < b ? b - a : 0`"""
        at, operand = self.list[i].start(), r'[\w.>-]+(?:\[\w+\])?'
        left = re.search(rf'({operand}) $', self.source[:at])
        right = re.match(rf'[<>] ({operand}) \? (.+?) : ({operand})', self.source[at:])
        if not left or not right:
            return False
        a, b = left[1], right[1]
        return {right[2], right[3]} == {a, b} or (right[2], right[3]) in ((f'{a} - {b}', '0'), (f'{b} - {a}', '0'))

    def is_size_of_array(self, i):
        declares = re.match(r'\s*(static |const |unsigned |struct |enum |char |uint\w+ |size_t )+[^=()]*\[',
                            self.line(i))
        return self.at(i - 1) == '[' and self.at(i + 1) == ']' and declares and self.at(i + 2) in (';', '=', ',', '[')

    def stands_in(self, i):
        """What is open around a token: the name of a call, or the brace."""
        depth = 0
        for k in range(i - 1, -1, -1):
            depth += {')': 1, '}': 1, '(': -1, '{': -1}.get(self.at(k), 0)
            if depth < 0:
                return self.at(k) if self.at(k) == '{' else self.at(k - 1)
        return ''

    def is_sentence(self, i):
        """A magic stands in braces with its place before it or its length behind. Of a string behind sizeof the
        length counts."""
        if self.at(i - 1) == 'sizeof':
            return True
        if self.at(i - 1) == '=' and self.at(i - 2) == 'why':
            return True
        if ' ' not in self.at(i):
            return False
        around = self.stands_in(i)
        magic = around == '{' and re.fullmatch(r'\d+', self.at(i + 2)) and self.at(i + 3) == '}'
        return not magic and around not in COMPARES


def of_operator(tokens, i):
    token, source = tokens.list[i], tokens.source
    text = token.group()
    if text in ('!', '~'):
        return ['']
    spaced = source[token.start() - 1] == ' ' and source[token.end()] in ' \n'
    if text in ('*', '&', '+', '-') and not (spaced and tokens.is_operand(i - 1)):
        return []
    if text in ('<', '>') and tokens.is_choice(i):
        return []
    return [OPERATORS[text]] if text in OPERATORS else []


def of_token(tokens, i):
    """(start, end, new) for each change of one token."""
    token = tokens.list[i]
    kind, text, start, end = token.lastgroup, token.group(), *token.span()
    new = []
    if kind == 'number' and not tokens.is_size_of_array(i):
        new = of_number(text)
    elif kind == 'char':
        new = [f'({text} + 1)', f'({text} - 1)']
    elif kind == 'string' and not tokens.is_sentence(i):
        new = [of_string(text)]
    elif kind == 'op':
        new = of_operator(tokens, i)
    elif text == 'if':
        new = ['IF_NEVER']
    elif text in NAMES:
        new = [NAMES[text]]
    elif kind == 'name' and tokens.at(i + 1) == '?' and tokens.at(i + 2) == text and tokens.at(i + 3) == ':':
        yield start, tokens.list[i + 3].end() + 1, ''
    for replacement in new:
        yield start, end, replacement


def of(root, file):
    """The mutants of a file, in the order of its text."""
    with open(os.path.join(root, file), encoding='utf-8') as stream:
        source = stream.read()
    rows, changes = list(ROW.finditer(source)), []
    for row in rows:
        changes += of_row(row)
    tokens = Tokens(source)
    for i, token in enumerate(tokens.list):
        if not any(row.start() <= token.start() < row.end() for row in rows):
            changes += of_token(tokens, i)
    return [Mutant(file, source, *change) for change in sorted(changes, key=lambda c: c[0])]
