/* Settings from a file; see rc_file.h. */
#include "loadgen/options/rc_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/files.h"
#include "loadgen/targets/variables.h"

enum { MAX_LINE_BYTES = 64 * 1024 };

/* siege's words for options of ours; a value that stands here takes its place. */
static const struct alias {
    const char *key, *value; /* value NULL: any */
    const char *name, *text; /* name NULL: nothing is to be set; text NULL: the value */
} aliases[] = {
    {"connection", "close", "no-keepalive", "true"},
    {"connection", "keep-alive", NULL, NULL},
    {"failures", NULL, "max-failures", NULL},
    {"follow-location", NULL, "follow", NULL},
    {"csv", "true", NULL, NULL},
    {"csv", "false", NULL, NULL},
};

/* Keys of siege's without a meaning here. */
static const char *const meaningless[] = {
    "accept-encoding", "attempts",   "cache",          "chunked",     "color",
    "cookies",         "display-id", "expire-session", "fullurl",     "gmethod",
    "limit",           "login",      "login-url",      "method",      "nofollow",
    "parser",          "password",   "protocol",       "proxy-login", "show-logfile",
    "spinner",         "ssl-cert",   "ssl-ciphers",    "ssl-key",     "ssl-timeout",
    "timestamp",       "unique",     "url-escaping",   "username",    "zero-data-ok",
};

/* One line of the file, and where it stands. */
struct setting {
    const char *path;
    unsigned line;
    char *key, *value;
};

static char *trim(char *text) {
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

static bool is_one_of(const char *text, const char *const *words, size_t n_words) {
    size_t i = 0;
    while (i < n_words && strcasecmp(text, words[i]) != 0)
        i++;
    return i < n_words;
}

static bool is_meaningless(const char *key) {
    return is_one_of(key, meaningless, sizeof meaningless / sizeof *meaningless);
}

static bool says_yes(const struct setting *setting) {
    static const char *const yes[] = {"true", "on", "yes", "1"};
    static const char *const no[] = {"false", "off", "no", "0"};
    bool is_yes = is_one_of(setting->value, yes, 4);
    if (!is_yes && !is_one_of(setting->value, no, 4))
        error_exit("load: %s: line %u: %s wants true or false, not '%s'", setting->path,
                   setting->line, setting->key, setting->value);
    return is_yes;
}

/* siege's time-out is a number of seconds. */
static void add_unit(struct setting *setting) {
    static char seconds[32];
    size_t length = strlen(setting->value);
    if (strcmp(setting->key, "timeout") != 0 || length > 16 || length == 0 ||
        strspn(setting->value, "0123456789") != length)
        return;
    (void)snprintf(seconds, sizeof seconds, "%ss", setting->value);
    setting->value = seconds;
}

/* siege names a proxy's host and its port apart, in any order; 3128 unless told. */
static void join_proxy(struct setting *setting) {
    static char host[256], port[8] = "3128", proxy[280];
    bool is_host = strcmp(setting->key, "proxy-host") == 0;
    if (!is_host && strcmp(setting->key, "proxy-port") != 0)
        return;
    (void)snprintf(is_host ? host : port, is_host ? sizeof host : sizeof port, "%s",
                   setting->value);
    if (host[0] == '\0')
        return;
    (void)snprintf(proxy, sizeof proxy, "http://%s:%s", host, port);
    setting->key = (char *)"proxy";
    setting->value = proxy;
}

/* siege names a log in one line and asks for it in another, in any order; the last of
 * each counts. */
struct log_lines {
    char *path; /* NULL: the usual one */
    struct setting asked;
    bool is_asked_for;
};

/* True for a line of these two. */
static bool note_log(struct log_lines *log, const struct setting *setting) {
    if (strcmp(setting->key, "logfile") == 0) {
        log->path = setting->value[0] != '\0' ? setting->value : NULL;
        return true;
    }
    if (strcmp(setting->key, "logging") != 0)
        return false;
    log->asked = *setting;
    log->is_asked_for = says_yes(setting);
    return true;
}

/* siege's names have underscores here and there. False: there is nothing to set. */
static bool translate(struct setting *setting) {
    for (char *at = setting->key; *at != '\0'; at++)
        *at = *at == '_' ? '-' : *at;
    add_unit(setting);
    join_proxy(setting);
    if (strcmp(setting->key, "proxy-port") == 0) /* the host is yet to come */
        return false;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        const struct alias *alias = &aliases[i];
        if (strcmp(setting->key, alias->key) != 0 ||
            (alias->value != NULL && strcasecmp(setting->value, alias->value) != 0))
            continue;
        if (alias->name == NULL)
            return false;
        setting->key = (char *)alias->name;
        if (alias->value != NULL)
            setting->value = (char *)alias->text;
        return true;
    }
    return true;
}

static void apply_flag(const struct setting *setting, const struct option_row *row) {
    if (says_yes(setting))
        (void)row->type->parse(NULL, row->target);
}

