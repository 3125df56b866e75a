/* From options and files to contestants; see contestants.h. */
#include "director/plan/contestants.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/base/files.h"
#include "common/base/text.h"
#include "common/base/units.h"
#include "measured/parameters.h"

/* The contestant that options are of now. */
static struct external *current(struct contestants *contestants) {
    return &contestants->all[contestants->n];
}

static const char *keep(struct contestants *contestants, const char *text, size_t n) {
    json_t *kept = json_stringn(text, n);
    (void)json_array_append_new(contestants->texts, kept);
    return kept != NULL ? json_string_value(kept) : "";
}

/* Another one, which begins with what is of all; NULL when there are too many. */
static struct external *add(struct contestants *contestants) {
    if (contestants->n == CONTESTANTS_MOST)
        return NULL;
    contestants->all[++contestants->n] = contestants->all[0];
    return current(contestants);
}

/* The length of a word of the shell's, quotes within it and all. */
static size_t word_length(const char *word) {
    size_t n = 0;
    for (char quote = '\0';
         word[n] != '\0' && (quote != '\0' || !isblank((unsigned char)word[n])); n++)
        if (quote != '\0' ? word[n] == quote : n > 0 && strchr("\"'", word[n]) != NULL)
            quote = quote != '\0' ? '\0' : word[n];
    return n;
}

/*
 * The program that a command of the shell comes to, without its folder: "gunicorn" of
 * "cd app && A=b exec nice -n 5 gunicorn -w 4", and of the same in "sh -c '...'".
 */
static const char *find_program(const char *command, size_t *length) {
    static const char before_it[] =
        "exec,env,command,nohup,setsid,nice,ionice,chrt,taskset,stdbuf,time,timeout,sudo,"
        "sh,bash,dash";
    bool is_behind = false; /* one of these, whose own words come first */
    char name[EXTERNAL_NAME_BYTES];
    const char *word = command, *slash;
    for (size_t n; *(word += strspn(word, " \t\"'(;&")) != '\0'; word += n) {
        n = word_length(word);
        if (strncmp(word, "cd ", 3) == 0) {
            n = strcspn(word, "&;");
            continue;
        }
        bool is_assigned = (isalpha((unsigned char)word[0]) || word[0] == '_') &&
                           strcspn(word, "=") < strcspn(word, "/ \t\"'");
        if (is_assigned ||
            (is_behind && (word[0] == '-' || isdigit((unsigned char)word[0]))))
            continue;
        while ((slash = memchr(word, '/', n)) != NULL) {
            n -= (size_t)(slash + 1 - word);
            word = slash + 1;
        }
        (void)snprintf(name, sizeof name, "%.*s", (int)n, word);
        if (!options_list_names(before_it, name)) {
            *length = n;
            return word;
        }
        is_behind = true;
    }
    *length = strlen(command);
    return command;
}

/* Whether it begins with a variable of the environment rather than with a name: this is
 * in capitals, and no program stands behind the '='. */
static bool begins_with_variable(const char *text, size_t n) {
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    char looks[2 * PATH_MAX];
    const char *value = text + n + 1;
    int length = (int)strcspn(value, " \t'");
    if (n < 2 || strspn(text, capitals) < n)
        return false;
    (void)snprintf(looks, sizeof looks,
                   "command -v '%.*s' >/dev/null && ! test -d '%.*s'", length, value,
                   length, value);
    return system(looks) != 0;
}

/* Without a name it is called after the program. */
static int parse_command(const char *text, void *target) {
    struct contestants *contestants = target;
    size_t n = strcspn(text, "= \t/{");
    bool is_named =
        text[n] == '=' && n > 0 && text[n + 1] != '\0' && !begins_with_variable(text, n);
    struct external *external =
        is_named || strchr(text, ' ') != NULL ? add(target) : NULL;
    if (external == NULL)
        return contestants->n == CONTESTANTS_MOST ? -ERANGE : -EINVAL;
    const char *name = is_named ? text : find_program(text, &n);
    external->name = keep(contestants, name, n);
    external->command = is_named ? text + n + 1 : text;
    return 0;
}

