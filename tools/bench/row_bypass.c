// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows bypass: writes of keys that are never used again, of which the cache tier
 * keeps nobody's second visit.  It is to cost next to nothing then.
 */
#include <err.h>
#include <string.h>

#include "report.h"
#include "row.h"
#include "store.h"

#define LIMIT		(16ull << 20)
#define WINDOW		4096
#define WARM		(16 * WINDOW)
#define WHAT		"PUT of a new key each time, 16 B, values of 32 B, in a cache of 16 MiB"
#define EVERYTHING	1000	/* of 1000 operations */

/**
 * struct writer - who writes new keys only
 * @kvc: to where
 * @name: of the cache
 * @next: number of the next key
 */
struct writer {
	struct kvc *kvc;
	const char *name;
	uint64_t next;
};

static long write_one(struct writer *w)
{
	char key[KEY_LEN + 1], value[VALUE_LEN] = "value";
	uint64_t rest = w->next++;
	int i;

	memcpy(key, "user", 4);
	for (i = KEY_LEN - 1; i >= 4; i--, rest /= 10)
		key[i] = '0' + rest % 10;
	return kvc_put(w->kvc, key, KEY_LEN, value, VALUE_LEN, NULL, NULL);
}

static long run_writer(const struct contender *c, size_t from, size_t to)
{
	long failed = 0;

	for (; from < to; from++)
		failed |= write_one(c->ctx);
	return failed;
}

/* Until the cache is full and has decided on its tier */
static void warm(struct writer *w)
{
	struct kvc_stats stats;
	unsigned int i;

	do {
		for (i = 0; i < WARM; i++)
			if (write_one(w))
				errx(1, "put failed");
		store_stats(w->kvc, &stats);
	} while (!stats.evicted_limit);
}

static void begin(struct writer *w, struct kvc_config config)
{
	config.limit = LIMIT;
	config.window = WINDOW;
	w->kvc = store_create_as(w->name, config);
	warm(w);
}

static bool is_off(struct writer *w)
{
	struct kvc_stats stats;

	store_stats(w->kvc, &stats);
	return stats.bypass;
}

static void contest(const struct bench *bench, const struct sequence *seq,
		    struct writer *ours, struct writer *off,
		    struct result result)
{
	struct sample our = { .name = result.ours->name };
	struct sample other = { .name = "PUT, the tier off" };

	sample_contest((struct contender[]){
		{ &our, seq, run_writer, ours },
		{ &other, seq, run_writer, off },
	}, 2, &bench->rounds);
	result.ours = &our;
	result.other = &other;
	report_row(&result);
}

void row_bypass(const struct bench *bench)
{
	struct writer automatic = { .name = "auto" }, off = { .name = "off" };
	struct writer on = { .name = "on" };
	struct result result = { .unit = "ns", .what = WHAT };
	struct sequence seq;
	struct keys keys;

	keys_make(&keys, 1);
	sequence_uniform(&seq, &keys, bench->ops, bench->seed);
	begin(&automatic, (struct kvc_config){ 0 });
	begin(&on, (struct kvc_config){ .flags = KVC_CACHE_F_NOBYPASS });
	/* Whatever the tier does, it is not enough. */
	begin(&off, (struct kvc_config){ .bypass_off = EVERYTHING - 1,
					 .bypass_on = EVERYTHING });
	if (!is_off(&off) || is_off(&on))
		errx(1, "a tier is not what it should be");
	result.row = "bypass";
	result.ours = &(struct sample){ .name = "PUT, as it comes" };
	result.goal = GOAL_RATIO_LEAST;
	result.goal_value = .97;
	contest(bench, &seq, &automatic, &off, result);
	report_note("bypass: the tier of the cache as it comes is %s",
		    is_off(&automatic) ? "off" : "on");
	result.row = "bypass-on";
	result.ours = &(struct sample){ .name = "PUT, the tier on" };
	result.goal = GOAL_NONE;
	contest(bench, &seq, &on, &off, result);
	if (!is_off(&off) || is_off(&on))
		errx(1, "a tier did not stay what it was");
	store_destroy(automatic.kvc, automatic.name);
	store_destroy(off.kvc, off.name);
	store_destroy(on.kvc, on.name);
	sequence_free(&seq);
	keys_free(&keys);
}
