// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVC_IOC_SCAN: pages of a key range
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "copy.h"
#include "core/lookup.h"
#include "core/scan.h"
#include "session.h"

#define SCAN_FLAGS	(KVC_SCAN_F_PREFIX | KVC_SCAN_F_KEYS | KVC_SCAN_F_GONE)

/**
 * struct kvc_writer - puts records into the user's buffer
 * @call: on what
 * @scan: what the user wants and is told
 * @range: the keys
 * @after: room for the key to go on after
 * @record: a record in the making
 * @room: bytes there
 */
struct kvc_writer {
	struct kvc_call *call;
	struct kvc_scan *scan;
	struct kvc_range range;
	u8 *after;
	struct kvc_scan_rec *record;
	size_t room;
};

static int check(const struct kvc_scan *scan)
{
	if (scan->flags & ~SCAN_FLAGS || scan->reserved || scan->buf % 8)
		return -EINVAL;
	if (scan->flags & KVC_SCAN_F_PREFIX && scan->end_len)
		return -EINVAL;
	if (scan->start_len > KVC_KEY_MAX || scan->end_len > KVC_KEY_MAX ||
	    scan->after_len > KVC_KEY_MAX)
		return -ENAMETOOLONG;
	return 0;
}

/* The range's three keys share one allocation, that of @after last. */
static int read_range(struct kvc_writer *w)
{
	const struct kvc_scan *scan = w->scan;
	u8 *keys = kmalloc(3 * KVC_KEY_MAX, GFP_KERNEL_ACCOUNT);

	if (!keys)
		return -ENOMEM;
	w->range = (struct kvc_range){
		.start = keys,
		.end = keys + KVC_KEY_MAX,
		.after = keys + 2 * KVC_KEY_MAX,
		.start_len = scan->start_len,
		.end_len = scan->end_len,
		.after_len = scan->after_len,
		.prefix = scan->flags & KVC_SCAN_F_PREFIX,
		.gone = scan->flags & KVC_SCAN_F_GONE,
	};
	w->after = keys + 2 * KVC_KEY_MAX;
	if (copy_from_user(keys, u64_to_user_ptr(scan->start),
			   scan->start_len) ||
	    copy_from_user(keys + KVC_KEY_MAX, u64_to_user_ptr(scan->end),
			   scan->end_len) ||
	    copy_from_user(w->after, u64_to_user_ptr(scan->after),
			   scan->after_len)) {
		kfree(keys);
		return -EFAULT;
	}
	return 0;
}

static void fill_gone(struct kvc_scan_rec *r, struct kvc_entry *e, size_t bytes)
{
	memset(r, 0, bytes);
	r->rec_len = bytes;
	r->key_len = e->key_len;
	r->flags = KVC_SCAN_REC_GONE;
	r->version = e->version;
	memcpy(r + 1, kvc_entry_key(e), e->key_len);
}

static void fill_record(struct kvc_scan_rec *r, struct kvc_entry *e,
			u32 data_len, size_t bytes)
{
	u8 *data = (u8 *)(r + 1);

	*r = (struct kvc_scan_rec){
		.rec_len = bytes,
		.key_len = e->key_len,
		.value_len = e->value_len,
		.data_len = data_len,
		.client_flags = e->client_flags,
		.version = e->version,
		.expiry = READ_ONCE(e->expiry),
	};
	memcpy(data, kvc_entry_key(e), e->key_len);
	memcpy(data + e->key_len, kvc_entry_value(e), data_len);
	memset(data + e->key_len + data_len, 0,
	       bytes - sizeof(*r) - e->key_len - data_len);
}

/*
 * The key's entry, if the scan wants it.  What the store must not be asked for
 * is gone: deleted, or ended before the store has seen it.
 */
static struct kvc_entry *find(struct kvc_writer *w, const u8 *key, u32 key_len,
			      bool *gone)
{
	struct kvc_cache *c = w->call->cache;
	u32 hash = kvc_cache_hash(c, key, key_len);
	u64 *now = &w->call->now;
	struct kvc_entry *e;

	*gone = false;
	if (likely(!w->range.gone))
		return kvc_cache_find(c, hash, key, key_len, now);
	if (kvc_cache_is_fenced(c, now))
		return NULL;
	e = kvc_index_find(&kvc_cache_shard(c, hash)->index, hash, key,
			   key_len);
	if (!e || kvc_entry_live(e, now))
		return e;
	*gone = kvc_entry_is(e, KVC_ENTRY_TOMBSTONE | KVC_ENTRY_DIRTY);
	return *gone ? e : NULL;
}

