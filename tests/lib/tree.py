# SPDX-License-Identifier: MIT
"""Copies of the tree, for what changes or builds it."""

import os
import shutil


def left_out(folder, names):
    """What no release has: git's own, and whatever meson or Python made, under any name."""
    return [name for name in names if name in ('.git', 'build', '__pycache__')
            or os.path.isdir(os.path.join(folder, name, 'meson-private'))]


def copy(root, to):
    shutil.copytree(root, to, symlinks=True, ignore=left_out)
