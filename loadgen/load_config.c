/* The settings of `juggle load`, printed; see load_config.h. */
#include "loadgen/load_config.h"

#include <stdio.h>

#include "common/clock.h"

void load_config_print(const struct load_options *o) {
    (void)printf("# the settings of juggle load, as a file for --rc\n");
    (void)printf("concurrent = %u\n", o->users);
    if (o->duration_ns > 0)
        (void)printf("time = %gs\n", (double)o->duration_ns / (double)NS_PER_S);
    else if (o->rounds.once)
        (void)printf("reps = once\n");
    else
        (void)printf("reps = %llu\n", (unsigned long long)o->rounds.n);
    if (o->rate_per_s > 0)
        (void)printf("rate = %g\narrivals = %s\n", o->rate_per_s, o->arrivals);
    if (o->file != NULL)
        (void)printf("file = %s\n", o->file);
    if (o->given_url != NULL)
        (void)printf("url = %s\n", o->given_url);
    (void)printf("timeout = %gs\n", (double)o->timeout_ns / (double)NS_PER_S);
    (void)printf("threads = %u\n", o->n_threads);
    (void)printf("user-agent = %s\ncontent-type = %s\n", o->user_agent, o->content_type);
    for (unsigned i = 0; i < o->headers.n; i++)
        (void)printf("header = %s\n", o->headers.lines[i]);
    const struct {
        const char *name;
        bool is_set;
    } flags[] = {{"benchmark", o->benchmark},     {"internet", o->internet},
                 {"verbose", o->verbose},         {"quiet", o->quiet},
                 {"json-output", o->json_output}, {"no-keepalive", o->no_keepalive},
                 {"preconnect", o->preconnects},  {"strict", o->strict},
                 {"insecure", o->insecure}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        (void)printf("%s = %s\n", flags[i].name, flags[i].is_set ? "true" : "false");
    if (o->logs)
        (void)printf("log = %s\n", o->log_path);
}
