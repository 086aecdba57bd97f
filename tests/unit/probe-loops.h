/* SPDX-License-Identifier: MIT */
/*
 * What is checked of every row: the answer itself with its exact reads and bytes; that it's the same in pieces, and
 * with just enough memory; that no read can fail unnoticed; and, of a good image, that no shorter file looks whole.
 */
#ifndef PROBE_LOOPS_H
#define PROBE_LOOPS_H

#include "probe-row.h"

#define MOST_TESTS 2048
#define HANDFUL 12 /* of restarts for a well-formed image: one for each read of a VHDX, and its size */

struct run {
    const struct probe_case *c;
    void (*check)(const struct probe_case *c, const struct image *from);
};

static inline struct imgprobe_image *ask_once(const struct probe_case *c, const char *format, struct feed *feed,
                                              size_t memory, size_t *ret_most)
{
    struct imgprobe_workspace w = new_workspace(memory);
    struct imgprobe_source source = source_of(feed);
    struct imgprobe_image *image = ask(c, format, &source, &w);

    if (image)
        check_always(image, feed, memory);
    else
        check_zones(memory);
    if (ret_most)
        *ret_most = w.most;
    return image;
}

static inline void check_row(const struct probe_case *c, const struct image *from)
{
    struct feed feed = {.image = from};
    const struct imgprobe_image *image = ask_once(c, c->format, &feed, MEMORY, NULL);

    if (!image) {
        complain("USAGE");
        return;
    }
    want_number("reads of the source", feed.calls, image->reads);
    check_answer(c, image, from);
}

static inline void compare_texts(const char *how)
{
    size_t i = 0;

    if (strcmp(wanted_text, got_text) == 0)
        return;
    while (wanted_text[i] == got_text[i])
        i++;
    i = i > 20 ? i - 20 : 0;
    complain("%s the answer differs: %.60s, whole: %.60s", how, got_text + i, wanted_text + i);
}

/* One range at a time, exactly the one that was asked for; a range that was delivered isn't delivered again. When the
 * size isn't known at first, the file's start comes as a stream until its end is asked for. */
static inline void in_pieces(const struct probe_case *c, const struct image *from, bool sized)
{
    struct feed feed = {.image = from, .withholds = true};
    struct imgprobe_workspace w = new_workspace(MEMORY);
    struct imgprobe_source source = source_of(&feed);
    struct imgprobe_image *image;
    unsigned needs;

    if (!sized)
        source.size = UNKNOWN;
    for (needs = 0; needs < 5000; needs++) {
        const struct imgprobe_error *e;

        image = ask(c, c->format, &source, &w);
        e = &image->error;
        check_always(image, &feed, MEMORY);
        if (e->status != IMGPROBE_NEED)
            break;
        if (e->offset == UNKNOWN || e->offset + e->least > from->size)
            source.size = from->size;
        else
            feed.delivered = (struct served){e->offset, e->offset + e->least};
    }
    describe(image, got_text, sizeof got_text);
    compare_texts(sized ? "in pieces" : "as a stream");
    if (needs > image->reads + (sized ? 0 : 1))
        complain("%u restarts for %ju reads", needs, (uintmax_t)image->reads);
    if (c->error.status == IMGPROBE_OK && needs > HANDFUL)
        complain("%u restarts", needs);
}

static inline void check_pieces(const struct probe_case *c, const struct image *from)
{
    struct feed feed = {.image = from};

    describe(ask_once(c, c->format, &feed, MEMORY, NULL), wanted_text, sizeof wanted_text);
    in_pieces(c, from, true);
    in_pieces(c, from, false);
}

