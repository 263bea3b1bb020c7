// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

uint64_t history_stamp(void)
{
	static uint64_t last;

	return __atomic_add_fetch(&last, 1, __ATOMIC_SEQ_CST);
}

void history_add(struct history *h, uint32_t key, bool write, uint64_t value,
		 uint64_t inv)
{
	uint64_t res = history_stamp();

	if (h->count == h->room) {
		fprintf(stderr, "a history has no room for %zu\n", h->room + 1);
		exit(1);
	}
	h->ops[h->count++] = (struct zones_op){ key, write, value, inv, res };
}

static void show(const struct zones_op *op)
{
	if (op)
		fprintf(stderr, "# key %u, %s %llx, from %llu to %llu\n",
			op->key, op->write ? "written" : "read",
			(unsigned long long)op->value,
			(unsigned long long)op->inv,
			(unsigned long long)op->res);
}

bool history_ok(const struct history *h, size_t count)
{
	struct zones_bad bad = { "no memory", NULL, NULL };
	struct zones_op *all;
	size_t total = 0, i;

	for (i = 0; i < count; i++)
		total += h[i].count;
	all = malloc(total * sizeof(*all));
	for (i = 0, total = 0; all && i < count; i++) {
		memcpy(all + total, h[i].ops, h[i].count * sizeof(*all));
		total += h[i].count;
	}
	if (all)
		bad = zones_check(all, total);
	if (bad.why)
		fprintf(stderr, "# not linearizable: %s\n", bad.why);
	show(bad.a);
	show(bad.b);
	free(all);
	return !bad.why;
}
