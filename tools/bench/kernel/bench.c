// SPDX-License-Identifier: GPL-2.0-only
/*
 * GET inside of the kernel: the module's core beside the kernel's own tables
 *
 * Runs while the module is loaded.  Each key is as likely as any other; the
 * tables take turns, as in ../sample.c.  What a turn took is printed to the
 * kernel's log, in picoseconds a GET, a line for each table: its name, then the
 * rounds.
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include "bench.h"

#define SLICE_OPS	256
#define SLICES		400
#define STEPS		(SLICES * SLICE_OPS)
#define ROUNDS_MAX	32
#define SEED		20250101

static bool quick;
module_param(quick, bool, 0444);
MODULE_PARM_DESC(quick, "fewer pairs");

static unsigned int rounds = 7;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "5 to 32");

static const struct table *const tables[] = {
	&bench_kvcache, &bench_rhashtable, &bench_bpfmap,
};

#define TABLES	ARRAY_SIZE(tables)

/**
 * struct contest - what is compared
 * @pairs: in each table
 * @keys: of the pairs
 * @steps: whose turn it is, by number
 * @table: of each kind; NULL: this kernel has it not
 * @slice: ns of each slice of a round
 * @round: ps of a GET, the median of a round
 */
struct contest {
	u32 pairs;
	u8 (*keys)[KEY_LEN];
	u32 *steps;
	void *table[TABLES];
	u64 slice[TABLES][SLICES];
	u64 round[TABLES][ROUNDS_MAX];
};

static u64 mix(u64 z)
{
	z += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void make_value(u8 *value, u32 number)
{
	memset(value, 'v', VALUE_LEN);
	memcpy(value, &number, sizeof(number));
}

static int fill_table(struct contest *c, unsigned int i)
{
	u8 value[VALUE_LEN];
	u32 number;
	int err;

	for (number = 0; number < c->pairs; number++) {
		make_value(value, number);
		err = tables[i]->put(c->table[i], c->keys[number], value);
		if (err)
			return err;
		cond_resched();
	}
	tables[i]->ready(c->table[i]);
	return 0;
}

/* All have the same pairs. */
static int check_table(struct contest *c, unsigned int i)
{
	u8 value[VALUE_LEN], made[VALUE_LEN];
	u32 number;

	for (number = 0; number < c->pairs; number++) {
		make_value(made, number);
		if (tables[i]->get(c->table[i], c->keys[number], value) ||
		    memcmp(value, made, VALUE_LEN)) {
			pr_err("bench: %s lost key %u\n", tables[i]->name,
			       number);
			return -EIO;
		}
	}
	return 0;
}

static int make_tables(struct contest *c)
{
	unsigned int i;
	int err;

	for (i = 0; i < TABLES; i++) {
		c->table[i] = tables[i]->make(c->pairs);
		if (IS_ERR(c->table[i])) {
			err = PTR_ERR(c->table[i]);
			c->table[i] = NULL;
			if (err != -EOPNOTSUPP)
				return err;
			continue;
		}
		err = fill_table(c, i) ?: check_table(c, i);
		if (err)
			return err;
	}
	return 0;
}

static void free_tables(struct contest *c)
{
	unsigned int i;

	for (i = 0; i < TABLES; i++)
		if (c->table[i])
			tables[i]->free(c->table[i]);
}

static int run_slice(struct contest *c, unsigned int i, unsigned int slice)
{
	const u32 *step = c->steps + slice * SLICE_OPS;
	u64 begin = ktime_get_ns();
	u8 value[VALUE_LEN];
	long failed = 0;
	unsigned int n;

	for (n = 0; n < SLICE_OPS; n++)
		failed |= tables[i]->get(c->table[i], c->keys[step[n]], value);
	c->slice[i][slice] = ktime_get_ns() - begin;
	return failed ? -EIO : 0;
}

static int run_round(struct contest *c)
{
	unsigned int slice, i;
	int err;

	for (slice = 0; slice < SLICES; slice++) {
		for (i = 0; i < TABLES; i++) {
			err = c->table[i] ? run_slice(c, i, slice) : 0;
			if (err)
				return err;
		}
		cond_resched();
	}
	return 0;
}

static int by_size(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static int run_rounds(struct contest *c)
{
	unsigned int round, i;
	int err;

	/* The first does not count. */
	err = run_round(c);
	for (round = 0; round < rounds && !err; round++) {
		err = run_round(c);
		for (i = 0; i < TABLES; i++) {
			sort(c->slice[i], SLICES, sizeof(u64), by_size, NULL);
			c->round[i][round] = c->slice[i][SLICES / 2] * 1000 /
					     SLICE_OPS;
		}
	}
	return err;
}

static void print_table(const struct contest *c, unsigned int i)
{
	char line[ROUNDS_MAX * 22];
	unsigned int round, len = 0;

	for (round = 0; round < rounds; round++)
		len += scnprintf(line + len, sizeof(line) - len, " %llu",
				 c->round[i][round]);
	pr_info("bench: row in-kernel-%u %s%s\n", c->pairs, tables[i]->name,
		line);
}

static void print(const struct contest *c)
{
	unsigned int i;

	for (i = 0; i < TABLES; i++) {
		if (c->table[i])
			print_table(c, i);
		else
			pr_info("bench: missing in-kernel-%u %s this kernel has none\n",
				c->pairs, tables[i]->name);
	}
}

static int make_steps(struct contest *c)
{
	char text[KEY_LEN + 1];
	u32 i;

	c->keys = kvmalloc_array(c->pairs, KEY_LEN, GFP_KERNEL);
	c->steps = kvmalloc_array(STEPS, sizeof(*c->steps), GFP_KERNEL);
	if (!c->keys || !c->steps)
		return -ENOMEM;
	for (i = 0; i < c->pairs; i++) {
		snprintf(text, sizeof(text), "user%012u", i);
		memcpy(c->keys[i], text, KEY_LEN);
	}
	for (i = 0; i < STEPS; i++)
		c->steps[i] = mix(SEED + i) % c->pairs;
	return 0;
}

static int run_contest(u32 pairs)
{
	struct contest *c = kvzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return -ENOMEM;
	c->pairs = pairs;
	err = make_steps(c) ?: make_tables(c) ?: run_rounds(c);
	if (!err)
		print(c);
	free_tables(c);
	kvfree(c->steps);
	kvfree(c->keys);
	kvfree(c);
	return err;
}

static int __init bench_init(void)
{
	int err;

	if (rounds < 5 || rounds > ROUNDS_MAX)
		return -EINVAL;
	err = bench_kvcache_init();
	if (err)
		return err;
	err = run_contest(10000) ?: run_contest(quick ? 100000 : 1000000);
	if (err)
		bench_kvcache_exit();
	return err;
}

static void __exit bench_exit(void)
{
	bench_kvcache_exit();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("kvcache: GET inside of the kernel, measured");
MODULE_LICENSE("GPL");
