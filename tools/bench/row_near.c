// SPDX-License-Identifier: GPL-2.0-only
/* Row near: repeated reads that need no system call, YCSB-C */
#include <err.h>
#include <unistd.h>

#include "nullcall.h"
#include "report.h"
#include "row.h"
#include "store.h"

#define KEYS	10000
#define CACHE	"near"
#define LIMIT	(64ull << 20)
/* Of which the pairs take less than half, so that none is written anew */
#define BYTES	(4ull << 20)

static long run_near(const struct contender *c, size_t from, size_t to)
{
	char value[VALUE_LEN];
	long failed = 0;
	size_t i, len;

	for (i = from; i < to; i++) {
		len = sizeof(value);
		failed |= kvc_get(c->ctx, sequence_key(c->seq, i), KEY_LEN,
				  value, &len, NULL);
	}
	return failed;
}

static void report_hits(struct kvc *kvc)
{
	struct kvc_near_stats stats;

	if (kvc_near_stats(kvc, &stats))
		errx(1, "%s keeps nothing", CACHE);
	report_note("%llu of %llu GETs needed no system call, %llu were to tell the kernel",
		    (unsigned long long)stats.hits,
		    (unsigned long long)(stats.hits + stats.misses +
					 stats.stale + stats.asked),
		    (unsigned long long)stats.asked);
}

void row_near(const struct bench *bench)
{
	static const struct kvc_near_opts opts = { .bytes = BYTES };
	struct sample near = { .name = "GET, kept near" };
	struct sample null = { .name = "null ioctl" };
	int fd = nullcall_open();
	struct sequence seq;
	struct keys keys;
	struct kvc *kvc;

	keys_make(&keys, KEYS);
	sequence_zipf(&seq, &keys, bench->ops, bench->seed);
	kvc = store_create(CACHE, LIMIT);
	store_fill(kvc, &keys);
	if (kvc_near_set(kvc, &opts))
		errx(1, "%s cannot be kept near", CACHE);
	sample_contest((struct contender[]){
		{ &near, &seq, run_near, kvc },
		nullcall(&fd, &seq, &null),
	}, 2, &bench->rounds);
	report_row(&(struct result){
		.row = "near",
		.what = "YCSB-C: reads, Zipf .99 over 10,000 keys of 16 B, values of 32 B",
		.unit = "ns", .ours = &near, .other = &null, .cost = true,
		.goal = GOAL_RATIO_MOST, .goal_value = 0.5, .stretch = 0.15,
	});
	report_hits(kvc);
	store_check(kvc, &keys);
	store_destroy(kvc, CACHE);
	sequence_free(&seq);
	keys_free(&keys);
	close(fd);
}
