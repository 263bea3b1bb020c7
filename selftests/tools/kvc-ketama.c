// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvc-ketama HASH NAME:WEIGHT... - the server of each key on stdin, by kvcctl's
 * own computation of the placement, to be compared with twemproxy's
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ketama.h"

struct point {
	uint32_t at;
	int server;
};

static int compare(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* "name:weight" in two. */
static uint32_t split(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return 100;
	*colon = '\0';
	return strtoul(colon + 1, NULL, 10);
}

static size_t make(struct point *points, char **names, const uint32_t *weights,
		   int servers)
{
	uint32_t *at = malloc(KETAMA_POINTS_MOST(servers) * sizeof(*at)), n, i;
	uint64_t total = 0;
	size_t count = 0;
	int s;

	for (s = 0; s < servers; s++)
		total += weights[s];
	for (s = 0; s < servers; s++) {
		n = ketama_points(names[s], weights[s], total, servers, at);
		for (i = 0; i < n; i++)
			points[count++] = (struct point){ at[i], s };
	}
	free(at);
	qsort(points, count, sizeof(*points), compare);
	return count;
}

/* The first point from the hash on, as the kernel's ring has it (P1). */
static int owner(const struct point *points, size_t count, uint32_t hash)
{
	size_t i = 0;

	while (i < count && points[i].at < hash)
		i++;
	return points[i < count ? i : 0].server;
}

int main(int argc, char **argv)
{
	int servers = argc - 2, s;
	ketama_hash_fn hash;
	struct point *points;
	uint32_t *weights;
	char key[300];
	size_t count;

	hash = argc > 2 ? ketama_hash(argv[1]) : NULL;
	if (!hash)
		return 1;
	argv += 2;
	weights = calloc(servers, sizeof(*weights));
	points = calloc(KETAMA_POINTS_MOST(servers), sizeof(*points));
	for (s = 0; s < servers; s++)
		weights[s] = split(argv[s]);
	count = make(points, argv, weights, servers);
	while (fgets(key, sizeof(key), stdin)) {
		key[strcspn(key, "\n")] = '\0';
		printf("%s %s\n", key, argv[owner(points, count,
						  hash(key, strlen(key)))]);
	}
	free(points);
	free(weights);
	return 0;
}
