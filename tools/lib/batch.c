// SPDX-License-Identifier: LGPL-2.1-or-later
/* Many operations in few calls. */
#include <string.h>

#include "through.h"

#define SEEN_BITS	(1u << 15)

/*
 * Keys of a part of a batch, by a hash.  What has to ask the store ends after
 * the rest of its part: for the operations on one key to stay in order, a part
 * ends before a write of a key that is read in it, and before anything on a key
 * that has a condition.  Two keys of one hash end a part for nothing.
 */
struct seen {
	uint64_t got[SEEN_BITS / 64];
	uint64_t decided[SEEN_BITS / 64];
};

static uint32_t hash_key(const struct kvc_op *op)
{
	const unsigned char *key = (const unsigned char *)(uintptr_t)op->key;
	uint32_t hash = 2166136261u, i;

	/* The kernel refuses longer ones, and does not read them either. */
	if (!key || op->key_len > KVC_KEY_MAX)
		return 0;
	for (i = 0; i < op->key_len; i++)
		hash = (hash ^ key[i]) * 16777619u;
	return (hash ^ hash >> 15) % SEEN_BITS;
}

static bool is_set(const uint64_t *bits, uint32_t at)
{
	return bits[at / 64] >> at % 64 & 1;
}

static void set_bit(uint64_t *bits, uint32_t at)
{
	bits[at / 64] |= 1ull << at % 64;
}

/* Takes note of the operation; false: it has to wait for those before it. */
static bool joins(struct seen *seen, const struct kvc_op *op)
{
	uint32_t at = hash_key(op);

	if (is_set(seen->decided, at))
		return false;
	if (op->opcode == KVC_OP_GET)
		set_bit(seen->got, at);
	else if (is_set(seen->got, at))
		return false;
	else if (kvc_through_cond(op))
		set_bit(seen->decided, at);
	return true;
}

static size_t part_of(const struct kvc_op *ops, size_t count)
{
	struct seen seen;
	size_t part = 0;

	memset(&seen, 0, sizeof(seen));
	while (part < count && joins(&seen, &ops[part]))
		part++;
	return part;
}

static int one_batch(struct kvc *kvc, struct kvc_op *ops, uint32_t count,
		     size_t *done)
{
	struct kvc_batch arg = {
		.ops = kvc_u64(ops),
		.count = count,
		.op_size = sizeof(*ops),
	};
	int ret;

	ret = kvc_call(kvc, KVC_IOC_BATCH, &arg);
	*done += arg.done;
	return ret;
}

KVC_API int kvc_batch(struct kvc *kvc, struct kvc_op *ops, size_t count,
		      size_t *done)
{
	size_t at = 0, from, part;
	int ret = 0, err = 0;

	while (at < count && !ret) {
		part = count - at;
		if (part > kvc->batch_max)
			part = kvc->batch_max;
		if (kvc_asks_store(kvc))
			part = part_of(ops + at, part);
		from = at;
		ret = one_batch(kvc, ops + at, part, &at);
		if (kvc_asks_store(kvc))
			kvc_through_ops(kvc, ops + from, at - from, &err);
	}
	if (done)
		*done = at;
	return ret;
}
