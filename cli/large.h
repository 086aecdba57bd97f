/* SPDX-License-Identifier: MIT */
/*
 * Large buffers of the program. Each begins a page, and the linker sorts by that (meson.build), so what is small lies
 * together and a run touches few pages.
 */
#ifndef CLI_LARGE_H
#define CLI_LARGE_H

#define LARGE_BUFFER static _Alignas(4096)

#endif
