/* The words of an answer; see teller.h. */
#include "report/contest/teller.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/text.h"
#include "common/base/units.h"

/* Memory of a MiB, of all users together, is noticed. */
static const double NOTICED_BYTES = 1 << 20;

void teller_say(struct teller *teller, const char *format, ...) {
    size_t length = strlen(teller->sentence);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(teller->sentence + length, sizeof teller->sentence - length, format,
                    arguments);
    va_end(arguments);
}

void teller_name(struct teller *teller, const struct overview_row *row) {
    const struct cell_parameters *who = row->series->parameters;
    char name[CONTEST_WHERE_BYTES], meaning[CONTEST_WHERE_BYTES];
    bool is_known = contest_meaning(who, meaning, sizeof meaning)[0] == '\0';
    for (size_t i = 0; i < teller->n_named; i++)
        is_known |= contest_is_same(teller->named[i], who);
    (void)contest_who(who, name, sizeof name);
    if (is_known) {
        teller_say(teller, "%s", name);
        return;
    }
    if (teller->n_named < CONTEST_MAX_ROWS)
        teller->named[teller->n_named++] = who;
    int end = (int)strlen(name) - 1;
    bool is_in_brackets = name[end] == ')';
    teller_say(teller, "%.*s%s%s%s)", is_in_brackets ? end : end + 1, name,
               is_in_brackets ? ": " : " (", meaning,
               who->gil && !teller->has_explained_gil
                   ? "; a GIL lets one thread compute at a time"
                   : "");
    teller->has_explained_gil |= who->gil;
}

void teller_names(struct teller *teller, const struct group *group,
                  const char *conjunction) {
    for (size_t i = 0; i < group->n; i++) {
        teller_say(teller, "%s", text_joint(i, group->n, conjunction));
        teller_name(teller, group->rows[i]);
    }
}

void teller_figures(struct teller *teller, const struct group *group, enum figure_id id) {
    char text[FIGURE_BYTES];
    double low = group->rows[0]->estimates[id].value, high = low;
    for (size_t i = 1; i < group->n; i++) {
        double own = group->rows[i]->estimates[id].value;
        low = fmin(low, own);
        high = fmax(high, own);
    }
    teller_say(teller, "%s%s", overview_values(teller->overview, id, low, high, text),
               id == FIGURE_THROUGHPUT ? " answers a second" : "");
}

void teller_waits(struct teller *teller, const struct group *group) {
    bool is_burst = group->rows[0]->series->parameters->rounds == 1;
    bool is_memory_told = false;
    for (size_t i = 0; i < group->n; i++) {
        const struct estimate *own = &group->rows[i]->estimates[FIGURE_MEMORY_PER_USER];
        double users = group->rows[i]->series->parameters->users;
        is_memory_told |= own->interval.low > 0 && own->value * users >= NOTICED_BYTES;
    }
    teller_say(teller, "users waited ");
    if (overview_ranks_by(teller->overview) == FIGURE_SLOWDOWN) {
        teller_figures(teller, group, FIGURE_SLOWDOWN);
        teller_say(teller, " times as long as the job itself, ");
    }
    teller_figures(teller, group, FIGURE_MEAN);
    teller_say(teller, is_burst ? " on average, the last user " : " on average (");
    teller_figures(teller, group, is_burst ? FIGURE_LAST : FIGURE_THROUGHPUT);
    teller_say(teller, is_burst ? ", at " : "), at ");
    teller_figures(teller, group, FIGURE_CPU_PER_REQUEST);
    teller_say(teller, " of CPU");
    if (is_memory_told) {
        teller_say(teller, " and ");
        teller_figures(teller, group, FIGURE_MEMORY_PER_USER);
        teller_say(teller, " of memory");
    }
    teller_say(teller, " a request");
}

void teller_work(struct teller *teller, const char *asked) {
    for (const char *step = asked; *step != '\0';) {
        size_t length = strcspn(step, "+,");
        const char *colon = memchr(step, ':', length);
        const char *amount = colon != NULL ? colon + 1 : step + length;
        size_t digits = strspn(amount, "0123456789.");
        size_t unit = length - (size_t)(amount - step) - digits;
        bool computes = strncmp(step, "cpu", 3) == 0;
        bool is_time = unit > 0 && strncmp(amount + digits, "turns", 5) != 0;
        teller_say(teller, "%s", step == asked ? "" : step[-1] == ',' ? " or " : " and ");
        if (colon == NULL)
            teller_say(teller, "%s %.*s",
                       strncmp(step, "fetch", length) == 0 ? "a" : "the step",
                       (int)length, step);
        else
            teller_say(teller, "%.*s %.*s of %s", (int)digits, amount,
                       is_time ? (int)unit : 5, is_time ? amount + digits : "turns",
                       !computes ? "waiting"
                       : is_time ? "CPU work"
                                 : "the counting loop");
        step += length + (step[length] != '\0');
    }
}

void teller_begin(struct teller *teller, const struct contest *contest,
                  const char *word) {
    bool has_work = contest->work[0] != '\0', has_where = contest->where[0] != '\0';
    if (!has_work && !has_where) {
        teller_say(teller, "%c%s", toupper((unsigned char)word[0]), word + 1);
        return;
    }
    teller_say(teller, "%s%s%s", has_where ? "With " : "For ", contest->where,
               has_where && has_work ? " for " : "");
    teller_work(teller, contest->work);
    teller_say(teller, " %s", word);
}

/* Whether users think, and as long in every cell. */
static bool thinks_alike(const struct overview *overview) {
    double think_ms = overview->rows[0].series->parameters->think_ms;
    size_t i = 0;
    while (i < overview->n_rows &&
           overview->rows[i].series->parameters->think_ms == think_ms)
        i++;
    return think_ms > 0 && i == overview->n_rows;
}

void teller_question(struct teller *teller) {
    const struct overview *overview = teller->overview;
    const struct cell_parameters *first = overview->rows[0].series->parameters;
    const json_t *machine = json_object_get(overview->run->info, "machine");
    const char *asked = run_work_asked(overview->run, overview->name);
    double n_cpus = fields_get_number(machine, "cpus_usable");
    struct span cpus = overview_span(overview, offsetof(struct cell_parameters, cpus));
    char users[64];
    if (strstr(overview_users(overview, users, sizeof users), "user") == NULL)
        teller_say(teller, "%s come", users);
    else
        teller_say(teller, "%s ask%s %s", users, strcmp(users, "1 user") == 0 ? "s" : "",
                   first->rounds == 1 ? "at once" : "again and again");
    if (thinks_alike(overview))
        teller_say(teller, ", with %s to think in between,",
                   units_format_seconds(first->think_ms / 1e3, users));
    if (asked[0] != '\0' || !parameters_are_external(first))
        teller_say(teller, " for %s", asked[0] == '\0' ? "the same work" : "");
    teller_work(teller, asked);
    if (cpus.least < cpus.most)
        teller_say(teller, ", of a server that may use %u to %u CPUs", cpus.least,
                   cpus.most);
    /* The machine is named once, by the first experiment of a run. */
    if (!(n_cpus >= 1) || strcmp(overview->name, overview->run->experiments[0]) != 0)
        return;
    teller_say(teller, ". %s, %.0f CPU%s",
               fields_get_text(machine, "cpu_model", "unknown CPU"), n_cpus,
               n_cpus == 1 ? "" : "s");
}
