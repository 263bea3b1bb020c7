// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Read-through: what the kernel's part of a write-behind cache does not know,
 * kvcd reads from the store and fills in
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "kvcd_proto.h"
#include "through.h"

#define CONDITIONS \
	(KVC_OP_F_CREATE | KVC_OP_F_REPLACE | KVC_OP_F_CAS)
/*
 * How often what was filled in may be gone again, or not be taken, before a
 * conditional operation is given up; the pauses in between add up to a second.
 */
#define TRIES		10
#define PAUSE_FIRST_NS	1000000u

bool kvc_through_cond(const struct kvc_op *op)
{
	return op->opcode == KVC_OP_TOUCH ||
	       ((op->opcode == KVC_OP_PUT || op->opcode == KVC_OP_DEL) &&
		(op->flags & CONDITIONS));
}

static bool missed(const struct kvc_op *op)
{
	return op->opcode == KVC_OP_GET && op->result == -ENOENT &&
	       op->version;
}

static bool needs_store(const struct kvc *kvc, const struct kvc_op *op)
{
	return kvc_asks_store(kvc) && (missed(op) || op->result == -ENODATA);
}

static void set_pair(struct kvc_op *op, const struct kvcd_pair *pair)
{
	op->value_len = pair->value_len;
	op->client_flags = pair->client_flags;
	op->version = pair->version;
	op->expiry = pair->expiry;
	/* Not what the cache answered, so not to be kept: it is in there now. */
	op->slot = 1ull << 32;
}

/* The answer to a GET, into its operation, as the kernel would answer it. */
static int take_pair(struct kvc_conn *conn, struct kvc_ask *ask, uint32_t len)
{
	struct kvc_op *op = ask->arg;
	struct kvcd_pair pair;
	int ret;

	if (len < sizeof(pair))
		return -EPROTO;
	ret = kvc_conn_read(conn, &pair, sizeof(pair));
	if (ret)
		return ret;
	if (pair.value_len != len - sizeof(pair))
		return -EPROTO;
	/* The room is there until all has come: it may have to be asked again. */
	if (pair.value_len > op->value_len) {
		ret = kvc_conn_skip(conn, pair.value_len);
		ask->result = -ERANGE;
	} else {
		ret = kvc_conn_read(conn, (void *)(uintptr_t)op->value,
				    pair.value_len);
	}
	if (!ret && ask->result)
		op->value_len = pair.value_len;
	else if (!ret)
		set_pair(op, &pair);
	return ret;
}

static struct kvc_ask ask_for(struct kvc_op *op)
{
	return (struct kvc_ask){
		.type = KVCD_GET,
		.len = op->key_len,
		.body = (const void *)(uintptr_t)op->key,
		.take = missed(op) ? take_pair : kvc_conn_ignore,
		.arg = op,
	};
}

/* Sooner or later the kernel has room for what the store has, or a commit. */
static void pause_before(int try)
{
	struct timespec ts = { .tv_nsec = PAUSE_FIRST_NS << try };
	int saved = errno;

	if (try > 0)
		nanosleep(&ts, NULL);
	errno = saved;
}

/* The store was read for a conditional operation: the kernel can decide it. */
static int decide(struct kvc *kvc, struct kvc_op *op)
{
	struct kvc_ask ask;
	int try, ret;

	for (try = 0; try < TRIES; try++) {
		ret = kvc_call(kvc, KVC_IOC_OP, op);
		if (ret != -ENODATA)
			return ret;
		pause_before(try);
		op->result = ret;
		ask = ask_for(op);
		ret = kvc_store_ask(kvc, &ask, 1);
		if (ret)
			return ret;
		if (ask.result && ask.result != -ENOENT)
			return ask.result;
	}
	return -EAGAIN;
}

static void end_op(struct kvc *kvc, struct kvc_op *op, int result)
{
	if (op->result == -ENODATA && (!result || result == -ENOENT))
		result = decide(kvc, op);
	else if (result == -ENOENT)
		op->version = 0;
	op->result = result;
}

void kvc_through_ops(struct kvc *kvc, struct kvc_op *ops, size_t count,
		     int *err)
{
	struct kvc_op *needing[KVC_STORE_ASKS];
	struct kvc_ask asks[KVC_STORE_ASKS];
	size_t at = 0, n, i;

	while (at < count) {
		for (n = 0; at < count && n < KVC_STORE_ASKS; at++) {
			if (!needs_store(kvc, &ops[at]))
				continue;
			asks[n] = ask_for(&ops[at]);
			needing[n++] = &ops[at];
		}
		if (n && !*err)
			*err = kvc_store_ask(kvc, asks, n);
		for (i = 0; i < n; i++)
			end_op(kvc, needing[i],
			       asks[i].answered ? asks[i].result : *err);
	}
}

int kvc_through_op(struct kvc *kvc, struct kvc_op *op)
{
	int err = 0;

	op->result = kvc_call(kvc, KVC_IOC_OP, op);
	if (op->result && needs_store(kvc, op))
		kvc_through_ops(kvc, op, 1, &err);
	return op->result;
}