static inline void check_failing(const struct probe_case *c, const struct image *from)
{
    static const enum imgprobe_status failures[] = {IMGPROBE_SYSTEM, IMGPROBE_TRUNCATED};
    struct feed whole = {.image = from};
    unsigned reads = (unsigned)ask_once(c, c->format, &whole, MEMORY, NULL)->reads;

    for (unsigned n = 1; n <= reads; n++)
        for (size_t i = 0; i < IP_COUNT(failures); i++) {
            struct feed feed = {.image = from, .fails_at = n, .failure = failures[i]};
            const struct imgprobe_image *image = ask_once(c, c->format, &feed, MEMORY, NULL);

            if (image->error.status != failures[i] || image->reads != n)
                complain("read %u failed with %d, and the status is %d after %ju reads", n, (int)failures[i],
                         (int)image->error.status, (uintmax_t)image->reads);
        }
}

/* Of 29 sizes one is tried where a look is dear, but for the image itself. */
static inline size_t stride(const struct probe_case *c)
{
    return c->base->dear && c->patches[0].kind != PATCH_NONE ? 29 : 1;
}

static inline void check_shrunk(const struct probe_case *c, const struct image *from)
{
    struct feed whole = {.image = from};
    size_t most, size, step;

    describe(ask_once(c, c->format, &whole, MEMORY, &most), wanted_text, sizeof wanted_text);
    step = (most / 4096 * 16 + 16) * stride(c); /* some 256 sizes, or every one that differs */
    for (size = most + 2 * step; size > 0; size = size > step ? size - step : 0) {
        struct feed feed = {.image = from};
        const struct imgprobe_image *image = ask_once(c, c->format, &feed, size, NULL);

        if (!image)
            continue;
        if (size < most && image->error.status == IMGPROBE_LIMIT) {
            want_word("field", image->error.field, "workspace");
            want_number("room that was found", image->error.found, size);
            want_number("least room", image->error.least, UNKNOWN);
            want_number("most room", image->error.most, UNKNOWN);
            continue;
        }
        describe(image, got_text, sizeof got_text);
        compare_texts("with less memory");
        if (complaints[0])
            return;
    }
}

/* What the whole file refers to, while shorter ones are asked about. */
struct kept {
    const struct format *format;
    size_t count;
    uint64_t offsets[MOST_REFERENCES];
    size_t lengths[MOST_REFERENCES];
};

static inline struct kept keep(const struct imgprobe_image *image)
{
    struct kept kept = {.format = ip_format_named(ip_string(image->format->name))};

    for (const struct imgprobe_reference *r = image->references; r && kept.count < MOST_REFERENCES; r = r->next) {
        kept.offsets[kept.count] = r->stated.offset;
        kept.lengths[kept.count++] = r->stated.name.length;
    }
    return kept;
}

/* Where a line of text ends nothing shows that another followed: the one place where fewer references are fine. */
static inline bool at_line_end(const struct image *from, uint64_t size)
{
    unsigned char around[2];

    compose(from, from->count, size - 1, around, 2);
    return around[0] == '\n' || around[1] == '\n' || around[1] == '\r';
}

static inline void check_kept(const struct probe_case *c, const struct image *cut, const struct image *from,
                              const struct kept *kept, const struct imgprobe_image *image)
{
    const struct imgprobe_reference *r = image->references;
    uint64_t whole = number_or(c->whole, c->base->whole);
    size_t i;

    if (cut->size < whole)
        complain("OK, cut at %ju", (uintmax_t)cut->size);
    for (i = 0; i < kept->count && r; i++, r = r->next)
        if (r->stated.offset != kept->offsets[i] || r->stated.name.length != kept->lengths[i])
            complain("another reference, cut at %ju", (uintmax_t)cut->size);
    if (i < kept->count && !(c->base->text && at_line_end(from, cut->size)))
        complain("%zu of %zu references, cut at %ju", i, kept->count, (uintmax_t)cut->size);
}