/* Without a name it is called after its URL. */
static int parse_url(const char *text, void *target) {
    struct contestants *contestants = target;
    char name[EXTERNAL_NAME_BYTES];
    const char *scheme = strstr(text, "://"), *equals = strchr(text, '=');
    struct external *external = scheme != NULL ? add(target) : NULL;
    if (external == NULL)
        return contestants->n == CONTESTANTS_MOST ? -ERANGE : -EINVAL;
    const char *host = scheme + 3 + strspn(scheme + 3, "[:"); /* of IPv6, as [::1] */
    size_t n_host = strcspn(host, "?#");
    while (n_host > 1 && host[n_host - 1] == '/')
        n_host--; /* the name has what tells it from others */
    external->url = equals != NULL && equals < scheme ? equals + 1 : text;
    (void)snprintf(name, sizeof name, "%.*s", (int)n_host, host);
    for (char *c = name; *c != '\0'; c++)
        if (strchr("/:@[]%", *c) != NULL)
            *c = '-';
    external->name = external->url == text
                         ? keep(contestants, name, strlen(name))
                         : keep(contestants, text, (size_t)(equals - text));
    return 0;
}

int contestants_read(const json_t *list, struct contestants *contestants,
                     char why[WHY_BYTES]) {
    char where[64];
    if (list != NULL && !json_is_array(list))
        return error_say(why, -EINVAL, "contestants: a list is expected");
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct external *external = add(contestants);
        (void)snprintf(where, sizeof where, "contestants[%zu].", i);
        if (external == NULL)
            return error_say(why, -EINVAL, "contestants: more than %d", CONTESTANTS_MOST);
        if (external_read(json_array_get(list, i), where, &contestants->all[0], external,
                          why) != 0)
            return -EINVAL;
    }
    return 0;
}

static int parse_file(const char *path, void *target) {
    struct contestants *contestants = target;
    char why[WHY_BYTES];
    const char *key;
    json_t *value, *json = fields_load_any(path, why);
    if (json == NULL)
        error_exit("run: --contestants: %s", why);
    (void)json_array_append_new(contestants->texts, json); /* texts live in it */
    json_object_foreach(json, key, value) {
        if (strcmp(key, "contestants") != 0)
            error_exit("run: --contestants: %s: %s: there is no such field; there is "
                       "'contestants' alone, a list",
                       path, key);
    }
    value = json_object_get(json, "contestants");
    if (json_array_size(value) == 0)
        error_exit("run: --contestants: %s: an object with a list 'contestants' is "
                   "expected",
                   path);
    if (contestants_read(value, contestants, why) != 0)
        error_exit("run: --contestants: %s: %s", path, why);
    return 0;
}

/* "mode=fast,slow" */
static int parse_set(const char *text, void *target) {
    struct contestants *contestants = target;
    struct contestants_set *set = &contestants->sets[contestants->n_sets];
    size_t n = strcspn(text, "=");
    if (contestants->n_sets == CONTESTANTS_MOST_SETS)
        return -ERANGE;
    if (n == 0 || n >= sizeof set->name || text[n] == '\0' || text[n + 1] == '\0' ||
        strpbrk(text + n, " =") != text + n || strpbrk(text + n + 1, " =") != NULL)
        return -EINVAL;
    (void)snprintf(set->name, sizeof set->name, "%.*s", (int)n, text);
    if (parameter_find(set->name) != NULL)
        error_exit("run: --set %s: it is an option by itself; give --%s %s", set->name,
                   parameter_find(set->name)->option, text + n + 1);
    set->list = text + n + 1;
    contestants->n_sets++;
    return 0;
}

static void *place(const void *target) {
    const struct contestants_member *member = target;
    return (char *)current(member->contestants) + member->offset;
}

static int parse_text(const char *text, void *target) {
    *(const char **)place(target) = text;
    return text[0] != '\0' ? 0 : -EINVAL;
}

static int parse_limit(const char *text, void *target) {
    uint64_t limit_ns;
    int error = units_parse_duration(text, &limit_ns);
    if (error == 0)
        *(double *)place(target) = (double)limit_ns / (double)NS_PER_S;
    return error == 0 && limit_ns == 0 ? -ERANGE : error;
}

