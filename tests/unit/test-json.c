/* SPDX-License-Identifier: MIT */
/* The JSON of json: names: the tree that a text means, or why it is none. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "json/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEPTH 5
#define VALUES 128

struct json_case {
    const char *name;
    const char *text;
    const char *tree;  /* as `dump` writes it; NULL: it is none */
    const char *field; /* of the error; NULL: "malformed-name" */
    size_t offset;     /* of the error */
};

/* clang-format off */
static const struct json_case cases[] = {
    {"an empty object", "{}", "{}"},
    {"space around everything", " \t\r\n{ \"a\" : 1 , \"b\" : [ 2 , 3 ] } \n", "{a=1,b={0=2,1=3}}"},
    {"a string", "{\"a\":\"b\"}", "{a='b'}"},
    {"a string in single quotes, a double one in it", "{'a':'b\"c'}", "{a='b\"c'}"},
    {"a single quote in double ones", "{\"a\":\"b'c\"}", "{a='b'c'}"},
    {"true, false, null", "{'a':true,'b':false,'c':null}", "{a=true,b=false,c=null}"},
    {"numbers", "{'a':0,'b':-0,'c':12,'d':1.5,'e':1e5,'f':-1.2E+3,'g':0.5e-1}",
     "{a=0,b=-0,c=12,d=1.5,e=1e5,f=-1.2E+3,g=0.5e-1}"},
    {"a number beyond 64 bits", "{'a':99999999999999999999}", "{a=99999999999999999999}"},
    {"escapes", "{'a':'\\\"\\'\\\\\\/\\b\\f\\n\\r\\t'}", "{a='\"'\\/\b\f\n\r\t'}"},
    {"an escaped quote ends nothing", "{'a\\'':'b'}", "{a'='b'}"},
    {"codes of one, two and three bytes", "{'a':'\\u0041\\u00e9\\u20AC'}", "{a='A\xc3\xa9\xe2\x82\xac'}"},
    {"two surrogates are one character", "{'a':'\\ud83d\\uDE00'}", "{a='\xf0\x9f\x98\x80'}"},
    {"U+0000 is two bytes", "{'a':'\\u0000b'}", "{a='\xc0\x80" "b'}"},
    {"U+0000 written so", "{'a':'\xc0\x80'}", "{a='\xc0\x80'}"},
    {"UTF-8 stays", "{'\xc3\xa9':'\xf4\x8f\xbf\xbd'}", "{\xc3\xa9='\xf4\x8f\xbf\xbd'}"},
    {"a per cent sign in a string", "{'a':'%s%'}", "{a='%s%'}"},
    {"a delete character", "{'a':'\x7f'}", "{a='\x7f'}"},
    {"an empty key", "{'':1}", "{=1}"},
    /* one tree */
    {"objects in objects", "{'a':{'b':{'c':1}},'d':2}", "{a={b={c=1}},d=2}"},
    {"dotted keys", "{'a.b.c':1,'a.d':2}", "{a={b={c=1},d=2}}"},
    {"dotted and nested keys", "{'a.b':1,'a':{'c':2},'d':3}", "{a={b=1,c=2},d=3}"},
    {"nested and dotted keys", "{'a':{'c':2},'a.b':1}", "{a={c=2,b=1}}"},
    {"dotted keys in an object", "{'a':{'b.c':1,'b':{'d':2}},'a.b.e':3}", "{a={b={c=1,d=2,e=3}}}"},
    {"a list and dotted keys", "{'a':[{'b':1}],'a.0.c':2,'a.1.b':3}", "{a={0={b=1,c=2},1={b=3}}}"},
    {"an empty object and an empty list are values", "{'a':{},'b':[]}", "{a={},b={}}"},
    {"a dot at either end", "{'.a':1,'b.':2}", "{={a=1},b={=2}}"},
    {"as deep as it may be", "{'a':{'b':[{'c':[1]}]}}", "{a={b={0={c={0=1}}}}}"},
    /* two things in one place */
    {"a key in two ways", "{'a.b':1,'a':{'b':2}}", NULL, "name-means-two-things", 14},
    {"a key in two ways, further down", "{'a':{'b.c':1},'a.b':{'c':2}}", NULL, "name-means-two-things", 22},
    {"a value and an object", "{'a':1,'a.b':2}", NULL, "name-means-two-things", 7},
    {"an object and a value", "{'a.b':2,'a':'x'}", NULL, "name-means-two-things", 9},
    {"an object and an empty one", "{'a.b':2,'a':{}}", NULL, "name-means-two-things", 9},
    {"an empty object and one", "{'a':{},'a.b':2}", NULL, "name-means-two-things", 8},
    {"an item in two ways", "{'a':[1],'a.0':1}", NULL, "name-means-two-things", 9},
    /* no JSON */
    {"nothing", "", NULL, NULL, 0},
    {"space alone", "  ", NULL, NULL, 2},
    {"a list", "[1]", NULL, NULL, 0},
    {"a string alone", "'a'", NULL, NULL, 0},
    {"two values", "{}{}", NULL, NULL, 2},
    {"something behind", "{} x", NULL, NULL, 3},
    {"cut after the brace", "{", NULL, NULL, 1},
    {"cut in a key", "{'a", NULL, NULL, 1},
    {"cut after a key", "{'a'", NULL, NULL, 4},
    {"cut after the colon", "{'a':", NULL, NULL, 5},
    {"cut in a string", "{'a':'b", NULL, NULL, 5},
    {"cut in an escape", "{'a':'b\\", NULL, NULL, 5},
    {"cut after a value", "{'a':1", NULL, NULL, 6},
    {"cut after a comma", "{'a':1,", NULL, NULL, 7},
    {"a comma at the end", "{'a':1,}", NULL, NULL, 7},
    {"a comma at a list's end", "{'a':[1,]}", NULL, NULL, 8},
    {"a comma alone", "{,}", NULL, NULL, 1},
    {"the wrong bracket", "{'a':[1}}", NULL, NULL, 7},
    {"the other wrong bracket", "{'a':1]", NULL, NULL, 6},
    {"a bracket too many", "{}}", NULL, NULL, 2},
    {"a key that isn't a string", "{a:1}", NULL, NULL, 1},
    {"a key twice", "{'a':1,'b':2,'a':3}", NULL, NULL, 13},
    {"a key twice, once escaped", "{'a':1,'\\u0061':3}", NULL, NULL, 7},
    {"a dotted key twice", "{'a.b':1,'a.b':3}", NULL, NULL, 9},
    {"an object twice", "{'a':{'b':1},'a':{'c':2}}", NULL, NULL, 13},
    {"a word that isn't one", "{'a':nil}", NULL, NULL, 5},
    {"a word in capitals", "{'a':True}", NULL, NULL, 5},
    {"a word with something behind", "{'a':true1}", NULL, NULL, 9},
    {"a per cent sign", "{'a':%s}", NULL, NULL, 5},
    {"a comment", "{/**/}", NULL, NULL, 1},
    {"a zero in front", "{'a':01}", NULL, NULL, 6},
    {"a zero with an exponent", "{'a':0e1}", NULL, NULL, 6},
    {"a plus", "{'a':+1}", NULL, NULL, 5},
    {"a minus alone", "{'a':-}", NULL, NULL, 5},
    {"a point without digits", "{'a':1.}", NULL, NULL, 5},
    {"an exponent without digits", "{'a':1e+}", NULL, NULL, 5},
    {"hexadecimal", "{'a':0x10}", NULL, NULL, 6},
    {"a control character", "{'a':'b\n'}", NULL, NULL, 5},
    {"an unknown escape", "{'a':'\\x'}", NULL, NULL, 5},
    {"three digits of a code", "{'a':'\\u12g4'}", NULL, NULL, 5},
    {"a code that is cut", "{'a':'\\u12'}", NULL, NULL, 5},
    {"half a pair", "{'a':'\\ud800'}", NULL, NULL, 5},
    {"half a pair and another character", "{'a':'\\ud800\\u0041'}", NULL, NULL, 5},
    {"the other half", "{'a':'\\udc00'}", NULL, NULL, 5},
    {"a noncharacter", "{'a':'\\ufffe'}", NULL, NULL, 5},
    {"a byte that begins nothing", "{'a':'\x80'}", NULL, NULL, 5},
    {"an overlong form", "{'a':'\xc1\x81'}", NULL, NULL, 5},
    {"a surrogate as UTF-8", "{'a':'\xed\xa0\x80'}", NULL, NULL, 5},
    {"beyond Unicode", "{'a':'\xf4\x90\x80\x80'}", NULL, NULL, 5},
    {"five bytes", "{'a':'\xf8\x88\x80\x80\x80'}", NULL, NULL, 5},
    {"UTF-8 that is cut", "{'a':'\xe2\x82'}", NULL, NULL, 5},
    {"a byte that is none", "{'a':'\xff'}", NULL, NULL, 5},
    /* too deep */
    {"too deep", "{'a':{'b':[{'c':[{}]}]}}", NULL, "json_depth", 17},
    {"too deep by dots", "{'a.b.c.d.e':{}}", NULL, "json_depth", 1},
    {"too deep by dots and braces", "{'a.b.c':{'d':[[1]]}}", NULL, "json_depth", 15},
};
/* clang-format on */

