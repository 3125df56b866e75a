/* The grammar of work; see work.h. A kind of step is a row in `kinds`. */
#include "common/workload/work.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/options.h"
#include "common/base/text.h"
#include "common/base/units.h"

enum {
    LONGEST_STEP_BYTES = 40, /* of its text; a longer one is not shown whole */
    NAME_BYTES = 16,         /* of a declared step */
    LONGEST_HOW_BYTES = 500,
    MAX_NAMES = 32
};

struct kind {
    const char *name;
    const char *form; /* for errors */
    bool takes_turns; /* "50turns"; durations become turns */
    bool is_enough;   /* its name alone, which is an amount of 0 */
};

static const struct kind kinds[N_STEP_KINDS] = {
    [STEP_CPU] = {"cpu", "cpu:50ms or cpu:50turns", true, false},
    [STEP_SLEEP] = {"sleep", "sleep:200ms", false, false},
    [STEP_FETCH] = {"fetch", "fetch or fetch:1s", false, true},
    [STEP_DECLARED] = {"", "", false, true},
};

/* Steps that are declared, and behind them those of files, of which nothing is known but
 * the name. */
static struct {
    char name[NAME_BYTES];
    const char *how; /* NULL: it is of a file */
} names[MAX_NAMES];
static unsigned n_names;

static bool is_name(const char *text, size_t length) {
    return length > 0 && length < NAME_BYTES && text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") >= length;
}

/* Whether a kind is called so. */
static bool is_kind(const char *text, size_t length) {
    unsigned i = 0;
    while (i < STEP_DECLARED &&
           (strlen(kinds[i].name) != length || memcmp(kinds[i].name, text, length) != 0))
        i++;
    return i < STEP_DECLARED;
}

/* Which one it is; n_names: none of them. */
static unsigned find_name(const char *text, size_t length) {
    unsigned i = 0;
    while (i < n_names &&
           (strlen(names[i].name) != length || memcmp(names[i].name, text, length) != 0))
        i++;
    return i;
}

static void add_name(const char *text, size_t length, const char *how) {
    memcpy(names[n_names].name, text, length);
    names[n_names++].how = how;
}

static int take_declaration(const char *text, void *target) {
    struct declarations *declarations = target;
    if (declarations->n == WORK_MAX_DECLARED)
        return -EINVAL;
    declarations->texts[declarations->n++] = text;
    return 0;
}

const struct option_type work_option_step = {
    "NAME=FILE.so or NAME=COMMAND, up to 8 times", take_declaration};

int work_declare(const struct declarations *declarations, char why[WHY_BYTES]) {
    for (unsigned i = 0; i < declarations->n; i++) {
        const char *text = declarations->texts[i], *how = strchr(text, '=');
        size_t length = how != NULL ? (size_t)(how - text) : strlen(text);
        const char *problem = NULL;
        if (how == NULL || how[1 + strspn(how + 1, " ")] == '\0')
            problem = "does not say how; write NAME=FILE.so or NAME=COMMAND";
        else if (strlen(how) > LONGEST_HOW_BYTES)
            problem = "is longer than 500 bytes; put it into a script";
        else if (!is_name(text, length))
            problem =
                "has another name than up to 15 of a-z, 0-9, _ and -, a letter first";
        else if (find_name(text, length) < n_names)
            problem = "is declared twice; give each its own name";
        else if (is_kind(text, length))
            problem = "has the name of a step that there is; choose another";
        if (problem != NULL)
            return error_say(why, -EINVAL, "'%.60s' %s", text, problem);
        add_name(text, length, how + 1);
    }
    return 0;
}

const char *work_declared_name(uint64_t which) {
    return which < n_names && names[which].how != NULL ? names[which].name : NULL;
}

const char *work_declared_how(uint64_t which) {
    return which < n_names ? names[which].how : NULL;
}

