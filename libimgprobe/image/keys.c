/* SPDX-License-Identifier: MIT */
/* Keys of a json: name that several drivers take. */
#include "image/image.h"

/* clang-format off */
const struct key ip_keys_file[] = {
    KEY("file", CHILD),
    KEYS_END
};
const struct key ip_keys_backed[] = {
    KEY("file", CHILD),
    KEY("backing", CHILD),
    KEYS_END
};
/* A secret is another object's, named by its id. */
const struct key ip_keys_encrypt[] = {
    {"format", KEY_WORD, "|aes|luks|", NULL},
    KEY("key-secret", TEXT),
    KEYS_END
};
/* clang-format on */
