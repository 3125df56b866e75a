/* Planned times from a file; see schedule_file.h. */
#include "loadgen/schedule/schedule_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/files.h"
#include "common/units.h"

static const double MOST_S = 1e9; /* thirty years */

static int add_time(struct schedule_times *times, uint64_t at_ns) {
    if ((times->n & (times->n - 1)) == 0) { /* full at each power of two */
        size_t n_places = times->n == 0 ? 1 : 2 * times->n;
        uint64_t *more = realloc(times->at_ns, n_places * sizeof *more);
        if (more == NULL)
            return -ENOMEM;
        times->at_ns = more;
    }
    times->at_ns[times->n++] = at_ns;
    return 0;
}

/* What is wrong with a line; NULL: nothing. */
static const char *read_time(struct schedule_times *times, char *line) {
    char *text = line + strspn(line, " \t");
    size_t length = strcspn(text, " \t\r\n");
    char *behind = text + length + strspn(text + length, " \t\r\n");
    if (text[0] == '#' || length == 0)
        return NULL;
    if (behind[0] != '\0' && behind[0] != '#')
        return "holds more than a time";
    text[length] = '\0';
    double seconds;
    if (units_parse_number(text, &seconds) != 0)
        return "wants a time in seconds such as 1.25";
    if (seconds > MOST_S)
        return "is out of range";
    uint64_t at_ns = (uint64_t)llround(seconds * (double)NS_PER_S);
    if (times->n > 0 && at_ns < times->at_ns[times->n - 1])
        return "goes back in time; sort the lines";
    return add_time(times, at_ns) == 0 ? NULL : "needs more memory than there is";
}

int schedule_file_read(const char *path, struct schedule_times *times, char *why,
                       size_t why_bytes) {
    *times = (struct schedule_times){0};
    FILE *stream = files_open_text(path);
    if (stream == NULL) {
        (void)snprintf(why, why_bytes, "cannot read '%s': %s", path, files_why(errno));
        return -1;
    }
    char *line = NULL;
    const char *wrong = NULL;
    size_t line_bytes = 0, n_lines = 0;
    while (wrong == NULL && getline(&line, &line_bytes, stream) >= 0) {
        n_lines++;
        wrong = read_time(times, line);
    }
    int error = ferror(stream) ? EIO : 0;
    free(line);
    (void)fclose(stream);
    if (wrong != NULL)
        (void)snprintf(why, why_bytes, "%s, line %zu %s", path, n_lines, wrong);
    else if (error != 0)
        (void)snprintf(why, why_bytes, "cannot read '%s': %s", path, strerror(error));
    else if (times->n == 0)
        (void)snprintf(why, why_bytes, "'%s' holds no times; write one per line", path);
    else
        return 0;
    free(times->at_ns);
    *times = (struct schedule_times){0};
    return -1;
}

double schedule_file_rate_per_s(const struct schedule_times *times) {
    uint64_t last_ns = times->at_ns[times->n - 1];
    return last_ns > 0 ? (double)times->n * (double)NS_PER_S / (double)last_ns
                       : (double)times->n;
}
