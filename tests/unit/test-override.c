/* SPDX-License-Identifier: MIT */
/* What a json: name says in place of an image's own names. */
#include "graph-text.h"

struct override_case {
    const char *name;
    const char *text;
    bool backing, data_file; /* what the image names: "b" in raw, "d" */
    const char *after;       /* its references then: role, "-" for an overridden one, path, format */
    enum imgprobe_references_state state;
    const char *refused;
    const char *variant; /* of the image; NULL: the newest */
};

#define NO IMGPROBE_REFERENCES_NONE
#define SOME IMGPROBE_REFERENCES_KNOWN

/* clang-format off */
static const struct override_case overrides[] = {
    {"none", "{'driver':'qcow2'," F "}", true, true, "data /w/d raw, backing /i/b raw", SOME, NULL},
    {"null", "{'driver':'qcow2','backing':null," F "}", true, false, "backing - /i/b raw", NO, NULL},
    {"an empty name", "{'driver':'qcow2','backing':''," F "}", true, true, "data /w/d raw, backing - /i/b raw", SOME,
     NULL},
    {"null where there is none", "{'driver':'qcow2','backing':null," F "}", false, false, "", NO, NULL},
    {"another, of its own format", "{'driver':'qcow2','backing':{'driver':'qcow2','file':{'filename':'x'}}," F "}",
     true, false, "backing - /i/b raw, backing /w/x qcow2", SOME, NULL},
    {"another, without a format", "{'driver':'qcow2','backing':{'file':{'filename':'x'}}," F "}", true, false,
     "backing - /i/b raw, backing /w/x raw", SOME, NULL},
    {"another, dotted", "{'driver':'qcow2','backing.driver':'vmdk','backing.file.filename':'x'," F "}", true, false,
     "backing - /i/b raw, backing /w/x vmdk", SOME, NULL},
    {"one where there is none", "{'driver':'qcow2','backing':{'file':{'filename':'x'}}," F "}", false, false,
     "backing /w/x ", SOME, NULL},
    {"a node that isn't a format's, where there is none", "{'driver':'qcow2','backing':{'driver':'file','filename':'x'},"
     F "}", false, false, "backing /w/x file", SOME, NULL},
    {"a node that isn't a format's", "{'driver':'qcow2','backing':{'driver':'file','filename':'x'}," F "}", true, false,
     NULL, SOME, "override-mixes-names"},
    {"a data file", "{'driver':'qcow2','data-file':{'filename':'x'}," F "}", true, true,
     "data - /w/d raw, data /w/x raw, backing /i/b raw", SOME, NULL},
    {"a data file and a backing file", "{'driver':'qcow2','data-file.filename':'x','backing':null," F "}", true, true,
     "data - /w/d raw, data /w/x raw, backing - /i/b raw", SOME, NULL},
    {"a data file of raw", "{'driver':'qcow2','data-file':{'driver':'raw','file':{'filename':'x'}}," F "}", false, true,
     "data - /w/d raw, data /w/x raw", SOME, NULL},
    {"a data file where there is none", "{'driver':'qcow2','data-file':{'filename':'x'}," F "}", true, false, NULL, SOME,
     "override-without-data-file"},
    {"encryption of an image that has none", "{'driver':'qcow2','encrypt.format':'luks'," F "}", true, false, NULL, SOME,
     "unknown-value"},
    {"what an old image can't do", "{'driver':'qcow2','lazy-refcounts':true," F "}", false, false, NULL, SOME,
     "unknown-value", "compat 0.10"},
    {"what it needn't do", "{'driver':'qcow2','lazy-refcounts':false,'pass-discard-other':true," F "}", false, false, "",
     NO, NULL, "compat 0.10"},
    {"the same of a newer one", "{'driver':'qcow2','lazy-refcounts':true," F "}", false, false, "", NO, NULL},
    {"beneath raw", "{'driver':'raw','file':{'driver':'qcow2','backing':null," F "}}", true, false,
     "backing - /i/b raw", NO, NULL},
};
/* clang-format on */