static int parse_header(const char *text, void *target) {
    const char **headers = place(target);
    size_t n = 0;
    while (headers[n] != NULL)
        n++;
    if (n == EXTERNAL_MAX_HEADERS)
        return -ERANGE;
    headers[n] = text;
    headers[n + 1] = NULL;
    return strchr(text, ':') != NULL ? 0 : -EINVAL;
}

static int parse_pid(const char *text, void *target) {
    uint64_t pid;
    int error = units_parse_count(text, &pid);
    if (error == 0 && (pid == 0 || pid > INT32_MAX))
        return -ERANGE;
    *(unsigned *)place(target) = (unsigned)pid;
    return error;
}

const struct option_type contestants_command = {
    "a command with {port} in it, or NAME=COMMAND, at most 32 times", parse_command};
const struct option_type contestants_url = {
    "a URL such as http://127.0.0.1:9000/, or NAME=URL", parse_url};
const struct option_type contestants_file = {"a file name", parse_file};
const struct option_type contestants_set_names = {"NAME=A,B,... without blanks",
                                                  parse_set};
const struct option_type contestants_text = {"a text", parse_text};
const struct option_type contestants_limit = {UNITS_DURATION_FORM, parse_limit};
const struct option_type contestants_header = {"'Name: value', at most 16 times",
                                               parse_header};
const struct option_type contestants_pid = {"the number of a process", parse_pid};

/* Peers */

struct peer {
    const char *shows, *package, *check;
};

static const struct field peer_fields[] = {
    {"shows", &field_text, offsetof(struct peer, shows), false},
    {"package", &field_text, offsetof(struct peer, package), false},
    {"check", &field_text, offsetof(struct peer, check), false},
    {0},
};

/* What a folder of peers/ says; NULL: it is none. Its texts live in `texts`. */
static json_t *read_peer(json_t *texts, const char *folder, const char *name,
                         struct peer *peer) {
    char path[PATH_MAX + 300], why[WHY_BYTES] = "contestants: a list is expected";
    (void)snprintf(path, sizeof path, "%s/%s/peer.json", folder, name);
    if (name[0] == '.' || access(path, F_OK) != 0)
        return NULL;
    json_t *json = fields_load_any(path, why);
    (void)json_array_append_new(texts, json);
    if (json == NULL || fields_read(json, peer_fields, peer, "", why) != 0 ||
        json_array_size(json_object_get(json, "contestants")) == 0)
        error_exit("run: %s: %s", path, why);
    return json;
}

/* The contestants of a peer, whose commands are to be started in its folder: the one
 * here, or the copy on the host. */
static void add_peer(struct contestants *contestants, const struct remote *host,
                     const char *folder, const char *name, const json_t *json) {
    char why[WHY_BYTES];
    json_t *object;
    size_t i;
    json_array_foreach(json_object_get(json, "contestants"), i, object) {
        const char *command = fields_get_text(object, "command", "");
        struct external *external = add(contestants);
        if (external == NULL)
            error_exit("run: more than %d contestants; name some with --peers",
                       CONTESTANTS_MOST);
        (void)json_object_set_new(
            object, "command",
            host == NULL
                ? json_sprintf("cd '%s/%s' && exec %s", folder, name, command)
                : json_sprintf("cd \"$JUGGLE_PEERS/%s\" && exec %s", name, command));
        (void)json_object_set_new(object, "peer", json_string(name));
        if (external_read(object, "", NULL, external, why) != 0)
            error_exit("run: %s/%s/peer.json: contestants[%zu].%s", folder, name, i, why);
    }
}

/* Where they are; ends the process if that is unknown. */
static void find_peers(char folder[PATH_MAX]) {
    if (files_find_folder("peers", ".", "JUGGLE_PEERS", folder) != 0)
        error_exit("run: the folder peers/, which comes with the source, is not to be "
                   "found; set JUGGLE_PEERS to it");
}

