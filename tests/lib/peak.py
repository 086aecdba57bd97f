# SPDX-License-Identifier: MIT
"""How much memory a scan had at most. The figure of wait4(2) is of no use: it begins with that of who starts it."""

import fcntl
import os
import re
import subprocess


def resident(program, *words):
    """KiB, when every file is in the index and the lines at the end have begun. The pipe is so small that it waits
    there; one of its files at least has to be unused."""
    ours, its = os.pipe()
    fcntl.fcntl(its, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen([program, 'scan', '--output', 'ndjson', *words], stdout=its,
                          stdin=subprocess.DEVNULL) as child, open(ours, 'rb') as lines:
        os.close(its)
        for line in lines:
            if b'"type": "unused"' in line:
                break
        with open(f'/proc/{child.pid}/status', encoding='ascii') as status:
            found = re.search(r'^VmHWM:\s*(\d+) kB', status.read(), flags=re.M)
        lines.read()
    return int(found[1])
