// SPDX-License-Identifier: GPL-2.0-only
/*
 * All pages of a scan, with a check of every record's form
 */
#include <errno.h>
#include <string.h>

#include "kvctest.h"

/* The last key seen: where the next page begins, and what must be below. */
struct walk {
	unsigned char last[KVC_KEY_MAX];
	__u32 last_len;
	int seen;
	void (*each)(void *arg, const struct kvc_scan_rec *rec);
	void *arg;
};

void kvc_scan_init(struct kvc_scan *scan, void *buf, __u32 len)
{
	memset(scan, 0, sizeof(*scan));
	scan->buf = kvc_ptr(buf);
	scan->buf_len = len;
}

static int compare(const void *a, __u32 a_len, const void *b, __u32 b_len)
{
	int diff = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return diff ? diff : (a_len > b_len) - (a_len < b_len);
}

static bool well_formed(const struct kvc_scan_rec *rec, __u32 room, __u32 flags)
{
	__u32 data = flags & KVC_SCAN_F_KEYS ? 0 : rec->value_len;
	__u32 gone = flags & KVC_SCAN_F_GONE ? KVC_SCAN_REC_GONE : 0;
	__u64 need = sizeof(*rec) + (__u64)rec->key_len + rec->data_len;

	return !(rec->rec_len % 8) && rec->rec_len <= room &&
	       rec->rec_len >= need && rec->rec_len < need + 8 &&
	       rec->key_len && rec->key_len <= KVC_KEY_MAX &&
	       rec->data_len == data && !(rec->flags & ~gone);
}

static int walk_record(struct walk *walk, const struct kvc_scan_rec *rec)
{
	if (compare(kvc_rec_key(rec), rec->key_len, walk->last,
		    walk->last_len) <= 0)
		return -EPROTO;
	memcpy(walk->last, kvc_rec_key(rec), rec->key_len);
	walk->last_len = rec->key_len;
	walk->seen++;
	if (walk->each)
		walk->each(walk->arg, rec);
	return 0;
}

static int walk_page(struct walk *walk, const struct kvc_scan *scan)
{
	const struct kvc_scan_rec *rec;
	__u32 at = 0, count = 0;
	int ret;

	if (scan->used > scan->buf_len)
		return -EPROTO;
	for (; at < scan->used; at += rec->rec_len, count++) {
		if (scan->used - at < sizeof(*rec))
			return -EPROTO;
		rec = (const void *)(uintptr_t)(scan->buf + at);
		if (!well_formed(rec, scan->used - at, scan->flags))
			return -EPROTO;
		ret = walk_record(walk, rec);
		if (ret)
			return ret;
	}
	return count == scan->count ? 0 : -EPROTO;
}

int kvc_scan_all(int fd, struct kvc_scan *scan,
		 void (*each)(void *arg, const struct kvc_scan_rec *rec),
		 void *arg)
{
	struct walk walk = { .each = each, .arg = arg };
	int ret;

	do {
		scan->after = kvc_ptr(walk.last);
		scan->after_len = walk.last_len;
		ret = kvc_call(fd, KVC_IOC_SCAN, scan);
		if (!ret)
			ret = walk_page(&walk, scan);
		if (!ret && scan->more && !scan->count)
			ret = -EPROTO;
		if (ret)
			return ret;
	} while (scan->more);
	return walk.seen;
}
