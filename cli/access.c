/* SPDX-License-Identifier: MIT */
/*
 * imgprobe access: follows FILE's chain beneath the roots, asks which file is granted what, and prints that if the
 * answer is complete.
 */
#include "access.h"
#include "access-answer.h"
#include "input.h"
#include "text.h"
#include "verdict.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where nothing that FILE names may be opened, not even a root is looked at. */
static enum imgprobe_status open_nothing(void *context, const char *path, struct imgprobe_opened *ret,
                                         struct imgprobe_error *error)
{
    (void)context;
    (void)path;
    (void)ret;
    error->status = IMGPROBE_REFUSED;
    error->field = "path-escape";
    error->what = "leads outside the directories that are allowed";
    return IMGPROBE_REFUSED;
}

/* The directory of FILE, by the name given; to be freed. */
static char *directory_of(const char *name)
{
    const char *slash = strrchr(name, '/');

    if (slash == NULL)
        return strdup(".");
    return slash == name ? strdup("/") : strndup(name, (size_t)(slash - name));
}

static void settle_chain(struct access_answer *answer)
{
    answer->status = (int)verdict_of_chain(answer->chain->state);
    answer->error = answer->chain->error;
    answer->culprit = answer->chain->culprit;
    answer->at = answer->chain->at;
}

static void settle_access(struct access_answer *answer, enum imgprobe_status status)
{
    answer->status = (int)verdict_of_error(status);
    if (answer->access != NULL) {
        answer->error = answer->access->error;
        answer->culprit = answer->access->culprit;
        answer->at = answer->access->at;
    }
    answer->error.status = status;
}

static void grant(struct access_answer *answer, struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    const struct imgprobe_access_options how = {
        .struct_size = sizeof(how),
        .write = options->write,
        .consents = options->consents,
        .consent_count = options->consent_count,
        .raised = options->raised,
        .raised_count = options->raised_count,
    };
    const struct imgprobe_identity *top = &answer->chain->members->identity;
    struct imgprobe_access *access = NULL;
    enum imgprobe_status status = imgprobe_access(&how, answer->chain, workspace, &access);

    answer->access = access;
    answer->workspace = workspace->most;
    if (answer->chain->state != IMGPROBE_CHAIN_COMPLETE) {
        settle_chain(answer);
    } else if (options->write && top->device == 0 && top->inode == 0) {
        answer->status = STATUS_NO_ANSWER;
        answer->error.status = IMGPROBE_SYSTEM;
        answer->error.what = "standard input is a pipe, which nobody can open for writing";
    } else if (status != IMGPROBE_OK) {
        settle_access(answer, status);
    }
}

static void ask(struct access_answer *answer, const struct input *input, struct imgprobe_workspace *workspace)
{
    const struct options *options = answer->options;
    const bool given = options->root_count != 0;
    const char *own[] = {answer->default_root};
    const struct imgprobe_roots roots = {.struct_size = sizeof(roots),
                                         .roots = given ? options->roots : own,
                                         .root_count = given ? options->root_count : 1};
    const struct imgprobe_options how = {
        .struct_size = sizeof(how),
        .format = options->format,
        .reader = options->reader,
        .follow = IMGPROBE_FOLLOW_ALL,
        .name = input->name,
        .workdir = options->workdir,
        .declarations = options->declarations,
        .declaration_count = options->declaration_count,
    };
    struct imgprobe_opener opener = {.struct_size = sizeof(opener)};
    struct imgprobe_chain *chain = NULL;

    imgprobe_safe_opener(&opener, &roots);
    if (!given && answer->default_root == NULL)
        opener.open = open_nothing;
    answer->error.status = imgprobe_chain(&how, &input->opened, &opener, workspace, &chain);
    answer->status = (int)verdict_of_error(answer->error.status);
    if (answer->error.status == IMGPROBE_USAGE || chain == NULL || chain->members == NULL)
        return;
    verdict_explain_stream(chain);
    answer->chain = chain;
    grant(answer, workspace);
}

