/* SPDX-License-Identifier: MIT */
/* The descriptor within a sparse image. QEMU takes CID and parent from it and passes over the rest, but other readers
 * open what it names. They take keys in any case, with blanks. One extent that lies in the same folder is the image
 * itself, perhaps under the name that it had before. */
#include "vmdk.h"

struct line {
    struct imgprobe_bytes text;
    size_t i, end;
};

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

static void skip_blanks(struct line *line)
{
    while (line->i < line->end && (line->text.bytes[line->i] == ' ' || line->text.bytes[line->i] == '\t'))
        line->i++;
}

/* Moves behind the word and the blanks around it, if it stands here. */
static bool skip_word(struct line *line, const char *word)
{
    size_t i;

    skip_blanks(line);
    for (i = line->i; *word; i++, word++)
        if (i >= line->end || lower(line->text.bytes[i]) != lower((unsigned char)*word))
            return false;
    line->i = i;
    skip_blanks(line);
    return true;
}

/* Moves to the value of a key, if the line sets it. */
static bool skip_key(struct line *line, const char *key)
{
    struct line at = *line;

    if (!skip_word(&at, key) || !skip_word(&at, "="))
        return false;
    skip_word(&at, "\"");
    *line = at;
    return true;
}

/* Moves to the type of an extent, if the line is one: an access, and a number of sectors. */
static bool skip_to_type(struct line *line)
{
    size_t number;

    if (!skip_word(line, "rw") && !skip_word(line, "rdonly") && !skip_word(line, "noaccess"))
        return false;
    for (number = line->i;
         line->i < line->end && line->text.bytes[line->i] >= '0' && line->text.bytes[line->i] <= '9';)
        line->i++;
    skip_blanks(line);
    return line->i > number;
}

/* Whether the rest of the line leads out of the image's folder: it has a separator, or a drive of Windows. */
static bool leads_out(const struct line *line)
{
    size_t i;

    for (i = line->i; i < line->end; i++)
        if (line->text.bytes[i] == '/' || line->text.bytes[i] == '\\' ||
            (line->text.bytes[i] == ':' && i >= line->i + 2 && line->text.bytes[i - 2] == '"'))
            return true;
    return false;
}

/* What another reader would open or do by this line, NULL for nothing that QEMU doesn't. */
static const char *fault(struct line line, size_t *extents)
{
    if (skip_key(&line, "createtype"))
        return skip_word(&line, "monolithicsparse") || skip_word(&line, "streamoptimized")
                   ? NULL
                   : "the descriptor within says another type, by which other readers open the files that it names";
    if (skip_key(&line, "changetrackpath"))
        return line.i < line.end && line.text.bytes[line.i] != '"'
                   ? "the descriptor within names a file of changed blocks, which other readers open"
                   : NULL;
    if (!skip_to_type(&line))
        return NULL;
    if (++*extents > 1)
        return "the descriptor within has a second extent, which other readers open";
    if (!skip_word(&line, "sparse"))
        return "the descriptor within has an extent of another type, which other readers open";
    return leads_out(&line) ? "the descriptor within names a file elsewhere, which other readers open" : NULL;
}

enum imgprobe_status ip_vmdk_embedded(struct probe *p, uint64_t offset, uint64_t length)
{
    struct line line = {{NULL, 0}, 0, 0};
    struct vmdk_text text = {{NULL, 0}, false};
    size_t extents = 0;
    enum imgprobe_status s = ip_vmdk_read_text(p, offset, length, &text);

    line.text = text.bytes;
    for (; s == IMGPROBE_OK && line.i < line.text.length; line.i = line.end + 1) {
        const char *message;

        for (line.end = line.i;
             line.end < line.text.length && line.text.bytes[line.end] != '\n' && line.text.bytes[line.end] != '\r';)
            line.end++;
        if (text.more && line.end >= line.text.length)
            break;
        message = fault(line, &extents);
        if (message)
            return ip_finding(p, FOUND_OTHER_READER_DIFFERS, offset + line.i, message);
    }
    return s || !text.more ? s : ip_vmdk_await(p, offset, &text);
}
