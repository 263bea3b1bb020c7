// SPDX-License-Identifier: LGPL-2.1-or-later
/* Operations on one pair. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "near.h"
#include "through.h"

#define FIRST_ALLOC	4096

static int set_key(struct kvc_op *op, const void *key, size_t len)
{
	if (len > UINT32_MAX)
		return -ENAMETOOLONG;
	op->key = kvc_u64(key);
	op->key_len = len;
	return 0;
}

static int set_value(struct kvc_op *op, const void *value, size_t len)
{
	if (len > UINT32_MAX)
		return -E2BIG;
	op->value = kvc_u64(value);
	op->value_len = len;
	return 0;
}

static void take_meta(struct kvc_meta *meta, const struct kvc_op *op)
{
	*meta = (struct kvc_meta){
		.version = op->version,
		.expiry = op->expiry,
		.client_flags = op->client_flags,
	};
}

/* Asks the kernel; what it answers is kept if @near is not NULL. */
int kvc_pair_ask(struct kvc *kvc, const struct kvc_near_key *near,
		 const void *key, size_t key_len, void *value,
		 size_t *value_len, struct kvc_meta *meta)
{
	struct kvc_op op = { .opcode = KVC_OP_GET };
	int ret;

	ret = set_key(&op, key, key_len);
	if (ret)
		return ret;
	op.flags = near ? KVC_OP_F_SLOT : 0;
	op.value = kvc_u64(value);
	op.value_len = *value_len > UINT32_MAX ? UINT32_MAX : *value_len;
	ret = kvc_through_op(kvc, &op);
	if (!ret || ret == -ERANGE)
		*value_len = op.value_len;
	if (!ret && meta)
		take_meta(meta, &op);
	if (!ret && near)
		kvc_near_keep(kvc, near, &op);
	return ret;
}

KVC_API int kvc_get(struct kvc *kvc, const void *key, size_t key_len,
		    void *value, size_t *value_len, struct kvc_meta *meta)
{
	if (kvc->near)
		return kvc_near_get(kvc, key, key_len, value, value_len, meta);
	return kvc_pair_ask(kvc, NULL, key, key_len, value, value_len, meta);
}

KVC_API int kvc_get_alloc(struct kvc *kvc, const void *key, size_t key_len,
			  void **value, size_t *value_len,
			  struct kvc_meta *meta)
{
	size_t len = FIRST_ALLOC;
	char *room = NULL, *more;
	int ret;

	do {
		more = realloc(room, len + 1);
		if (!more) {
			free(room);
			return -ENOMEM;
		}
		room = more;
		ret = kvc_get(kvc, key, key_len, room, &len, meta);
	} while (ret == -ERANGE);
	if (ret) {
		free(room);
		return ret;
	}
	room[len] = '\0';
	*value = room;
	*value_len = len;
	return 0;
}

KVC_API int kvc_put(struct kvc *kvc, const void *key, size_t key_len,
		    const void *value, size_t value_len,
		    const struct kvc_put_opts *opts, uint64_t *version)
{
	static const struct kvc_put_opts plain;
	struct kvc_op op = { .opcode = KVC_OP_PUT };
	int ret;

	if (!opts)
		opts = &plain;
	if (opts->reserved[0] || opts->reserved[1])
		return -EINVAL;
	ret = set_key(&op, key, key_len);
	if (ret)
		return ret;
	ret = set_value(&op, value, value_len);
	if (ret)
		return ret;
	op.flags = opts->flags;
	op.client_flags = opts->client_flags;
	op.version = opts->version;
	op.expiry = opts->expiry;
	ret = kvc_through_op(kvc, &op);
	if (!ret && version)
		*version = op.version;
	return ret;
}

KVC_API int kvc_cas(struct kvc *kvc, const void *key, size_t key_len,
		    const void *value, size_t value_len, uint64_t *version)
{
	struct kvc_put_opts opts = {
		.flags = KVC_OP_F_CAS,
		.version = *version,
	};

	return kvc_put(kvc, key, key_len, value, value_len, &opts, version);
}

/* An operation that carries no value. */
static int bare_op(struct kvc *kvc, struct kvc_op *op, const void *key,
		   size_t key_len)
{
	int ret;

	ret = set_key(op, key, key_len);
	if (ret)
		return ret;
	return kvc_through_op(kvc, op);
}

KVC_API int kvc_del(struct kvc *kvc, const void *key, size_t key_len)
{
	struct kvc_op op = { .opcode = KVC_OP_DEL };

	return bare_op(kvc, &op, key, key_len);
}

KVC_API int kvc_del_cas(struct kvc *kvc, const void *key, size_t key_len,
			uint64_t version)
{
	struct kvc_op op = {
		.opcode = KVC_OP_DEL,
		.flags = KVC_OP_F_CAS,
		.version = version,
	};

	return bare_op(kvc, &op, key, key_len);
}

KVC_API int kvc_touch(struct kvc *kvc, const void *key, size_t key_len,
		      uint64_t expiry, uint32_t flags)
{
	struct kvc_op op = {
		.opcode = KVC_OP_TOUCH,
		.flags = flags,
		.expiry = expiry,
	};

	return bare_op(kvc, &op, key, key_len);
}

KVC_API int kvc_clear(struct kvc *kvc)
{
	return kvc_call(kvc, KVC_IOC_CLEAR, NULL);
}
