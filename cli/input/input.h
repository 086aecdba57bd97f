/* SPDX-License-Identifier: MIT */
/*
 * FILE as the command line has it: a path, "-" for standard input, "fd:N[=NAME]" for the caller's descriptor.
 */
#ifndef CLI_INPUT_INPUT_H
#define CLI_INPUT_INPUT_H

#include "imgprobe.h"
#include "input/stream.h"

/* FILE while it is open. input_close has to be called for each that input_open succeeded for. */
struct input {
    struct imgprobe_opened opened;
    const char *name;              /* as input_name says */
    struct imgprobe_opener opener; /* of a path only */
};

/* NULL, or what is wrong with the word, in static memory. Nothing is opened. The others take a word that was found
 * good here. */
const char *input_check(const char *file);
/* The name under which relative names in it are resolved: a part of the word itself. NULL for a pipe or a descriptor
 * that was given no name. */
const char *input_name(const char *file);
/* The directory of FILE by its name, to be freed: "." for a bare name. NULL: it has no name, or memory ran out. */
char *input_directory(const char *file);
/* Which of standard output and error it is the same file as (outputs.h). */
unsigned input_is_output(const char *file);
/* Whether it is opened by that name. */
bool input_is_path(const char *file);
/* Whether it is read to its end, however long it is: a pipe, or with `tee` any standard input that has an end. */
bool input_is_stream(const char *file, bool tee);
/* Opens FILE, or reads a stream as `stream` says, which is NULL where FILE is none. Not OK: *error says why, and
 * there is nothing to close. In both cases each number of *error that isn't set is IMGPROBE_UNKNOWN, so that the
 * caller can fill it further. The program's own arguments are trusted, so FILE itself may be anywhere and may be a
 * link. */
enum imgprobe_status input_open(const char *file, struct stream *stream, struct input *ret,
                                struct imgprobe_error *error);
/* The safe opener for what FILE names, beneath these roots. It keeps what makes the next name cheaper, so the roots
 * of an earlier call count no more. */
void input_opener(struct imgprobe_opener *opener, const struct imgprobe_roots *roots);
/* Closes what input_open opened. A descriptor that the caller of the program gave stays open. */
void input_close(struct input *input);

#endif
