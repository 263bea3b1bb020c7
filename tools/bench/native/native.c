// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's core, in this process and over liburcu, beside what programs
 * have without it: RocksDB's memtable, liburcu's hash table.
 *
 * The subjects take turns.  What the rows with RocksDB take is the time that
 * all threads of the process spent on a CPU, so that what else the machine does
 * counts less; with -w the time that passed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/kernel.h>
#include "../report.h"
#include "native.h"

#define SLICES		400
#define SLICE_OPS	256
#define SEED		20250101

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

/**
 * struct wish - what is asked for
 * @load: of the rows with RocksDB
 * @heading: of the table
 * @json: file to write, or NULL
 * @repeat: only this, for a profiler
 */
struct wish {
	struct load load;
	struct heading heading;
	const char *json;
	const char *repeat;
};

static void usage(void)
{
	fputs("usage: native [OPTION]... [memtable | core-get | core-get-10m]...\n"
	      "  -r ROUNDS     5 or more (7)\n"
	      "  -q            small and rough\n"
	      "  -w            time that passed, not the CPU's\n"
	      "  -d DIRECTORY  for RocksDB's files (/dev/shm)\n"
	      "  -m TEXT       what this runs on, for the heading\n"
	      "  -j FILE       write the results there too, as JSON\n"
	      "  -c FUNCTION   10,000 times one_get, one_put or one_lookup, for callgrind\n",
	      stderr);
	exit(EXIT_FAILURE);
}

static void parse(struct wish *w, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "r:qwd:m:j:c:")) != -1) {
		switch (c) {
		case 'r':
			w->load.rounds = strtoul(optarg, NULL, 0);
			break;
		case 'q':
			w->heading.quick = true;
			break;
		case 'w':
			clock_used = CLOCK_MONOTONIC;
			break;
		case 'd':
			w->load.directory = optarg;
			break;
		case 'm':
			w->heading.machine = optarg;
			break;
		case 'j':
			w->json = optarg;
			break;
		case 'c':
			w->repeat = optarg;
			break;
		default:
			usage();
		}
	}
	if (w->load.rounds < 5 || w->load.rounds > ROUNDS_MAX)
		usage();
}

static bool wants(char **rows, const char *row)
{
	if (!*rows)
		return true;
	for (; *rows; rows++)
		if (!strcmp(*rows, row))
			return true;
	return false;
}

static void run(struct wish *w, char **rows)
{
	struct rounds rounds = {
		.count = w->load.rounds,
		.slices = SLICES,
	};
	bool largest = wants(rows, "core-get-10m");

	w->load.memtable = w->heading.quick ? 10000 : 100000;
	w->load.flush = w->heading.quick ? 50000 : 1000000;
	w->heading.rounds = w->load.rounds;
	report_begin(&w->heading);
	if (largest || wants(rows, "core-get"))
		native_gets(&rounds, w->heading.quick ? 100000 :
				     largest ? 10000000 : 1000000);
	if (wants(rows, "memtable")) {
		native_stores(&w->load);
		report_note("memtable and flush: time of the %s",
			    clock_used == CLOCK_MONOTONIC ? "wall" : "CPU");
	}
	report_end(w->json);
}

int main(int argc, char **argv)
{
	struct wish w = {
		.load = { .rounds = 7, .directory = "/dev/shm" },
		.heading = {
			.machine = "not stated", .slice = SLICE_OPS,
			.seed = SEED, .cpu = -1,
		},
	};

	parse(&w, argc, argv);
	native_kvcache_init();
	if (!w.repeat)
		run(&w, argv + optind);
	else if (!native_repeat(w.repeat, 10000))
		usage();
	return EXIT_SUCCESS;
}
