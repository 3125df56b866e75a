/* Which settings of a file do not count; see precedence.h. */
#include "loadgen/options/precedence.h"

#include <stddef.h>

#define WAYS_TO_SEND "rate,ramp,schedule,search"

/*
 * What is given several times, headers and rules, adds up; any other option outdoes
 * itself without being here. To make options exclude each other, add a row.
 */
static const struct choice {
    const char *said, *outdone;
} choices[] = {
    {"url,file", "url,file"},
    {"reps", "time"},
    {"time", "reps"},
    {"delay,think,benchmark", "delay,think,benchmark"},
    {WAYS_TO_SEND, WAYS_TO_SEND ",concurrent,reps,delay,think,preconnect"},
    {"concurrent,reps,delay,think,preconnect", WAYS_TO_SEND ",max-inflight"},
    {"search", "time,warmup,get,print"},
    {"time,warmup,get,print", "search"},
    {"ramp,schedule", "threads"},
    {"preconnect", "no-keepalive"},
    {"no-keepalive", "preconnect"},
    {"follow,http2,proxy", "transport"},
    {"quiet", "verbose,json-output"},
    {"verbose", "quiet"},
};

uint64_t precedence_outdone(const struct option_row *rows, uint64_t said) {
    uint64_t outdone = 0;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if ((options_set(rows, choices[i].said) & said) != 0)
            outdone |= options_set(rows, choices[i].outdone);
    return outdone;
}
