// SPDX-License-Identifier: GPL-2.0-only
/* Row set1: updating 10,000 keys, half of the time (YCSB-A) and always */
#include <linux/bpf.h>

#include "report.h"
#include "row.h"
#include "subject.h"

#define KEYS	10000
/* Room enough that the map's LRU, which keeps a list per CPU, evicts nothing. */
#define ENTRIES	(2 * KEYS)

static void run(const struct bench *bench, const struct keys *keys,
		const struct result *row, unsigned int percent)
{
	struct sample cache = { .name = row->ours->name };
	struct sample map = { .name = row->other->name };
	struct result result = *row;
	struct subject subject;
	struct sequence seq;

	sequence_zipf(&seq, keys, bench->ops, bench->seed);
	sequence_update(&seq, percent, bench->seed + 1);
	subject_make(&subject, keys, BPF_MAP_TYPE_LRU_HASH, ENTRIES);
	sample_contest((struct contender[]){
		subject_cache(&subject, &seq, &cache),
		subject_map(&subject, &seq, &map),
	}, 2, &bench->rounds);
	result.ours = &cache;
	result.other = &map;
	report_row(&result);
	subject_end(&subject);
	sequence_free(&seq);
}

void row_set1(const struct bench *bench)
{
	struct result result = {
		.unit = "ns", .goal = GOAL_RATIO_LEAST, .goal_value = 2, .stretch = 3,
	};
	struct keys keys;

	keys_make(&keys, KEYS);
	result.row = "set1-a";
	result.what = "YCSB-A: 50 % reads, 50 % updates, Zipf .99 over 10,000 keys of 16 B, values of 32 B";
	result.ours = &(struct sample){ .name = "GET or PUT" };
	result.other = &(struct sample){ .name = "BPF LRU lookup/update" };
	run(bench, &keys, &result, 50);
	result.row = "set1-update";
	result.what = "updates, Zipf .99 over 10,000 keys of 16 B, values of 32 B";
	result.ours = &(struct sample){ .name = "PUT" };
	result.other = &(struct sample){ .name = "BPF LRU update" };
	run(bench, &keys, &result, 100);
	keys_free(&keys);
}
