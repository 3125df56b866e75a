/* The settings of `juggle load`, printed; see load_config.h. */
#include "loadgen/load_config.h"

#include <stdio.h>

#include "common/clock.h"

static void print_text(const char *name, const char *text) {
    if (text != NULL)
        (void)printf("%s = %s\n", name, text);
}

static void print_think(const struct think *think) {
    if (think->exponential_mean_s > 0)
        (void)printf("think = exp:%gs\n", think->exponential_mean_s);
    else if (!think_is_none(think))
        (void)printf("think = uniform:%gs..%gs\n", think->low_s, think->high_s);
}

static void print_rate(const struct load_options *o) {
    if (o->schedule_path != NULL)
        (void)printf("schedule = %s\n", o->schedule_path);
    else if (o->ramp_to_per_s > 0)
        (void)printf("ramp = %g..%g\n", o->rate_per_s, o->ramp_to_per_s);
    else if (o->rate_per_s > 0)
        (void)printf("rate = %g\n", o->rate_per_s);
    if (o->rate_per_s > 0 || o->search.text != NULL)
        (void)printf("arrivals = %s\n", o->arrivals);
    print_text("search", o->search.text);
    if (o->max_in_flight > 0)
        (void)printf("max-inflight = %u\n", o->max_in_flight);
}

void load_config_print(const struct load_options *o) {
    (void)printf("# the settings of juggle load, as a file for --rc\n");
    (void)printf("concurrent = %u\n", o->users);
    if (o->duration_ns > 0)
        (void)printf("time = %gs\n", (double)o->duration_ns / (double)NS_PER_S);
    else if (o->rounds.once)
        (void)printf("reps = once\n");
    else
        (void)printf("reps = %llu\n", (unsigned long long)o->rounds.n);
    print_rate(o);
    print_think(&o->think);
    if (o->finds_warmup)
        print_text("warmup", "auto");
    else if (o->warmup_ns > 0)
        (void)printf("warmup = %gs\n", (double)o->warmup_ns / (double)NS_PER_S);
    print_text("file", o->file);
    print_text("url", o->given_url);
    print_text("transport", o->transport);
    print_text("proxy", o->proxy);
    (void)printf("timeout = %gs\n", (double)o->timeout_ns / (double)NS_PER_S);
    (void)printf("threads = %u\n", o->n_threads);
    (void)printf("user-agent = %s\ncontent-type = %s\n", o->user_agent, o->content_type);
    for (unsigned i = 0; i < o->headers.n; i++)
        (void)printf("header = %s\n", o->headers.lines[i]);
    const struct {
        const char *name;
        bool is_set;
    } flags[] = {{"benchmark", o->benchmark},
                 {"internet", o->internet},
                 {"verbose", o->verbose},
                 {"quiet", o->quiet},
                 {"json-output", o->json_output},
                 {"no-keepalive", o->no_keepalive},
                 {"preconnect", o->preconnects},
                 {"strict", o->strict},
                 {"insecure", o->insecure},
                 {"follow", o->follows},
                 {"http2", o->http2}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        (void)printf("%s = %s\n", flags[i].name, flags[i].is_set ? "true" : "false");
    if (o->logs)
        print_text("log", o->log_path);
    print_text("mark", o->mark);
    for (unsigned i = 0; i < o->requirements.n; i++)
        print_text("require", o->requirements.items[i].text);
}
