/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SPARE_H
#define _KVC_SPARE_H

#include <linux/percpu.h>
#include "cache.h"

/* Entries of one size that a CPU keeps */
#define KVC_SPARE_MOST		32
/* With fewer it asks for more: no less than a group of a batch takes. */
#define KVC_SPARE_LOW		8
/* And gets so many, of what sizes they are */
#define KVC_SPARE_REAP		16
/* &struct kvc_cache.payer when there is more than one */
#define KVC_SPARE_PAYERS	U64_MAX

/**
 * struct kvc_spare - entries that a CPU's writers may use again
 * @lock: taken under no other
 * @used: a writer took one since kvc_spare_tidy()
 * @low: and there are few left of the size it took
 * @count: entries in each list
 * @list: by kvc_pool_class(), linked by &struct kvc_entry.limbo; their grace
 *	period is over
 */
struct kvc_spare {
	spinlock_t lock;
	bool used;
	bool low;
	u8 count[KVC_POOL_CLASSES];
	struct kvc_entry *list[KVC_POOL_CLASSES];
};

int kvc_spare_init(struct kvc_cache *c);
void kvc_spare_exit(struct kvc_cache *c);
bool kvc_spare_pays(struct kvc_cache *c, u64 payer);
struct kvc_entry *kvc_spare_take(struct kvc_cache *c, u64 payer, u32 key_len,
				 u32 value_len);
void kvc_spare_give(struct kvc_cache *c, struct kvc_entry *chain);
void kvc_spare_disuse(struct kvc_cache *c);
void kvc_spare_tidy(struct kvc_cache *c);
size_t kvc_spare_bytes(const struct kvc_cache *c);

/**
 * kvc_spare_wanted - may what is retired be used again?
 * @c: the cache
 */
static inline bool kvc_spare_wanted(const struct kvc_cache *c)
{
	/* Neither 0 nor KVC_SPARE_PAYERS */
	return READ_ONCE(c->payer) + 1 > 1;
}

/**
 * kvc_spare_is_low - should the next writer of this CPU give it something?
 * @c: the cache
 */
static inline bool kvc_spare_is_low(const struct kvc_cache *c)
{
	return READ_ONCE(raw_cpu_ptr(c->spare)->low);
}

#endif