static void make_image(const struct override_case *c, struct imgprobe_image *image, struct ip_reference *names)
{
    static const char *const paths[] = {"d", "b"};
    struct imgprobe_reference **tail = &image->references;
    size_t i;

    for (i = 0; i < 2; i++) {
        struct imgprobe_reference *r = &names[i].reference;

        if (!(i == 0 ? c->data_file : c->backing))
            continue;
        r->role = i == 0 ? IMGPROBE_ROLE_DATA_FILE : IMGPROBE_ROLE_BACKING;
        r->stated.name = ip_string(paths[i]);
        r->stated.cut = 1;
        r->stated.format = ip_string("raw");
        r->stated.format_source = i == 0 ? IMGPROBE_FORMAT_IMPLIED : IMGPROBE_FORMAT_DECLARED;
        *tail = r;
        tail = &r->next;
    }
    image->references_state = image->references ? IMGPROBE_REFERENCES_KNOWN : IMGPROBE_REFERENCES_NONE;
}

static void put_references(struct text *t, struct imgprobe_reference *r, struct imgprobe_workspace *w)
{
    struct imgprobe_error error;
    struct place place = {.directory = {(const unsigned char *)"/i/", 3},
                          .has_directory = true,
                          .workdir = "/w",
                          .limits = &limits,
                          .versions = versions_of(0),
                          .w = w,
                          .error = &error};

    for (; r; r = r->next) {
        r->led.format = r->stated.format;
        assert_int_equal(ip_resolve(r, &place), IMGPROBE_OK);
        put(t, t->length ? ", " : "", ip_string(r->role == IMGPROBE_ROLE_BACKING ? "backing " : "data "));
        put(t, r->led.overridden ? "- " : "", r->led.path);
        put(t, " ", r->led.format.bytes ? r->led.format : ip_string(""));
    }
}

static void test_override(void **state)
{
    const struct override_case *c = *state;
    struct imgprobe_workspace w = workspace();
    struct ip_reference names[2] = {{.object = NULL}};
    struct imgprobe_image image = {.format = &ip_format_named(ip_string("qcow2"))->row,
                                   .variant = c->variant ? c->variant : "compat 1.1"};
    struct imgprobe_error error;
    struct text after = {.length = 0};
    char name[512];
    struct ip_reference own = reference_of(name, c->text, NULL);
    struct imgprobe_reference *via = &own.reference;
    enum imgprobe_status s;

    via->stated.offset = 77;
    make_image(c, &image, names);
    assert_int_equal(resolve(via, "/w", 0, &w, &error), IMGPROBE_OK);
    assert_int_equal(via->led.kind, IMGPROBE_KIND_FILE);
    s = ip_graph_override(via, &image, &w, &error);
    assert_int_equal(s, c->refused ? IMGPROBE_REFUSED : IMGPROBE_OK);
    if (c->refused) {
        assert_string_equal(error.field, c->refused);
        assert_int_equal(error.offset, 77);
        return;
    }
    put_references(&after, image.references, &w);
    assert_string_equal(after.bytes, c->after);
    assert_int_equal(image.references_state, c->state);
}

/* The new reference's name is the object as it stands, and its place the name's. */
static void test_override_name(void **state)
{
    struct imgprobe_workspace w = workspace();
    struct imgprobe_image image = {.format = &ip_format_named(ip_string("qcow2"))->row,
                                   .references_state = IMGPROBE_REFERENCES_NONE};
    struct imgprobe_error error;
    char name[512];
    struct ip_reference own =
        reference_of(name, "{'driver':'qcow2','backing':{ 'file':{'filename':'x'}}," F "}", NULL);
    struct imgprobe_reference *via = &own.reference;

    (void)state;
    via->stated.offset = 77;
    assert_int_equal(resolve(via, "/w", 0, &w, &error), IMGPROBE_OK);
    assert_int_equal(ip_graph_override(via, &image, &w, &error), IMGPROBE_OK);
    assert_string_equal((const char *)image.references->stated.name.bytes, "{ 'file':{'filename':'x'}}");
    assert_int_equal(image.references->stated.cut, image.references->stated.name.length);
    assert_int_equal(image.references->stated.offset, 77);
    assert_int_equal(image.references->led.size, IMGPROBE_UNKNOWN);
    assert_false(image.references->led.overridden);
}

int main(void)
{
    static struct CMUnitTest tests[COUNT(overrides) + 1];
    size_t i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(overrides); i++)
        tests[i] =
            (struct CMUnitTest){overrides[i].name, test_override, NULL, NULL, (void *)(uintptr_t)&overrides[i]};
    tests[i] = (struct CMUnitTest){"the name of what is put in", test_override_name, NULL, NULL, NULL};
    return _cmocka_run_group_tests("override", tests, COUNT(tests), NULL, NULL);
}
