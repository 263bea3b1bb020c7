// SPDX-License-Identifier: GPL-2.0-only
/* How much memory the kernel uses */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "meminfo.h"

#define POLL_NS		20000000
#define POLLS_SAME	10
#define POLLS_MOST	3000

uint64_t meminfo(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[256], found[64];
	uint64_t kib;

	if (!file)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63[^:]: %" SCNu64, found, &kib) == 2 &&
		    !strcmp(found, name)) {
			fclose(file);
			return kib << 10;
		}
	}
	errx(1, "no %s in /proc/meminfo", name);
}

/* The counters of the CPUs, added to those that everybody sees. */
static void refresh(void)
{
	FILE *file = fopen("/proc/sys/vm/stat_refresh", "we");

	if (!file || fputs("1\n", file) < 0 || fclose(file))
		err(1, "/proc/sys/vm/stat_refresh");
}

/* Free pages that the CPUs keep at hand, which MemFree leaves out. */
static uint64_t free_at_hand(void)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	uint64_t pages = 0, count;
	char line[256];

	if (!file)
		err(1, "/proc/zoneinfo");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %" SCNu64, &count) == 1)
			pages += count;
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

uint64_t meminfo_kernel(void)
{
	refresh();
	return meminfo("MemTotal") - meminfo("MemFree") - free_at_hand() -
	       meminfo("Buffers") - meminfo("Cached") - meminfo("AnonPages");
}

/*
 * Maps and caches are freed by workers, after grace periods, and nothing tells
 * when they are done.
 */
void meminfo_wait(uint64_t most)
{
	const struct timespec poll = { .tv_nsec = POLL_NS };
	uint64_t least = UINT64_MAX, now;
	unsigned int polls, same = 0;

	for (polls = 0; polls < POLLS_MOST; polls++) {
		now = meminfo_kernel();
		if (now < least) {
			least = now;
			same = 0;
		} else if (now <= most && ++same == POLLS_SAME) {
			return;
		}
		nanosleep(&poll, NULL);
	}
	errx(1, "%" PRIu64 " KiB did not come back", (least - most) >> 10);
}
