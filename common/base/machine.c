/* Facts about the machine, from /proc and /sys; see machine.h. */
#include "common/base/machine.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/base/files.h"

static unsigned affinity_cpus(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    return (unsigned)CPU_COUNT(&set);
}

/* The tightest quota on the way up from our cgroup (v2, else v1); 0: there is none. */
static double cgroup_quota(void) {
    char line[4096];
    double tightest = 0;
    long quota_us = -1, period_us = 0;
    if (files_read_line("/proc/self/cgroup", line, sizeof line) == 0 &&
        strncmp(line, "0::/", 4) == 0) {
        char *folder = line + 3;
        while (true) {
            char path[4200], limit[64];
            (void)snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", folder);
            bool has_quota = files_read_line(path, limit, sizeof limit) == 0 &&
                             sscanf(limit, "%ld %ld", &quota_us, &period_us) == 2 &&
                             quota_us > 0 && period_us > 0;
            double quota = has_quota ? (double)quota_us / (double)period_us : 0;
            if (has_quota && (tightest == 0 || quota < tightest))
                tightest = quota;
            char *slash = strrchr(folder, '/');
            if (slash == NULL || folder[0] == '\0')
                break;
            *slash = '\0';
        }
        return tightest;
    }
    char quota[32], period[32];
    if (files_read_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota, sizeof quota) ==
            0 &&
        files_read_line("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period, sizeof period) ==
            0) {
        (void)sscanf(quota, "%ld", &quota_us);
        (void)sscanf(period, "%ld", &period_us);
    }
    return quota_us > 0 && period_us > 0 ? (double)quota_us / (double)period_us : 0;
}

double machine_cpu_allowance(void) {
    double cpus = affinity_cpus(), quota = cgroup_quota();
    return quota > 0 && quota < cpus ? quota : cpus;
}

unsigned machine_usable_cpus(void) {
    unsigned cpus = (unsigned)ceil(machine_cpu_allowance());
    return cpus > 0 ? cpus : 1;
}

int machine_keep_to_cpus(unsigned skip, unsigned n) {
    cpu_set_t all, kept;
    unsigned n_seen = 0, n_kept = 0;
    CPU_ZERO(&kept);
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return -errno;
    for (int cpu = 0; cpu < CPU_SETSIZE && (n == 0 || n_kept < n); cpu++) {
        if (!CPU_ISSET(cpu, &all) || n_seen++ < skip)
            continue;
        CPU_SET(cpu, &kept);
        n_kept++;
    }
    if (n_kept == 0 || n_kept < n)
        return -EINVAL;
    return sched_setaffinity(0, sizeof kept, &kept) == 0 ? 0 : -errno;
}

/* What stands behind "cpu" in /proc/stat: user nice system idle iowait irq softirq steal;
 * what follows is in user and nice already (proc(5)). */
static struct machine_ticks read_ticks(char *at) {
    enum { IDLE = 3, IOWAIT = 4, STEAL = 7, N_TICKS = 8 };
    struct machine_ticks ticks = {0};
    for (int i = 0; i < N_TICKS; i++) {
        uint64_t n = strtoull(at, &at, 10);
        ticks.all += n;
        ticks.idle += i == IDLE || i == IOWAIT ? n : 0;
        ticks.stolen += i == STEAL ? n : 0;
    }
    return ticks;
}

struct machine_cpus machine_read_cpus(unsigned n_first) {
    struct machine_cpus cpus = {0, 0, 0};
    double tick_s = 1 / (double)sysconf(_SC_CLK_TCK);
    char line[512];
    cpu_set_t set;
    FILE *stream = fopen("/proc/stat", "re");
    if (stream == NULL || sched_getaffinity(0, sizeof set, &set) != 0)
        CPU_ZERO(&set);
    /* "cpu" sums up all of them, "cpuN" are those one by one, other lines follow. */
    while (stream != NULL && fgets(line, sizeof line, stream) != NULL &&
           strncmp(line, "cpu", 3) == 0) {
        char *rest;
        unsigned long cpu = strtoul(line + 3, &rest, 10);
        if (rest == line + 3 || cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &set) ||
            (n_first > 0 && cpus.n_cpus >= n_first))
            continue;
        struct machine_ticks ticks = read_ticks(rest);
        cpus.n_cpus++;
        cpus.idle_s += (double)ticks.idle * tick_s;
        cpus.stolen_s += (double)ticks.stolen * tick_s;
    }
    if (stream != NULL)
        (void)fclose(stream);
    return cpus;
}

