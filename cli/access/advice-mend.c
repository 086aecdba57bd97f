/* SPDX-License-Identifier: MIT */
/*
 * qemu-img rewrites a name and its declared format in place, without a look at the file of that name. It does so
 * where the format has a field for both. What stays in capitals is for the user to fill in.
 */
#include "access/advice-mend.h"
#include "access/advice-root.h"
#include "output/shell.h"
#include "output/text.h"

#include <string.h>

/* The reference that has to be mended, and the image that has it. Standard input has no name by which that is
 * done. */
struct blamed {
    const struct imgprobe_member *member; /* NULL: none */
    const struct imgprobe_reference *at;
};

static bool starts_with(struct imgprobe_bytes path, const char *directory)
{
    size_t length = strlen(directory);

    return path.length > length && memcmp(path.bytes, directory, length) == 0 &&
           (directory[length - 1] == '/' || path.bytes[length] == '/');
}

/* What a json: name has for another image is said of that image, and of none of its references. The name that led to
 * it is at fault then. */
static struct blamed blamed_of(const struct answer *answer)
{
    if (answer->at)
        return (struct blamed){.member = answer->culprit, .at = answer->at};
    if (answer->culprit && answer->culprit->via && answer->error.field &&
        strncmp(answer->error.field, "override-", strlen("override-")) == 0)
        return (struct blamed){.member = answer->culprit->parent, .at = answer->culprit->via};
    return (struct blamed){0};
}

/* An object of the json: name that led to the image counts for it, and isn't its own. */
static bool is_object(const struct blamed *blamed)
{
    const struct imgprobe_reference *via = blamed->member->via;

    return via != NULL && via->led.json && blamed->at->led.json && blamed->at->stated.offset == via->stated.offset;
}

/* Relative names start from the directory of the name by which the member was opened. That isn't the directory of its
 * file where a link led to it, and then another name in the file would be wrong for whoever opens it by its own
 * name. */
static bool misled_by_link(const struct blamed *blamed)
{
    const struct imgprobe_bytes *canonical = &blamed->member->canonical, *name = &blamed->at->stated.name;
    char path[ADVICE_PATH];

    if (!canonical->bytes || !blamed->at->led.path.bytes || blamed->at->led.protocol || blamed->at->stated.cut == 0 ||
        name->bytes[0] == '/' || strncmp((const char *)name->bytes, "file:", 5) == 0 ||
        strncmp((const char *)name->bytes, "json:", 5) == 0 || !advice_clean(path, blamed->member->path))
        return false;
    return strlen(path) != canonical->length || memcmp(path, canonical->bytes, canonical->length) != 0;
}

static bool can_be_rebased(const struct blamed *blamed)
{
    return blamed->member != NULL && blamed->at->role == IMGPROBE_ROLE_BACKING && !is_object(blamed) &&
           blamed->member->image->format != NULL && blamed->member->image->format->rebases &&
           !blamed->member->image->encrypted && /* which qemu-img doesn't open without its key */
           blamed->member->path.bytes != NULL;
}

static void put_link(const struct imgprobe_member *member, FILE *stream)
{
    fputs("name the file itself, ", stream);
    shell_put(stream, member->canonical);
    fputs(", and not ", stream);
    shell_put(stream, member->path);
    fputs(", a symbolic link to it: relative names in it start from the directory of the link\n", stream);
}

/* `name` NULL: it has to be another one. */
static void put_rebase(const struct blamed *blamed, const struct imgprobe_bytes *name, FILE *stream)
{
    if (!can_be_rebased(blamed))
        return;
    if (misled_by_link(blamed)) {
        put_link(blamed->member, stream);
        return;
    }
    fputs("qemu-img rebase -u -F FORMAT -b ", stream);
    if (!name)
        fputs("NAME", stream);
    else
        shell_put(stream, *name);
    fputc(' ', stream);
    shell_put_operand(stream, blamed->member->path);
    fputc('\n', stream);
}

/* The name as it stands in the image, whatever it is. A json: name declares formats of its own. */
static void put_same_name(const struct blamed *blamed, FILE *stream)
{
    struct imgprobe_bytes name = {.bytes = blamed->at->stated.name.bytes, .length = blamed->at->stated.cut};

    if (name.length < 5 || memcmp(name.bytes, "json:", 5) != 0)
        put_rebase(blamed, &name, stream);
}

bool advice_can_rename(const struct answer *answer)
{
    struct blamed blamed = blamed_of(answer);

    return can_be_rebased(&blamed) && !misled_by_link(&blamed);
}

void advice_rename(const struct answer *answer, FILE *stream)
{
    struct blamed blamed = blamed_of(answer);

    put_rebase(&blamed, NULL, stream);
}

