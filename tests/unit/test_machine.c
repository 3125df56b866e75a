/* Facts about the machine, against what the system says by other ways. */
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/machine.h"
#include "tests/child.h"
#include "tests/test.h"

TEST(usable_cpus_are_no_more_than_there_are) {
    unsigned usable = machine_usable_cpus();
    assert_in_range(usable, 1, (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
}

static void pin_to_one_cpu(const void *context) {
    (void)context;
    cpu_set_t all, one;
    check(sched_getaffinity(0, sizeof all, &all) == 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all)) {
            CPU_SET(cpu, &one);
            break;
        }
    check(sched_setaffinity(0, sizeof one, &one) == 0);
    check(machine_usable_cpus() == 1);
}

TEST_IN_CHILD(affinity_counts_not_the_number_of_cpus, pin_to_one_cpu)

static void raise_limit(const void *context) {
    (void)context;
    struct rlimit limit;
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 64;
    limit.rlim_max = limit.rlim_max < 512 ? limit.rlim_max : 512;
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    check(machine_raise_nofile() == limit.rlim_max);
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    check(limit.rlim_cur == limit.rlim_max);
}

TEST_IN_CHILD(the_soft_limit_of_files_is_raised_to_the_hard_one, raise_limit)

TEST(the_description_is_whole) {
    static const char *const texts[] = {
        "host", "cpu_model", "system",       "kernel",    "architecture", "hypervisor",
        "smt",  "governor",  "clock_source", "somaxconn", "port_range"};
    static const char *const counts[] = {"cpus_online",  "cpus_in_affinity",
                                         "cpus_usable",  "page_bytes",
                                         "memory_bytes", "nofile_limit"};
    json_t *machine = machine_describe();
    assert_non_null(machine);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = json_string_value(json_object_get(machine, texts[i]));
        assert_non_null(text);
        assert_true(text[0] != '\0' && strchr(text, '\n') == NULL);
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        assert_true(json_integer_value(json_object_get(machine, counts[i])) > 0);
    assert_true(json_is_real(json_object_get(machine, "cgroup_quota_cpus")));
    assert_string_equal(json_string_value(json_object_get(machine, "cpu_model")),
                        machine_cpu_model());
    json_decref(machine);
}