static const struct imgprobe_limits limits = {.json_depth = DEPTH, .json_values = VALUES};
static alignas(max_align_t) unsigned char memory[262144];

static struct imgprobe_workspace workspace(size_t size)
{
    struct imgprobe_workspace w = {.struct_size = sizeof w, .memory = memory, .size = size};

    ip_workspace_begin(&w);
    return w;
}

static size_t put(char *to, size_t at, struct imgprobe_bytes text)
{
    memcpy(to + at, text.bytes, text.length);
    return at + text.length;
}

static size_t put_value(char *to, size_t at, const struct json *value)
{
    if (value->type == JSON_STRING)
        to[at++] = '\'';
    at = put(to, at, value->text);
    if (value->type == JSON_STRING)
        to[at++] = '\'';
    return at;
}

static void dump(const struct json *root, char *to)
{
    const struct json *value = root;
    size_t at = 0;

    while (value) {
        if (value != root) {
            at = put(to, at, value->key);
            to[at++] = '=';
        }
        if (value->type == JSON_OBJECT) {
            to[at++] = '{';
        } else {
            at = put_value(to, at, value);
        }
        if (value->members) {
            value = value->members;
            continue;
        }
        if (value->type == JSON_OBJECT)
            to[at++] = '}';
        while (value && !value->next) {
            value = value->parent;
            if (value)
                to[at++] = '}';
        }
        if (value)
            to[at++] = ',';
        value = value ? value->next : NULL;
    }
    to[at] = '\0';
}

