/* Servers that are no strategies, as data: names in commands, checks, JSON. */
#include <string.h>

#include "measured/external.h"
#include "tests/test.h"

TEST(names_stand_in_braces) {
    char name[EXTERNAL_NAME_BYTES];
    const char *text = "x ${HOME} { a } {port} -w {n_2}{} {two words}";
    const char *first = external_next_name(text, name);
    assert_string_equal(name, "port");
    assert_ptr_equal(external_next_name(first + 1, name), strstr(text, "{n_2}"));
    assert_string_equal(name, "n_2");
    assert_null(external_next_name(strstr(text, "{}"), name));
    assert_true(external_has_name(text, "port"));
    assert_false(external_has_name(text, "por"));
    assert_false(external_has_name(NULL, "port"));
}

static void assert_wrong(struct external external, const char *said) {
    char why[WHY_BYTES] = "";
    assert_true(external_check(&external, why) < 0);
    assert_non_null(strstr(why, said));
}

TEST(what_cannot_be_is_refused) {
    char why[WHY_BYTES];
    const struct external good = {.name = "a-1.b_c", .command = "x {port}"};
    const struct external running = {.name = "a", .url = "http://127.0.0.1:1/", .pid = 1};
    assert_int_equal(external_check(&good, why), 0);
    assert_int_equal(external_check(&running, why), 0);
    static const char *const names[] = {"", "../a", ".a", "a b", "a/b", "-a", NULL};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_wrong((struct external){.name = names[i], .command = "x {port}"}, "name");
    assert_wrong((struct external){.name = "a"}, "command");
    assert_wrong((struct external){.name = "a", .command = "x {port}", .url = "http://b"},
                 "command");
    assert_wrong((struct external){.name = "a", .command = "x"}, "{port}");
    assert_wrong((struct external){.name = "a", .command = "x {port} `y`"}, "backtick");
    assert_wrong((struct external){.name = "a", .command = "x {port}\ny"}, "control");
    assert_wrong((struct external){.name = "a", .url = "ftp://b"}, "http://");
    assert_wrong((struct external){.name = "a", .command = "{port}", .pid = 1}, "pid");
    assert_wrong((struct external){.name = "a", .command = "{port}", .path = "b"},
                 "paths");
    assert_wrong((struct external){.name = "a", .command = "{port}", .headers = {"b"}},
                 "header");
}

TEST(json_has_all_but_secrets) {
    char why[WHY_BYTES] = "";
    const struct external usual = {
        .path = "/all", .ready_limit_s = 2, .headers = {"U: 1"}};
    const struct external made = {.name = "a",
                                  .command = "x {port}",
                                  .idle_path = "/idle",
                                  .method = "POST",
                                  .headers = {"A: b", "C: d"}};
    struct external read;
    json_t *object = external_pack(&made);
    assert_int_equal(external_read(object, "c.", &usual, &read, why), 0);
    assert_string_equal(read.command, "x {port}");
    assert_string_equal(read.path, "/all");
    assert_string_equal(read.headers[1], "C: d");
    assert_null(read.headers[2]);
    assert_true(read.ready_limit_s == 2);
    (void)json_object_del(object, "headers");
    assert_int_equal(external_read(object, "c.", &usual, &read, why), 0);
    assert_string_equal(read.headers[0], "U: 1");
    (void)json_object_set_new(object, "comand", json_string("x"));
    assert_true(external_read(object, "c.", NULL, &read, why) < 0);
    assert_string_equal(why, "c.comand: there is no such field; did you mean 'command'? "
                             "results/README.md has all of them");
    json_decref(object);
    const struct external secret = {
        .name = "a", .command = "x {port}", .headers = {"Authorization: mine"}};
    object = external_pack(&secret);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(object, "headers"), 0)),
        "Authorization: ***");
    assert_true(external_read(object, "c.", NULL, &read, why) < 0);
    assert_non_null(strstr(why, "secret"));
    json_decref(object);
}
