// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: native [-w] [-r ROUNDS] [-m MEMTABLE-PAIRS] [-f FLUSH-PAIRS]
 *		[-d DIRECTORY]
 *
 * The core as a write front, in this process over liburcu, against RocksDB's
 * memtable (skiplist, no write-ahead log): rows "memtable" and "flush".  The two
 * take turns; each figure is the median of the rounds with the smallest and the
 * largest one.  It is the time that all threads of the process spent on a CPU,
 * so that what else the machine does counts less; with -w the time that passed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include "native.h"

#define ROUNDS_MAX	99

static const struct subject {
	const char *name;
	void (*run)(const struct load *load, struct result *result);
} subjects[] = {
	{ "kvcache, small tier", native_kvcache_trees },
	{ "RocksDB", native_rocksdb },
	{ "kvcache, all in the tier", native_kvcache_tier },
};

static struct result results[ARRAY_SIZE(subjects)][ROUNDS_MAX];

static clockid_t clock_used = CLOCK_PROCESS_CPUTIME_ID;

u64 native_now(void)
{
	struct timespec ts;

	clock_gettime(clock_used, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void native_fail(const char *what, const char *why)
{
	fprintf(stderr, "native: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

u64 native_mix(u64 z)
{
	z += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* "user" and twelve digits that follow from the number: random order */
void native_key(u8 *key, u64 number)
{
	u64 rest = native_mix(number) % 1000000000000ULL;
	int i;

	key[0] = 'u';
	key[1] = 's';
	key[2] = 'e';
	key[3] = 'r';
	for (i = KEY_LEN - 1; i >= 4; i--, rest /= 10)
		key[i] = '0' + rest % 10;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void print_figure(const char *row, unsigned int which, size_t offset,
			 unsigned int rounds)
{
	double v[ROUNDS_MAX];
	unsigned int i;

	for (i = 0; i < rounds; i++)
		v[i] = *(double *)((char *)&results[which][i] + offset);
	qsort(v, rounds, sizeof(*v), by_size);
	if (v[0] > 0)
		printf("%-28s %-26s %8.0f ns  (%.0f to %.0f)\n", row,
		       subjects[which].name, v[rounds / 2], v[0], v[rounds - 1]);
}

static void print_all(unsigned int rounds)
{
	static const struct {
		const char *row;
		size_t offset;
	} rows[] = {
		{ "memtable: insert", offsetof(struct result, insert) },
		{ "memtable: get", offsetof(struct result, get) },
		{ "flush: to a sorted stream", offsetof(struct result, flush) },
		{ "flush: of it, the seal", offsetof(struct result, seal) },
		{ "flush: of it, iterating", offsetof(struct result, iterate) },
		{ "commit", offsetof(struct result, commit) },
	};
	unsigned int i, which;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (which = 0; which < ARRAY_SIZE(subjects); which++)
			print_figure(rows[i].row, which, rows[i].offset, rounds);
}

int main(int argc, char **argv)
{
	struct load load = {
		.memtable = 100000,
		.flush = 1000000,
		.directory = "/dev/shm",
	};
	unsigned int rounds = 5, i, which;
	int c;

	while ((c = getopt(argc, argv, "wr:m:f:d:")) != -1) {
		switch (c) {
		case 'w':
			clock_used = CLOCK_MONOTONIC;
			break;
		case 'r':
			rounds = strtoul(optarg, NULL, 0);
			break;
		case 'm':
			load.memtable = strtoul(optarg, NULL, 0);
			break;
		case 'f':
			load.flush = strtoul(optarg, NULL, 0);
			break;
		case 'd':
			load.directory = optarg;
			break;
		default:
			return EXIT_FAILURE;
		}
	}
	if (!rounds || rounds > ROUNDS_MAX)
		native_fail("rounds", "1 to 99");
	native_kvcache_init();
	for (i = 0; i < rounds; i++)
		for (which = 0; which < ARRAY_SIZE(subjects); which++)
			subjects[which].run(&load, &results[which][i]);
	printf("%u pairs inserted and read, %u pairs flushed, keys of %u and values of %u bytes, %u rounds, %s time\n",
	       load.memtable, load.flush, KEY_LEN, VALUE_LEN, rounds,
	       clock_used == CLOCK_MONOTONIC ? "wall" : "CPU");
	print_all(rounds);
	return EXIT_SUCCESS;
}
