# SPDX-License-Identifier: MIT
"""Landlock by its system calls, for a process that is about to run another program: landlock(7)."""

import ctypes
import os

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = 1, 2, 4, 8, 1 << 14, 1 << 15
RIGHTS = {'read_file': READ_FILE, 'write_file': WRITE_FILE, 'truncate': TRUNCATE, 'ioctl_dev': IOCTL_DEV}
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PR_SET_NO_NEW_PRIVS = 38
libc = ctypes.CDLL(None, use_errno=True)


class PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (('allowed', ctypes.c_uint64), ('parent', ctypes.c_int32))


def call(*arguments):
    result = libc.syscall(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def version():
    """The version of the kernel's interface. Raises OSError with the reason where there is none."""
    return call(CREATE_RULESET, None, ctypes.c_size_t(0), 1)


def handled():
    found = version()
    newer = (TRUNCATE if found >= 3 else 0) | (IOCTL_DEV if found >= 5 else 0)
    return EXECUTE | WRITE_FILE | READ_FILE | READ_DIR | newer


def path_of(rule):
    return bytes.fromhex(rule['path-bytes']) if 'path-bytes' in rule else rule['path'].encode()


def restrict(rules, system):
    """Lets this process and all that it starts do what the rules say, and all but writing in these directories."""
    rights = handled()
    attribute = ctypes.c_uint64(rights)
    ruleset = call(CREATE_RULESET, ctypes.byref(attribute), ctypes.c_size_t(8), 0)
    wanted = [(path_of(rule), sum(RIGHTS[right] for right in rule['access'])) for rule in rules]
    wanted += [(path, EXECUTE | READ_FILE | (READ_DIR if os.path.isdir(path) else 0)) for path in system
               if os.path.exists(path)]
    for path, allowed in wanted:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = PathBeneath(allowed & rights, parent)
        call(ADD_RULE, ruleset, 1, ctypes.byref(rule), 0)
        os.close(parent)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError('no_new_privs')
    call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