void contestants_add_peers(struct contestants *contestants, struct remote *host,
                           const char *names) {
    enum { MOST_PEERS = 64 };
    char folder[PATH_MAX], list[1000] = "", name[NAME_MAX + 1];
    const char *known[MOST_PEERS + 1] = {NULL};
    struct dirent **entries = NULL;
    unsigned n_before = contestants->n, n_known = 0;
    find_peers(folder);
    int n = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < n; free(entries[i++])) {
        struct peer peer;
        const char *own =
            keep(contestants, entries[i]->d_name, strlen(entries[i]->d_name));
        const json_t *json = read_peer(contestants->texts, folder, own, &peer);
        if (json == NULL || n_known == MOST_PEERS)
            continue;
        known[n_known++] = own;
        text_append(list, sizeof list, "%s%s", list[0] != '\0' ? "," : "", own);
        if (names != NULL && !options_list_names(names, own))
            continue;
        if (remote_agrees(host, peer.check))
            add_peer(contestants, host, folder, own, json);
        else
            (void)printf("%s is left out: install %s%s%s\n", own, peer.package,
                         host != NULL ? " on " : ", or let ./run.sh --with-peers do it",
                         host != NULL ? host->host : "");
    }
    free(entries);
    if (names != NULL && names[0] == '\0')
        error_exit("run: --peers: no peer is named; there are %s", list);
    for (const char *word = names; word != NULL; word = strchr(word, ',')) {
        word += *word == ',';
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(word, ","), word);
        if (!options_list_names(list, name))
            error_exit("run: there is no peer '%s' in %s; %sthere are %s", name, folder,
                       options_suggest(name, "", known, sizeof *known), list);
    }
    if (contestants->n == n_before)
        error_exit("run: no peer is installed%s%s", host != NULL ? " on " : "",
                   host != NULL ? host->host : "; ./run.sh --with-peers installs them");
    contestants_send_peers(contestants, host);
}

void contestants_send_peers(const struct contestants *contestants,
                            const struct remote *host) {
    char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2], why[WHY_BYTES];
    const char *sent = "";
    for (unsigned i = 1; host != NULL && i <= contestants->n; i++) {
        const char *peer = contestants->all[i].peer;
        if (peer == NULL || strcmp(peer, sent) == 0) /* those of one stand together */
            continue;
        find_peers(folder);
        (void)snprintf(path, sizeof path, "%s/%s", folder, peer);
        if (remote_send_folder(host, path, why) != 0)
            error_exit("run: --server-host: %s", why);
        sent = peer;
    }
}

void contestants_show_peers(json_t *texts) {
    char folder[PATH_MAX], line[400];
    struct dirent **entries = NULL;
    if (files_find_folder("peers", ".", "JUGGLE_PEERS", folder) != 0)
        return;
    int n = scandir(folder, &entries, NULL, alphasort);
    (void)printf("\npeers, for --peers or all of them for --experiment peers\n");
    for (int i = 0; i < n; free(entries[i++])) {
        struct peer peer;
        const char *name = entries[i]->d_name;
        if (read_peer(texts, folder, name, &peer) == NULL)
            continue;
        bool is_there = remote_agrees(NULL, peer.check);
        (void)snprintf(line, sizeof line, "%s%s%s", peer.shows,
                       is_there ? "" : "; not installed: ", is_there ? "" : peer.package);
        options_print_row(name, 12, line);
    }
    free(entries);
}

void contestants_check(const struct contestants *contestants) {
    char why[WHY_BYTES];
    for (unsigned i = 1; i <= contestants->n; i++)
        if (external_check(&contestants->all[i], why) != 0)
            error_exit("run: %s", why);
    for (unsigned i = 0; i <= contestants->n; i++) {
        const struct external *external = &contestants->all[i];
        if (i > 0 && contestants_find(contestants, external->name) != external)
            error_exit("run: two contestants are called '%s'; give each its own name",
                       external->name);
        int fd = external->body != NULL ? files_open_regular(external->body) : 0;
        if (fd < 0)
            error_exit("run: --body '%s' cannot be read: %s; name a file, because each "
                       "cell sends it anew",
                       external->body, strerror(-fd));
        if (fd > 0)
            (void)close(fd);
    }
}

json_t *contestants_pack(const struct contestants *contestants) {
    json_t *list = json_array();
    for (unsigned i = 1; i <= contestants->n; i++)
        (void)json_array_append_new(list, external_pack(&contestants->all[i]));
    return list;
}

const struct external *contestants_find(const struct contestants *contestants,
                                        const char *name) {
    for (unsigned i = 1; i <= contestants->n; i++)
        if (strcmp(contestants->all[i].name, name) == 0)
            return &contestants->all[i];
    return NULL;
}
