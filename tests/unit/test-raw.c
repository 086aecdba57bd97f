/* SPDX-License-Identifier: MIT */
/* Raw, which nothing contradicts. */
#include "probe-loops.h"

#define MIB (UINT64_C(1) << 20)
#define MOST_RAW UINT64_C(0x7fffffffc0000000)
#define MISMATCH(word) .format = "raw", .findings = {"format-mismatch@0"}, .also = (word), .content = (word)

static const struct base raw = {
    .size = MIB,
    .format = "raw",
    .virtual_size = MIB,
};

static const struct probe_case cases[] = {
    /* raw */
    {"zeros are raw", &raw, .format = NULL},
    {"raw, pinned", &raw, .format = "raw"},
    {"an empty file", &raw, .size = ZERO, .virtual_size = ZERO, .findings = {"image-empty@0"}},
    {"an empty file pinned as raw", &raw, .size = ZERO, .format = "raw", .virtual_size = ZERO,
     .findings = {"image-empty@0"}},
    {"one byte is a sector", &raw, .size = 1, .virtual_size = 512},
    {"512 bytes are a sector", &raw, .size = 512, .virtual_size = 512},
    {"513 bytes are two sectors", &raw, .size = 513, .virtual_size = 1024},
    {"4,096 bytes are one read", &raw, .size = 4096, .virtual_size = 4096},
    {"4,097 bytes are two reads", &raw, .size = 4097, .virtual_size = 4608},
    {"a file that ends where the middle window begins", &raw, .size = 32768, .virtual_size = 32768},
    {"a file that ends inside the middle window", &raw, .size = 32800, .virtual_size = 33280},
    {"a file whose end lies over the middle window", &raw, .size = 33280, .virtual_size = 33280},
    {"a file whose end begins inside the middle window", &raw, .size = 34900, .virtual_size = 35328},
    {"the most that QEMU takes for a size costs no more reads", &raw, .size = MOST_RAW, .virtual_size = MOST_RAW},
    {"a size that can't be rounded up", &raw, .size = UINT64_MAX - 510,
     FAILS(MALFORMED, "file size", 0, UINT64_MAX - 510, 0, UINT64_MAX - 512)},
    {"a protocol's name as a format means raw", &raw, .format = "host_device"},
    {"a guest's qcow2 header in a pinned raw refers to nothing", &raw,
     WITH(TEXT(0, "QFI\xfb\0\0\0\2"), BE64(8, 512), BE32(16, 4), TEXT(512, "evil")), MISMATCH("qcow2")},
    {"a guest's vmdk in a pinned raw refers to nothing", &raw,
     WITH(TEXT(0, "version=1\nCID=1\nparentCID=ffffffff\ncreateType=\"vmfs\"\nRW 1 VMFS \"/etc/passwd\"\n")),
     MISMATCH("vmdk")},
    {"a guest's vhd in a pinned raw refers to nothing", &raw, WITH(TEXT(0, "conectix")), MISMATCH("vhd")},
    {"a guest's qed in a pinned raw refers to nothing", &raw, WITH(TEXT(0, "QED\0")), MISMATCH("qed")},
};

int main(void)
{
    return run_cases("raw", cases, IP_COUNT(cases));
}
