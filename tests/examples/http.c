/* SPDX-License-Identifier: MIT */
/*
 * An image behind HTTP, by libcurl and range requests (RFC 9110, section 14): example-http URL [FORMAT]. A server may
 * lie, so an answer counts only if it is the range that was asked for, of a file whose size stays the same. It isn't
 * followed to another place, and a transfer that stands still ends.
 */
#include "show.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_STILL 5L
#define LONGEST 60L

struct object {
    CURL *curl;
    const char *url;
    uint64_t size; /* IMGPROBE_UNKNOWN before the first answer */
    struct fetched fetched;
};

/* One range that is being fetched, and what the header says of it. */
struct range {
    unsigned char *buffer;
    size_t wanted, got;
    bool too_much, told;
    uint64_t first, last, size;
};

static size_t take(char *bytes, size_t one, size_t count, void *context)
{
    struct range *range = context;

    (void)one; /* it is 1 */
    if (count > range->wanted - range->got) {
        range->too_much = true;
        return 0;
    }
    memcpy(range->buffer + range->got, bytes, count);
    range->got += count;
    return count;
}

/* Digits, and `end` behind them. A number that doesn't fit is none. */
static bool read_number(const char **at, char end, uint64_t *ret)
{
    const char *from = *at;

    for (*ret = 0; **at >= '0' && **at <= '9'; ++*at) {
        unsigned digit = (unsigned)(**at - '0');

        if (*ret > (UINT64_MAX - digit) / 10)
            return false;
        *ret = *ret * 10 + digit;
    }
    return *at != from && *(*at)++ == end;
}

/* "Content-Range: bytes 0-4095/196616" */
static void read_header(struct range *range, const char *line)
{
    static const char name[] = "Content-Range:", unit[] = "bytes ";

    if (!curl_strnequal(line, name, strlen(name)))
        return;
    line += strlen(name);
    line += strspn(line, " \t");
    if (strncmp(line, unit, strlen(unit)) != 0)
        return;
    line += strlen(unit);
    range->told = read_number(&line, '-', &range->first) && read_number(&line, '/', &range->last) &&
                  read_number(&line, '\r', &range->size) && range->first <= range->last && range->last < range->size;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *context)
{
    struct range *range = context;
    char line[128];
    size_t length = count < sizeof line ? count : sizeof line - 1;

    (void)one;
    memcpy(line, bytes, length);
    line[length] = '\0';
    read_header(range, line);
    return count;
}

static const char *perform(struct object *object, struct range *range, uint64_t offset)
{
    char words[64];
    long code = 0;
    CURLcode done;

    snprintf(words, sizeof words, "%" PRIu64 "-%" PRIu64, offset, offset + range->wanted - 1);
    curl_easy_setopt(object->curl, CURLOPT_RANGE, words);
    curl_easy_setopt(object->curl, CURLOPT_WRITEDATA, range);
    curl_easy_setopt(object->curl, CURLOPT_HEADERDATA, range);
    done = curl_easy_perform(object->curl);
    curl_easy_getinfo(object->curl, CURLINFO_RESPONSE_CODE, &code);
    if (code == 200)
        return "the server serves no ranges";
    if (code >= 300 && code < 400)
        return "the server leads elsewhere, and isn't followed";
    if (code == 416)
        return "the server has no such range";
    if (range->too_much)
        return "the server sends more than the range";
    if (done != CURLE_OK)
        return curl_easy_strerror(done);
    return code == 206 ? NULL : "the server refuses";
}

/* Fetches `length` bytes, or fewer where the file ends before. */
static bool fetch(struct object *object, uint64_t offset, void *buffer, size_t length, size_t *ret_got)
{
    struct range range = {.buffer = buffer, .wanted = length};
    const char *why = perform(object, &range, offset);
    bool end;

    object->fetched.ranges++;
    object->fetched.bytes += range.got;
    end = range.told && range.first == offset && range.last + 1 == range.size && range.last - offset < length;
    if (!why && (!range.told || range.first != offset || (range.last - offset + 1 != length && !end)))
        why = "the server sends another range than it was asked for";
    else if (!why && range.got != range.last - offset + 1)
        why = "the server sends less than it says";
    else if (!why && object->size != IMGPROBE_UNKNOWN && range.size != object->size)
        why = "the file has changed its size meanwhile";
    if (why)
        snprintf(object->fetched.why, sizeof object->fetched.why, "%s", why);
    object->size = why ? object->size : range.size;
    *ret_got = range.got;
    return !why;
}

/* The first range tells the size, and is kept for the probe, which asks for it first. */
static unsigned char head[4096];
static size_t head_length;

static enum imgprobe_status read_object(void *context, uint64_t offset, void *buffer, size_t length)
{
    size_t got;

    if (offset <= head_length && length <= head_length - offset) {
        memcpy(buffer, head + offset, length);
        return IMGPROBE_OK;
    }
    return fetch(context, offset, buffer, length, &got) && got == length ? IMGPROBE_OK : IMGPROBE_SYSTEM;
}

static bool begin(struct object *object)
{
    CURL *curl = object->curl = curl_easy_init();

    return curl && curl_easy_setopt(curl, CURLOPT_URL, object->url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SECONDS_STILL) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, LONGEST) == CURLE_OK;
}

int main(int argc, char **argv)
{
    static struct object object = {.size = IMGPROBE_UNKNOWN};
    struct imgprobe_source source = {.struct_size = sizeof source, .read_at = read_object, .context = &object};
    int status = 1;

    if (argc < 2 || argc > 3) {
        fputs("usage: example-http URL [FORMAT]\n", stderr);
        return 2;
    }
    object.url = argv[1];
    if (!begin(&object)) {
        fputs("libcurl can't be used\n", stderr);
    } else if (!fetch(&object, 0, head, sizeof head, &head_length)) {
        fprintf(stderr, "%s\n", object.fetched.why);
    } else {
        source.size = object.size;
        status = show(&source, argv[2], &object.fetched);
    }
    curl_easy_cleanup(object.curl);
    return status;
}
