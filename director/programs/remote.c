/* The near end of another host; see remote.h. */
#include "director/programs/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/base/build_info.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/foreign.h"
#include "common/base/text.h"
#include "common/children/interrupts.h"

enum { LINE_BYTES = 1 << 16, SCRIPT_BYTES = 2 * 4096 + 1024, MOST_WORDS = 64 };

/* Of an answer: longer than a server takes to start, or a tree of its to end there. */
static const uint64_t ANSWER_LIMIT_NS = 40 * NS_PER_S;
static const int LOOK_AGAIN_MS = 100;

/* Lines */

/* The next line of it, in time. 0, -EPIPE, -ETIMEDOUT, -EINTR or -EPROTO. */
static int read_line(const struct child *child, bool heeds_interrupts,
                     char line[LINE_BYTES]) {
    uint64_t deadline_ns = clock_now_ns() + ANSWER_LIMIT_NS;
    size_t n = 0;
    while (n + 1 < LINE_BYTES) {
        struct pollfd wanted = {child->output, POLLIN, 0};
        if (heeds_interrupts && interrupts_came() != 0)
            return -EINTR;
        if (clock_now_ns() >= deadline_ns)
            return -ETIMEDOUT;
        if (poll(&wanted, 1, LOOK_AGAIN_MS) != 1)
            continue;
        if (read(child->output, line + n, 1) != 1)
            return -EPIPE;
        if (line[n] == '\n') {
            line[n] = '\0';
            return 0;
        }
        n++;
    }
    return -EPROTO;
}

void remote_hang_up(struct session *session) {
    if (session->input > 0)
        (void)close(session->input);
    session->input = 0;
}

int remote_say(struct session *session, json_t *request) {
    char *text = json_dumps(request, JSON_COMPACT);
    int error = text != NULL && session->input > 0 ? 0 : -EPIPE;
    if (error == 0)
        error = files_write(session->input, text, strlen(text));
    if (error == 0)
        error = files_write(session->input, "\n", 1);
    free(text);
    json_decref(request);
    return error;
}

/* A line that is told at the end is kept: it is no answer. Of one that does not answer
 * nothing more is asked, or a late answer would be taken for the next one. */
static json_t *hear(struct child *child, struct session *session, bool heeds_interrupts) {
    char line[LINE_BYTES];
    if (session->end != NULL || child->output < 0)
        return NULL;
    if (read_line(child, heeds_interrupts, line) != 0) {
        remote_hang_up(session);
        return NULL;
    }
    json_t *heard = json_loads(line, 0, NULL);
    if (json_object_get(heard, "status") == NULL)
        return heard;
    session->end = heard;
    return NULL;
}

json_t *remote_ask(struct child *child, struct session *session, json_t *request,
                   bool heeds_interrupts) {
    return remote_say(session, request) == 0 ? hear(child, session, heeds_interrupts)
                                             : NULL;
}

/* Sessions */

/* ssh, which starts the script there. */
static int start_ssh(const struct remote *remote, const char *script, int output_to,
                     int errors_to, struct child *child, struct session *session) {
    static const char *const options[] = {"-T",
                                          "-o",
                                          "BatchMode=yes",
                                          "-o",
                                          "ConnectTimeout=10",
                                          "-o",
                                          "ServerAliveInterval=10",
                                          "--"};
    const char *words[MOST_WORDS + sizeof options / sizeof *options + 3];
    char ssh[4096], *rest = NULL;
    size_t n = 0;
    int ends[2];
    (void)snprintf(ssh, sizeof ssh, "%s", remote->ssh != NULL ? remote->ssh : "ssh");
    for (char *word = strtok_r(ssh, " ", &rest); word != NULL && n < MOST_WORDS;
         word = strtok_r(NULL, " ", &rest))
        words[n++] = word;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        words[n++] = options[i];
    words[n++] = remote->host;
    words[n++] = script;
    words[n] = NULL;
    *session = (struct session){0};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    int error =
        children_start(child, &(struct child_order){.words = words,
                                                    .reads_output = output_to <= 0,
                                                    .input_from = ends[0],
                                                    .output_to = output_to,
                                                    .errors_to = errors_to});
    (void)close(ends[0]);
    session->input = ends[1];
    if (error != 0)
        remote_hang_up(session);
    return error;
}

int remote_begin(const struct remote *remote, int output_to, int errors_to,
                 struct child *child, struct session *session) {
    char script[SCRIPT_BYTES];
    (void)snprintf(script, sizeof script,
                   "exec env JUGGLE_PEERS=\"%s\" \"%s\" " HOLD_COMMAND, remote->folder,
                   remote->program);
    return start_ssh(remote, script, output_to, errors_to, child, session);
}

