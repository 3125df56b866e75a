/* Numbers with units: what is read, what is refused, how durations are written. */
#include <errno.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/units.h"
#include "tests/test.h"

TEST(counts_are_whole_numbers_without_sign) {
    uint64_t count;
    assert_int_equal(units_parse_count("0", &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(units_parse_count("18446744073709551615", &count), 0);
    assert_true(count == UINT64_MAX);
    assert_int_equal(units_parse_count("18446744073709551616", &count), -ERANGE);
    static const char *const refused[] = {"",   "-1",  "+1",  " 1",  "1 ",
                                          "1x", "0x1", "1e3", "1.0", "ten"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_equal(units_parse_count(refused[i], &count), -EINVAL);
}

TEST(numbers_are_decimal_and_finite) {
    double number;
    assert_int_equal(units_parse_number("1.5", &number), 0);
    assert_true(number == 1.5);
    assert_int_equal(units_parse_number(".25", &number), 0);
    assert_true(number == 0.25);
    static const char *const refused[] = {"",    ".",   "-1",  "1.2.3", "nan",
                                          "inf", "1e9", "0x1", "1,5",   " 1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_not_equal(units_parse_number(refused[i], &number), 0);
}

TEST(rates_are_per_second) {
    double rate;
    assert_int_equal(units_parse_rate("100", &rate), 0);
    assert_true(rate == 100);
    assert_int_equal(units_parse_rate("2.5/s", &rate), 0);
    assert_true(rate == 2.5);
    assert_int_equal(units_parse_rate("600/m", &rate), 0);
    assert_true(rate == 10);
    assert_int_equal(units_parse_rate("7200/h", &rate), 0);
    assert_true(rate == 2);
    assert_int_equal(units_parse_rate("5/ms", &rate), -EINVAL);
    assert_int_equal(units_parse_rate("5x", &rate), -EINVAL);
    assert_int_equal(units_parse_rate("/s", &rate), -EINVAL);
}

TEST(durations_have_a_unit) {
    static const struct {
        const char *text;
        uint64_t ns;
    } read[] = {
        {"0", 0},
        {"100ns", 100},
        {"30us", 30 * NS_PER_US},
        {"200ms", 200 * NS_PER_MS},
        {"1.5s", 1500 * NS_PER_MS},
        {"0.5ms", 500 * NS_PER_US},
        {"2m", 120 * NS_PER_S},
        {"1h", 3600 * NS_PER_S},
        {"10 min", 600 * NS_PER_S},
        {"1.5 hours", 5400 * NS_PER_S},
        {"30secs", 30 * NS_PER_S},
    };
    uint64_t ns;
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        assert_int_equal(units_parse_duration(read[i].text, &ns), 0);
        assert_int_equal(ns, read[i].ns);
    }
    static const char *const refused[] = {"",     "5",     "ms",    "5 ",
                                          "-5ms", "5days", "5msms", "1.2.3s"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_equal(units_parse_duration(refused[i], &ns), -EINVAL);
    assert_int_equal(units_parse_duration("9999999999999h", &ns), -ERANGE);
}

TEST(durations_are_written_short) {
    static const struct {
        uint64_t ns;
        const char *text;
    } written[] = {
        {0, "0 ns"},
        {999, "999 ns"},
        {35 * NS_PER_US, "35 us"},
        {200 * NS_PER_MS, "200 ms"},
        {4540 * NS_PER_MS, "4.54 s"},
        {999960 * NS_PER_US, "1 s"},
        {60 * NS_PER_S, "1 min"},
        {125 * NS_PER_S, "2 min 5 s"},
        {12000 * NS_PER_S, "3 h 20 min"},
        {360000 * NS_PER_S, "100 h"},
    };
    char buffer[32];
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        assert_string_equal(units_format_duration(written[i].ns, buffer),
                            written[i].text);
}
