// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include "bench.h"

struct item {
	struct rhash_head head;
	u8 key[KEY_LEN];
	u8 value[VALUE_LEN];
};

static const struct rhashtable_params params = {
	.key_len = KEY_LEN,
	.key_offset = offsetof(struct item, key),
	.head_offset = offsetof(struct item, head),
};

static void *make(u32 pairs)
{
	struct rhashtable_params hinted = params;
	struct rhashtable *table = kzalloc(sizeof(*table), GFP_KERNEL);
	int err;

	if (!table)
		return ERR_PTR(-ENOMEM);
	hinted.nelem_hint = min_t(u32, pairs, U16_MAX);
	err = rhashtable_init(table, &hinted);
	if (!err)
		return table;
	kfree(table);
	return ERR_PTR(err);
}

static int put(void *table, const u8 *key, const u8 *value)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);
	int err;

	if (!item)
		return -ENOMEM;
	memcpy(item->key, key, KEY_LEN);
	memcpy(item->value, value, VALUE_LEN);
	err = rhashtable_insert_fast(table, &item->head, params);
	if (err)
		kfree(item);
	return err;
}

/* Its worker makes the bucket array larger. */
static void ready(void *table)
{
	flush_work(&((struct rhashtable *)table)->run_work);
}

static long get(void *table, const u8 *key, u8 *value)
{
	struct item *item;

	rcu_read_lock();
	item = rhashtable_lookup(table, key, params);
	if (item)
		memcpy(value, item->value, VALUE_LEN);
	rcu_read_unlock();
	return !item;
}

static void item_free(void *item, void *unused)
{
	kfree(item);
}

static void end(void *table)
{
	rhashtable_free_and_destroy(table, item_free, NULL);
	kfree(table);
}

const struct table bench_rhashtable = {
	.name = "rhashtable",
	.make = make,
	.put = put,
	.ready = ready,
	.get = get,
	.free = end,
};