json_t *remote_words(const char *const *words) {
    json_t *list = json_array();
    for (; *words != NULL; words++)
        (void)json_array_append_new(list, json_string(*words));
    return list;
}

int remote_start(const struct remote *remote, const char *const *words, int errors_to,
                 struct child *child, struct session *session, char *line,
                 size_t line_bytes) {
    int error = remote_begin(remote, 0, errors_to, child, session);
    if (error != 0)
        return error;
    json_t *answer = remote_ask(child, session,
                                json_pack("{s:s, s:o, s:b}", "do", "start", "words",
                                          remote_words(words), "line", line != NULL),
                                true);
    error = answer != NULL ? (int)json_integer_value(json_object_get(answer, "error"))
            : interrupts_came() != 0 ? -EINTR
                                     : -EPIPE;
    if (line != NULL)
        (void)snprintf(line, line_bytes, "%s", fields_get_text(answer, "line", ""));
    json_decref(answer);
    return error;
}

void remote_end(struct child *child, struct session *session) {
    remote_hang_up(session);
    while (child->pid != 0 && session->end == NULL) {
        json_t *late = hear(child, session, false); /* an answer that nobody awaited */
        if (late == NULL)
            break;
        json_decref(late);
    }
    children_kill(child);
    if (session->end != NULL) {
        child->status = (int)json_integer_value(json_object_get(session->end, "status"));
        child->usage = hold_read_usage(json_object_get(session->end, "usage"));
    }
    json_decref(session->end);
    session->end = NULL;
}

/* Opening */

/* What the far shell does: it makes a folder and has the program talk with us. To take a
 * copy of it from its input it has to be of our system, and says of which it is
 * otherwise; it outlives signals, so that it can remove what it has made. */
static int make_script(const struct remote *remote, off_t n_bytes,
                       char script[SCRIPT_BYTES], char why[WHY_BYTES]) {
    struct utsname ours;
    const char *program = remote->juggle;
    char check[300] = "", take[200] = "";
    (void)uname(&ours);
    if (program != NULL && strpbrk(program, "\"'\\$`") != NULL)
        return error_say(why, -EINVAL,
                         "--remote-juggle: a path without quotes, '\\' and "
                         "'$' is expected, not '%s'",
                         program);
    if (program == NULL) {
        program = "$d/juggle";
        (void)snprintf(check, sizeof check,
                       "s=$(uname -sm); test \"$s\" = \"%s %s\" || { echo \"$s\"; exit "
                       "3; }; ",
                       ours.sysname, ours.machine);
        (void)snprintf(take, sizeof take,
                       "head -c %lld >\"$d\"/juggle && chmod 700 \"$d\"/juggle && ",
                       (long long)n_bytes);
    }
    int n = snprintf(script, SCRIPT_BYTES,
                     "exec sh -c '%strap : HUP INT TERM; d=$(mktemp -d "
                     "\"${TMPDIR:-/tmp}\"/juggle-XXXXXX) || exit 4; %secho ready && "
                     "JUGGLE_PEERS=\"$d\" \"%s\" " HOLD_COMMAND "; rm -rf \"$d\"'",
                     check, take, program);
    return n < SCRIPT_BYTES ? 0 : -E2BIG;
}

/* 0 or -errno; what the far end does not take shows in what it says. */
static int send_program(int program, int to) {
    char bytes[65536];
    ssize_t n;
    int error = 0;
    while (error == 0 && (n = read(program, bytes, sizeof bytes)) > 0)
        error = files_write(to, bytes, (size_t)n);
    return error;
}

/* Why it did not come about, by the last line that ssh or the far shell has said, and
 * what came in place of "ready", if that did not. */
static int explain(const struct remote *remote, FILE *said, const char *came,
                   char why[WHY_BYTES]) {
    bool is_ready = strcmp(came, "ready") == 0;
    char line[400], last[400] = "", shown[400];
    struct utsname ours;
    rewind(said);
    while (fgets(line, sizeof line, said) != NULL)
        if (line[strspn(line, " \r\n")] != '\0')
            (void)snprintf(last, sizeof last, "%.*s", (int)strcspn(line, "\r\n"), line);
    (void)uname(&ours);
    (void)foreign_show(is_ready || came[0] == '\0' ? last : came, shown, sizeof shown);
    if (shown[0] == '\0')
        (void)strcpy(shown, "it said nothing");
    if (interrupts_came() != 0)
        return -EINTR;
    if (!is_ready && came[0] != '\0')
        return error_say(why, -ENOEXEC,
                         "%s is of '%s', and this juggle of '%s %s'; build the same "
                         "version there and give its path with --remote-juggle",
                         remote->host, shown, ours.sysname, ours.machine);
    if (strstr(last, "shared libraries") != NULL)
        return error_say(why, -ENOEXEC,
                         "%s lacks a library: %s; install libevent, libcurl and jansson "
                         "there",
                         remote->host, shown);
    if (is_ready)
        return error_say(why, -ENOENT,
                         "there is no juggle of this version on %s: %s; leave out "
                         "--remote-juggle, and this one is copied",
                         remote->host, shown);
    return error_say(why, -ECONNREFUSED,
                     "%s cannot be used over ssh: %s; 'ssh -o BatchMode=yes %s true' has "
                     "to work, without a password",
                     remote->host, shown, remote->host);
}

