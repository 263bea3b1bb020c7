// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows core-get: the core's GET, as the module does those that hit (kmod/hit.h),
 * beside a lookup in liburcu's hash table.  Both
 * hash the key with the same keyed function and copy the value.  A read section
 * is that of a slice: liburcu's costs more than the kernel's, which costs
 * nothing.
 * Rows core-mget: GETs in groups, as a batch looks them up, beside the same.
 */
#include <string.h>
#include <linux/sizes.h>
#include "../meminfo.h"
#include "../report.h"
#include "core/count.h"
#include "core/lookup.h"
#include "lfht.h"
#include "native.h"

#define FEW		10000
/* As for the guest's rows: nothing is evicted. */
#define PAIR_LIMIT	352
/* What a pair takes in the cache, the table and the list of keys together */
#define PAIR_BYTES	400
#define SEED		20250101
/* No more than the cache misses that the other has, but for the spread */
#define GROWTH		1.05
#define STEPS		(400 * 256)

static const struct size {
	u32 keys;
	const char *row;
	const char *group;
	const char *growth;
	double goal;
	double stretch;
} sizes[] = {
	{ FEW, "core-get-10k", "core-mget-10k", NULL, 0, 0 },
	{ 100000, "core-get-100k", "core-mget-100k", "core-growth 100k/10k",
	  0, 0 },
	{ 1000000, "core-get", "core-mget", "core-growth 1M/10k", 1.5, 2 },
	{ 10000000, "core-get-10M", "core-mget-10M", "core-growth 10M/10k",
	  0, 0 },
};

/**
 * struct field - the two and their pairs
 * @keys: of the pairs
 * @seq: in which they are read
 * @cache: ours
 * @table: theirs
 */
struct field {
	struct keys keys;
	struct sequence seq;
	struct kvc_cache *cache;
	struct cds_lfht *table;
};

static const struct kvc_cond always;

/* Not inlined: a profiler looks for them by name. */
static __attribute__((noinline)) long one_put(struct kvc_cache *c,
					      const char *key,
					      const char *value)
{
	struct kvc_entry *e = kvc_entry_alloc(KEY_LEN, VALUE_LEN);
	u64 now = 0, version;

	if (!e)
		return -1;
	memcpy(e->data, key, KEY_LEN);
	memcpy(kvc_entry_value(e), value, VALUE_LEN);
	e->hash = kvc_cache_hash(c, key, KEY_LEN);
	return kvc_cache_put(c, e, &always, &now, &version);
}

static inline long get_hashed(struct kvc_count *count, u32 hash,
			      const char *key, char *value)
{
	struct kvc_entry *e;
	u64 now = 0;

	e = kvc_cache_find(count->cache, hash, key, KEY_LEN, &now);
	if (!e)
		return -1;
	memcpy(value, kvc_entry_value(e), VALUE_LEN);
	kvc_count_hit(count, hash, e);
	return 0;
}

static __attribute__((noinline)) long one_get(struct kvc_cache *c,
					      const char *key, char *value)
{
	u32 hash = kvc_cache_hash(c, key, KEY_LEN);
	struct kvc_count count = kvc_count_begin(c);
	long failed = get_hashed(&count, hash, key, value);

	kvc_count_end(&count);
	return failed;
}

static __attribute__((noinline)) long one_lookup(struct field *f,
						 const char *key, char *value)
{
	return lfht_get(f->table, kvc_cache_hash(f->cache, key, KEY_LEN), key,
			value);
}

static long run_cache(const struct contender *c, size_t from, size_t to)
{
	struct field *f = c->ctx;
	char value[VALUE_LEN];
	long failed = 0;
	size_t i;

	rcu_read_lock();
	for (i = from; i < to; i++)
		failed |= one_get(f->cache, sequence_key(c->seq, i), value);
	rcu_read_unlock();
	return failed;
}

static long get_group(struct kvc_cache *c, const struct sequence *seq,
		      size_t from, u32 n)
{
	struct kvc_count count = kvc_count_begin(c);
	u32 hash[KVC_LOOKUP_GROUP], i;
	char value[VALUE_LEN];
	long failed = 0;

	for (i = 0; i < n; i++)
		hash[i] = kvc_cache_hash(c, sequence_key(seq, from + i),
					 KEY_LEN);
	kvc_cache_prefetch(c, hash, n);
	for (i = 0; i < n; i++)
		failed |= get_hashed(&count, hash[i],
				     sequence_key(seq, from + i), value);
	kvc_count_end(&count);
	return failed;
}

static long run_groups(const struct contender *c, size_t from, size_t to)
{
	struct field *f = c->ctx;
	long failed = 0;
	size_t i;

	rcu_read_lock();
	for (i = from; i < to; i += KVC_LOOKUP_GROUP)
		failed |= get_group(f->cache, c->seq, i,
				    min_t(size_t, to - i, KVC_LOOKUP_GROUP));
	rcu_read_unlock();
	return failed;
}

static long run_table(const struct contender *c, size_t from, size_t to)
{
	char value[VALUE_LEN];
	long failed = 0;
	size_t i;

	rcu_read_lock();
	for (i = from; i < to; i++)
		failed |= one_lookup(c->ctx, sequence_key(c->seq, i), value);
	rcu_read_unlock();
	return failed;
}

