// SPDX-License-Identifier: GPL-2.0-only
/*
 * Miss ratios of kvcache's policies, in the module's own core, and of models
 *
 * Every contender is given the same requests.  A GET that misses stores the
 * pair.  What counts is the share of GETs that miss, after the warm-up.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include "contender.h"
#include "results.h"
#include "stream.h"

#define KEYS		1000000
#define REQUESTS	4000000
#define WARM		1000000
#define SEED		20250101
/* A cache of 1 % of fewer would be smaller than kvcache allows. */
#define KEYS_LEAST	200000

#define PLAIN	.key_len = 16, .value_len = 32
#define YCSB	.exponent = .99, .key_len = 16, .value_len = 1000

static const struct workload workloads[] = {
	{ "zipf.99", "Zipf .99", .99, PLAIN },
	{ "onehit", "Zipf .99, a quarter of the requests to keys used once", .99,
	  .fresh = 250, PLAIN },
	{ "zipf1.2", "Zipf 1.2", 1.2, PLAIN },
	{ "drift", "Zipf .99, ranks shift by 1 % of the keys every 100,000 requests",
	  .99, .drift = 10, PLAIN },
	{ "ycsb-a", "YCSB A: 50 % reads, 50 % updates", .sets = 500, YCSB },
	{ "ycsb-b", "YCSB B: 95 % reads, 5 % updates", .sets = 50, YCSB },
	{ "ycsb-c", "YCSB C: reads", YCSB },
	{ "ycsb-d", "YCSB D: 95 % reads of the latest, 5 % inserts", .sets = 50,
	  .kind = KIND_LATEST, YCSB },
	{ "ycsb-e", "YCSB E: 95 % scans of up to 100, 5 % inserts", .sets = 50,
	  .kind = KIND_SCAN, YCSB },
	{ "ycsb-f", "YCSB F: 50 % reads, 50 % read-modify-write", .sets = 500,
	  .kind = KIND_MODIFY, YCSB },
	{ "etc", "Facebook ETC, Zipf .99, 30 GET to a SET", .99, .sets = 32 },
	{ "twitter2", "Twitter cluster 2: Zipf 1.49, GET", 1.49, .key_len = 21,
	  .value_len = 68 },
	{ "twitter4", "Twitter cluster 4: Zipf 1.1, 93 % GET, 7 % SET, 29 % of the requests to keys used once",
	  1.1, .sets = 70, .fresh = 290, .key_len = 67, .value_len = 2439 },
	{ "twitter14", "Twitter cluster 14: Zipf 1.3, 65 % GET, 22 % DEL, 13 % SET",
	  1.3, .sets = 130, .dels = 220, .key_len = 96, .value_len = 414 },
	{ "twitter12", "Twitter cluster 12: Zipf .3, 80 % SET, 20 % GET, 81 % of the requests to keys used once",
	  .3, .sets = 800, .fresh = 810, .key_len = 44, .value_len = 1030 },
};

static const unsigned int percents[] = { 1, 10 };

/**
 * struct options - what is asked for
 * @keys: of a workload, at the beginning
 * @requests: of them
 * @warm: so many of them do not count
 * @seed: of the first random number
 * @only: comma-separated names of contenders, or NULL: all
 * @json: file to write, or NULL
 */
struct options {
	u32 keys;
	size_t requests;
	size_t warm;
	u32 seed;
	const char *only;
	const char *json;
};

static void usage(FILE *out)
{
	unsigned int i;

	fputs("usage: sim [OPTION]... [WORKLOAD]...\n"
	      "  -n REQUESTS   of each workload (4000000)\n"
	      "  -w REQUESTS   so many of them do not count (1000000)\n"
	      "  -k KEYS       (1000000)\n"
	      "  -s SEED       (20250101)\n"
	      "  -p NAME,...   these contenders only\n"
	      "  -j FILE       write the results there too, as JSON\n"
	      "workloads, each with a cache of 1 % and of 10 % of the keys:\n", out);
	for (i = 0; i < ARRAY_SIZE(workloads); i++)
		fprintf(out, "  %-13s %s\n", workloads[i].name,
			workloads[i].what);
}

static bool is_in(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at;

	for (at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

static double miss_ratio(const struct contender *c, const struct stream *st,
			 u64 bytes, size_t warm)
{
	void *ctx = c->begin(st, bytes, c->which);
	u64 gets = 0, misses = 0;
	bool hit;
	size_t i;

	for (i = 0; i < st->count; i++) {
		hit = c->request(ctx, st->requests[i]);
		if (i < warm || (st->requests[i] & REQUEST_OP) != REQUEST_GET)
			continue;
		gets++;
		misses += !hit;
	}
	c->end(ctx);
	return gets ? (double)misses / gets : 0;
}

static void run_size(const struct workload *w, const struct stream *st,
		     unsigned int percent, const struct options *o)
{
	u64 bytes = stream_bytes(st) * percent / 100;
	struct contender core;
	unsigned int i;

	results_row(w->name, w->what, percent);
	for (i = 0; i < models_count; i++)
		if (!o->only || is_in(o->only, models[i].name))
			results_add(&models[i],
				    miss_ratio(&models[i], st, bytes, o->warm));
	for (i = 1; core_contender(&core, i); i++)
		if (!o->only || is_in(o->only, core.name))
			results_add(&core, miss_ratio(&core, st, bytes, o->warm));
	results_row_end();
}

static void run(const struct workload *w, const struct options *o)
{
	struct stream st;
	unsigned int i;

	stream_make(&st, w, o->keys, o->requests, o->seed);
	for (i = 0; i < ARRAY_SIZE(percents); i++)
		run_size(w, &st, percents[i], o);
	stream_free(&st);
}

static unsigned long number(const char *text, unsigned long least)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || n < least || n > 100000000)
		errx(1, "'%s': a number from %lu to 100000000", text, least);
	return n;
}

static int parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:w:k:s:p:j:h")) != -1) {
		switch (c) {
		case 'n':
			o->requests = number(optarg, 1);
			break;
		case 'w':
			o->warm = number(optarg, 0);
			break;
		case 'k':
			o->keys = number(optarg, KEYS_LEAST);
			break;
		case 's':
			o->seed = number(optarg, 0);
			break;
		case 'p':
			o->only = optarg;
			break;
		case 'j':
			o->json = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(1);
		}
	}
	if (o->warm >= o->requests)
		errx(1, "no requests are left after the warm-up");
	return optind;
}

static const struct workload *find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(workloads); i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	errx(1, "there is no workload '%s'; sim -h lists them", name);
}

int main(int argc, char **argv)
{
	struct options o = {
		.keys = KEYS, .requests = REQUESTS, .warm = WARM, .seed = SEED,
	};
	int first = parse(&o, argc, argv), i;

	for (i = first; i < argc; i++)
		find(argv[i]);
	core_init();
	printf("%u keys, %zu requests of which %zu do not count, seed %u\n\n",
	       o.keys, o.requests, o.warm, o.seed);
	results_begin();
	for (i = first; i < argc; i++)
		run(find(argv[i]), &o);
	for (i = 0; first == argc && i < (int)ARRAY_SIZE(workloads); i++)
		run(&workloads[i], &o);
	results_end(o.json, o.seed, o.keys < KEYS || o.requests < REQUESTS);
	return 0;
}
