/* SPDX-License-Identifier: MIT */
/* Errors: the one place that fills them in, and the one that words them. */
#include "image/image.h"

#include <string.h>

enum imgprobe_status ip_error(struct imgprobe_error *error, enum imgprobe_status status, const char *field,
                              const char *what)
{
    memset(error, 0, sizeof *error);
    error->status = status;
    error->field = field;
    error->what = what;
    error->offset = error->found = error->least = error->most = IMGPROBE_UNKNOWN;
    return status;
}

enum imgprobe_status ip_error_over(struct imgprobe_error *error, const char *field, uint64_t offset, uint64_t found,
                                   uint64_t most)
{
    ip_error(error, IMGPROBE_LIMIT, field, NULL);
    error->offset = offset;
    error->found = found;
    error->least = 0;
    error->most = most;
    return IMGPROBE_LIMIT;
}

enum imgprobe_status ip_error_full(struct imgprobe_error *error, const struct imgprobe_workspace *w)
{
    ip_error(error, IMGPROBE_LIMIT, "workspace", NULL);
    error->found = w->size;
    return IMGPROBE_LIMIT;
}

static const char *format_of(const struct probe *p)
{
    return p->image->format ? p->image->format->name : NULL;
}

enum imgprobe_status ip_fail_full(struct probe *p)
{
    ip_error_full(&p->image->error, p->workspace);
    p->image->error.format = format_of(p);
    return IMGPROBE_LIMIT;
}

enum imgprobe_status ip_fail(struct probe *p, enum imgprobe_status status, const char *field, uint64_t offset,
                             uint64_t found, uint64_t least, uint64_t most)
{
    struct imgprobe_error *error = &p->image->error;

    ip_error(error, status, field, NULL);
    error->format = format_of(p);
    error->offset = offset;
    error->found = found;
    error->least = least;
    error->most = most;
    error->valued = least != IMGPROBE_UNKNOWN && status != IMGPROBE_NEED; /* with NEED, `least` is a length */
    return status;
}

enum imgprobe_status ip_fail_what(struct probe *p, enum imgprobe_status status, const char *field, uint64_t offset,
                                  const char *what)
{
    ip_fail(p, status, field, offset, IMGPROBE_UNKNOWN, IMGPROBE_UNKNOWN, IMGPROBE_UNKNOWN);
    p->image->error.what = what;
    return status;
}

struct text {
    char *bytes;
    size_t size, length;
};

/* What doesn't fit is still counted: the length tells the caller how much room the sentence needs. */
static void put(struct text *t, const char *s)
{
    for (; *s; s++, t->length++)
        if (t->length + 1 < t->size)
            t->bytes[t->length] = *s;
}

static void put_number(struct text *t, uint64_t number)
{
    char digits[21];
    size_t i = sizeof digits - 1;

    digits[i] = '\0';
    do {
        digits[--i] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put(t, digits + i);
}

static const char *status_word(enum imgprobe_status status)
{
    static const char *const words[] = {"ok",          "not there yet", "ambiguous", "truncated",    "malformed",
                                        "unsupported", "over a limit",  "refused",   "system error", "usage"};

    return (size_t)status < IP_COUNT(words) ? words[status] : "error";
}

/* Where one end of the range is unknown, only the other is said. */
static void put_values(struct text *t, const struct imgprobe_error *e)
{
    put(t, " is ");
    put_number(t, e->found);
    if (e->least == IMGPROBE_UNKNOWN && e->most == IMGPROBE_UNKNOWN)
        return;
    put(t, ", allowed ");
    if (e->most == IMGPROBE_UNKNOWN) {
        put_number(t, e->least);
        put(t, " or more");
    } else if (e->least == IMGPROBE_UNKNOWN) {
        put_number(t, e->most);
        put(t, " or less");
    } else if (e->least == e->most) {
        put_number(t, e->most);
    } else {
        put_number(t, e->least);
        put(t, " to ");
        put_number(t, e->most);
    }
}

/* What matters of a file that is too short is how long it is, and how long it would have to be. */
static void put_truncation(struct text *t, const struct imgprobe_error *e)
{
    put(t, ": the file has ");
    put_number(t, e->found);
    put(t, e->found == 1 ? " byte and needs at least " : " bytes and needs at least ");
    put_number(t, e->least);
}

static bool is_full(const struct imgprobe_error *e)
{
    return e->status == IMGPROBE_LIMIT && e->found != IMGPROBE_UNKNOWN && e->field &&
           strcmp(e->field, "workspace") == 0;
}

static void put_full(struct text *t, const struct imgprobe_error *e)
{
    put(t, ": the workspace of ");
    put_number(t, e->found);
    put(t, " bytes is full");
}

static void put_field(struct text *t, const struct imgprobe_error *e)
{
    if (e->field) {
        put(t, ": ");
        put(t, e->field);
    }
    if (e->offset != IMGPROBE_UNKNOWN) {
        put(t, " at byte ");
        put_number(t, e->offset);
    }
    if (e->status == IMGPROBE_TRUNCATED && e->found != IMGPROBE_UNKNOWN)
        put_truncation(t, e);
    else if (e->valued || e->found != IMGPROBE_UNKNOWN)
        put_values(t, e);
}

static const struct imgprobe_error no_error = {.offset = IMGPROBE_UNKNOWN, .found = IMGPROBE_UNKNOWN};

size_t imgprobe_error_text(const struct imgprobe_error *error, char *text, size_t size)
{
    struct text t = {text, text ? size : 0, 0};

    if (!error)
        error = &no_error;
    if (error->format) {
        put(&t, error->format);
        put(&t, " ");
    }
    put(&t, status_word(error->status));
    if (is_full(error))
        put_full(&t, error);
    else
        put_field(&t, error);
    if (error->what) {
        put(&t, ": ");
        put(&t, error->what);
    }
    if (text && size > 0)
        text[t.length < size ? t.length : size - 1] = '\0';
    return t.length;
}