static void apply(const struct setting *setting, const struct option_row *rows,
                  uint64_t outdone) {
    const struct option_row *row = rows;
    while (row->name != NULL && strcmp(row->name, setting->key) != 0)
        row++;
    if (row->name == NULL)
        error_exit("load: %s: line %u: there is no setting '%s'; 'juggle load --help' "
                   "shows the long names",
                   setting->path, setting->line, setting->key);
    if (row->type->print == NULL)
        error_exit(
            "load: %s: line %u: %s is no setting of a file; give it on the command "
            "line, as --%s",
            setting->path, setting->line, setting->key, setting->key);
    if ((outdone >> (row - rows) & 1) != 0)
        return;
    if (row->type->expects == NULL)
        apply_flag(setting, row);
    else if (row->type->parse(setting->value, row->target) != 0)
        error_exit("load: %s: line %u: %s wants %s, not '%s'", setting->path,
                   setting->line, setting->key, row->type->expects,
                   setting->value != NULL ? setting->value : "");
}

/* Splits "key = value"; false for a line without a setting. */
static bool split(char *line, struct setting *setting) {
    line = trim(line);
    if (*line == '\0' || *line == '#')
        return false;
    size_t n_key = strcspn(line, "=");
    if (n_key == 0 || line[n_key] == '\0')
        error_exit("load: %s: line %u: 'key = value' is expected, not '%.60s'",
                   setting->path, setting->line, line);
    setting->value = trim(line + n_key + 1);
    line[n_key] = '\0';
    setting->key = trim(line);
    return true;
}

/* The file, whole; NULL when it is empty. */
static char *read_file(const char *path) {
    char *text = NULL;
    size_t room = 0;
    errno = 0;
    FILE *file = files_open_text(path);
    ssize_t n_read = file != NULL ? getdelim(&text, &room, '\0', file) : -1;
    if (n_read < 0 && errno != 0)
        error_exit("load: cannot read --rc '%s': %s", path, files_why(errno));
    (void)fclose(file);
    if (n_read < 0) { /* an empty file, of which getdelim leaves what it will */
        free(text);
        return NULL;
    }
    return text;
}

/* A key in capitals is no option but names a value for later lines. */
static bool is_definition(const char *line, struct setting *setting) {
    static char copy[MAX_LINE_BYTES];
    (void)strcpy(copy, line);
    return split(copy, setting) && setting->key[0] != '\0' &&
           setting->key[strspn(setting->key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] ==
               '\0';
}

/* The lines with what their variables stand for: what is set from them points into them
 * until the process ends. */
static char *expand_lines(const char *path, char *rest) {
    static char *text, expanded[MAX_LINE_BYTES];
    size_t n_bytes;
    struct variables variables = {.uses_environment = true};
    struct setting setting = {.path = path};
    char why[80] = "the line is too long", *line;
    FILE *out = open_memstream(&text, &n_bytes);
    while (out != NULL && (line = strsep(&rest, "\n")) != NULL) {
        setting.line++;
        if (line[strspn(line, " \t")] == '#')
            line = (char *)""; /* the line stays, for the numbers of the others */
        int error = variables_expand(&variables, line, expanded, sizeof expanded);
        if (error == 0 && strchr(expanded, '\n') != NULL)
            error_exit("load: %s: line %u: a variable has a line end inside", path,
                       setting.line);
        if (error == 0 && is_definition(expanded, &setting)) {
            error = variables_set(&variables, setting.key, strlen(setting.key),
                                  setting.value, why, sizeof why);
            expanded[0] = '\0';
        }
        if (error != 0)
            error_exit("load: %s: line %u: %s", path, setting.line, why);
        (void)fprintf(out, "%s\n", expanded);
    }
    variables_free(&variables);
    if (out == NULL || fclose(out) != 0)
        error_exit("load: cannot read --rc '%s': out of memory", path);
    return text;
}

void rc_file_apply(const char *path, const struct option_row *rows, uint64_t outdone) {
    struct setting setting = {.path = path};
    char left_out[1024] = "", *line;
    char *text = read_file(path), *rest = expand_lines(path, text);
    struct log_lines log = {0};
    size_t length = 0;
    free(text);
    while ((line = strsep(&rest, "\n")) != NULL) {
        setting.line++;
        if (!split(line, &setting) || note_log(&log, &setting) || !translate(&setting))
            continue;
        if (!is_meaningless(setting.key))
            apply(&setting, rows, outdone);
        else if (length < sizeof left_out)
            length += (size_t)snprintf(left_out + length, sizeof left_out - length,
                                       "%s%s", length > 0 ? ", " : "", setting.key);
    }
    if (log.is_asked_for) {
        log.asked.key = (char *)"log";
        log.asked.value = log.path;
        apply(&log.asked, rows, outdone);
    }
    if (length > 0)
        error_print("load: %s: left out, since juggle has no such setting: %s", path,
                    left_out);
}
