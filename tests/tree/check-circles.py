#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who calls whom, by the sources and not by what they include: no circle between files, and no call from a room of the
library to a room behind it. Prints TAP.

A call is any mention of a function or table that another file defines. Calls through a pointer that the caller handed
over are none.
"""
import os
import sys

sys.path.append(sys.path[0] + '/../lib')
import csource
from tap import Tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What a room may use beside itself. A format is asked through the table of formats alone, by image.
ROOMS = {
    'readers': (),
    'image': ('readers', 'formats'),
    'name': ('readers', 'image'),
    'json': ('readers', 'image', 'name'),
    'chain': ('readers', 'image', 'name', 'json'),
    'answer': ('readers', 'image', 'name', 'json', 'chain'),
    'feed': ('readers', 'image', 'name', 'json', 'chain', 'answer'),
    'open': ('image',),
    'formats': ('readers', 'image'),
}


def circles(graph):
    """Each set of files that reach each other: Tarjan's strongly connected components of more than one."""
    number, low, stack, found = {}, {}, [], []

    def visit(file):
        number[file] = low[file] = len(number)
        stack.append(file)
        for other in graph[file]:
            if other not in number:
                visit(other)
                low[file] = min(low[file], low[other])
            elif other in stack:
                low[file] = min(low[file], number[other])
        if low[file] == number[file]:
            at = stack.index(file)
            found.append(stack[at:])
            del stack[at:]

    for file in sorted(graph):
        if file not in number:
            visit(file)
    return sorted(sorted(members) for members in found if len(members) > 1)


def ring(graph, members):
    """One of the shortest ways from a member back to itself."""
    best = None
    for start in members:
        ways, seen = [[start]], set()
        while ways and not (best and len(ways[0]) >= len(best)):
            way = ways.pop(0)
            for other in sorted(set(graph[way[-1]]) & set(members) - seen):
                seen.add(other)
                ways.append(way + [other])
                if other == start:
                    best, ways = way + [other], []
                    break
    return best


def described(graph):
    """The members of each circle, and the calls of one ring in it."""
    for members in circles(graph):
        yield f'a circle of {len(members)}: {" ".join(members)}'
        way = ring(graph, members)
        for file, other in zip(way, way[1:]):
            yield f'  {file} uses {other}: {", ".join(sorted({name for _, name in graph[file][other]}))}'


def room(path):
    return path.split('/')[1] if path.startswith('libimgprobe/') else path.split('/')[0]


def wrong_ways(graph):
    for file in sorted(graph):
        for other in sorted(graph[file]):
            if room(other) != room(file) and room(other) not in ROOMS.get(room(file), ()):
                for function, name in sorted(graph[file][other]):
                    yield f'{file}: {function or "a table or macro"} uses {name} of {other}'


def main():
    tap = Tap()
    library = csource.uses(*csource.read(ROOT, ('libimgprobe', 'formats')))
    tap.none(list(described(library)), 'no circle between the files of libimgprobe/ and formats/')
    tap.none(list(wrong_ways(library)), 'no room of libimgprobe/ uses one behind it, nor one beside it')
    program = csource.uses(*csource.read(ROOT, ('cli',)))
    tap.none(list(described(program)), 'no circle between the files of cli/')
    tap.done()


if __name__ == '__main__':
    sys.exit(main())
