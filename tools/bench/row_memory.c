// SPDX-License-Identifier: GPL-2.0-only
/* Row memory: what a pair costs beside its own bytes */
#include <err.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "bpfmap.h"
#include "meminfo.h"
#include "report.h"
#include "row.h"
#include "store.h"
#include "subject.h"

#define KEYS		1000000
#define KEYS_QUICK	200000
#define ROUNDS		3
#define RESERVES	(1 << 20)
#define POLL_US		20000
#define POLLS_MOST	500
#define CACHE		"benchmem"
#define WHAT		"memory that the kernel uses more (/proc/meminfo), per pair of 16 + 32 B, less these"

/* Bytes of a pair that are not its own */
static double overhead(uint64_t bytes, uint32_t keys)
{
	return (double)bytes / keys - KEY_LEN - VALUE_LEN;
}

/* What may stay behind: the allocators' own reserves */
static void wait_back(uint64_t before, uint64_t after)
{
	uint64_t used = after > before ? after - before : 0;

	meminfo_wait(before + (used / 100 > RESERVES ? used / 100 : RESERVES));
}

/* Replaced bucket arrays wait for a grace period. */
static void wait_deferred(struct kvc *kvc, struct kvc_stats *stats)
{
	unsigned int polls;

	for (polls = 0; polls < POLLS_MOST; polls++) {
		store_stats(kvc, stats);
		if (!stats->bytes_deferred)
			return;
		usleep(POLL_US);
	}
	errx(1, "%" PRIu64 " bytes stay deferred", stats->bytes_deferred);
}

static double cache_round(const struct keys *keys, struct kvc_stats *stats)
{
	uint64_t before = meminfo_kernel(), after;
	struct kvc *kvc = store_create(CACHE, subject_limit(keys));

	store_fill(kvc, keys);
	wait_deferred(kvc, stats);
	after = meminfo_kernel();
	store_check(kvc, keys);
	store_destroy(kvc, CACHE);
	wait_back(before, after);
	return overhead(after - before, keys->count);
}

static double map_round(const struct keys *keys, uint32_t flags,
			uint64_t *memlock)
{
	uint64_t before = meminfo_kernel(), after;
	int map = bpfmap_create(BPF_MAP_TYPE_HASH, KEY_LEN, VALUE_LEN,
				keys->count, flags);

	subject_fill_map(map, keys);
	after = meminfo_kernel();
	*memlock = bpfmap_memlock(map);
	close(map);
	wait_back(before, after);
	return overhead(after - before, keys->count);
}

static void note(const struct keys *keys, const struct kvc_stats *s,
		 uint64_t memlock)
{
	uint64_t pairs = s->bytes_tier + s->bytes_memtable;

	report_note("kvcache's own count: %.1f B of overhead a pair (pairs %.1f B, index %.1f B, deferred %.1f B); %" PRIu64 " pairs in the tier, %" PRIu64 " in the memtable; limit %" PRIu64 " MiB",
		    overhead(pairs + s->bytes_index + s->bytes_deferred,
			     keys->count),
		    (double)pairs / keys->count,
		    (double)s->bytes_index / keys->count,
		    (double)s->bytes_deferred / keys->count,
		    s->entries_tier, s->entries_memtable, s->limit >> 20);
	report_note("fdinfo's memlock of the map: %.1f B of overhead a pair",
		    overhead(memlock, keys->count));
}

void row_memory(const struct bench *bench)
{
	struct sample cache = { .name = "overhead" };
	struct sample ready = { .name = "BPF HASH" };
	struct sample grown = { .name = "BPF HASH NO_PREALLOC" };
	struct result result = {
		.row = "memory", .what = WHAT, .unit = "B", .ours = &cache,
		.other = &ready, .goal = GOAL_OURS_MOST, .goal_value = 48, .stretch = 40,
	};
	struct kvc_stats stats;
	struct keys keys;
	uint64_t memlock;
	int i;

	keys_make(&keys, bench->quick ? KEYS_QUICK : KEYS);
	for (i = 0; i < ROUNDS; i++) {
		sample_add(&cache, cache_round(&keys, &stats));
		sample_add(&ready, map_round(&keys, 0, &memlock));
		sample_add(&grown, map_round(&keys, BPF_F_NO_PREALLOC,
					     &memlock));
	}
	report_row(&result);
	result.row = "memory-alloc";
	result.other = &grown;
	report_row(&result);
	note(&keys, &stats, memlock);
	report_note("memory: %u pairs, %d rounds", keys.count, ROUNDS);
	keys_free(&keys);
}
