/* SPDX-License-Identifier: MIT */
/* One target under AFL++, in persistent mode from behind the start; built by another compiler it takes one input from
 * standard input, or each file that it is given. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MOST ((size_t)65536)

/* In a block of its own size, so that a byte read behind it is seen. */
static void run(const unsigned char *bytes, size_t size)
{
    unsigned char *copy = malloc(size + (size == 0));

    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, bytes, size);
    FUZZ_TARGET(copy, size);
    free(copy);
}

#ifdef __AFL_FUZZ_TESTCASE_LEN
__AFL_FUZZ_INIT();

int main(void)
{
    const unsigned char *bytes;

    __AFL_INIT();
    bytes = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(20000)) {
        size_t size = (size_t)__AFL_FUZZ_TESTCASE_LEN;

        run(bytes, size < INPUT_MOST ? size : INPUT_MOST);
    }
    return 0;
}
#else
static void run_file(FILE *file)
{
    static unsigned char bytes[INPUT_MOST];

    run(bytes, fread(bytes, 1, sizeof bytes, file));
}

int main(int argc, char **argv)
{
    int i;

    if (argc < 2)
        run_file(stdin);
    for (i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");

        if (!file) {
            fprintf(stderr, "%s: can't be opened\n", argv[i]);
            return 2;
        }
        run_file(file);
        fclose(file);
    }
    return 0;
}
#endif
