/*
 * The work: what one request must do, as a row of steps, in the words people type:
 * "cpu:50ms+fetch+sleep:20ms". This is the grammar only; how a step is carried out is
 * the server's business (server/core/steps.h). A struct work holds no pointers, so it can
 * cross to another process that has the same declared steps. Any thread, once all steps
 * are declared; work_parse_kept on one thread alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"

enum { WORK_MAX_STEPS = 8, WORK_MAX_TEXT_BYTES = 256, WORK_MAX_DECLARED = 8 };

enum step_kind { STEP_CPU, STEP_SLEEP, STEP_FETCH, STEP_DECLARED, N_STEP_KINDS };

struct step {
    enum step_kind kind;
    /* cpu: turns of the counting loop; sleep: nanoseconds; fetch: those that the upstream
     * is asked to take, 0 when nothing is said of them; declared: which one. */
    uint64_t amount;
};

struct work {
    unsigned n_steps;
    struct step steps[WORK_MAX_STEPS];
};

/* The forms of all steps, for help texts and errors. */
#define WORK_FORMS                                                                       \
    "cpu:50ms, cpu:50turns, sleep:200ms and fetch or fetch:1s, joined by '+'"

/* What a fetch of which nothing is said asks an upstream to take, where one can be asked
 * (server/core/fetch.h). */
#define WORK_FETCH_NS (UINT64_C(100) * 1000 * 1000)

/* What the --step options of a command line declare, each "NAME=FILE.so" or
 * "NAME=COMMAND". */
struct declarations {
    unsigned n;
    const char *texts[WORK_MAX_DECLARED];
};

/* An option whose target is a struct declarations, to which it adds; its texts point into
 * argv. */
struct option_type;
extern const struct option_type work_option_step;
#define WORK_STEP_ARGUMENT "NAME=HOW"
#define WORK_STEP_HELP                                                                   \
    "a step of your own that a work may name: a shared object, resize=./resize.so, or "  \
    "a command for each request, ocr='tesseract stdin stdout'; may be repeated"

/*
 * Makes them steps that a work may name, in their order; texts must stay. Once, before
 * any work is parsed. 0, or -EINVAL with one line in `why`.
 */
int work_declare(const struct declarations *declarations, char why[WHY_BYTES]);

/* What was declared: its name, and what stands behind the '='. NULL: no more of them. */
const char *work_declared_name(uint64_t which);
const char *work_declared_how(uint64_t which);

bool work_has_step(const struct work *work, enum step_kind kind);

/*
 * Reads steps joined by '+' (or a space, which is what a query's '+' decodes to).
 * "cpu:50ms" becomes the turns that take so long at `turns_per_ms`, "cpu:50turns" is so
 * many, and a number without a unit is refused. Returns 0, or -EINVAL
 * with one line in `why` that names the step and what is allowed.
 */
int work_parse(const char *text, double turns_per_ms, struct work *work,
               char why[WHY_BYTES]);

/*
 * The same for the text of a results file, where turns may have no unit, as in those of
 * early versions, and any name stands for a step that was declared when it was measured.
 * 0 or -EINVAL.
 */
int work_parse_kept(const char *text, double turns_per_ms, struct work *work);

/* The canonical text, CPU steps in turns: "cpu:1200000turns+fetch+sleep:20ms". Returns
 * text. */
char *work_format(const struct work *work, char text[WORK_MAX_TEXT_BYTES]);

/* How long it takes on an idle machine, but for declared steps and for fetches of which
 * nothing is said. */
uint64_t work_duration_ns(const struct work *work, double turns_per_ms);

/* Turns of the CPU steps together; 0 when nothing computes. */
double work_turns(const struct work *work);

/* Nanoseconds of the CPU steps alone. */
uint64_t work_cpu_ns(const struct work *work, double turns_per_ms);