/* What it said of itself: the same program, and the addresses of both ends. */
static int check_about(struct remote *remote, char why[WHY_BYTES]) {
    const char *version = fields_get_text(remote->about, "version", "?");
    const char *revision = fields_get_text(remote->about, "revision", "?");
    if (strcmp(version, build_version) != 0 || strcmp(revision, build_revision) != 0)
        return error_say(why, -EPROTO,
                         "%s of %s is juggle %s (%s), and this is %s (%s); leave out "
                         "--remote-juggle, and this one is copied",
                         remote->juggle, remote->host, version, revision, build_version,
                         build_revision);
    (void)snprintf(remote->program, sizeof remote->program, "%s",
                   fields_get_text(remote->about, "program", ""));
    (void)snprintf(remote->folder, sizeof remote->folder, "%s",
                   fields_get_text(remote->about, "folder", ""));
    bool is_known = sscanf(fields_get_text(remote->about, "connection", ""),
                           "%63s %*s %63s", remote->here, remote->there) == 2;
    if (remote->address != NULL)
        (void)snprintf(remote->there, sizeof remote->there, "%s", remote->address);
    return is_known ? 0
                    : error_say(why, -EPROTO,
                                "%s does not say from where it was reached "
                                "(SSH_CONNECTION)",
                                remote->host);
}

static int talk_first(struct remote *remote, int program, FILE *said,
                      char why[WHY_BYTES]) {
    char line[LINE_BYTES] = "";
    int error = remote->juggle == NULL ? send_program(program, remote->session.input) : 0;
    error = read_line(&remote->control, true, line);
    if (error != 0 || strcmp(line, "ready") != 0)
        return explain(remote, said, error == 0 ? line : "", why);
    remote->about = remote_ask(&remote->control, &remote->session,
                               json_pack("{s:s}", "do", "describe"), true);
    if (remote->about == NULL)
        return explain(remote, said, line, why);
    return check_about(remote, why);
}

int remote_open(struct remote *remote, char why[WHY_BYTES]) {
    char script[SCRIPT_BYTES];
    struct stat about = {0};
    FILE *said = tmpfile();
    int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int error = program < 0 || said == NULL || fstat(program, &about) != 0 ? -errno : 0;
    if (remote->host[0] == '-' || remote->host[0] == '\0')
        error = error_say(why, -EINVAL, "a host is expected, not '%s'", remote->host);
    else if (error != 0)
        (void)error_say(why, error, "cannot read the program: %s", strerror(-error));
    if (error == 0)
        error = make_script(remote, about.st_size, script, why);
    if (error == 0) {
        error = start_ssh(remote, script, 0, fileno(said), &remote->control,
                          &remote->session);
        if (error != 0)
            (void)error_say(why, error,
                            "'%s' cannot be started: %s; install openssh-client, or say "
                            "how with --ssh",
                            remote->ssh != NULL ? remote->ssh : "ssh", strerror(-error));
    }
    if (error == 0 && (error = talk_first(remote, program, said, why)) != 0)
        remote_close(remote);
    if (program >= 0)
        (void)close(program);
    if (said != NULL)
        (void)fclose(said);
    return error;
}

void remote_close(struct remote *remote) {
    remote_hang_up(&remote->session);
    if (remote->control.pid != 0) {
        struct pollfd end = {remote->control.pidfd, POLLIN, 0};
        (void)poll(&end, 1, (int)(ANSWER_LIMIT_NS / NS_PER_MS));
        children_kill(&remote->control);
    }
    json_decref(remote->about);
    remote->about = NULL;
}

