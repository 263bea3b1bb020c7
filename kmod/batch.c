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
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include "compat/uninitialized.h"
#include "copy.h"
#include "core/lookup.h"
#include "hit.h"
#include "op.h"

/* About as many cache misses as a CPU can have under way */
#define GROUP	KVC_LOOKUP_GROUP

/**
 * struct group - operations that were read and not carried out yet
 * @job: the operations
 * @count: their number
 * @wish: a bit for each: kvc_hit_get() may be tried
 * @plain: likewise: kvc_op_begin_plain() was done
 * @prepared: likewise: kvc_op_prepare() was done
 */
struct group {
	struct kvc_job job[GROUP];
	u32 count;
	u32 wish;
	u32 plain;
	u32 prepared;
};

/* What takes much memory, or long to read, is read in its turn. */
static bool is_short(const struct kvc_op *op)
{
	return op->key_len <= KVC_KEY_SHORT &&
	       (op->opcode == KVC_OP_GET || op->value_len <= KVC_COPY_SHORT);
}

/* Structs of another version, one by one.  Returns what the last one gave. */
static int read_others(struct group *g, const struct kvc_batch *batch,
		       const void __user *from, u32 most)
{
	struct kvc_job *job = g->job;
	int err = 0;

	for (g->count = 0; g->count < most; g->count++, job++) {
		job->key.len = 0;
		err = kvc_copy_in(&job->op, sizeof(job->op), from,
				  batch->op_size, KVC_OP_SIZE_VER0);
		if (err)
			break;
		from += batch->op_size;
	}
	return err;
}

/* Within user_access_begin(): as kvc_op_read() of each, until one faults */
static __always_inline u32 read_ops(struct group *g,
				    const struct kvc_op __user *from, u32 most)
{
	/* Not by index: UBSan would call out of here. */
	struct kvc_job *job = g->job, *end = job + most, *read;

	for (read = job; read < end; read++, from++) {
		if (!kvc_op_read_words(&read->op, from))
			break;
		read->key.len = kvc_op_wish(&read->op);
	}
	/* As in user_access_begin(): no read ahead of the checks */
	barrier_nospec();
	for (; job < read; job++)
		if (job->key.len)
			kvc_op_read_key(&job->key, &job->op);
	return read - g->job;
}

/* Returns why the group ends early, or 0. */
static int group_read(struct group *g, const struct kvc_batch *batch, u32 most)
{
	const void __user *from = u64_to_user_ptr(batch->ops) +
				  (size_t)batch->done * batch->op_size;

	if (unlikely(batch->op_size != sizeof(struct kvc_op)))
		return read_others(g, batch, from, most);
	g->count = 0;
	/* What is before the end of the user's memory is carried out. */
	if (unlikely(!access_ok(from, most * sizeof(struct kvc_op))))
		most = 1;
	if (!user_access_begin(from, most * sizeof(struct kvc_op)))
		return -EFAULT;
	g->count = read_ops(g, from, most);
	user_access_end();
	return g->count < most ? -EFAULT : 0;
}

/* Returns whether the hash is known: what is to be looked up can be fetched. */
static __always_inline bool advance(struct group *g, struct kvc_call *call,
				    u32 i, bool may_read)
{
	struct kvc_job *job = &g->job[i];

	if (job->key.len && likely(may_read)) {
		kvc_key_hash(&job->key, call->cache);
		g->wish |= BIT(i);
		return true;
	}
	if (kvc_op_begin_plain(call, job)) {
		g->plain |= BIT(i);
		return true;
	}
	if (!is_short(&job->op))
		return false;
	kvc_op_prepare(call, job);
	g->prepared |= BIT(i);
	return !job->op.result;
}

static void group_prepare(struct group *g, struct kvc_call *call)
{
	bool may_read = call->mode & FMODE_READ;
	u32 hash[GROUP] __uninitialized;
	u32 n = 0, i;

	g->wish = 0;
	g->plain = 0;
	g->prepared = 0;
	for (i = 0; i < g->count; i++)
		if (advance(g, call, i, may_read))
			hash[n++] = g->job[i].key.hash;
	kvc_cache_prefetch(call->cache, hash, n);
}

/* Returns what kept the result from being told. */
static int run(struct group *g, struct kvc_call *call, u32 i,
	       struct kvc_op __user *arg)
{
	struct kvc_job *job = &g->job[i];

	if (g->plain & BIT(i)) {
		kvc_op_end_plain(call, job);
		return kvc_op_tell(&job->op, arg);
	}
	if (!(g->prepared & BIT(i)))
		kvc_op_prepare(call, job);
	kvc_op_run(call, job);
	if (!((g->prepared | g->wish) & BIT(i)))
		cond_resched();
	return kvc_op_tell(&job->op, arg);
}

/* Returns how many of the next operations were hits and are done. */
static u32 run_hits(struct group *g, struct kvc_call *call, u32 from,
		    struct kvc_op __user *arg)
{
	u32 n = ffz(g->wish >> from);

	return n ? kvc_hit_get(call, &g->job[from], arg, n) : 0;
}

static void group_drop(struct group *g, u32 from)
{
	for (; from < g->count; from++)
		if ((g->plain | g->prepared) & BIT(from))
			kvc_op_drop(&g->job[from]);
}

static noinline_for_stack int group_run(struct group *g, struct kvc_call *call,
		     struct kvc_batch *batch)
{
	void __user *at = u64_to_user_ptr(batch->ops) +
			  (size_t)batch->done * batch->op_size;
	u32 i = 0, hits;
	int err;

	while (i < g->count) {
		hits = run_hits(g, call, i, at);
		i += hits;
		at += (size_t)hits * batch->op_size;
		batch->done += hits;
		if (i == g->count)
			break;
		err = run(g, call, i, at);
		if (err)
			goto err_run;
		i++;
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
