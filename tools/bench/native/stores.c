// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows memtable and flush: sorting pairs and handing them over, here and in
 * RocksDB
 */
#include <stdio.h>
#include <linux/kernel.h>
#include "../report.h"
#include "native.h"

enum subject { TREES, ROCKSDB, TIER, SUBJECTS };

static const struct {
	const char *name;
	void (*run)(const struct load *load, struct figures *figures);
} subjects[SUBJECTS] = {
	[TREES] = { "kvcache", native_kvcache_trees },
	[ROCKSDB] = { "RocksDB", native_rocksdb },
	[TIER] = { "kvcache, all in tier", native_kvcache_tier },
};

static const struct row {
	const char *name;
	const char *what;
	size_t offset;
	enum subject ours;
	enum goal_kind goal;
	double goal_value;
	double stretch;
} rows[] = {
	{ "memtable-put", "pairs of 16 + 32 B inserted, a small cache tier",
	  offsetof(struct figures, insert), TREES, GOAL_RATIO_LEAST, 3, 0 },
	{ "memtable-get", "and read, each as likely, with a copy of the value",
	  offsetof(struct figures, get), TREES, GOAL_RATIO_LEAST, 3, 0 },
	{ "flush", "sorted, to a stream; RocksDB: iterate and flush",
	  offsetof(struct figures, flush), TREES, GOAL_OURS_MOST, 300, 200 },
	{ "flush-tier", "the same with all pairs in the cache tier",
	  offsetof(struct figures, flush), TIER, GOAL_OURS_MOST, 300, 200 },
};

static double figure(const struct figures *f, size_t offset)
{
	return *(const double *)((const char *)f + offset);
}

static struct sample sample_of(const struct figures *all, enum subject which,
			       unsigned int rounds, size_t offset)
{
	struct sample sample = { .name = subjects[which].name };
	unsigned int i;

	for (i = 0; i < rounds; i++)
		sample_add(&sample, figure(&all[i * SUBJECTS + which], offset));
	return sample;
}

static void report(const struct figures *all, unsigned int rounds,
		   const struct row *row)
{
	struct sample ours, other;

	ours = sample_of(all, row->ours, rounds, row->offset);
	other = sample_of(all, ROCKSDB, rounds, row->offset);
	report_row(&(struct result){
		.row = row->name, .what = row->what, .unit = "ns",
		.ours = &ours, .other = &other, .goal = row->goal,
		.goal_value = row->goal_value, .stretch = row->stretch,
	});
}

static void note(const struct figures *all, unsigned int rounds,
		 enum subject which)
{
	static const size_t parts[] = {
		offsetof(struct figures, seal),
		offsetof(struct figures, commit),
	};
	struct sample seal = sample_of(all, which, rounds, parts[0]);
	struct sample commit = sample_of(all, which, rounds, parts[1]);

	report_note("%s: of the flush %.0f ns are the seal's; the commit after it takes %.0f ns",
		    subjects[which].name, sample_median(&seal),
		    sample_median(&commit));
}

void native_stores(const struct load *load)
{
	static struct figures all[ROUNDS_MAX * SUBJECTS];
	unsigned int i, which;

	for (i = 0; i < load->rounds; i++)
		for (which = 0; which < SUBJECTS; which++)
			subjects[which].run(load, &all[i * SUBJECTS + which]);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		report(all, load->rounds, &rows[i]);
	note(all, load->rounds, TREES);
	note(all, load->rounds, TIER);
	report_note("memtable: %u pairs; flush: %u", load->memtable, load->flush);
}
