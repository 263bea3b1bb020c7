// SPDX-License-Identifier: GPL-2.0-only
/* One GET beside a null ioctl and a bpf() lookup of the same key and value */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "demo.h"
#include "nullcall.h"

#define OPS	20000

static const struct rounds rounds = { .count = 7, .slices = 100 };

/* The pair, in the cache and in a BPF map */
struct twin {
	struct kvc *kvc;
	int map;
	const char *key;
	size_t key_len;
	void *value;
	size_t value_len;
	void *copy;
};

static void twin_make(struct twin *t, const char *cache, const char *key)
{
	t->kvc = demo_attach(cache);
	t->key = key;
	t->key_len = strlen(key);
	demo_need(kvc_get_alloc(t->kvc, key, t->key_len, &t->value,
				&t->value_len, NULL), key);
	t->map = bpfmap_create(BPF_MAP_TYPE_HASH, t->key_len, t->value_len, 64,
			       0);
	if (bpfmap_update(t->map, key, t->value))
		err(1, "bpf(BPF_MAP_UPDATE_ELEM)");
	t->copy = calloc(1, t->value_len);
	if (!t->copy)
		err(1, "copy");
	if (bpfmap_lookup(t->map, key, t->copy) ||
	    memcmp(t->value, t->copy, t->value_len))
		errx(1, "the BPF map has another value");
}

static void twin_end(struct twin *t)
{
	close(t->map);
	kvc_close(t->kvc);
	free(t->copy);
	free(t->value);
}

static long run_cache(const struct contender *c, size_t from, size_t to)
{
	const struct twin *t = c->ctx;
	long failed = 0;
	size_t len;

	while (from++ < to) {
		len = t->value_len;
		failed |= kvc_get(t->kvc, t->key, t->key_len, t->copy, &len,
				  NULL);
	}
	return failed;
}

static long run_map(const struct contender *c, size_t from, size_t to)
{
	const struct twin *t = c->ctx;
	long failed = 0;

	while (from++ < to)
		failed |= bpfmap_lookup(t->map, t->key, t->copy);
	return failed;
}

static void show(const struct sample *sample, const struct sample *null)
{
	struct ratio ratio = sample_ratio(sample, null);

	printf("  %-26s %8.0f ns %8.2f null ioctls [%.2f .. %.2f]\n",
	       sample->name, sample_median(sample), ratio.median, ratio.min,
	       ratio.max);
}

int demo_time(int argc, char **argv)
{
	const struct sequence seq = { .count = OPS };
	struct sample cache = { .name = "GET by ioctl" };
	struct sample map = { .name = "bpf() lookup in a HASH map" };
	struct sample null = { .name = "null ioctl" };
	struct twin twin;
	int fd = nullcall_open();

	(void)argc;
	twin_make(&twin, argv[0], argv[1]);
	sample_contest((struct contender[]){
		{ &cache, &seq, run_cache, &twin },
		{ &map, &seq, run_map, &twin },
		nullcall(&fd, &seq, &null),
	}, 3, &rounds);
	printf("  key %s, value of %zu bytes; medians of %u rounds, [min .. max]\n",
	       argv[1], twin.value_len, rounds.count);
	show(&null, &null);
	show(&cache, &null);
	show(&map, &null);
	twin_end(&twin);
	close(fd);
	return 0;
}
