// SPDX-License-Identifier: GPL-2.0-only
/* A cache of kvcache, created for this program alone */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

#define FILL_OPS	256

static void need(int ret, const char *what)
{
	if (!ret)
		return;
	errno = -ret;
	err(1, "%s", what);
}

/* One for the program: what is not closed ends with it. */
static struct kvc_ctl *control(void)
{
	static struct kvc_ctl *ctl;

	if (!ctl)
		need(kvc_ctl_open(&ctl), "kvc_ctl_open");
	return ctl;
}

struct kvc *store_create(const char *name, uint64_t limit)
{
	return store_create_with(name, limit, 0);
}

struct kvc *store_create_with(const char *name, uint64_t limit, uint32_t flags)
{
	return store_create_as(name, (struct kvc_config){
		.limit = limit,
		.flags = flags,
	});
}

struct kvc *store_create_as(const char *name, struct kvc_config config)
{
	struct kvc *kvc;

	config.uid = KVC_ID_CALLER;
	config.gid = KVC_ID_CALLER;
	config.mode = 0600;
	snprintf(config.name, sizeof(config.name), "%s", name);
	need(kvc_open(O_RDWR, &kvc), "kvc_open");
	need(kvc_cache_create(control(), &config), "kvc_cache_create");
	need(kvc_attach(kvc, name), "kvc_attach");
	return kvc;
}

static void fill_some(struct kvc *kvc, const struct keys *keys, uint32_t from,
		      uint32_t count)
{
	char values[FILL_OPS][VALUE_LEN_MOST];
	struct kvc_op ops[FILL_OPS];
	uint32_t i;

	for (i = 0; i < count; i++) {
		value_make(values[i], keys, from + i, 0);
		ops[i] = (struct kvc_op){
			.opcode = KVC_OP_PUT,
			.key = (uintptr_t)keys->bytes[from + i],
			.key_len = KEY_LEN,
			.value = (uintptr_t)values[i],
			.value_len = keys->value_len,
		};
	}
	need(kvc_batch(kvc, ops, count, NULL), "kvc_batch");
	for (i = 0; i < count; i++)
		need(ops[i].result, "put");
}

void store_fill(struct kvc *kvc, const struct keys *keys)
{
	uint32_t from, count;

	for (from = 0; from < keys->count; from += count) {
		count = keys->count - from;
		if (count > FILL_OPS)
			count = FILL_OPS;
		fill_some(kvc, keys, from, count);
	}
}

void store_stats(struct kvc *kvc, struct kvc_stats *stats)
{
	struct kvc_info info;

	need(kvc_info(kvc, &info), "kvc_info");
	need(kvc_stats(control(), info.name, stats), "kvc_stats");
}

void store_check(struct kvc *kvc, const struct keys *keys)
{
	struct kvc_stats stats;

	store_stats(kvc, &stats);
	if (stats.entries_tier + stats.entries_memtable != keys->count ||
	    stats.evicted_limit || stats.evicted_pressure)
		errx(1, "the cache holds %" PRIu64 " of %u pairs, evicted %" PRIu64,
		     stats.entries_tier + stats.entries_memtable, keys->count,
		     stats.evicted_limit + stats.evicted_pressure);
}

void store_destroy(struct kvc *kvc, const char *name)
{
	need(kvc_cache_destroy(control(), name), "kvc_cache_destroy");
	kvc_close(kvc);
}
