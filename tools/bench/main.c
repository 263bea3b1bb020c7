// SPDX-License-Identifier: GPL-2.0-only
/* kvc-bench - kvcache beside what the kernel has already */
#include <err.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "row.h"

#define ROUNDS		7
#define ROUNDS_QUICK	5
/* Slices of whole batches */
#define SLICE_OPS	256
#define OPS		(400 * SLICE_OPS)
#define OPS_QUICK	(32 * SLICE_OPS)
#define SEED		20250101
#define CLOCK_STEPS	1000000ul

static const struct {
	const char *name;
	void (*run)(const struct bench *bench);
	const char *what;
} rows[] = {
	{ "null", row_null, "the null ioctl, and a BPF lookup beside it" },
	{ "get1-hot", row_get1_hot, "GET against BPF HASH lookup" },
	{ "get1-floor", row_get1_floor, "GET against a null ioctl" },
	{ "near", row_near, "GET of what is kept near against a null ioctl" },
	{ "get1-1k", row_get1_1k, "GET of 1 KiB against BPF HASH lookup" },
	{ "mget64", row_mget64, "64 GETs a call against BPF lookups" },
	{ "mget-vs-walk", row_mget_walk, "the same against BPF LOOKUP_BATCH" },
	{ "set1", row_set1, "GET/PUT and PUT against BPF LRU_HASH" },
	{ "mset", row_mset, "64 PUTs a call against BPF LRU UPDATE_BATCH" },
	{ "sock", row_sock, "GET and 100 GETs a call against memcached" },
	{ "lmdb", row_lmdb, "GET against LMDB" },
	{ "scale2", row_scale, "two CPUs against one" },
	{ "bypass", row_bypass, "writes used once, the tier on or off" },
	{ "uring", row_uring, "GETs by io_uring, 32 with one system call" },
	{ "route", row_route, "the node of a key among 160,000 points" },
	{ "events", row_events, "PUT with an event log, and a listener" },
	{ "store", row_behind, "YCSB-A and -F with RocksDB behind, and on it alone" },
	{ "put-pause", row_pause, "how long a write takes while runs are flushed" },
	{ "memory", row_memory, "overhead of a pair against BPF HASH" },
	{ "growth", row_growth, "GET at 10k to 1M pairs against BPF HASH" },
	{ "growth-10m", row_growth_10m, "the same with 10M pairs; when named" },
};

#define ROWS		(sizeof(rows) / sizeof(rows[0]))
#define ROWS_DEFAULT	(ROWS - 1)	/* without the one that takes longest */

static const struct option options[] = {
	{ "json", required_argument, NULL, 'j' },
	{ "machine", required_argument, NULL, 'm' },
	{ "quick", no_argument, NULL, 'q' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "icount", no_argument, NULL, 'i' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	size_t i;

	fputs("usage: kvc-bench [OPTION]... [ROW]...\n"
	      "  --json FILE     write the results there too\n"
	      "  --machine TEXT  what this runs on, for the heading\n"
	      "  --quick         small and rough\n"
	      "  --rounds N      5 or more\n"
	      "  --icount        this machine's clock counts instructions\n"
	      "rows, all but the last when none is named:\n", out);
	for (i = 0; i < ROWS; i++)
		fprintf(out, "  %-15s %s\n", rows[i].name, rows[i].what);
}

static unsigned int parse_rounds(const char *text)
{
	char *end;
	unsigned long rounds = strtoul(text, &end, 10);

	if (*end || rounds < 5 || rounds > ROUNDS_MAX)
		errx(1, "--rounds: 5 to %d", ROUNDS_MAX);
	return rounds;
}

/* The last CPU: the first has the most of the kernel's own work. */
static int bind_cpu(void)
{
	int cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "sched_setaffinity");
	return cpu;
}

/* Two instructions a step: so many nanoseconds have to pass. */
static void check_clock(void)
{
	unsigned long steps = CLOCK_STEPS, ns = sample_now();
	double each;

	asm volatile("1: dec %0\n\tjnz 1b" : "+r" (steps) : : "cc");
	ns = sample_now() - ns;
	each = (double)ns / CLOCK_STEPS / 2;
	if (each < .99 || each > 1.01)
		errx(1, "an instruction takes %.3f ns: the clock does not count them",
		     each);
}

static size_t find_row(const char *name)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return i;
	errx(1, "there is no row '%s'; kvc-bench --help lists them", name);
}

static void run_rows(const struct bench *bench, int argc, char **argv)
{
	size_t row;
	int i;

	for (i = 0; i < argc; i++)
		rows[find_row(argv[i])].run(bench);
	for (row = 0; !argc && row < ROWS_DEFAULT; row++)
		rows[row].run(bench);
}

int main(int argc, char **argv)
{
	struct bench bench = { .ops = OPS, .seed = SEED };
	struct heading heading = { .machine = "not stated", .seed = SEED };
	const char *json = NULL;
	int c, i;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = optarg;
			break;
		case 'm':
			heading.machine = optarg;
			break;
		case 'q':
			bench.quick = true;
			bench.ops = OPS_QUICK;
			break;
		case 'r':
			bench.rounds.count = parse_rounds(optarg);
			break;
		case 'i':
			heading.icount = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 1;
		}
	}
	for (i = optind; i < argc; i++)
		find_row(argv[i]);
	if (!bench.rounds.count)
		bench.rounds.count = bench.quick ? ROUNDS_QUICK : ROUNDS;
	bench.rounds.slices = bench.ops / SLICE_OPS;
	heading.rounds = bench.rounds.count;
	heading.slice = SLICE_OPS;
	heading.quick = bench.quick;
	heading.cpu = bind_cpu();
	if (heading.icount)
		check_clock();
	report_begin(&heading);
	run_rows(&bench, argc - optind, argv + optind);
	report_end(json);
	return 0;
}