/* Returns the bytes of the record; more than @room: it was not made; 0: none. */
static size_t make_record(struct kvc_writer *w, const u8 *key, u32 key_len)
{
	bool values = !(w->scan->flags & KVC_SCAN_F_KEYS);
	struct kvc_entry *e;
	size_t bytes = 0;
	u32 data_len;
	bool gone;

	rcu_read_lock();
	e = find(w, key, key_len, &gone);
	if (e) {
		data_len = values && !gone ? e->value_len : 0;
		bytes = ALIGN(sizeof(*w->record) + key_len + data_len, 8);
		if (bytes > w->room)
			goto out;
		if (gone)
			fill_gone(w->record, e, bytes);
		else
			fill_record(w->record, e, data_len, bytes);
	}
out:
	rcu_read_unlock();
	return bytes;
}

static int grow(struct kvc_writer *w, size_t bytes)
{
	kvfree(w->record);
	w->room = 0;
	w->record = kvmalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!w->record)
		return -ENOMEM;
	w->room = bytes;
	return 0;
}

/* Returns 1 when the user's buffer is full. */
static int write_record(struct kvc_writer *w, const u8 *key, u32 key_len)
{
	struct kvc_scan *scan = w->scan;
	size_t bytes;
	int err;

	while ((bytes = make_record(w, key, key_len)) > w->room) {
		err = grow(w, bytes);
		if (err)
			return err;
	}
	if (!bytes)
		return 0;
	if (bytes > scan->buf_len - scan->used) {
		scan->needed = bytes;
		return scan->count ? 1 : -ERANGE;
	}
	if (copy_to_user(u64_to_user_ptr(scan->buf + scan->used), w->record,
			 bytes))
		return -EFAULT;
	scan->used += bytes;
	scan->count++;
	return 0;
}

static int write_page(struct kvc_writer *w, const struct kvc_page *page)
{
	const u8 *key;
	u32 i, key_len;
	int err;

	for (i = 0; i < page->count; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		key = kvc_page_key(page, i, &key_len);
		err = write_record(w, key, key_len);
		if (err)
			return err;
		memcpy(w->after, key, key_len);
		w->range.after_len = key_len;
		cond_resched();
	}
	return 0;
}

/* How many keys can there be in what is left of the user's buffer? */
static u32 keys_wanted(const struct kvc_scan *scan)
{
	return (scan->buf_len - scan->used) / (sizeof(struct kvc_scan_rec) + 8);
}

static int scan_page(struct kvc_writer *w)
{
	struct kvc_scan *scan = w->scan;
	struct kvc_page page;
	int err;

	err = kvc_page_init(&page, w->call->cache, keys_wanted(scan));
	if (err)
		return err;
	kvc_page_collect(&page, w->call->cache, &w->range);
	err = write_page(w, &page);
	scan->more = page.more || err;
	kvc_page_exit(&page);
	return err;
}

static int scan_range(struct kvc_writer *w)
{
	int err;

	do {
		err = scan_page(w);
	} while (!err && w->scan->more);
	kvfree(w->record);
	if (kvc_cache_is_dead(w->call->cache))
		return -ESHUTDOWN;
	/* What has been written counts; the next call meets the trouble again. */
	return err < 0 && (!w->scan->count || err == -EFAULT) ? err : 0;
}

/**
 * kvc_range_call - KVC_IOC_SCAN
 * @call: on what
 * @arg: user's &struct kvc_scan
 * @usize: bytes of it that the user knows
 */
int kvc_range_call(struct kvc_call *call, void __user *arg, size_t usize)
{
	struct kvc_scan scan;
	struct kvc_writer w = { .call = call, .scan = &scan };
	int err;

	err = kvc_copy_in(&scan, sizeof(scan), arg, usize, KVC_SCAN_SIZE_VER0);
	if (err)
		return err;
	if (!(call->mode & FMODE_READ))
		return -EBADF;
	err = check(&scan) ?: read_range(&w);
	if (err)
		return err;
	scan.used = scan.count = scan.more = scan.needed = 0;
	err = scan_range(&w);
	kfree(w.range.start);
	return kvc_copy_out(arg, usize, &scan, sizeof(scan)) ?: err;
}
