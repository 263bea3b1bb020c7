// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ordered scans over all tiers
 *
 * A page is made of the smallest keys of the range: each shard's tier, which
 * is unsorted, is walked in bounded steps, then its trees from the range's
 * beginning: that of dirty pairs, those of the runs from the newest to the
 * oldest, the memtable.  A heap keeps the smallest.  Pairs that move meanwhile
 * do so in this order and are met again, but for two kinds: none moves up to
 * the tier while a walk goes on, and who writes a key whose older pair is in
 * the memtable, or in a run, and so moves it back, tells the walk of it.  So a
 * key that is there throughout is met (L9).  Only keys are copied here: the
 * caller looks each one up when it copies it out, and so returns its newest
 * value.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "lookup.h"
#include "scan.h"

/* Entries visited under one hold of the lock */
#define KVC_SCAN_STEP	128
#define KVC_SCAN_MEMORY	SZ_1M
#define KVC_SCAN_KEYS	16	/* a page has room for this many at least */

static struct kvc_cell *cell_at(const struct kvc_page *p, u32 i)
{
	return (struct kvc_cell *)(p->cells + (size_t)i * p->cell);
}

static struct kvc_cell *nth(const struct kvc_page *p, u32 i)
{
	return cell_at(p, p->order[i]);
}

/**
 * kvc_page_init - make room for some keys of a cache
 * @p: the page
 * @c: the cache; keys that are longer than all it had before are left out, for
 *	they were not there when the scan began
 * @keys: how many the caller could use; the page may have room for fewer, but
 *	some
 *
 * Context: may sleep.  Return: 0 or -ENOMEM.
 */
int kvc_page_init(struct kvc_page *p, struct kvc_cache *c, u32 keys)
{
	size_t cells, order, pos = sizeof(*p->pos) + KVC_KEY_MAX;
	u32 i, longest = 0;

	for (i = 0; i < kvc_cache_shards(c); i++)
		longest = max(longest, READ_ONCE(c->shards[i].key_len_max));
	memset(p, 0, sizeof(*p));
	p->cell = ALIGN(sizeof(struct kvc_cell) + longest, 8);
	p->room = clamp_t(u32, keys, KVC_SCAN_KEYS, KVC_SCAN_MEMORY / p->cell);
	cells = (size_t)p->room * p->cell;
	order = p->room * sizeof(*p->order);
	p->cells = kvmalloc(cells + order + pos,
			    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!p->cells)
		return -ENOMEM;
	p->order = (u32 *)(p->cells + cells);
	p->pos = (struct kvc_cell *)(p->cells + cells + order);
	return 0;
}

void kvc_page_exit(struct kvc_page *p)
{
	kvfree(p->cells);
}

static bool below_cells(const struct kvc_cell *a, const struct kvc_cell *b)
{
	return kvc_key_compare(a->key, a->len, b->key, b->len) < 0;
}

static bool below(const struct kvc_page *p, u32 a, u32 b)
{
	return below_cells(nth(p, a), nth(p, b));
}

static void sift_up(struct kvc_page *p, u32 i)
{
	for (; i && below(p, (i - 1) / 2, i); i = (i - 1) / 2)
		swap(p->order[i], p->order[(i - 1) / 2]);
}

static void sift_down(struct kvc_page *p, u32 n)
{
	u32 i = 0, child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && below(p, child, child + 1))
			child++;
		if (!below(p, i, child))
			return;
		swap(p->order[i], p->order[child]);
		i = child;
	}
}

static void fill_cell(struct kvc_cell *cell, const struct kvc_entry *e)
{
	cell->len = e->key_len;
	memcpy(cell->key, kvc_entry_key(e), e->key_len);
}