bool work_has_step(const struct work *work, enum step_kind kind) {
    unsigned i = 0;
    while (i < work->n_steps && work->steps[i].kind != kind)
        i++;
    return i < work->n_steps;
}

/* "50turns"; -ENOENT: a number without its unit, other than 0, which needs none. */
static int parse_turns(const char *argument, bool is_kept, uint64_t *turns) {
    char number[64], *rest = number + strspn(argument, "0123456789");
    if ((size_t)snprintf(number, sizeof number, "%s", argument) >= sizeof number)
        return -EINVAL;
    bool is_bare = *rest == '\0';
    if (!is_bare && strcmp(rest, "turns") != 0)
        return -EINVAL;
    *rest = '\0';
    int error = units_parse_count(number, turns);
    return error == 0 && is_bare && !is_kept && *turns != 0 ? -ENOENT : error;
}

static int parse_amount(const struct kind *kind, const char *argument,
                        double turns_per_ms, bool is_kept, uint64_t *amount) {
    if (kind->takes_turns) {
        int error = parse_turns(argument, is_kept, amount);
        if (error != -EINVAL)
            return error;
    }
    uint64_t duration_ns;
    double scaled;
    int error = units_parse_duration(argument, &duration_ns);
    if (error != 0)
        return units_parse_number(argument, &scaled) == 0 ? -ENOENT : error;
    scaled = (double)duration_ns;
    if (kind->takes_turns)
        scaled *= turns_per_ms / (double)NS_PER_MS;
    if (scaled >= (double)INT64_MAX)
        return -ERANGE;
    *amount = (uint64_t)scaled;
    return kind->is_enough && *amount == 0 ? -EINVAL : 0; /* it would say nothing */
}

static int refuse(char why[WHY_BYTES], const char *step, const char *problem) {
    return error_say(why, -EINVAL, "bad work: step '%s' %s", step, problem);
}

/* With the names of declared steps, as far as there is room. */
static int refuse_unknown(char why[WHY_BYTES], const char *step) {
    (void)refuse(why, step, "is unknown; allowed are " WORK_FORMS);
    for (unsigned i = 0; work_declared_name(i) != NULL; i++)
        text_append(why, WHY_BYTES, "%s%s", i > 0 ? ", " : ", and ", names[i].name);
    return -EINVAL;
}

static int parse_step(char *text, double turns_per_ms, bool is_kept, struct step *step,
                      char why[WHY_BYTES]) {
    char whole[LONGEST_STEP_BYTES];
    size_t length = strlen(text);
    unsigned which = find_name(text, length);
    if (which == n_names && is_kept && which < MAX_NAMES && is_name(text, length) &&
        !is_kind(text, length))
        add_name(text, length, NULL);
    if (which < n_names && (is_kept || names[which].how != NULL)) {
        *step = (struct step){STEP_DECLARED, which};
        return 0;
    }
    (void)snprintf(whole, sizeof whole, "%s", text);
    char *argument = strchr(text, ':');
    if (argument != NULL)
        *argument++ = '\0';
    for (int i = 0; i < STEP_DECLARED; i++) {
        const struct kind *kind = &kinds[i];
        if (strcmp(kind->name, text) != 0)
            continue;
        *step = (struct step){.kind = (enum step_kind)i};
        int error = argument != NULL ? parse_amount(kind, argument, turns_per_ms, is_kept,
                                                    &step->amount)
                    : kind->is_enough ? 0
                                      : -EINVAL;
        if (error == 0)
            return 0;
        return error_say(why, -EINVAL, "bad work: step '%s' %s %s", whole,
                         error == -ERANGE   ? "is too large; write"
                         : error == -ENOENT ? "has no unit; write"
                                            : "is not of the form",
                         kind->form);
    }
    return refuse_unknown(why, whole);
}

