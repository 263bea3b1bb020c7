// SPDX-License-Identifier: GPL-2.0-only
#include <asm/byteorder.h>
#include <linux/minmax.h>
#include "entry.h"
#include "pool.h"

/**
 * kvc_entry_alloc - make an entry with room for a key and a value
 * @key_len: 1 to KVC_KEY_MAX
 * @value_len: up to KVC_VALUE_MAX
 *
 * The caller fills in key, value, hash, expiry and client flags.
 *
 * Context: may sleep.  Return: the entry or NULL.
 */
struct kvc_entry *kvc_entry_alloc(u32 key_len, u32 value_len)
{
	struct kvc_entry *e = kvc_pool_alloc(kvc_entry_bytes(key_len, value_len));

	if (!e)
		return NULL;
	kvc_entry_init(e, key_len, value_len);
	return e;
}

/**
 * kvc_entry_free - free an entry that no reader can hold any more
 * @e: never published, or its grace period is over
 */
void kvc_entry_free(struct kvc_entry *e)
{
	kvc_pool_free(e, kvc_entry_bytes(e->key_len, e->value_len));
}

/**
 * kvc_key_compare - the order of keys: as bytes, a prefix first
 * @a: a key
 * @a_len: its length
 * @b: another
 * @b_len: its length
 */
int kvc_key_compare(const void *a, u32 a_len, const void *b, u32 b_len)
{
	int order = memcmp(a, b, min(a_len, b_len));

	if (order)
		return order;
	return a_len < b_len ? -1 : a_len > b_len;
}

int kvc_entry_compare(const struct kvc_entry *e, const void *key, u32 key_len)
{
	return kvc_key_compare(e->data, e->key_len, key, key_len);
}

/**
 * kvc_entry_common - with how many bytes do two keys begin alike?
 * @a: an entry
 * @b: another
 * @most: more do not matter; up to the length of @a's key
 */
u32 kvc_entry_common(const struct kvc_entry *a, const struct kvc_entry *b,
		     u32 most)
{
	u32 n = 0;

	most = min_t(u32, most, b->key_len);
	while (n < most && a->data[n] == b->data[n])
		n++;
	return n;
}

/**
 * kvc_entry_head - eight bytes of a key as a number that sorts like them
 * @e: the entry
 * @from: the first of them, up to the length of the key; what is missing is 0
 */
u64 kvc_entry_head(const struct kvc_entry *e, u32 from)
{
	__be64 head = 0;

	memcpy(&head, e->data + from,
	       min_t(u32, e->key_len - from, sizeof(head)));
	return be64_to_cpu(head);
}
