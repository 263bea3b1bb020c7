// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clocks of the shards and which fills come too late, computed apart from
 * the core; only to which slot a key belongs is asked of it
 */
#include <stdlib.h>
#include <linux/minmax.h>
#include "check.h"
#include "model.h"

static struct floors *floors_of(const struct model *m, u32 number, u64 **slot)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	struct kvc_shard *s = kvc_cache_shard(m->cache,
					      kvc_cache_hash(m->cache, key, len));
	struct floors *f = &m->floors[s - m->cache->shards];

	*slot = &f->slot[kvc_cache_slot(m->cache, key, len) & s->floor.mask];
	return f;
}

void model_floors_begin(struct model *m)
{
	u32 i, slots = m->cache->shards->floor.mask + 1;

	m->floors = calloc(kvc_cache_shards(m->cache), sizeof(*m->floors));
	CHECK(m->floors);
	for (i = 0; i < kvc_cache_shards(m->cache); i++) {
		m->floors[i].clock = 1;
		m->floors[i].slot = calloc(slots, sizeof(u64));
		CHECK(m->floors[i].slot);
	}
}

void model_floors_end(struct model *m)
{
	u32 i;

	for (i = 0; i < kvc_cache_shards(m->cache); i++)
		free(m->floors[i].slot);
	free(m->floors);
}

u64 model_floor(const struct model *m, u32 number)
{
	u64 *slot;
	struct floors *f = floors_of(m, number, &slot);

	return max(f->all, *slot);
}

/* The key's shard's clock, after it was moved to @version at least */
u64 model_clock(struct model *m, u32 number, u64 version)
{
	u64 *slot;
	struct floors *f = floors_of(m, number, &slot);

	f->clock = max(f->clock, version);
	return f->clock;
}

u64 model_refuse(struct model *m, u32 number, u64 version)
{
	u64 *slot;
	struct floors *f = floors_of(m, number, &slot);

	version = version ?: f->clock + 1;
	*slot = max(*slot, version);
	f->clock = max(f->clock, version);
	return version;
}

void model_refuse_all(struct model *m)
{
	u32 i;

	for (i = 0; i < kvc_cache_shards(m->cache); i++)
		m->floors[i].all = ++m->floors[i].clock;
	for (i = 0; i < m->keys; i++)
		m->pairs[i].late = true;
}