/* `is_kept`: from a results file, of which early ones have turns without their unit. */
static int parse(const char *text, double turns_per_ms, bool is_kept, struct work *work,
                 char why[WHY_BYTES]) {
    struct work parsed = {0};
    text += strspn(text, " ");
    while (true) {
        char step[LONGEST_STEP_BYTES];
        size_t length = strcspn(text, "+ ");
        const char *comma = memchr(text, ',', length);
        if (comma != NULL) {
            (void)snprintf(step, sizeof step, "%.*s", (int)(comma - text), text);
            return refuse(why, step, "ends with a comma; join steps with +");
        }
        if (length >= sizeof step) {
            (void)snprintf(step, sizeof step, "%.20s...", text);
            return refuse_unknown(why, step);
        }
        if (length == 0)
            return error_say(why, -EINVAL,
                             "bad work: a step is missing; write " WORK_FORMS);
        if (parsed.n_steps == WORK_MAX_STEPS)
            return error_say(why, -EINVAL, "bad work: more than %d steps",
                             WORK_MAX_STEPS);
        memcpy(step, text, length);
        step[length] = '\0';
        int error =
            parse_step(step, turns_per_ms, is_kept, &parsed.steps[parsed.n_steps], why);
        if (error != 0)
            return error;
        parsed.n_steps++;
        text += length + strspn(text + length, " ");
        if (*text == '\0')
            break;
        text += *text == '+'; /* or blanks alone, which a query's '+' becomes */
        text += strspn(text, " ");
    }
    *work = parsed;
    return 0;
}

int work_parse(const char *text, double turns_per_ms, struct work *work,
               char why[WHY_BYTES]) {
    return parse(text, turns_per_ms, false, work, why);
}

int work_parse_kept(const char *text, double turns_per_ms, struct work *work) {
    char why[WHY_BYTES];
    return parse(text, turns_per_ms, true, work, why);
}

char *work_format(const struct work *work, char text[WORK_MAX_TEXT_BYTES]) {
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < work->n_steps; i++) {
        const struct step *step = &work->steps[i];
        const struct kind *kind = &kinds[step->kind];
        bool is_declared = step->kind == STEP_DECLARED;
        char amount[32] = "";
        bool is_in_ms = !kind->takes_turns && step->amount % NS_PER_MS == 0;
        if (!is_declared && (step->amount > 0 || !kind->is_enough))
            (void)snprintf(amount, sizeof amount, ":%llu%s",
                           (unsigned long long)step->amount / (is_in_ms ? NS_PER_MS : 1),
                           kind->takes_turns ? "turns"
                           : is_in_ms        ? "ms"
                                             : "ns");
        int wrote =
            snprintf(text + used, WORK_MAX_TEXT_BYTES - used, "%s%s%s", i > 0 ? "+" : "",
                     is_declared ? names[step->amount].name : kind->name, amount);
        used += (size_t)wrote; /* 8 steps of at most 30 characters always fit */
    }
    return text;
}

double work_turns(const struct work *work) {
    double turns = 0;
    for (unsigned i = 0; i < work->n_steps; i++)
        if (work->steps[i].kind == STEP_CPU)
            turns += (double)work->steps[i].amount;
    return turns;
}

uint64_t work_cpu_ns(const struct work *work, double turns_per_ms) {
    double total_ns = work_turns(work) * (double)NS_PER_MS / turns_per_ms;
    return total_ns >= (double)INT64_MAX ? INT64_MAX : (uint64_t)total_ns;
}

uint64_t work_duration_ns(const struct work *work, double turns_per_ms) {
    uint64_t total_ns = work_cpu_ns(work, turns_per_ms);
    for (unsigned i = 0; i < work->n_steps; i++)
        if (work->steps[i].kind == STEP_SLEEP || work->steps[i].kind == STEP_FETCH)
            total_ns = total_ns + work->steps[i].amount < INT64_MAX
                           ? total_ns + work->steps[i].amount
                           : INT64_MAX;
    return total_ns;
}
