// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for a write-behind cache's flusher: writes for which there is no room
 * before a commit, and fsync()
 */
#include <linux/sched.h>
#include "core/flush.h"
#include "session.h"

/* Another number when there may be room that was not there before */
static u32 room_made(struct kvc_instance *inst)
{
	return kvc_flush_progress(inst->cache) +
	       atomic_read(&inst->behind->grown);
}

/**
 * kvc_wait_enter_behind - see kvc_wait_enter(); of a write-behind cache
 * @call: on what
 */
int kvc_wait_enter_behind(struct kvc_call *call)
{
	struct kvc_behind *b = call->inst->behind;

	percpu_down_read(&b->gate);
	if (unlikely(READ_ONCE(call->inst->dead))) {
		percpu_up_read(&b->gate);
		return -ESHUTDOWN;
	}
	call->seen = room_made(call->inst);
	return 0;
}

/* The wait may be long: the operation is done at another moment, then. */
static int wait_for_room(struct kvc_call *call)
{
	struct kvc_instance *inst = call->inst;

	if (!call->wait)
		return -EAGAIN;
	if (wait_event_state(inst->behind->wait, room_made(inst) != call->seen,
			     (call->wait | TASK_FREEZABLE)))
		return -EINTR;
	call->now = 0;
	return 1;
}

/**
 * kvc_wait_leave_behind - see kvc_wait_leave(); of a write-behind cache
 * @call: on what
 * @err: how the try ended
 */
int kvc_wait_leave_behind(struct kvc_call *call, int err)
{
	percpu_up_read(&call->inst->behind->gate);
	return unlikely(err == -EBUSY) ? wait_for_room(call) : err;
}

/* Did the flusher tell of an error after there were so many? */
static int news_of(struct kvc_behind *b, unsigned int fails)
{
	/* Pairs with the release of who tells. */
	return smp_load_acquire(&b->fails) != fails ? READ_ONCE(b->error) : 0;
}

/* Seals what is dirty, as soon as there may be another run. */
static int seal(struct kvc_instance *inst, unsigned int fails, u64 *run)
{
	struct kvc_behind *b = inst->behind;
	int err, seen;

	for (;;) {
		seen = atomic_read(&b->changes);
		err = kvc_flush_seal(inst->cache, run);
		if (err != -EAGAIN)
			return err;
		err = wait_event_interruptible(b->wait,
					       atomic_read(&b->changes) != seen);
		if (err)
			return err;
		err = news_of(b, fails);
		if (err)
			return err;
	}
}

/* 1: it goes on; else what the wait ends with */
static int outcome(struct kvc_instance *inst, u64 run, unsigned int fails)
{
	if (kvc_flush_committed(inst->cache) >= run)
		return 0;
	if (kvc_cache_is_dead(inst->cache))
		return -ESHUTDOWN;
	return news_of(inst->behind, fails) ?: 1;
}

/**
 * kvc_wait_synced - seal what was acknowledged, wait until the store has it
 * @inst: a write-behind cache
 *
 * An error that the flusher tells meanwhile ends the wait; one from before does
 * not, for it may have been overcome.
 *
 * Context: may sleep.  Return: 0; -ESHUTDOWN, -ENOMEM; -ERESTARTSYS: a signal
 * came; what the flusher told.
 */
int kvc_wait_synced(struct kvc_instance *inst)
{
	struct kvc_behind *b = inst->behind;
	unsigned int fails = READ_ONCE(b->fails);
	int err, ret = 0;
	u64 run = 0;

	err = seal(inst, fails, &run);
	if (err || !run)
		return err;
	err = wait_event_interruptible(b->wait,
				       (ret = outcome(inst, run, fails)) <= 0);
	return err ?: ret;
}
