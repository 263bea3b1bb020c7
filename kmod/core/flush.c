// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the dirty entries of a write-behind cache are sealed into a run, and
 * what happens when a run was stored
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include "cache.h"

void kvc_flush_init(struct kvc_flush *f)
{
	mutex_init(&f->sealing);
	mutex_init(&f->reader);
	spin_lock_init(&f->lock);
	INIT_LIST_HEAD(&f->runs);
}

/**
 * kvc_flush_observe - tell the observer how far flushing is
 * @c: the cache
 *
 * Context: may sleep.
 */
void kvc_flush_observe(struct kvc_cache *c)
{
	if (c->observer->flush)
		c->observer->flush(c->ctx);
}

/**
 * kvc_flush_want - ask for a seal as soon as that can be
 * @c: the cache
 *
 * Context: any, also under a shard lock.
 */
void kvc_flush_want(struct kvc_cache *c)
{
	if (READ_ONCE(c->flush.wanted))
		return;
	WRITE_ONCE(c->flush.wanted, true);
	kvc_cache_kick(c, false);
}

/* When came the oldest dirty entry that is in no run?  U64_MAX: there is none. */
static u64 oldest_dirty(struct kvc_cache *c)
{
	u64 oldest = U64_MAX;
	struct kvc_shard *s;
	u32 i;

	for (i = 0; i < kvc_cache_shards(c); i++) {
		s = &c->shards[i];
		spin_lock(&s->lock);
		if (s->unsealed)
			oldest = min(oldest, s->dirty_since);
		spin_unlock(&s->lock);
	}
	return oldest;
}

/* In how many milliseconds will it be too old?  UINT_MAX: there is none. */
static unsigned int age_due(struct kvc_cache *c)
{
	u64 oldest = oldest_dirty(c), now = ktime_get_boottime_ns(), age;
	u32 most = READ_ONCE(c->config.flush_ms);

	if (oldest == U64_MAX)
		return UINT_MAX;
	age = now > oldest ? div64_u64(now - oldest, NSEC_PER_MSEC) : 0;
	return age < most ? most - age : 0;
}

/* A run that waits already is what there is to wait for. */
static u64 newest_waiting(struct kvc_flush *f)
{
	u64 run;

	spin_lock(&f->lock);
	run = f->waiting ? f->sealed : 0;
	spin_unlock(&f->lock);
	return run;
}

static bool has_room(struct kvc_cache *c)
{
	return READ_ONCE(c->flush.waiting) < READ_ONCE(c->config.runs);
}

/* The run is complete: from now on it can be read, committed, and freed. */
static u64 offer(struct kvc_cache *c, struct kvc_run *run)
{
	struct kvc_flush *f = &c->flush;
	u64 id;

	spin_lock(&f->lock);
	id = f->sealed + 1;
	run->id = id;
	WRITE_ONCE(f->sealed, id);
	WRITE_ONCE(f->bytes, f->bytes + kvc_run_bytes(run));
	if (!f->waiting)
		WRITE_ONCE(f->oldest, id);
	WRITE_ONCE(f->waiting, f->waiting + 1);
	list_add_tail(&run->on, &f->runs);
	spin_unlock(&f->lock);
	kvc_flush_observe(c);
	return id;
}

/*
 * Without memory for a part the run has the shards before it, and the next one
 * has the rest: each shard is sealed as a whole or not at all.
 */
static int seal(struct kvc_cache *c, u64 *id)
{
	struct kvc_run *run = kvc_run_alloc(kvc_cache_shards(c));
	int err = 0;
	u32 i;

	if (!run)
		return -ENOMEM;
	for (i = 0; i < run->parts && !err; i++) {
		err = kvc_run_seal(run, c, i);
		cond_resched();
	}
	if (run->entries)
		*id = offer(c, run);
	else
		kvc_run_free(run);
	return err;
}

static int seal_if_dirty(struct kvc_cache *c, u64 *run)
{
	lockdep_assert_held(&c->flush.sealing);
	if (READ_ONCE(c->dead))
		return -ESHUTDOWN;
	WRITE_ONCE(c->flush.wanted, false);
	*run = newest_waiting(&c->flush);
	if (oldest_dirty(c) == U64_MAX)
		return 0;
	return has_room(c) ? seal(c, run) : -EAGAIN;
}

/**
 * kvc_flush_seal - seal what is dirty
 * @c: a write-behind cache
 * @run: gets the run that has, or the last of those that have, all that was
 *	written before the call; 0: that is in the store
 *
 * Context: may sleep; no writer waits for it.  Return: 0; -ENOMEM: some of it
 * may be in a run, nothing is lost; -EAGAIN: no more runs may wait, call again
 * when kvc_flush_progress() has changed; -ESHUTDOWN: the cache was killed.
 */
int kvc_flush_seal(struct kvc_cache *c, u64 *run)
{
	int err;

	mutex_lock(&c->flush.sealing);
	err = seal_if_dirty(c, run);
	/* A commit, or the next look, goes on with it. */
	if (err == -EAGAIN || err == -ENOMEM)
		WRITE_ONCE(c->flush.wanted, true);
	mutex_unlock(&c->flush.sealing);
	return err;
}

