// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many operations in one call
 *
 * They are done in order, but in groups: the keys of a group are read and
 * hashed, then the buckets are fetched, then the entries, and only then is each
 * operation carried out.  So the memory that they need is waited for once a
 * group and not once an operation: the group prefetching of Chen, Ailamaki,
 * Gibbons and Mowry, "Improving Hash Join Performance through Prefetching",
 * ICDE 2004.
 */
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include "compat/uninitialized.h"
#include "copy.h"
#include "core/lookup.h"
#include "get.h"
#include "op.h"

/* About as many cache misses as a CPU can have under way */
#define GROUP	8

/* How far an operation of a group has come */
enum stage {
	STAGE_READ,	/* its struct was read */
	STAGE_WISH,	/* kvc_get_wish() */
	STAGE_PREPARED,	/* kvc_op_prepare() */
};

/* Operations that were read and not carried out yet */
struct group {
	struct kvc_job job[GROUP];
	enum stage stage[GROUP];
	u32 count;
};

/* What takes much memory, or long to read, is read in its turn. */
static bool is_short(const struct kvc_op *op)
{
	return op->key_len <= KVC_KEY_SHORT &&
	       (op->opcode == KVC_OP_GET || op->value_len <= KVC_COPY_SHORT);
}

/* Returns why the group ends early, or 0. */
static int group_read(struct group *g, const struct kvc_batch *batch, u32 most)
{
	void __user *at = u64_to_user_ptr(batch->ops) +
			  (size_t)batch->done * batch->op_size;
	int err = 0;

	for (g->count = 0; g->count < most; g->count++) {
		err = kvc_op_read(&g->job[g->count].op, &g->job[g->count].key,
				  at, batch->op_size);
		if (err)
			break;
		at += batch->op_size;
	}
	return err;
}

/* Returns whether the hash is known: what is to be looked up can be fetched. */
static bool advance(struct kvc_call *call, struct kvc_job *job,
		    enum stage *stage)
{
	*stage = STAGE_READ;
	if (kvc_get_wish(call->cache, &job->op, &job->key, call->mode)) {
		*stage = STAGE_WISH;
		return true;
	}
	if (!is_short(&job->op))
		return false;
	kvc_op_prepare(call, job);
	*stage = STAGE_PREPARED;
	return !job->op.result;
}

static void group_prepare(struct group *g, struct kvc_call *call)
{
	u32 hash[GROUP] __uninitialized;
	u32 n = 0, i;

	for (i = 0; i < g->count; i++)
		if (advance(call, &g->job[i], &g->stage[i]))
			hash[n++] = g->job[i].key.hash;
	kvc_cache_prefetch(call->cache, hash, n);
}

/* Returns what kept the result from being told. */
static int run(struct kvc_call *call, struct kvc_job *job, enum stage stage,
	       struct kvc_op __user *arg)
{
	if (stage == STAGE_WISH &&
	    likely(kvc_get_hit(call->cache, &job->op, &job->key, arg,
			       &call->now)))
		return 0;
	if (stage != STAGE_PREPARED)
		kvc_op_prepare(call, job);
	kvc_op_run(call, job);
	if (stage == STAGE_READ)
		cond_resched();
	return kvc_op_tell(&job->op, arg);
}

static void group_drop(struct group *g, u32 from)
{
	for (; from < g->count; from++)
		if (g->stage[from] == STAGE_PREPARED)
			kvc_op_drop(&g->job[from]);
}

static int group_run(struct group *g, struct kvc_call *call,
		     struct kvc_batch *batch)
{
	void __user *at = u64_to_user_ptr(batch->ops) +
			  (size_t)batch->done * batch->op_size;
	u32 i;
	int err;

	for (i = 0; i < g->count; i++) {
		err = run(call, &g->job[i], g->stage[i], at);
		if (err)
			goto err_run;
		at += batch->op_size;
		batch->done++;
	}
	cond_resched();
	return 0;

err_run:
	group_drop(g, i + 1);
	return err;
}

static int batch_run(struct kvc_call *call, struct kvc_batch *batch)
{
	struct group g __uninitialized;
	int err;

	batch->done = 0;
	while (batch->done < batch->count) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = group_read(&g, batch,
				 min_t(u32, batch->count - batch->done, GROUP));
		group_prepare(&g, call);
		err = group_run(&g, call, batch) ?: err;
		if (err)
			return err;
	}
	return 0;
}

/**
 * kvc_batch_call - KVC_IOC_BATCH
 * @call: on what; its moment is that of all operations
 * @arg: user's &struct kvc_batch
 * @usize: bytes of it that the user knows
 */
int kvc_batch_call(struct kvc_call *call, void __user *arg, size_t usize)
{
	struct kvc_batch batch;
	int err;

	err = kvc_copy_in(&batch, sizeof(batch), arg, usize,
			  KVC_BATCH_SIZE_VER0);
	if (err)
		return err;
	if (batch.flags || !batch.count || batch.count > KVC_BATCH_MAX)
		return -EINVAL;
	err = batch_run(call, &batch);
	return kvc_copy_out(arg, usize, &batch, sizeof(batch)) ?: err;
}