/* Returns false when this key and all larger ones have no room. */
static bool offer(struct kvc_page *p, const struct kvc_entry *e)
{
	if (sizeof(struct kvc_cell) + e->key_len > p->cell)
		return true;
	if (p->count < p->room) {
		p->order[p->count] = p->count;
		fill_cell(cell_at(p, p->count), e);
		sift_up(p, p->count++);
		return true;
	}
	p->more = true;
	if (kvc_entry_compare(e, nth(p, 0)->key, nth(p, 0)->len) >= 0)
		return false;
	fill_cell(nth(p, 0), e);
	sift_down(p, p->count);
	return true;
}

static bool past_end(const struct kvc_range *r, const struct kvc_entry *e)
{
	if (r->prefix)
		return memcmp(e->data, r->start,
			      min_t(u32, e->key_len, r->start_len)) > 0;
	return r->end_len && kvc_entry_compare(e, r->end, r->end_len) >= 0;
}

static bool is_wanted(const struct kvc_range *r, const struct kvc_entry *e)
{
	if (r->after_len && kvc_entry_compare(e, r->after, r->after_len) <= 0)
		return false;
	if (kvc_entry_compare(e, r->start, r->start_len) < 0)
		return false;
	return !past_end(r, e);
}

/* A walk through a shard, which is on the shard's list of them */
struct collect {
	struct list_head on;
	struct kvc_page *page;
	const struct kvc_range *range;
	struct kvc_shard *shard;
	u64 now;
};

/* Does the scan want an entry of this kind? */
static bool is_there(struct collect *w, const struct kvc_entry *e)
{
	/* The newer entry of its key is met, or told of. */
	if (kvc_entry_is(e, KVC_ENTRY_SHADOWED))
		return false;
	if (kvc_entry_live(e, &w->now))
		return true;
	return w->range->gone &&
	       kvc_entry_is(e, KVC_ENTRY_TOMBSTONE | KVC_ENTRY_DIRTY);
}

/* Returns false when larger keys have no room either. */
static bool offer_if_there(struct collect *w, const struct kvc_entry *e)
{
	return !is_there(w, e) || offer(w->page, e);
}

static void visit_tier(void *arg, struct kvc_entry *e)
{
	struct collect *w = arg;

	if (is_wanted(w->range, e))
		offer_if_there(w, e);
}

/**
 * kvc_scan_meet - an entry moved to where walks may have been already
 * @s: the shard, locked
 * @e: the entry
 */
void kvc_scan_meet(struct kvc_shard *s, const struct kvc_entry *e)
{
	struct collect *w;

	lockdep_assert_held(&s->lock);
	list_for_each_entry(w, &s->scans, on)
		if (is_wanted(w->range, e))
			offer_if_there(w, e);
}

static void collect_tier(struct collect *w)
{
	struct kvc_shard *s = w->shard;
	struct kvc_tier_cursor cursor;

	spin_lock(&s->lock);
	kvc_tier_walk_begin(&s->tier, &cursor);
	while (kvc_tier_walk(&s->tier, &cursor, KVC_SCAN_STEP, visit_tier, w)) {
		spin_unlock(&s->lock);
		cond_resched();
		spin_lock(&s->lock);
	}
	kvc_tier_walk_end(&cursor);
	spin_unlock(&s->lock);
}

/* Where the walk of a tree begins, or goes on after a pause */
static struct kvc_entry *tree_from(const struct collect *w,
				   struct kvc_memtable *m)
{
	const struct kvc_range *r = w->range;
	const struct kvc_cell *pos = w->page->pos;

	if (pos->len)
		return kvc_memtable_seek(m, pos->key, pos->len, true);
	if (r->after_len &&
	    kvc_key_compare(r->after, r->after_len, r->start, r->start_len) >= 0)
		return kvc_memtable_seek(m, r->after, r->after_len, true);
	return kvc_memtable_seek(m, r->start, r->start_len, false);
}

static bool collect_tree_step(struct collect *w, struct kvc_memtable *m)
{
	struct kvc_entry *e = tree_from(w, m), *last = NULL;
	unsigned int left = KVC_SCAN_STEP;

	for (; e && left; left--, e = kvc_memtable_next(e)) {
		if (past_end(w->range, e) || !offer_if_there(w, e))
			return false;
		last = e;
	}
	if (last)
		fill_cell(w->page->pos, last);
	return e;
}