/**
 * kvc_flush_maintain - seal if that is due
 * @c: the cache
 *
 * Context: may sleep.  Return: in how many milliseconds it should be called
 * again, UINT_MAX: not before somebody asks for it.
 */
unsigned int kvc_flush_maintain(struct kvc_cache *c)
{
	unsigned int due;
	u64 run;
	int err;

	if (c->mode != KVC_MODE_WRITEBEHIND)
		return UINT_MAX;
	due = age_due(c);
	if (due && !READ_ONCE(c->flush.wanted))
		return due;
	err = kvc_flush_seal(c, &run);
	if (err == -ENOMEM)
		return KVC_MAINTAIN_MS;
	/* When there is no room for a run, the commit asks for the next look. */
	return err ? UINT_MAX : age_due(c);
}

/**
 * kvc_flush_oldest - the run that is to be read
 * @c: the cache
 *
 * Context: under &struct kvc_flush.reader.  Return: the run or NULL.
 */
struct kvc_run *kvc_flush_oldest(struct kvc_cache *c)
{
	struct kvc_flush *f = &c->flush;
	struct kvc_run *run;

	lockdep_assert_held(&f->reader);
	spin_lock(&f->lock);
	run = list_first_entry_or_null(&f->runs, struct kvc_run, on);
	spin_unlock(&f->lock);
	return run;
}

/* No entry of it is left, and no shard knows it. */
static void end_oldest(struct kvc_cache *c)
{
	struct kvc_run *run = kvc_flush_oldest(c), *next;
	struct kvc_flush *f = &c->flush;

	spin_lock(&f->lock);
	list_del(&run->on);
	next = list_first_entry_or_null(&f->runs, struct kvc_run, on);
	WRITE_ONCE(f->oldest, next ? next->id : 0);
	WRITE_ONCE(f->waiting, f->waiting - 1);
	WRITE_ONCE(f->bytes, f->bytes - kvc_run_bytes(run));
	spin_unlock(&f->lock);
	kvc_run_free(run);
}

static void make_progress(struct kvc_cache *c)
{
	struct kvc_flush *f = &c->flush;

	spin_lock(&f->lock);
	/* Pairs with the acquire in kvc_flush_progress(). */
	smp_store_release(&f->progress, f->progress + 1);
	spin_unlock(&f->lock);
	kvc_flush_observe(c);
}

/**
 * kvc_flush_commit - the oldest run is in the store
 * @c: the cache
 * @run: its id
 *
 * Context: may sleep, under &struct kvc_flush.reader.  Return: 0; -EINVAL: it
 * is not the oldest run; -ESHUTDOWN: the cache was killed.
 */
int kvc_flush_commit(struct kvc_cache *c, u64 run)
{
	struct kvc_run *oldest = kvc_flush_oldest(c);
	u32 shard = 0;

	if (READ_ONCE(c->dead))
		return -ESHUTDOWN;
	if (!oldest || oldest->id != run)
		return -EINVAL;
	while (kvc_run_commit_step(oldest, c, &shard)) {
		if (READ_ONCE(c->dead))
			return -ESHUTDOWN;
		cond_resched();
	}
	kvc_counters_add(c->counters, KVC_COUNT_FLUSHED, oldest->entries);
	end_oldest(c);
	/* Pairs with the acquire in kvc_flush_committed(). */
	smp_store_release(&c->flush.committed, run);
	make_progress(c);
	/* The next run may have waited for the room. */
	kvc_cache_kick(c, false);
	return 0;
}

/**
 * kvc_flush_kill - drop all runs
 * @c: the cache, which is dead
 *
 * Who reads or commits at the moment is waited for.
 *
 * Context: may sleep.
 */
void kvc_flush_kill(struct kvc_cache *c)
{
	struct kvc_flush *f = &c->flush;
	struct kvc_run *run;
	u32 shard;

	/* Those who wait need not do so for what follows. */
	make_progress(c);
	mutex_lock(&f->sealing);
	mutex_lock(&f->reader);
	while ((run = kvc_flush_oldest(c))) {
		shard = 0;
		while (kvc_run_drop_step(run, c, &shard))
			cond_resched();
		end_oldest(c);
	}
	mutex_unlock(&f->reader);
	mutex_unlock(&f->sealing);
}

/**
 * kvc_flush_committed - the highest run that is in the store
 * @c: the cache
 */
u64 kvc_flush_committed(struct kvc_cache *c)
{
	/* Pairs with the release in kvc_flush_commit(). */
	return smp_load_acquire(&c->flush.committed);
}

/**
 * kvc_flush_progress - changes with each commit, and when the cache is killed
 * @c: the cache
 *
 * Who got -EBUSY or -EAGAIN waits for it to be another than it was before the
 * call; the observer's flush() is the wake-up.
 */
u32 kvc_flush_progress(struct kvc_cache *c)
{
	/* Pairs with the release in make_progress(). */
	return smp_load_acquire(&c->flush.progress);
}

/**
 * kvc_flush_dirty - how many entries has the store not seen?
 * @c: the cache
 *
 * Tombstones count, older entries of the same key do not.
 */
u64 kvc_flush_dirty(struct kvc_cache *c)
{
	u64 dirty = 0;
	u32 i;

	for (i = 0; i < kvc_cache_shards(c); i++)
		dirty += READ_ONCE(c->shards[i].dirty_entries);
	return dirty;
}
