// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ordered scans over both tiers
 *
 * A page is made of the smallest keys of the range: each shard's tier, which
 * is unsorted, is walked in bounded steps, then its memtable from the range's
 * beginning, and a heap keeps the smallest.  A pair that moves to the memtable
 * meanwhile is met there, because the memtable comes second; none moves up
 * while a walk goes on.  So a key that is there throughout is met.  Only keys
 * are copied here: the caller looks each one up when it copies it out, and so
 * returns its newest value.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
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

struct collect {
	struct kvc_page *page;
	const struct kvc_range *range;
	struct kvc_shard *shard;
	u64 now;
};

/* Returns false when larger keys have no room either. */
static bool offer_if_wanted(struct collect *w, const struct kvc_entry *e)
{
	if (kvc_entry_is(e, KVC_ENTRY_TOMBSTONE) ||
	    kvc_entry_expired(e, &w->now))
		return true;
	return offer(w->page, e);
}

static void visit_tier(void *arg, const struct kvc_entry *e)
{
	struct collect *w = arg;

	if (is_wanted(w->range, e))
		offer_if_wanted(w, e);
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

/* Where the walk of the memtable begins, or goes on after a pause */
static struct kvc_entry *memtable_from(const struct collect *w)
{
	const struct kvc_range *r = w->range;
	struct kvc_memtable *m = &w->shard->memtable;
	const struct kvc_cell *pos = w->page->pos;

	if (pos->len)
		return kvc_memtable_seek(m, pos->key, pos->len, true);
	if (r->after_len &&
	    kvc_key_compare(r->after, r->after_len, r->start, r->start_len) >= 0)
		return kvc_memtable_seek(m, r->after, r->after_len, true);
	return kvc_memtable_seek(m, r->start, r->start_len, false);
}

static bool collect_memtable_step(struct collect *w)
{
	struct kvc_entry *e = memtable_from(w), *last = NULL;
	unsigned int left = KVC_SCAN_STEP;

	for (; e && left; left--, e = kvc_memtable_next(e)) {
		if (past_end(w->range, e) || !offer_if_wanted(w, e))
			return false;
		last = e;
	}
	if (last)
		fill_cell(w->page->pos, last);
	return e;
}

static void collect_memtable(struct collect *w)
{
	struct kvc_shard *s = w->shard;
	bool more;

	w->page->pos->len = 0;
	do {
		spin_lock(&s->lock);
		more = collect_memtable_step(w);
		spin_unlock(&s->lock);
		cond_resched();
	} while (more);
}

static void count_scans(struct kvc_shard *s, int by)
{
	spin_lock(&s->lock);
	s->scans += by;
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
		count_scans(w.shard, 1);
		collect_tier(&w);
		collect_memtable(&w);
		count_scans(w.shard, -1);
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
