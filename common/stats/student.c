/* Student's t by the incomplete beta function; see student.h. */
#include "common/stats/student.h"

#include <float.h>
#include <math.h>

/*
 * One step of Lentz's method for continued fractions, in Thompson and Barnett's form
 * (1986): the next factor of the fraction whose next partial numerator is `numerator`
 * over 1.
 */
static double lentz(double numerator, double *c, double *d) {
    *d = 1 + numerator * *d;
    *c = 1 + numerator / *c;
    *d = 1 / (fabs(*d) < DBL_MIN ? DBL_MIN : *d);
    *c = fabs(*c) < DBL_MIN ? DBL_MIN : *c;
    return *c * *d;
}

/* The continued fraction of the incomplete beta function (Abramowitz, Stegun 26.5.8). */
static double beta_fraction(double a, double b, double x) {
    enum { MOST_STEPS = 10000 };
    double c = INFINITY, d = 1, fraction = lentz(-(a + b) * x / (a + 1), &c, &d);
    for (int m = 1; m < MOST_STEPS; m++) {
        double k = a + 2 * m;
        fraction *= lentz(m * (b - m) * x / ((k - 1) * k), &c, &d);
        double factor = lentz(-(a + m) * (a + b + m) * x / (k * (k + 1)), &c, &d);
        fraction *= factor;
        if (fabs(factor - 1) < 4 * DBL_EPSILON)
            break;
    }
    return fraction;
}

/* I_x(a, b), with y = 1 - x given as well so that neither loses digits near its end. */
static double incomplete_beta(double a, double b, double x, double y) {
    int sign;
    if (x <= 0 || y <= 0)
        return x <= 0 ? 0 : 1;
    double scale = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) +
                       a * log(x) + b * log(y));
    if (x < (a + 1) / (a + b + 2))
        return scale * beta_fraction(a, b, x) / a;
    return 1 - scale * beta_fraction(b, a, y) / b;
}

double student_beyond(double t, double degrees) {
    if (isnan(t) || !(degrees > 0))
        return NAN;
    double x = degrees / (degrees + t * t), y = t * t / (degrees + t * t);
    return isinf(t) ? 0 : incomplete_beta(degrees / 2, 0.5, x, y);
}

static double log_density(double t, double degrees) {
    int sign;
    return lgamma_r((degrees + 1) / 2, &sign) - lgamma_r(degrees / 2, &sign) -
           log(degrees * acos(-1)) / 2 - (degrees + 1) * log(hypot(1, t / sqrt(degrees)));
}

/* By Newton's method, which comes from below because what lies beyond t is convex. */
double student_quantile(double probability, double degrees) {
    if (!(probability > 0 && probability < 1) || !(degrees > 0))
        return NAN;
    double tail = probability > 0.5 ? 2 * (1 - probability) : 2 * probability;
    double last, t = 0;
    for (double high = 1; student_beyond(high, degrees) > tail && high < DBL_MAX / 2;
         high *= 2)
        t = high;
    do {
        last = t;
        t += exp(log((student_beyond(t, degrees) - tail) / 2) - log_density(t, degrees));
    } while (t > last * (1 + 4 * DBL_EPSILON));
    return probability > 0.5 ? last : -last;
}
