// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"
#include "core/spare.h"
#include "selfcheck.h"

static u64 sum_of(const struct selfcheck *v)
{
	struct random r = { .state = v->key ^ v->count << 20 ^ v->seed };

	return random_next(&r);
}

static u32 tail_len(const struct selfcheck *v, u32 most)
{
	return v->seed % (most + 1);
}

struct kvc_entry *selfcheck_entry(struct kvc_cache *c, u32 key, u64 count,
				  u64 seed, u32 most)
{
	struct selfcheck v = { .key = key, .count = count, .seed = seed };
	u32 tail = tail_len(&v, most), len;
	struct kvc_entry *e;
	u8 bytes[KEYS_LEN];

	len = keys_make(bytes, key);
	e = kvc_spare_take(c, 1, len, sizeof(v) + tail) ?:
	    kvc_entry_alloc(len, sizeof(v) + tail);
	if (!e)
		return NULL;
	v.sum = sum_of(&v);
	memcpy(e->data, bytes, len);
	memcpy(kvc_entry_value(e), &v, sizeof(v));
	memset(kvc_entry_value(e) + sizeof(v), (u8)v.sum, tail);
	e->hash = kvc_cache_hash(c, bytes, len);
	e->client_flags = (u32)v.sum;
	return e;
}

static struct selfcheck head_of(const struct kvc_entry *e)
{
	struct selfcheck v;

	CHECK(e->value_len >= sizeof(v), "value of %u bytes", e->value_len);
	memcpy(&v, e->data + e->key_len, sizeof(v));
	return v;
}

u64 selfcheck_count(const struct kvc_entry *e)
{
	return head_of(e).count;
}

u32 selfcheck_verify(const struct kvc_entry *e)
{
	struct selfcheck v = head_of(e);
	const u8 *tail = e->data + e->key_len + sizeof(v);
	u32 i, number;

	CHECK(v.sum == sum_of(&v), "torn or freed");
	CHECK(e->client_flags == (u32)v.sum);
	for (i = 0; i < e->value_len - sizeof(v); i++)
		CHECK(tail[i] == (u8)v.sum, "byte %u of %u", i, e->value_len);
	number = keys_number(e->data, e->key_len);
	CHECK(number == v.key, "the value of another key");
	return number;
}
