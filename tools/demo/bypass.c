// SPDX-License-Identifier: GPL-2.0-only
/* The tier switches itself off under one-hit writes, and on again */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "demo.h"

#define STEP		256		/* operations between two looks */
#define MOST_WRITES	100000
#define MOST_READS	1000000
#define SAMPLE		4096		/* operations to see where pairs go */
#define HOT		128		/* pairs that are read over and over */

struct walk {
	struct kvc *kvc;
	uint64_t writes;
	uint64_t reads;
};

static void write_once(struct walk *w)
{
	char key[32];
	int len = snprintf(key, sizeof(key), "once%ju", (uintmax_t)w->writes++);

	demo_need(kvc_put(w->kvc, key, len, "seen once", 9, NULL, NULL), "put");
}

/* Reads the hot pairs in turn; one that is not there is put. */
static void read_hot(struct walk *w)
{
	char key[32], value[16];
	size_t value_len = sizeof(value);
	int len, ret;

	len = snprintf(key, sizeof(key), "hot%ju", (uintmax_t)w->reads++ % HOT);
	ret = kvc_get(w->kvc, key, len, value, &value_len, NULL);
	if (ret == -ENOENT)
		ret = kvc_put(w->kvc, key, len, "read often", 10, NULL, NULL);
	demo_need(ret, "get or put");
}

static void repeat(struct walk *w, void (*one)(struct walk *w), unsigned int n)
{
	while (n--)
		one(w);
}

/* Repeats @one until the tier is as wanted; how often that took. */
static uint64_t until(struct walk *w, void (*one)(struct walk *w), bool off,
		      uint64_t most)
{
	struct kvc_stats s;
	uint64_t n;

	for (n = 0; n < most; n += STEP) {
		demo_stats(w->kvc, &s);
		if (!!s.bypass == off)
			return n;
		repeat(w, one, STEP);
	}
	errx(1, "the tier is still %s after %ju operations", off ? "on" : "off",
	     (uintmax_t)n);
}

/* How many of @SAMPLE one-hit pairs went through the tier. */
static uint64_t through_tier(struct walk *w)
{
	struct kvc_stats before, after;

	demo_stats(w->kvc, &before);
	repeat(w, write_once, SAMPLE);
	demo_stats(w->kvc, &after);
	return after.migrated - before.migrated + after.entries_tier -
	       before.entries_tier;
}

/* How many of @SAMPLE hot reads the tier answers. */
static uint64_t tier_hits(struct walk *w)
{
	struct kvc_stats before, after;

	demo_stats(w->kvc, &before);
	repeat(w, read_hot, SAMPLE);
	demo_stats(w->kvc, &after);
	return after.hits_tier - before.hits_tier;
}

static void show(struct walk *w, const char *what)
{
	struct kvc_stats s;

	demo_stats(w->kvc, &s);
	printf("  %-52s tier is %-4s switches %ju\n", what,
	       s.bypass ? "off," : "on,", (uintmax_t)s.bypass_switches);
}

static void check_switches(struct walk *w, uint64_t wanted)
{
	struct kvc_stats s;

	demo_stats(w->kvc, &s);
	if (s.bypass_switches != wanted)
		errx(1, "%ju switches, not %ju", (uintmax_t)s.bypass_switches,
		     (uintmax_t)wanted);
}

static void switch_off(struct walk *w)
{
	char text[80];
	uint64_t n;

	show(w, "at first");
	n = until(w, write_once, true, MOST_WRITES);
	snprintf(text, sizeof(text), "after %ju pairs written once each",
		 (uintmax_t)n);
	show(w, text);
	check_switches(w, 1);
	n = through_tier(w);
	printf("  of %d more, %ju still went through the tier, as probes\n",
	       SAMPLE, (uintmax_t)n);
	if (n > SAMPLE / 4)
		errx(1, "a tier that is off takes pairs");
}

static void switch_on(struct walk *w)
{
	char text[80];
	uint64_t n;

	n = until(w, read_hot, false, MOST_READS);
	snprintf(text, sizeof(text), "after %ju reads of %d hot pairs",
		 (uintmax_t)n, HOT);
	show(w, text);
	check_switches(w, 2);
	n = tier_hits(w);
	printf("  of %d more such reads, the tier answered %ju\n", SAMPLE,
	       (uintmax_t)n);
	if (n < SAMPLE / 2)
		errx(1, "a tier that is on again answers little");
}

int demo_bypass(int argc, char **argv)
{
	struct walk walk = { 0 };

	(void)argc;
	walk.kvc = demo_attach(argv[0]);
	switch_off(&walk);
	switch_on(&walk);
	kvc_close(walk.kvc);
	return 0;
}