static enum imgprobe_status read_json(const char *text, size_t room, struct json **ret, struct imgprobe_error *error)
{
    struct imgprobe_workspace w = workspace(room);

    return ip_json(ip_string(text), &limits, &w, ret, error);
}

static void test_case(void **state)
{
    const struct json_case *c = *state;
    struct imgprobe_error error = {0};
    struct json *root = NULL;
    char tree[512];
    bool deep = c->field && strcmp(c->field, "json_depth") == 0;
    enum imgprobe_status s = read_json(c->text, sizeof memory, &root, &error);

    if (c->tree) {
        assert_int_equal(s, IMGPROBE_OK);
        dump(root, tree);
        assert_string_equal(tree, c->tree);
        return;
    }
    assert_int_equal(s, deep ? IMGPROBE_LIMIT : IMGPROBE_MALFORMED);
    assert_int_equal(error.status, s);
    assert_null(root);
    assert_string_equal(error.field, c->field ? c->field : "malformed-name");
    assert_int_equal(error.offset, c->offset);
    assert_true(deep ? error.found > DEPTH && error.most == DEPTH : error.what != NULL);
}

static void test_where_keys_stand(void **state)
{
    struct imgprobe_error error;
    struct json *root = NULL;

    (void)state;
    assert_int_equal(read_json("{'a':{ 'b':1}, 'c.d':2}", sizeof memory, &root, &error), IMGPROBE_OK);
    assert_int_equal(ip_json_get(root, "a")->offset, 1);
    assert_int_equal(ip_json_get(ip_json_get(root, "a"), "b")->offset, 7);
    assert_int_equal(ip_json_get(ip_json_get(root, "c"), "d")->offset, 15);
    assert_true(ip_equal(ip_json_get(root, "a")->text, "{ 'b':1}"));
    assert_null(ip_json_get(root, "c")->text.bytes);
    assert_null(ip_json_get(root, "b"));
    assert_true(ip_json_holds(ip_json_get(root, "a")));
    assert_false(ip_json_holds(NULL));
    assert_true(ip_json_is(ip_json_get(ip_json_get(root, "a"), "b"), "1"));
}