/* As it was asked, and with the format pinned: then not even the magic's end can be missed. */
static inline void cut_at(const struct probe_case *c, const struct image *from, const struct kept *kept,
                          uint64_t size)
{
    const char *asked[] = {c->format, kept->format->row.name};

    for (size_t i = 0; i < IP_COUNT(asked) && strlen(complaints) < 500; i++) {
        struct image cut = *from;
        struct feed feed = {.image = &cut};
        const struct imgprobe_image *image;

        cut.size = size;
        image = ask_once(c, asked[i], &feed, MEMORY, NULL);
        if (image->error.status != IMGPROBE_OK)
            continue;
        if (!asked[i] && size < number_or(c->magic, c->base->magic) && image->format != &kept->format->row)
            continue;
        check_kept(c, &cut, from, kept, image);
    }
}

#define CUT_MOST 1200 /* bytes of a patch that are all tried; of a longer one the ends */
#define CUT_ENDS 64
#define CUT_HEAD 640
#define CUT_TAIL 520

static inline void check_cut(const struct probe_case *c, const struct image *from)
{
    struct feed feed = {.image = from};
    const struct imgprobe_image *whole = ask_once(c, c->format, &feed, MEMORY, NULL);
    struct kept kept;
    uint64_t n;

    if (!whole || whole->error.status != IMGPROBE_OK)
        return; /* the row itself says so */
    kept = keep(whole);
    for (n = 0; n < CUT_HEAD && n < from->size; n++)
        cut_at(c, from, &kept, n);
    for (n = from->size > CUT_TAIL ? from->size - CUT_TAIL : 0; n < from->size; n += stride(c))
        cut_at(c, from, &kept, n);
    for (size_t i = 0; i < from->count; i++) {
        const struct patch *patch = from->patches[i];

        for (n = 0; n <= patch->length; n += stride(c))
            if (patch->offset + n >= CUT_HEAD && patch->offset + n < from->size &&
                (patch->length <= CUT_MOST || n < CUT_ENDS || patch->length - n < CUT_ENDS))
                cut_at(c, from, &kept, patch->offset + n);
    }
}

/* ---- the program ---- */

static const struct {
    const char *suffix;
    void (*check)(const struct probe_case *c, const struct image *from);
    bool good_only;
} checks[] = {
    {"", check_row, false},
    {": in pieces", check_pieces, false},
    {": with a read that fails", check_failing, false},
    {": in less memory", check_shrunk, false},
    {": cut short", check_cut, true},
};

static inline void test_run(void **state)
{
    const struct run *run = *state;
    struct image from = make_image(run->c);

    complaints[0] = '\0';
    run->check(run->c, &from);
    if (complaints[0])
        fail_msg("%s: %s", run->c->name, complaints);
}

struct table {
    const struct probe_case *cases;
    size_t count;
};
#define TABLE(cases)                                                                                                 \
    {                                                                                                                \
        cases, IP_COUNT(cases)                                                                                       \
    }

/* One group, since TAP has one plan. */
static inline int run_tables(const char *group, const struct table *tables, size_t count)
{
    static struct CMUnitTest tests[MOST_TESTS];
    static struct run runs[MOST_TESTS];
    static char names[MOST_TESTS][160];
    size_t used = 0;

    if (!getenv("CMOCKA_MESSAGE_OUTPUT"))
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (size_t j = 0; j < IP_COUNT(checks); j++)
        for (size_t t = 0; t < count; t++)
            for (size_t i = 0; i < tables[t].count; i++) {
                const struct probe_case *c = &tables[t].cases[i];

                if (checks[j].good_only && c->error.status != IMGPROBE_OK)
                    continue;
                if (used == MOST_TESTS)
                    abort();
                runs[used] = (struct run){c, checks[j].check};
                snprintf(names[used], sizeof names[0], "%s%s", c->name, checks[j].suffix);
                tests[used] =
                    (struct CMUnitTest){.name = names[used], .test_func = test_run, .initial_state = &runs[used]};
                used++;
            }
    return _cmocka_run_group_tests(group, tests, used, NULL, NULL);
}

static inline int run_cases(const char *group, const struct probe_case *cases, size_t count)
{
    const struct table table = {cases, count};

    return run_tables(group, &table, 1);
}

#endif
