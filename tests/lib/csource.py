# SPDX-License-Identifier: MIT
"""C sources as far as the checks of the tree read them: what a file defines for others, and what it mentions.

Nothing is compiled. Comments, strings and the lines that begin with # are taken away. What a header's macro or inline
function mentions counts for the file that uses it.
"""

import collections
import glob
import os
import re

SKIPPED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.DOTALL)
DIRECTIVE = re.compile(r'^[ \t]*#((?:[^\n\\]|\\\n|\\.)*)', re.MULTILINE)
DEFINE = re.compile(r'\s*define\s+(\w+)(\([^)]*\))?(.*)', re.DOTALL)
# The name of a member, of a tag or of a label mentions no function.
MENTION = re.compile(r'(?<![\w.])(?<!->)(?<!struct )(?<!enum )(?<!union )([A-Za-z_]\w*)')
PASTED = re.compile(r'(\w+)\s*##')
VARIABLE = re.compile(r'\(\s*\*\s*(?:const\s+)?(\w+)|(\w+)\s*(?:\[[^\]]*\]\s*)*$')
# A variable or parameter may be called like a function of another file, and is then no mention of that.
LOCAL = re.compile(r'[{};(]\s*(?:(?:const|static|struct|enum|unsigned)\s+)*(?!return|goto|sizeof)\w+[\s*]+(\w+)\s*[=;\[,]')
PARAMETER = re.compile(r'(\w+)\s*(?:\[[^\]]*\]\s*)*[,)]')
ATTRIBUTE = re.compile(r'__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)|_Static_assert\s*\([^;]*;')


def blank(match):
    """As many lines as there were; an empty string stays a token."""
    return ('""' if match[0][0] == '"' else ' ') + '\n' * match[0].count('\n')


def without_comments(text):
    return SKIPPED.sub(lambda match: match[0] if match[0][0] in '"\'' else blank(match), text)


class Source:
    """One file: `external`, the names that it defines for others; `functions`, name and text of each definition, with
    the text of all else as that of ''; `macros`, name and text; `pasted`, how words begin that a macro puts together."""

    def __init__(self, text):
        text = SKIPPED.sub(blank, text)
        self.macros, self.external, self.pasted = {}, set(), set()
        for body in DIRECTIVE.findall(text):
            define = DEFINE.match(body)
            if define:
                self.macros[define[1]] = define[3]
                self.pasted |= set(PASTED.findall(define[3]))
        self.functions, self.own_words = collections.defaultdict(str), collections.defaultdict(set)
        for head, body in chunks(ATTRIBUTE.sub(blank, DIRECTIVE.sub('', text))):
            self.define(head, body)

    def define(self, head, body):
        words = head.split()
        if not words or 'typedef' in words or 'extern' in words:
            return
        before = head.partition('=')[0]
        name = re.search(r'(\w+)\s*\(', before) if body and '=' not in head else None
        if name:
            self.functions[name[1]] += body
            self.own_words[name[1]] |= set(PARAMETER.findall(head)) | set(LOCAL.findall('{' + body))
        else:
            self.functions[''] += head + body
            name = VARIABLE.search(before) if '=' in head else None
        if name and 'static' not in words:
            self.external.add(name[name.lastindex])

    def mentions(self):
        """(name of the function or '', a word) for each that stands in the code."""
        for name, text in self.functions.items():
            for word in set(MENTION.findall(text)) - self.own_words[name]:
                yield name, word
        for text in self.macros.values():
            for word in set(MENTION.findall(text)):
                yield '', word


def chunks(text):
    """(head, body) of each definition or declaration at the top level. The body is what stands in the first braces."""
    depth, start, opened, head, body = 0, 0, 0, None, ''
    for match in re.finditer(r'[{};]', text):
        at = match.start()
        if match[0] == '{':
            if depth == 0 and head is None:
                head, opened = text[start:at], at + 1
            depth += 1
        elif match[0] == '}':
            depth -= 1
            if depth == 0:
                body = text[opened:at]
                is_function = '(' in head and '=' not in head
                if is_function:
                    yield head, body
                    start, head, body = at + 1, None, ''
        elif depth == 0:
            yield (head, body) if head is not None else (text[start:at + 1], '')
            start, head, body = at + 1, None, ''


def paths(root, folders):
    return sorted(path for folder in folders for path in glob.glob(f'{folder}/**/*.[ch]', root_dir=root, recursive=True))


def read(root, folders):
    """The sources of these folders by their paths below `root`, and the headers."""
    found = {}
    for path in paths(root, folders):
        with open(os.path.join(root, path), encoding='utf-8') as file:
            found[path] = Source(file.read())
    return ({path: s for path, s in found.items() if path.endswith('.c')},
            {path: s for path, s in found.items() if path.endswith('.h')})


def through_headers(headers):
    """By each macro and inline function of the headers, the words that its use brings along."""
    direct = collections.defaultdict(set)
    for header in headers.values():
        for name, text in [*header.macros.items(), *header.functions.items()]:
            direct[name] |= set(MENTION.findall(text)) if name else set()
    for _ in range(8):  # macros in macros
        for name in direct:
            direct[name] |= set().union(*(direct[word] for word in direct[name] if word in direct and word != name))
    return direct


def uses(sources, headers):
    """Who uses what of others: {user: {file: {(function, name)}}}."""
    owners = collections.defaultdict(set)  # of some names two, of which a build takes one
    for path, source in sources.items():
        for name in source.external - {'main'}:
            owners[name].add(path)
    brought = through_headers(headers)
    graph = {path: collections.defaultdict(set) for path in sources}
    for path, source in sources.items():
        pairs = set(source.mentions())
        pairs |= {(function, word) for function, used in pairs for word in brought.get(used, ())}
        words = {word for _, word in pairs} - {'const', 'enum', 'extern', 'static', 'struct'}
        pairs |= {('', name) for name in owners for start in source.pasted
                  if name.startswith(start) and name[len(start):] in words}
        for function, word in pairs:
            if path not in owners.get(word, {path}):
                for owner in owners[word]:
                    graph[path][owner].add((function, word))
    return graph
