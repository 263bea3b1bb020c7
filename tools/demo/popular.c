// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookups of which some packages get many and most get few: a cache in use
 *
 * A miss is filled from the file, as any program does it that puts a cache in
 * front of something slow.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"
#include "sequence.h"
#include "stanza.h"

#define SEED		1
#define PARTS		4
#define VALUE_MOST	65536

/* A run over the stanzas of the file */
struct run {
	struct kvc *kvc;
	struct stanza *stanzas;
	struct sequence seq;
	uint64_t misses;
};

static void fill(struct kvc *kvc, const struct stanza *s)
{
	size_t len;
	char *value = stanza_value(s, &len);

	demo_need(kvc_put(kvc, s->name, s->name_len, value, len, NULL, NULL),
		  "put");
	free(value);
}

/* The value belongs to the key: a stanza begins with its package's name. */
static void check(const struct stanza *s, const char *value, size_t len)
{
	static const char first[] = "Package: ";
	size_t skip = sizeof(first) - 1;

	if (len < skip + s->name_len || memcmp(value, first, skip) ||
	    memcmp(value + skip, s->name, s->name_len))
		errx(1, "the value of %.*s is another's", (int)s->name_len,
		     s->name);
}

static void look_up(struct run *run, const struct stanza *s)
{
	static char value[VALUE_MOST];
	size_t len = sizeof(value);
	int ret;

	ret = kvc_get(run->kvc, s->name, s->name_len, value, &len, NULL);
	if (ret == -ENOENT) {
		run->misses++;
		fill(run->kvc, s);
		return;
	}
	demo_need(ret, "get");
	check(s, value, len);
}

static double percent(uint64_t part, uint64_t whole)
{
	return 100.0 * part / whole;
}

static void run_part(struct run *run, size_t from, size_t to)
{
	struct kvc_stats before, after;
	uint64_t gets, tier, memtable, misses;
	size_t i;

	run->misses = 0;
	demo_stats(run->kvc, &before);
	for (i = from; i < to; i++)
		look_up(run, &run->stanzas[run->seq.steps[i]]);
	demo_stats(run->kvc, &after);
	gets = after.gets - before.gets;
	tier = after.hits_tier - before.hits_tier;
	memtable = after.hits_memtable - before.hits_memtable;
	misses = after.misses - before.misses;
	printf("  %7zu to %7zu %10.1f %% %10.1f %% %10.1f %% %10.1f %%\n",
	       from, to, percent(tier, gets), percent(memtable, gets),
	       percent(tier + memtable, gets), percent(misses, gets));
	if (gets != to - from || misses != run->misses ||
	    tier + memtable + misses != gets)
		errx(1, "the cache counted %ju lookups and %ju misses, the program %zu and %ju",
		     (uintmax_t)gets, (uintmax_t)misses, to - from,
		     (uintmax_t)run->misses);
	if (!tier || !memtable)
		errx(1, "one of the tiers answered nothing");
}

int demo_popular(int argc, char **argv)
{
	size_t gets = strtoul(argv[2], NULL, 10), part;
	struct keys keys = { 0 };
	struct run run;

	(void)argc;
	run.kvc = demo_attach(argv[0]);
	run.stanzas = stanza_read(argv[1], &keys.count);
	sequence_zipf(&run.seq, &keys, gets, SEED);
	printf("  %18s %12s %12s %12s %12s\n", "lookups", "cache tier",
	       "memtable", "both", "missed");
	for (part = 0; part < PARTS; part++)
		run_part(&run, gets * part / PARTS, gets * (part + 1) / PARTS);
	sequence_free(&run.seq);
	free(run.stanzas);
	kvc_close(run.kvc);
	return 0;
}
