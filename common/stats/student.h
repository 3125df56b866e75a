/*
 * Student's t distribution at any level and any number of degrees of freedom above 0,
 * whole or not. NAN in gives NAN. Any thread.
 */
#pragma once

/* P(|T| >= |t|), without loss where it is next to nothing: the p value of two sides. */
double student_beyond(double t, double degrees);

/* The t with P(T <= t) = probability, which lies between 0 and 1. */
double student_quantile(double probability, double degrees);
