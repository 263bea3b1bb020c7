// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client that keeps answers while their slots stay as they were: none of them
 * may be wrong.  That a pair was evicted it need not know.
 */
#include <linux/err.h>
#include "core/slot.h"
#include "check.h"
#include "model.h"

void model_open_slots(struct model *m)
{
	CHECK(!IS_ERR(kvc_slot_open(m->cache)));
}

u64 model_slot(const struct model *m, u32 number)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);

	return kvc_slot_read(m->cache, kvc_cache_hash(m->cache, key, len), key,
			     len);
}

void model_keep(struct model *m, u32 number, u64 slot)
{
	struct kept *k = &m->kept[m->kept_at++ % MODEL_KEPT];

	CHECK((KVC_SLOT_COUNT(slot) & 1) == !m->cache->slots);
	if (!m->cache->slots)
		return;
	k->used = true;
	k->number = number;
	k->slot = slot;
	k->changes = m->pairs[number].changes;
}

/* What was kept is what would be read if nothing had been evicted. */
void model_check_kept(struct model *m)
{
	const struct pair *p;
	struct kept *k;

	for (k = m->kept; k < m->kept + MODEL_KEPT; k++) {
		if (!k->used)
			continue;
		k->used = model_slot(m, k->number) == k->slot;
		if (!k->used) {
			m->kept_ended++;
			continue;
		}
		p = &m->pairs[k->number];
		CHECK(p->changes == k->changes, "key %u has changed unseen",
		      k->number);
		m->kept_good++;
		m->kept_evicted += !p->present;
	}
}