unsigned machine_raise_nofile(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 1000000 ? 1000000 : (unsigned)limit.rlim_cur;
}

/* The value behind "name : " in /proc/cpuinfo. */
static void read_cpuinfo(const char *name, char *value, size_t value_bytes) {
    char line[4096];
    (void)snprintf(value, value_bytes, "unknown");
    FILE *stream = fopen("/proc/cpuinfo", "re");
    if (stream == NULL)
        return;
    while (fgets(line, sizeof line, stream) != NULL) {
        char *colon = strchr(line, ':');
        if (colon == NULL || strncmp(line, name, strlen(name)) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(value, value_bytes, "%s", colon + 2);
        break;
    }
    (void)fclose(stream);
}

const char *machine_cpu_model(void) {
    static char model[128];
    if (model[0] == '\0')
        read_cpuinfo("model name", model, sizeof model);
    return model;
}

static const char *hypervisor(void) {
    static char product[128];
    char flags[4096];
    read_cpuinfo("flags", flags, sizeof flags);
    if (strstr(flags, " hypervisor") == NULL)
        return "none seen";
    if (files_read_line("/sys/class/dmi/id/sys_vendor", product, sizeof product) != 0)
        (void)snprintf(product, sizeof product, "yes, unnamed");
    return product;
}

static void set_line(json_t *object, const char *key, const char *path) {
    char line[256];
    if (files_read_line(path, line, sizeof line) != 0)
        (void)snprintf(line, sizeof line, "unknown");
    (void)json_object_set_new(object, key, json_string(line));
}

struct machine_ticks machine_read_ticks(void) {
    char line[512];
    if (files_read_line("/proc/stat", line, sizeof line) != 0)
        return (struct machine_ticks){0};
    return read_ticks(line + strlen("cpu"));
}

double machine_clock_error_s(void) {
    struct timex state = {0}; /* asks, and sets nothing */
    bool is_kept = adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
    return is_kept ? (double)state.maxerror / 1e6 : NAN;
}

double machine_stolen_share(const struct machine_ticks *before,
                            const struct machine_ticks *now) {
    return now->all > before->all
               ? (double)(now->stolen - before->stolen) / (double)(now->all - before->all)
               : NAN;
}

json_t *machine_describe(void) {
    struct utsname system = {0};
    (void)uname(&system);
    struct rlimit nofile = {0};
    (void)getrlimit(RLIMIT_NOFILE, &nofile);
    json_t *machine =
        json_pack("{s:s, s:s, s:i, s:i, s:i, s:f, s:s, s:s, s:s, s:s, s:i, s:I, s:I}",
                  "host", system.nodename, "cpu_model", machine_cpu_model(),
                  "cpus_online", (int)sysconf(_SC_NPROCESSORS_ONLN), "cpus_in_affinity",
                  (int)affinity_cpus(), "cpus_usable", (int)machine_usable_cpus(),
                  "cgroup_quota_cpus", cgroup_quota(), "system", system.sysname, "kernel",
                  system.release, "architecture", system.machine, "hypervisor",
                  hypervisor(), "page_bytes", (int)sysconf(_SC_PAGESIZE), "memory_bytes",
                  (json_int_t)sysconf(_SC_PHYS_PAGES) * (json_int_t)sysconf(_SC_PAGESIZE),
                  "nofile_limit", (json_int_t)nofile.rlim_cur);
    set_line(machine, "smt", "/sys/devices/system/cpu/smt/control");
    set_line(machine, "governor",
             "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    set_line(machine, "clock_source",
             "/sys/devices/system/clocksource/clocksource0/current_clocksource");
    set_line(machine, "somaxconn", "/proc/sys/net/core/somaxconn");
    set_line(machine, "load_average", "/proc/loadavg");
    set_line(machine, "port_range", "/proc/sys/net/ipv4/ip_local_port_range");
    return machine;
}
