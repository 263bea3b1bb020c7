/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_CURSOR_H
#define KVC_CURSOR_H

#include "internal.h"
#include "kvcd_proto.h"
#include "page.h"

/* A key that the cursor keeps: the caller's may go away between pages. */
struct kvc_key_copy {
	uint32_t len;
	unsigned char bytes[KVC_KEY_MAX];
};

/**
 * struct kvc_cursor - a scan
 * @kvc: the handle
 * @flags: KVC_SCAN_F_*, of the caller
 * @cache_side: pairs come from the kernel
 * @store_side: pairs come from the store
 * @cache_more: there may be pages of the kernel after this one
 * @store_more: the store may have more in what the kernel's page covers
 * @cache: the kernel's page
 * @store: the store's
 * @start: first key of the range
 * @end: the key before which it ends
 * @after: the kernel's next page begins behind it
 * @store_after: the store's, likewise
 * @request: of a page of the store
 *
 * The kernel's page covers the range up to its last key, or to the end when
 * there are no more.  The store is only read for what the present page covers,
 * and after it.  A key that the page does not have is then in the store by now,
 * if it is anywhere: what was dirty and was committed meanwhile too, whatever
 * was evicted.  The other way round it could be missed in both, and a deleted
 * key come back.
 */
struct kvc_cursor {
	struct kvc *kvc;
	uint32_t flags;
	bool cache_side;
	bool store_side;
	bool cache_more;
	bool store_more;
	struct kvc_page cache;
	struct kvc_page store;
	struct kvc_key_copy start;
	struct kvc_key_copy end;
	struct kvc_key_copy after;
	struct kvc_key_copy store_after;
	unsigned char request[sizeof(struct kvcd_range) + 3 * KVC_KEY_MAX];
};

/* storepage.c: the store's next page; a negative errno leaves all as it was. */
int kvc_storepage_read(struct kvc_cursor *cursor);

#endif /* KVC_CURSOR_H */
