/* Shares, threads and the merge; see crew.h. */
#include "loadgen/drive/crew.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/random.h"
#include "loadgen/drive/meeting.h"
#include "loadgen/samples/gaps.h"

struct member {
    pthread_t thread;
    struct drive_config config;
    struct drive_result result;
    int error;
    unsigned first_user; /* the number of its first user among all */
    /* The next of its samples to be merged, when there is one. */
    struct samples_reader reader;
    struct load_sample sample;
    struct server_report report;
    bool has_next;
};

struct crew {
    struct member members[CREW_MAX_THREADS];
    unsigned n_members;
    struct meeting meeting;
};

/* The k-th of n shares of a whole number; they differ by one at most. */
static unsigned share_of(unsigned whole, unsigned k, unsigned n) {
    return whole / n + (k < whole % n ? 1 : 0);
}

static void share_out(struct crew *crew, const struct drive_config *config) {
    struct random seeds;
    unsigned n = crew->n_members, first_user = 0;
    bool is_open = schedule_is_open(&config->plan);
    random_seed(&seeds, config->plan.seed);
    for (unsigned k = 0; k < n; k++) {
        struct member *member = &crew->members[k];
        struct drive_config *own = &member->config;
        *own = *config;
        own->meeting = &crew->meeting;
        own->n_threads = n;
        own->plan.seed = random_next(&seeds);
        own->plan.n_users = share_of(config->plan.n_users, k, n);
        own->max_in_flight = share_of(config->max_in_flight, k, n);
        own->plan.rate_per_s = config->plan.rate_per_s / n;
        if (is_open) /* constant gaps of all together, and not n arrivals at once */
            own->plan.first_s = k / config->plan.rate_per_s;
        member->first_user = first_user;
        own->plan.first_target = is_open ? k : first_user;
        first_user += is_open ? own->max_in_flight : own->plan.n_users;
    }
}

static void *run_member(void *argument) {
    struct member *member = argument;
    member->error = drive_run(&member->config, &member->result);
    return NULL;
}

/* All but the first run in threads of their own; all have ended when it returns. */
static void run_all(struct crew *crew) {
    unsigned n_started = 1;
    for (; n_started < crew->n_members; n_started++)
        if (pthread_create(&crew->members[n_started].thread, NULL, run_member,
                           &crew->members[n_started]) != 0)
            break;
    if (n_started < crew->n_members)
        meeting_excuse(&crew->meeting, crew->n_members - n_started);
    (void)run_member(&crew->members[0]);
    for (unsigned k = 1; k < n_started; k++)
        (void)pthread_join(crew->members[k].thread, NULL);
    crew->n_members = n_started;
}

static void go_on(struct member *member) {
    member->has_next =
        samples_next_planned(&member->reader, &member->sample, &member->report);
}

/* The member whose next sample ended first; NULL when none has one. */
static struct member *find_next(struct crew *crew) {
    struct member *next = NULL;
    uint64_t least_ns = UINT64_MAX;
    for (unsigned k = 0; k < crew->n_members; k++) {
        struct member *member = &crew->members[k];
        if (!member->has_next)
            continue;
        uint64_t end_ns = member->sample.start_ns + member->sample.service_ns;
        if (end_ns < least_ns) {
            least_ns = end_ns;
            next = member;
        }
    }
    return next;
}

static int merge_samples(struct crew *crew, struct samples *samples) {
    struct member *member;
    int error = 0;
    for (unsigned k = 0; k < crew->n_members; k++) {
        gaps_add_thread(samples_gaps(samples),
                        samples_gaps(crew->members[k].result.samples),
                        crew->members[k].first_user);
        crew->members[k].reader = samples_read(crew->members[k].result.samples);
        go_on(&crew->members[k]);
    }
    while (error == 0 && (member = find_next(crew)) != NULL) {
        member->sample.user += member->first_user;
        error = samples_add(samples, &member->sample,
                            member->sample.has_report ? &member->report : NULL);
        go_on(member);
    }
    return error;
}

static void add_up(struct drive_result *all, const struct drive_result *own) {
    if (own->elapsed_ns > all->elapsed_ns)
        all->elapsed_ns = own->elapsed_ns;
    if (own->window_ns > all->window_ns)
        all->window_ns = own->window_ns;
    all->is_drained = all->is_drained && own->is_drained;
    all->users_time_ns += own->users_time_ns;
    all->n_users += own->n_users;
    all->counts.n_connections += own->counts.n_connections;
    all->counts.n_retried += own->counts.n_retried;
    all->counts.n_unconnected += own->counts.n_unconnected;
    if (own->counts.n_unconnected > 0)
        all->counts.unconnected_error = own->counts.unconnected_error;
    all->rested_ns += own->rested_ns;
    all->n_cut_off += own->n_cut_off;
    all->n_not_sent += own->n_not_sent;
    bool waits_longer = usage_mean_wait_s(&own->usage) > usage_mean_wait_s(&all->usage);
    struct usage waits = waits_longer ? own->usage : all->usage;
    if (own->usage.cpu_ns > all->usage.cpu_ns)
        all->usage = own->usage; /* the busiest thread is the first to be too slow */
    all->usage.waited_ns = waits.waited_ns;
    all->usage.n_waits = waits.n_waits;
}

static int merge(struct crew *crew, struct drive_result *result) {
    uint64_t first_ns = UINT64_MAX, last_ns = 0;
    int error = 0;
    *result = (struct drive_result){
        .epoch_ns = crew->members[0].result.epoch_ns,
        .warmup_ns = crew->members[0].result.warmup_ns,
        .is_drained = true,
    };
    for (unsigned k = 0; k < crew->n_members; k++) {
        const struct drive_result *own = &crew->members[k].result;
        uint64_t own_last_ns = own->first_start_ns + own->start_spread_ns;
        first_ns = own->first_start_ns < first_ns ? own->first_start_ns : first_ns;
        last_ns = own_last_ns > last_ns ? own_last_ns : last_ns;
        add_up(result, own);
        if (crew->members[k].error != 0)
            error = crew->members[k].error;
    }
    if (!schedule_is_open(&crew->members[0].config.plan))
        result->start_spread_ns = last_ns - first_ns;
    result->first_start_ns = first_ns;
    result->samples = samples_new();
    if (error == 0 && result->samples != NULL)
        return merge_samples(crew, result->samples);
    return error != 0 ? error : -ENOMEM;
}

unsigned crew_n_threads(const struct drive_config *config) {
    bool is_open = schedule_is_open(&config->plan);
    unsigned most = is_open ? config->max_in_flight : config->plan.n_users;
    unsigned n = config->n_threads < most ? config->n_threads : most;
    return n > 0 ? n : 1;
}

int crew_run(const struct drive_config *config, struct drive_result *result) {
    unsigned n = crew_n_threads(config);
    assert(n <= CREW_MAX_THREADS);
    if (n == 1)
        return drive_run(config, result);
    *result = (struct drive_result){0};
    struct crew *crew = calloc(1, sizeof *crew);
    if (crew == NULL)
        return -ENOMEM;
    crew->n_members = n;
    share_out(crew, config);
    int error = meeting_begin(&crew->meeting, n);
    if (error == 0) {
        run_all(crew);
        int number = meeting_end(&crew->meeting);
        error = merge(crew, result);
        result->signal = number;
    }
    for (unsigned k = 0; k < n; k++)
        samples_free(crew->members[k].result.samples);
    free(crew);
    return error;
}