static void field_make(struct field *f, u32 count)
{
	char value[VALUE_LEN];
	const char *key;
	u32 i;

	keys_make(&f->keys, count);
	sequence_uniform(&f->seq, &f->keys, STEPS, SEED);
	f->cache = native_cache_new(max((u64)count * PAIR_LIMIT, (u64)SZ_64M),
				    0, 0);
	f->table = lfht_make(count);
	if (!f->table)
		native_fail("rculfhash", "no memory");
	for (i = 0; i < count; i++) {
		key = f->keys.bytes[i];
		value_make(value, &f->keys, i, 0);
		if (one_put(f->cache, key, value))
			native_fail("put", "refused");
		lfht_put(f->table, kvc_cache_hash(f->cache, key, KEY_LEN), key,
			 value);
		if (i % 4096 == 0)
			kvc_cache_maintain(f->cache);
	}
	while (kvc_cache_maintain(f->cache))
		;
}

static void field_check(struct field *f)
{
	char ours[VALUE_LEN], theirs[VALUE_LEN];
	u32 i;

	rcu_read_lock();
	for (i = 0; i < f->keys.count; i++)
		if (one_get(f->cache, f->keys.bytes[i], ours) ||
		    one_lookup(f, f->keys.bytes[i], theirs) ||
		    memcmp(ours, theirs, VALUE_LEN))
			native_fail("core-get", "the two differ");
	rcu_read_unlock();
}

static void field_end(struct field *f)
{
	field_check(f);
	lfht_end(f->table);
	native_cache_end(f->cache);
	sequence_free(&f->seq);
	keys_free(&f->keys);
}

static void report_groups(const char *row, const struct sample *groups,
			  const struct sample *other)
{
	report_row(&(struct result){
		.row = row, .unit = "ns", .ours = groups, .other = other,
		.what = "the same, looked up in groups as a batch does it",
	});
}

static void contest(const struct rounds *rounds, const struct size *size,
		    struct sample *ours, struct sample *other)
{
	struct sample groups = { .name = "GETs in groups, in the core" };
	struct field f;

	*ours = (struct sample){ .name = "GET, in the core" };
	*other = (struct sample){ .name = "rculfhash lookup" };
	field_make(&f, size->keys);
	field_check(&f);
	sample_contest((struct contender[]){
		{ ours, &f.seq, run_cache, &f },
		{ other, &f.seq, run_table, &f },
		{ &groups, &f.seq, run_groups, &f },
	}, 3, rounds);
	report_row(&(struct result){
		.row = size->row, .unit = "ns", .ours = ours, .other = other,
		.what = "reads, each of the keys as likely, 16 B, values of 32 B",
		.goal = size->goal > 0 ? GOAL_RATIO_LEAST : GOAL_NONE,
		.goal_value = size->goal, .stretch = size->stretch,
	});
	report_groups(size->group, &groups, other);
	field_end(&f);
}

/* How many times as long it takes as with the fewest pairs */
static void report_growth(const char *row, struct sample *ours,
			  struct sample *other, const struct sample first[2])
{
	unsigned int i;

	for (i = 0; i < ours->rounds; i++) {
		ours->value[i] /= first[0].value[i];
		other->value[i] /= first[1].value[i];
	}
	report_row(&(struct result){
		.row = row, .unit = "times", .ours = ours, .other = other,
		.what = "the same over 10,000 keys", .cost = true,
		.goal = GOAL_RATIO_MOST, .goal_value = GROWTH,
	});
}

/* Too many for this machine: their row is left out, and that is said. */
static bool has_room(const struct size *size)
{
	if (meminfo("MemAvailable") / PAIR_BYTES >= size->keys)
		return true;
	report_missing(size->row, "not enough memory");
	return false;
}

void native_gets(const struct rounds *rounds, u32 most)
{
	struct sample first[2], ours, other;
	unsigned int i;

	contest(rounds, &sizes[0], &first[0], &first[1]);
	for (i = 1; i < ARRAY_SIZE(sizes) && sizes[i].keys <= most; i++) {
		if (!has_room(&sizes[i]))
			break;
		contest(rounds, &sizes[i], &ours, &other);
		report_growth(sizes[i].growth, &ours, &other, first);
	}
}

static long run_puts(const struct contender *c, size_t from, size_t to)
{
	char value[VALUE_LEN] = "value";
	struct field *f = c->ctx;
	long failed = 0;
	size_t i;

	for (i = from; i < to; i++)
		failed |= one_put(f->cache, sequence_key(c->seq, i), value);
	return failed;
}

bool native_repeat(const char *what, unsigned int count)
{
	static const struct {
		const char *name;
		long (*run)(const struct contender *c, size_t from, size_t to);
	} loops[] = {
		{ "one_get", run_cache },
		{ "one_lookup", run_table },
		{ "one_put", run_puts },
	};
	struct contender c;
	struct field f;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(loops); i++)
		if (!strcmp(loops[i].name, what))
			break;
	if (i == ARRAY_SIZE(loops))
		return false;
	field_make(&f, FEW);
	c = (struct contender){ NULL, &f.seq, loops[i].run, &f };
	if (c.run(&c, 0, count))
		native_fail(what, "failed");
	return true;
}
