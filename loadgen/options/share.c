/* Parts by number or by environment, and times of day; see share.h. */
#include "loadgen/options/share.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/units.h"

enum { MOST_PARTS = 100000 };

static const uint64_t MOST_LATE_NS = NS_PER_S;
static const double LAST_S = 9e9; /* in the year 2255; milliseconds are far beyond */

/* Whole numbers from `first` on that are a part of so many. */
static int parse_part(const char *rank, const char *size, unsigned first,
                      struct share *share) {
    uint64_t part, n_parts;
    int error = units_parse_count(rank, &part);
    if (error == 0)
        error = units_parse_count(size, &n_parts);
    if (error != 0)
        return error;
    if (part < first || n_parts > MOST_PARTS || part >= n_parts + first)
        return -ERANGE;
    share->part = (unsigned)part + 1 - first;
    share->n_parts = (unsigned)n_parts;
    return 0;
}

static int parse_share(const char *text, void *target) {
    struct share *share = target;
    const char *slash = strchr(text, '/');
    char part[32];
    *share = (struct share){.is_auto = strcmp(text, "auto") == 0};
    if (share->is_auto)
        return 0;
    if (slash == NULL || (size_t)(slash - text) >= sizeof part)
        return -EINVAL;
    (void)snprintf(part, sizeof part, "%.*s", (int)(slash - text), text);
    return parse_part(part, slash + 1, 1, share);
}

const struct option_type share_option = {
    "a part of so many, such as 2/4 (from 1/4 to 4/4, at most 100000), or auto",
    parse_share};

/* RFC 3339, with a blank in place of the T as well. */
static int parse_date(const char *text, double *seconds) {
    struct tm tm = {0};
    double fraction = 0;
    char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (rest == NULL || strchr("Tt ", *rest) == NULL)
        return -EINVAL;
    rest = strptime(rest + 1, "%H:%M:%S", &tm);
    if (rest != NULL && *rest == '.')
        fraction = strtod(rest, &rest);
    rest = rest != NULL ? strptime(rest, "%z", &tm) : NULL;
    if (rest == NULL || *rest != '\0')
        return -EINVAL;
    long east_s = tm.tm_gmtoff; /* timegm forgets it */
    *seconds = (double)(timegm(&tm) - east_s) + fraction;
    return 0;
}

static int parse_start_at(const char *text, void *target) {
    uint64_t *at_ns = target;
    bool is_from_now = text[0] == '+';
    double seconds;
    int error = units_parse_number(text + is_from_now, &seconds);
    if (error != 0 && !is_from_now)
        error = parse_date(text, &seconds);
    if (error == 0 && !(seconds > 0 && seconds < LAST_S))
        error = -ERANGE;
    if (error == 0)
        *at_ns = (uint64_t)llround(seconds * 1e9) +
                 (is_from_now ? clock_read_ns(CLOCK_REALTIME) : 0);
    return error;
}

const struct option_type start_at_option = {
    "+SECONDS from now, seconds since 1970 as 'date +%s' has them, or a time such as "
    "2030-01-31T12:00:00Z",
    parse_start_at};

void share_find(struct share *share) {
    /* Open MPI before Slurm, whose batch jobs call every process of mpirun the first. */
    static const struct {
        const char *rank, *size;
    } launchers[] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                     {"SLURM_PROCID", "SLURM_NTASKS"},
                     {"JOB_COMPLETION_INDEX", "JUGGLE_PARTS"}};
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        const char *rank = getenv(launchers[i].rank), *size = getenv(launchers[i].size);
        if (rank == NULL)
            continue;
        if (size == NULL)
            error_exit("load: --share auto finds %s=%s but no %s in the environment; set "
                       "that to the number of parts, or say --share K/N",
                       launchers[i].rank, rank, launchers[i].size);
        else if (parse_part(rank, size, 0, share) != 0)
            error_exit("load: --share auto finds %s=%s and %s=%s, which is no part; "
                       "ranks go from 0 to one less than the number of parts, at most %d",
                       launchers[i].rank, rank, launchers[i].size, size, MOST_PARTS);
        return;
    }
    error_exit(
        "load: --share auto finds none of OMPI_COMM_WORLD_RANK, SLURM_PROCID and "
        "JOB_COMPLETION_INDEX in the environment; start it with mpirun, srun or an "
        "indexed Job, or say --share K/N");
}

void share_check_start(uint64_t start_at_ns) {
    uint64_t now_ns = clock_read_ns(CLOCK_REALTIME);
    char late[32];
    if (start_at_ns != 0 && now_ns > start_at_ns + MOST_LATE_NS)
        error_exit("load: --start-at was %s ago by this machine's clock; name a time to "
                   "come, such as --start-at $(($(date +%%s) + 30))",
                   units_format_duration(now_ns - start_at_ns, late));
}
