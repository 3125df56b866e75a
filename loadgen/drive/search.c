/* Doubling, bisection, confirmation; see search.h. */
#include "loadgen/drive/search.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/base/units.h"

enum { MAX_CONFIRMATIONS = 10 };
static const double CLOSE_ENOUGH = 1.05; /* ratio of the bracket's ends */
static const double STEP_DOWN = 0.85;    /* after a confirmation that failed */

static int parse_quantile(const char *text, double *quantile) {
    double percent = 100;
    if (strcmp(text, "max") != 0) {
        if (text[0] != 'p')
            return -EINVAL;
        int error = units_parse_number(text + 1, &percent);
        if (error != 0)
            return error;
    }
    *quantile = percent / 100;
    return percent > 0 && percent <= 100 ? 0 : -ERANGE;
}

int search_parse_objective(const char *text, struct search_objective *objective) {
    char figure[16];
    const char *colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof figure)
        return -EINVAL;
    memcpy(figure, text, (size_t)(colon - text));
    figure[colon - text] = '\0';
    int error = parse_quantile(figure, &objective->quantile);
    if (error == 0)
        error = units_parse_duration(colon + 1, &objective->limit_ns);
    return error == 0 && objective->limit_ns == 0 ? -ERANGE : error;
}

void search_begin(struct search *search, double from_per_s, double most_per_s) {
    assert(from_per_s > 0 && from_per_s <= most_per_s);
    *search = (struct search){.phase = SEARCH_DOUBLING,
                              .rate_per_s = from_per_s,
                              .from_per_s = from_per_s,
                              .most_per_s = most_per_s};
}

bool search_goes_on(const struct search *search) {
    return search->phase < SEARCH_FOUND;
}

/* The next trial within the bracket, or the confirmation of its lower end. */
static void narrow(struct search *search) {
    bool is_closed = search->failed_per_s <= search->kept_per_s * CLOSE_ENOUGH;
    search->phase = is_closed ? SEARCH_CONFIRMING : SEARCH_BISECTING;
    search->rate_per_s =
        is_closed ? search->kept_per_s : sqrt(search->kept_per_s * search->failed_per_s);
}

static void tell_doubling(struct search *search, bool kept) {
    if (!kept) {
        search->failed_per_s = search->rate_per_s;
        if (search->kept_per_s == 0)
            search->phase = SEARCH_NOT_FOUND;
        else
            narrow(search);
        return;
    }
    search->kept_per_s = search->rate_per_s;
    if (search->rate_per_s >= search->most_per_s)
        search->phase = SEARCH_CONFIRMING;
    else
        search->rate_per_s = fmin(2 * search->rate_per_s, search->most_per_s);
}

static void tell_bisecting(struct search *search, bool kept) {
    *(kept ? &search->kept_per_s : &search->failed_per_s) = search->rate_per_s;
    narrow(search);
}

static void tell_confirming(struct search *search, bool kept) {
    search->n_confirmations++;
    if (kept) {
        search->phase = SEARCH_FOUND;
    } else if (search->rate_per_s <= search->from_per_s ||
               search->n_confirmations == MAX_CONFIRMATIONS) {
        search->phase = SEARCH_NOT_FOUND;
    } else {
        search->rate_per_s = fmax(STEP_DOWN * search->rate_per_s, search->from_per_s);
    }
}

void search_tell(struct search *search, bool kept) {
    static void (*const tell[])(struct search *, bool) = {
        [SEARCH_DOUBLING] = tell_doubling,
        [SEARCH_BISECTING] = tell_bisecting,
        [SEARCH_CONFIRMING] = tell_confirming,
    };
    assert(search_goes_on(search));
    search->failed_once =
        !kept && !search->failed_once && search->phase != SEARCH_CONFIRMING;
    if (search->failed_once)
        return;
    tell[search->phase](search, kept);
}