int remote_send_folder(const struct remote *remote, const char *path,
                       char why[WHY_BYTES]) {
    char script[SCRIPT_BYTES];
    const char *words[] = {"tar", "-C", path, "-cf", "-", ".", NULL};
    const char *name = strrchr(path, '/') + 1;
    struct child packer = {0}, ssh = {0};
    struct session session;
    uint64_t deadline_ns = clock_now_ns() + ANSWER_LIMIT_NS;
    (void)snprintf(script, sizeof script,
                   "exec sh -c 'mkdir \"%s/%s\" && tar -C \"%s/%s\" -xof -'",
                   remote->folder, name, remote->folder, name);
    int error = start_ssh(remote, script, 0, 0, &ssh, &session);
    if (error == 0)
        error = children_start(
            &packer, &(struct child_order){.words = words, .output_to = session.input});
    remote_hang_up(&session);
    if (error == 0)
        error = children_wait(&packer, deadline_ns, NULL, NULL);
    if (error == 0)
        error = children_wait(&ssh, deadline_ns, NULL, NULL);
    if (error == 0 && (packer.status != 0 || ssh.status != 0))
        error = -EIO;
    children_kill(&packer);
    children_kill(&ssh);
    return error == 0 ? 0
                      : error_say(why, error,
                                  "the folder %s cannot be copied to %s; tar has to be "
                                  "there and here, and space in its temporary folder",
                                  path, remote->host);
}

/* What is asked */

static json_t *ask(struct remote *remote, json_t *request) {
    if (remote != NULL)
        return remote_ask(&remote->control, &remote->session, request, false);
    json_t *answer = hold_answer(request);
    json_decref(request);
    return answer;
}

static double number_of(const struct remote *remote, const char *key) {
    return fields_get_number(json_object_get(remote->about, "machine"), key);
}

unsigned remote_usable_cpus(const struct remote *remote) {
    return remote == NULL ? machine_usable_cpus()
                          : (unsigned)fmax(1, number_of(remote, "cpus_usable"));
}

double remote_cpu_allowance(const struct remote *remote) {
    return remote == NULL ? machine_cpu_allowance()
                          : fields_get_number(remote->about, "allowance");
}

unsigned remote_open_files(const struct remote *remote) {
    unsigned ours = machine_raise_nofile();
    return remote == NULL ? ours
                          : (unsigned)fmin(ours, number_of(remote, "nofile_limit"));
}

json_t *remote_describe(const struct remote *remote) {
    return remote == NULL ? machine_describe()
                          : json_deep_copy(json_object_get(remote->about, "machine"));
}

double remote_calibrate(struct remote *remote) {
    json_t *answer = ask(remote, json_pack("{s:s}", "do", "calibrate"));
    double turns_per_ms = fields_get_number(answer, "turns_per_ms");
    json_decref(answer);
    return turns_per_ms;
}

double remote_cores(struct remote *remote, unsigned n_loops, uint64_t turns,
                    uint64_t *alone_ns) {
    json_t *answer = ask(remote, json_pack("{s:s, s:i, s:I}", "do", "cores", "loops",
                                           (int)n_loops, "turns", (json_int_t)turns));
    double cores = fields_get_number(answer, "cores");
    *alone_ns = (uint64_t)json_integer_value(json_object_get(answer, "alone_ns"));
    json_decref(answer);
    return cores;
}

unsigned remote_find_port(struct remote *remote) {
    json_t *answer = ask(remote, json_pack("{s:s}", "do", "port"));
    unsigned port = (unsigned)json_integer_value(json_object_get(answer, "port"));
    json_decref(answer);
    return port;
}

bool remote_agrees(struct remote *remote, const char *command) {
    json_t *answer =
        ask(remote, json_pack("{s:s, s:s}", "do", "agree", "command", command));
    bool agrees = json_is_true(json_object_get(answer, "agrees"));
    json_decref(answer);
    return agrees;
}

struct hold_look remote_look(struct remote *remote, struct child *child,
                             struct session *session, pid_t root, enum census_tree tree,
                             unsigned n_cpus, bool wants_census) {
    struct hold_look seen = {.cpu_s = NAN, .cpus = {0, NAN, NAN}};
    char why[WHY_BYTES];
    if (remote == NULL)
        return hold_look(root, tree, n_cpus, wants_census);
    json_t *answer = remote_ask(child != NULL ? child : &remote->control,
                                session != NULL ? session : &remote->session,
                                json_pack("{s:s, s:i, s:i, s:i, s:b}", "do", "look",
                                          "root", (int)root, "tree", (int)tree, "cpus",
                                          (int)n_cpus, "census", wants_census),
                                false);
    if (answer != NULL && fields_read(answer, hold_look_fields, &seen, "", why) != 0)
        seen = (struct hold_look){.cpu_s = NAN, .cpus = {0, NAN, NAN}};
    json_decref(answer);
    return seen;
}

void remote_find_places(const struct remote *remote, struct child *child,
                        struct session *session, enum census_tree tree,
                        char places[CENSUS_PLACES_BYTES]) {
    if (remote == NULL) {
        census_find_places(child->pid, tree, places);
        return;
    }
    json_t *answer = remote_ask(
        child, session, json_pack("{s:s, s:i}", "do", "places", "tree", (int)tree), true);
    (void)snprintf(places, CENSUS_PLACES_BYTES, "%s",
                   fields_get_text(answer, "places", ""));
    json_decref(answer);
}
