// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "prefix.h"
#include "slot.h"

/* Keys of one step, if they are not long */
#define KVC_PREFIX_KEYS	4096

/**
 * kvc_prefix_init - get ready to purge
 * @p: too large for a kernel stack
 * @prefix: what the keys begin with; stays the caller's, and in place
 * @len: its length, 0: all keys
 */
void kvc_prefix_init(struct kvc_prefix *p, const void *prefix, u32 len)
{
	p->range = (struct kvc_range){
		.start = prefix,
		.start_len = len,
		.after = p->after,
		.prefix = true,
		.fenced = true,
		.gone = true,
	};
	p->purged = 0;
	p->begun = false;
}

static void each_shard(struct kvc_cache *c, void (*fn)(struct kvc_shard *s))
{
	struct kvc_shard *s;
	u32 i;

	for (i = 0; i < kvc_cache_shards(c); i++) {
		s = &c->shards[i];
		spin_lock(&s->lock);
		fn(s);
		spin_unlock(&s->lock);
	}
}

static int purge_page(struct kvc_prefix *p, struct kvc_cache *c,
		      const struct kvc_page *page)
{
	u64 now = 0, version;
	const u8 *key;
	u32 i, len;
	int err;

	for (i = 0; i < page->count; i++) {
		key = kvc_page_key(page, i, &len);
		err = kvc_cache_purge(c, kvc_cache_hash(c, key, len), key, len,
				      0, &now, &version);
		if (err == -ESHUTDOWN)
			return err;
		p->purged += !err;
		memcpy(p->after, key, len);
		p->range.after_len = len;
		cond_resched();
	}
	return page->more;
}

/**
 * kvc_prefix_purge - purge some of the keys
 * @p: went through kvc_prefix_init()
 * @c: the cache, the same in each step
 *
 * Each key that was there has its event.  A key that comes while the purge goes
 * on may stay.  After an error the next call goes on, and a purge can be given
 * up after any step.  A step costs a walk over the whole cache tier.
 *
 * Context: may sleep.  Return: 1: call it again; 0: done; -ENOMEM; -ESHUTDOWN:
 * the cache was killed.
 */
int kvc_prefix_purge(struct kvc_prefix *p, struct kvc_cache *c)
{
	struct kvc_page page;
	int ret;

	/* Nothing tells which keys a late fill may be of: refuse all (P16). */
	if (!p->begun)
		each_shard(c, kvc_shard_refuse_all);
	p->begun = true;
	ret = kvc_page_init(&page, c, KVC_PREFIX_KEYS);
	if (ret)
		return ret;
	kvc_page_collect(&page, c, &p->range);
	ret = purge_page(p, c, &page);
	kvc_page_exit(&page);
	/* Nor which evicted ones a client keeps. */
	if (!ret)
		each_shard(c, kvc_slot_change_all);
	return ret;
}