/* What couldn't be said goes to standard error: what is wrong, and each thing to do about it. */
static void complain(const struct access_answer *answer)
{
    const struct verdict verdict = {
        .file = answer->file, .error = &answer->error, .culprit = answer->culprit, .at = answer->at};
    char *advice;

    if (answer->status == STATUS_ANSWERED)
        return;
    verdict_complain(&verdict);
    advice = advice_text(answer);
    for (char *rest = advice, *line; rest != NULL && (line = strsep(&rest, "\n")) != NULL;) {
        if (line[0] != '\0')
            fprintf(stderr, "imgprobe: try: %s\n", line);
    }
    free(advice);
}

/* Which other kinds could say it, by having them say it. */
static void complain_cannot(const struct grants *grants, const struct cannot *cannot, const char *file)
{
    const struct imgprobe_name *name = cannot->grant == NULL ? NULL : cannot->grant->names;
    struct options options = *grants->options;
    struct grants again = *grants;
    const char *asked = grants->options->kind->name;

    options.nul = true;
    options.user = options.user == NULL ? "root" : options.user;
    again.options = &options;
    text_complain_start(name == NULL ? text_bytes(file) : name->path, cannot->why);
    fprintf(stderr, ": --output %s can't say it, but json", asked);
    for (size_t i = 0; i < access_kind_count; i++) {
        const struct access_kind *kind = &access_kinds[i];
        FILE *nowhere = fopen("/dev/null", "w");
        struct cannot other = {0};

        if ((kind != grants->options->kind || strcmp(kind->name, "paths") == 0) && nowhere != NULL &&
            kind->write(&again, nowhere, &other))
            fprintf(stderr, ", %s%s", kind->name, strcmp(kind->name, "paths") == 0 ? " -0" : "");
        if (nowhere != NULL)
            fclose(nowhere);
    }
    fputs(" can\n", stderr);
}

/* All of a kind's output or nothing. */
static int print_kind(const struct access_answer *answer, const char *directory)
{
    const struct grants grants = {
        .options = answer->options, .chain = answer->chain, .access = answer->access, .directory = directory};
    struct cannot cannot = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    bool said = stream != NULL && answer->options->kind->write(&grants, stream, &cannot);
    bool whole = stream != NULL && ferror(stream) == 0;

    if (stream != NULL && fclose(stream) != 0)
        whole = false;
    if (!whole)
        text_complain(answer->file, "out of memory");
    else if (!said)
        complain_cannot(&grants, &cannot, answer->file);
    else
        fwrite(text, 1, length, stdout);
    free(text);
    return whole && said ? STATUS_ANSWERED : STATUS_NO_ANSWER;
}

static int print_granted(const struct access_answer *answer)
{
    char *directory = getcwd(NULL, 0);
    int status = STATUS_NO_ANSWER;

    if (directory == NULL)
        text_complain("the working directory", strerror(errno));
    else
        status = print_kind(answer, directory);
    free(directory);
    return status;
}

static void print(struct access_answer *answer)
{
    struct json json;

    if (answer->options->output == OUTPUT_JSON) {
        json_start(&json, stdout, false);
        access_json(answer, &json);
        json_finish(&json);
    } else if (answer->options->kind == NULL) {
        access_text(answer, stdout);
    } else if (answer->status == STATUS_ANSWERED) {
        answer->status = print_granted(answer);
        return;
    }
    complain(answer);
}

static int access_file(const struct options *options, const char *file)
{
    /* All that the library remembers stands here. */
    static alignas(max_align_t) unsigned char memory[IMGPROBE_WORKSPACE_DEFAULT];
    struct imgprobe_workspace workspace = {
        .struct_size = sizeof(workspace), .memory = memory, .size = sizeof(memory)};
    struct access_answer answer = {.options = options, .file = file};
    struct input input;
    char *root = NULL;
    enum imgprobe_status status = input_open(file, &input, &answer.error);

    if (status != IMGPROBE_OK) {
        answer.error.status = status;
        answer.status = (int)verdict_of_error(status);
    } else {
        if (options->root_count == 0 && input.name != NULL)
            root = directory_of(input.name);
        answer.default_root = root;
        ask(&answer, &input, &workspace);
        input_close(&input);
    }
    print(&answer);
    free(root);
    return answer.status;
}

int run_access(const struct command *self, int argc, char **argv)
{
    struct options options;
    int status = STATUS_ANSWERED;

    if (options_parse(&options, self, argc, argv, &status))
        status = access_file(&options, options.files[0]);
    options_free(&options);
    return status;
}