static void collect_tree(struct collect *w, struct kvc_memtable *m)
{
	struct kvc_shard *s = w->shard;
	bool more;

	w->page->pos->len = 0;
	do {
		spin_lock(&s->lock);
		more = collect_tree_step(w, m);
		spin_unlock(&s->lock);
		cond_resched();
	} while (more);
}

/* The shard's newest part of a run that is not newer than @upto, or NULL */
static struct kvc_run_part *part_upto(struct kvc_shard *s, u64 upto)
{
	struct kvc_run_part *part;

	list_for_each_entry(part, &s->runs, on)
		if (part->upto <= upto)
			return part;
	return NULL;
}

/*
 * Some of the newest part not newer than @upto, which becomes where to go on.
 * What is committed meanwhile has moved on to the memtable.
 */
static bool collect_runs_step(struct collect *w, u64 *upto)
{
	struct kvc_run_part *part = part_upto(w->shard, *upto);

	if (!part)
		return false;
	/* The one before is done, or is not there any more. */
	if (part->upto != *upto)
		w->page->pos->len = 0;
	*upto = part->upto;
	if (!collect_tree_step(w, &part->tree)) {
		*upto -= 1;
		w->page->pos->len = 0;
	}
	return true;
}

static void collect_runs(struct collect *w)
{
	struct kvc_shard *s = w->shard;
	u64 upto = U64_MAX;
	bool more;

	do {
		spin_lock(&s->lock);
		more = collect_runs_step(w, &upto);
		spin_unlock(&s->lock);
		cond_resched();
	} while (more);
}

static void collect_shard(struct collect *w)
{
	struct kvc_shard *s = w->shard;

	spin_lock(&s->lock);
	list_add(&w->on, &s->scans);
	spin_unlock(&s->lock);
	collect_tier(w);
	if (s->cache->mode == KVC_MODE_WRITEBEHIND) {
		collect_tree(w, &s->dirty);
		collect_runs(w);
	}
	collect_tree(w, &s->memtable);
	spin_lock(&s->lock);
	list_del(&w->on);
	spin_unlock(&s->lock);
}

static void sort_page(struct kvc_page *p)
{
	u32 n;

	for (n = p->count; n > 1; n--) {
		swap(p->order[0], p->order[n - 1]);
		sift_down(p, n - 1);
	}
}

/* A key that moved to the memtable meanwhile was met twice. */
static void drop_doubles(struct kvc_page *p)
{
	u32 i, kept = 0;

	for (i = 0; i < p->count; i++)
		if (!kept || below_cells(nth(p, kept - 1), nth(p, i)))
			p->order[kept++] = p->order[i];
	p->count = kept;
}

/**
 * kvc_page_collect - fill a page
 * @p: the page, of this cache
 * @c: the cache
 * @range: which keys
 *
 * Past the fence there are none, as for lookups.
 *
 * Context: may sleep.
 */
void kvc_page_collect(struct kvc_page *p, struct kvc_cache *c,
		      const struct kvc_range *range)
{
	struct collect w = { .page = p, .range = range };
	u32 i;

	if (!range->fenced && kvc_cache_is_fenced(c, &w.now))
		return;
	for (i = 0; i < kvc_cache_shards(c); i++) {
		w.shard = &c->shards[i];
		collect_shard(&w);
	}
	sort_page(p);
	drop_doubles(p);
}

/**
 * kvc_page_key - one of the page's keys
 * @p: the page
 * @i: which, less than @count
 * @key_len: gets its length
 */
const u8 *kvc_page_key(const struct kvc_page *p, u32 i, u32 *key_len)
{
	const struct kvc_cell *cell = nth(p, i);

	*key_len = cell->len;
	return cell->key;
}
