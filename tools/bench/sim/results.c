// SPDX-License-Identifier: GPL-2.0-only
/* The miss ratios, as a table while they come in and as JSON at the end */
#include <err.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <linux/kernel.h>
#include "contender.h"
#include "results.h"

#define CONTENDERS	16

/**
 * struct goal - what the policy that a cache gets by itself is to reach
 * @row: prefix of the rows' names that have it
 * @other: whose miss ratio it is compared with; NULL: the best of all
 * @most: of the ratio of the two
 * @stretch: what would be better still; 0: none is set
 */
static const struct goal {
	const char *row;
	const char *other;
	double most;
	double stretch;
} goals[] = {
	{ "zipf.99-1%", "LRU", .85, 0 },
	{ "drift-", "LRU", 1.05, 1 },
	{ "zipf", NULL, 1.03, 0 },
	{ "onehit", NULL, 1.03, 0 },
	{ "ycsb", NULL, 1.03, 0 },
	{ "etc", NULL, 1.03, 0 },
	{ "twitter", NULL, 1.03, 0 },
};

static struct {
	char name[32];
	const char *what;
	unsigned int percent;
	unsigned int count;
	const char *names[CONTENDERS];
	bool core[CONTENDERS];
	double miss[CONTENDERS];
	int ours;
} row;

static json_t *rows;

void results_begin(void)
{
	rows = json_array();
}

void results_row(const char *name, const char *what, unsigned int percent)
{
	memset(&row, 0, sizeof(row));
	snprintf(row.name, sizeof(row.name), "%s-%u%%", name, percent);
	row.what = what;
	row.percent = percent;
	row.ours = -1;
	printf("%-14s %s; room for %u %%\n", row.name, what, percent);
	fflush(stdout);
}

void results_add(const struct contender *c, double miss)
{
	bool ours = c->core && c->which == core_default();

	if (row.count == CONTENDERS)
		errx(1, "more than %d contenders", CONTENDERS);
	if (ours)
		row.ours = row.count;
	row.names[row.count] = c->name;
	row.core[row.count] = c->core;
	row.miss[row.count++] = miss;
	printf("%14s %-8s %-9s %.4f%s\n", "", c->core ? "kvcache" : "model",
	       c->name, miss, ours ? "  (the default)" : "");
	fflush(stdout);
}

/* NULL: of whichever has the smallest */
static double miss_of(const char *name)
{
	double miss = 1;
	unsigned int i;

	for (i = 0; i < row.count; i++) {
		if (name && !strcmp(row.names[i], name))
			return row.miss[i];
		if (!name && row.miss[i] < miss)
			miss = row.miss[i];
	}
	return name ? 0 : miss;
}

static json_t *judge(const struct goal *goal)
{
	double other = miss_of(goal->other), ratio;
	bool met;

	if (strncmp(row.name, goal->row, strlen(goal->row)) || other <= 0)
		return NULL;
	ratio = row.miss[row.ours] / other;
	met = ratio <= goal->most;
	printf("%14s over %-12s %.3f   <= %g%s\n", "", goal->other ?: "the best",
	       ratio, goal->most, met ? "" : ": short");
	return json_pack("{s:s, s:f, s:f, s:f, s:b}", "over",
			 goal->other ?: "best", "ratio", ratio, "most",
			 goal->most, "stretch", goal->stretch, "met", met);
}

static json_t *row_json(void)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < row.count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:b, s:b, s:f}",
						"policy", row.names[i],
						"kvcache", row.core[i],
						"default", (int)i == row.ours,
						"miss_ratio", row.miss[i]));
	return json_pack("{s:s, s:s, s:i, s:o}", "row", row.name, "workload",
			 row.what, "room_percent", (int)row.percent, "policies",
			 list);
}

void results_row_end(void)
{
	json_t *object = row_json(), *list = json_array(), *goal;
	unsigned int i;

	for (i = 0; row.ours >= 0 && i < ARRAY_SIZE(goals); i++) {
		goal = judge(&goals[i]);
		if (goal)
			json_array_append_new(list, goal);
	}
	json_object_set_new(object, "goals", list);
	json_array_append_new(rows, object);
}

void results_end(const char *path, u32 seed, bool quick)
{
	time_t now = time(NULL);
	char date[64];
	json_t *top;

	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", gmtime(&now));
	top = json_pack("{s:i, s:s, s:s, s:i, s:b, s:O}", "version", 1,
			"program", "sim", "date", date, "seed", seed, "quick",
			quick, "rows", rows);

	if (!top || (path && json_dump_file(top, path, JSON_INDENT(2))))
		errx(1, "cannot write %s", path ?: "the JSON");
	json_decref(top);
	json_decref(rows);
}
