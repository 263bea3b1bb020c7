// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include <kvcd_proto.h>

#include "clock.h"
#include "kernel.h"
#include "log.h"
#include "readthrough.h"

#define LOG_PAUSE	10000000000ull	/* ns */

static void set_key(struct kvc_op *op, const struct readthrough *rt)
{
	op->key = (uintptr_t)rt->key;
	op->key_len = rt->key_len;
}

static struct body *body_of_op(struct body *body, const struct kvc_op *op)
{
	struct kvcd_pair pair = {
		.version = op->version,
		.expiry = op->expiry,
		.client_flags = op->client_flags,
		.value_len = op->value_len,
	};

	memcpy(body->data, &pair, sizeof(pair));
	return body_resize(body, sizeof(pair) + op->value_len);
}

/* 0 and a body; -ENOENT and a token, 0: the store need not be asked. */
static int ask_kernel(struct readthrough *rt, uint64_t *token)
{
	struct kvc_op op;
	struct body *body;
	uint32_t room = 0;
	int ret;

	do {
		body = body_new(sizeof(struct kvcd_pair) + room);
		if (!body)
			return -ENOMEM;
		memset(&op, 0, sizeof(op));
		op.opcode = KVC_OP_GET;
		set_key(&op, rt);
		op.value = (uintptr_t)(body->data + sizeof(struct kvcd_pair));
		op.value_len = room;
		ret = kernel_op(rt->front->fd, &op);
		if (!ret) {
			rt->body = body_of_op(body, &op);
			return rt->body ? 0 : -ENOMEM;
		}
		body_put(body);
		room = op.value_len;
	} while (ret == -ERANGE);
	if (ret == -ESHUTDOWN)
		rt->front->gone = true;
	*token = op.version;
	return ret;
}

/* Tells the kernel what the store has; its version, 0: it did not want it. */
static uint64_t fill(struct readthrough *rt, uint64_t token,
		     const struct record *r)
{
	struct counts *counts = &rt->front->cache->counts;
	struct kvc_op op = {
		.opcode = KVC_OP_PUT,
		.flags = KVC_OP_F_FILL | (r ? 0 : KVC_OP_F_GONE),
		.version = token,
	};

	set_key(&op, rt);
	if (r) {
		op.value = (uintptr_t)r->value;
		op.value_len = r->value_len;
		op.client_flags = r->client_flags;
		op.expiry = expiry_from_store(r->expiry);
	}
	rt->phase = LOOK_FILLS;
	rt->sure = !kernel_op(rt->front->fd, &op);
	count(rt->sure ? &counts->filled : &counts->refused, 1);
	return rt->sure ? op.version : 0;
}

int readthrough_failed(struct cache *cache, const struct why *why)
{
	static _Atomic uint64_t last;
	uint64_t now = clock_boot(), then = last;

	count(&cache->counts.errors, 1);
	if ((!then || now - then >= LOG_PAUSE) &&
	    atomic_compare_exchange_strong(&last, &then, now))
		log_say(LOG_ERR, "cache '%s': the store cannot be read: %s",
			cache->name, why->text);
	return -EIO;
}

static int ask_store(struct cache *cache, const void *key, size_t len,
		     struct found *found)
{
	struct why why;
	int ret;

	count(&cache->counts.lookups, 1);
	ret = store_get(cache->store, cache->column, key, len, found, &why);
	if (!ret)
		count(&cache->counts.found, 1);
	if (ret && ret != -ENOENT)
		ret = readthrough_failed(cache, &why);
	return ret;
}

int readthrough(struct readthrough *rt)
{
	struct found found;
	uint64_t token, version;
	int ret;

	rt->phase = LOOK_READS;
	ret = ask_kernel(rt, &token);
	if (ret != -ENOENT || !token)
		return ret;
	ret = ask_store(rt->front->cache, rt->key, rt->key_len, &found);
	if (ret == -ENOENT)
		fill(rt, token, NULL);
	if (ret)
		return ret;
	version = fill(rt, token, &found.record);
	rt->body = body_of_record(&found.record, version ? version : token);
	store_release(&found);
	return rt->body ? 0 : -ENOMEM;
}

int readthrough_store(struct front *front, const void *key, size_t len,
		      struct body **out)
{
	struct found found;
	int ret;

	ret = ask_store(front->cache, key, len, &found);
	if (ret)
		return ret;
	*out = body_of_record(&found.record, found.record.version);
	store_release(&found);
	return *out ? 0 : -ENOMEM;
}