/* A list of `count` values in an object is two values more. */
static enum imgprobe_status read_many(unsigned count, struct imgprobe_error *error)
{
    static char text[1024];
    struct json *root = NULL;
    size_t at = 0;
    unsigned i;

    at += (size_t)snprintf(text, sizeof text, "{'a':[");
    for (i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s1", i ? "," : "");
    snprintf(text + at, sizeof text - at, "]}");
    return read_json(text, sizeof memory, &root, error);
}

/* As many keys as may be, some of which share a slot of the index, are each found in their own object. */
static void find_many(unsigned first)
{
    static char text[2048];
    struct imgprobe_error error;
    struct json *root = NULL;
    size_t at = 1;
    unsigned i;

    text[0] = '{';
    for (i = first; i < first + 40; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s'k%u':{'x':%u,'y':%u}", i > first ? "," : "", i, i,
                               i + 1000);
    snprintf(text + at, sizeof text - at, "}");
    assert_int_equal(read_json(text, sizeof memory, &root, &error), IMGPROBE_OK);
    for (i = first; i < first + 40; i++) {
        char key[16], x[16], y[16];
        const struct json *object;

        snprintf(key, sizeof key, "k%u", i);
        snprintf(x, sizeof x, "%u", i);
        snprintf(y, sizeof y, "%u", i + 1000);
        object = ip_json_get(root, key);
        assert_true(ip_json_is(ip_json_get(object, "x"), x) && ip_json_is(ip_json_get(object, "y"), y));
    }
}

static void test_many_objects(void **state)
{
    unsigned first;

    (void)state;
    for (first = 0; first < 1000; first += 40)
        find_many(first);
}

static void test_values(void **state)
{
    static const struct imgprobe_limits deep = {.json_depth = 64, .json_values = VALUES};
    static char dots[300];
    struct imgprobe_workspace w = workspace(sizeof memory);
    struct imgprobe_error error;
    struct json *root = NULL;

    (void)state;
    assert_int_equal(read_many(VALUES - 2, &error), IMGPROBE_OK);
    assert_int_equal(read_many(VALUES - 1, &error), IMGPROBE_LIMIT);
    assert_string_equal(error.field, "json_values");
    assert_int_equal(error.most, VALUES);
    memset(dots, '.', sizeof dots - 1);
    memcpy(dots, "{'", 2);                     /* NOLINT(bugprone-not-null-terminated-result) */
    memcpy(dots + sizeof dots - 5, "':1}", 4); /* NOLINT(bugprone-not-null-terminated-result) */
    assert_int_equal(ip_json(ip_string(dots), &deep, &w, &root, &error), IMGPROBE_LIMIT);
    assert_string_equal(error.field, "json_values");
}

/* However little room there is, the answer is an error that says so. */
static void test_room(void **state)
{
    static const char text[] = "{'a':{'b.c':'d','e':[1,2]},'a.f':'g'}";
    struct imgprobe_error error;
    struct json *root = NULL;
    size_t room, good = 0;

    (void)state;
    for (room = 0; good == 0; room += 16) {
        assert_true(room < sizeof memory);
        if (read_json(text, room, &root, &error) == IMGPROBE_OK) {
            good = room;
        } else {
            assert_int_equal(error.status, IMGPROBE_LIMIT);
            assert_string_equal(error.field, "workspace");
            assert_int_equal(error.found, room);
            assert_int_equal(error.offset, IMGPROBE_UNKNOWN);
        }
    }
    assert_true(good > 0);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        {"where keys and objects stand", test_where_keys_stand, NULL, NULL, NULL},
        {"many keys in many objects", test_many_objects, NULL, NULL, NULL},
        {"no more values than the limit", test_values, NULL, NULL, NULL},
        {"room for nothing, and for everything", test_room, NULL, NULL, NULL},
    };
    static struct CMUnitTest tests[COUNT(cases) + COUNT(others)];
    size_t i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(cases); i++)
        tests[i] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[COUNT(cases) + i] = others[i];
    return _cmocka_run_group_tests("json", tests, COUNT(tests), NULL, NULL);
}