void advice_declare(const struct answer *answer, FILE *stream)
{
    struct blamed blamed = blamed_of(answer);

    if (blamed.at)
        put_same_name(&blamed, stream);
}

/* A file that is a member already was given its other format by another reference. */
void advice_one_format(const struct answer *answer, FILE *stream)
{
    if (answer->at && !answer->at->led.member) {
        fputs("leave out the --declare of ", stream);
        shell_put(stream, answer->at->led.path);
        fputc('\n', stream);
    }
    advice_declare(answer, stream);
}

static void put_looks(const struct imgprobe_member *member, FILE *stream)
{
    const struct imgprobe_format *format = member ? member->image->format : NULL;

    fputs("FORMAT is what you know it to be", stream);
    if (format && member->image->format_source == IMGPROBE_FORMAT_PROBED)
        fprintf(stream, "; it looks like %s, which a guest can have written", format->name);
    fputc('\n', stream);
}

void advice_choices(const struct imgprobe_member *member, FILE *stream)
{
    const struct imgprobe_word *at;

    fputs("FORMAT is what you know it to be: ", stream);
    for (at = member->image->also_matches; at; at = at->next)
        fprintf(stream, "%s, ", at->name);
    fputs("or raw\n", stream);
}

void advice_top_format(const struct answer *answer, FILE *stream)
{
    fputs("-f FORMAT\n", stream);
    put_looks(answer->chain->members, stream);
}

/* Where the culprit itself was probed, its format has to be declared. Where another reference states that format, the
 * one that doesn't has to be mended. */
void advice_format(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *probed = answer->culprit;
    struct blamed blamed = blamed_of(answer);

    if (!probed || (!probed->via && answer->chain->state == IMGPROBE_CHAIN_COMPLETE)) {
        advice_top_format(answer, stream);
        return;
    }
    if (probed->via && probed->image->format_source == IMGPROBE_FORMAT_PROBED)
        blamed = (struct blamed){.member = probed->parent, .at = probed->via};
    else if (blamed.at)
        probed = blamed.at->led.member;
    if (blamed.at && blamed.at->led.path.bytes) {
        fputs("--declare ", stream);
        shell_put(stream, blamed.at->led.path);
        fputs("=FORMAT\n", stream);
        put_same_name(&blamed, stream);
    }
    put_looks(probed, stream);
}

void advice_missing(const struct answer *answer, FILE *stream)
{
    if (!answer->at)
        return;
    fputs("put the file back at ", stream);
    shell_put(stream, answer->at->led.path);
    fputc('\n', stream);
    if (answer->options->workdir && starts_with(answer->at->led.path, answer->options->workdir))
        fputs("or give another --workdir: this name may start from the reader's working directory\n", stream);
    advice_rename(answer, stream);
}

/* Where its extents can't be written, all of the disk is copied. Another reader's disk isn't what qemu-img reads. */
void advice_copy(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *disk = answer->culprit;

    fputs(answer->options->raised_count == 0 ? "leave out --write, and it is only read\n"
                                             : "leave out --write and --write-member, and it is only read\n",
          stream);
    while (disk && disk->via && disk->via->role == IMGPROBE_ROLE_EXTENT)
        disk = disk->parent;
    if (!disk || !disk->path.bytes || disk->image->encrypted || answer->options->reader != IMGPROBE_READER_QEMU)
        return;
    fprintf(stream, "qemu-img convert -f %s -O qcow2 ", disk->image->format->qemu_name);
    shell_put_operand(stream, disk->path);
    fputs(" COPY\n", stream);
}

/* Read only, the disk is the same to all of its readers then. */
void advice_read_write(const struct answer *answer, FILE *stream)
{
    static const char *const types[] = {"FLAT", "SPARSE", "VMFS", "VMFSSPARSE", "SESPARSE"};
    const struct imgprobe_reference *at = answer->at;
    size_t i;

    if (!at || at->role != IMGPROBE_ROLE_EXTENT || !at->stated.type || !at->stated.access ||
        strcmp(at->stated.access, "RDONLY") != 0)
        return;
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(at->stated.type, types[i]) == 0)
            fputs("write RW in place of RDONLY into the descriptor, and have the disk only read\n", stream);
    }
}

void advice_xen(const struct answer *answer, FILE *stream)
{
    const struct imgprobe_member *at = answer->culprit;

    while (at && at->image->format && strcmp(at->image->format->name, "vhd") == 0)
        at = at->parent;
    if (!at)
        fputs("--reader xen\nthat is only for a disk that Xen's tools are to open\n", stream);
}
