/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_PAGE_H
#define KVC_PAGE_H

#include <stdbool.h>
#include <kvcache.h>

/* A page is at first this long; it grows to what a record needs. */
#define KVC_PAGE_FIRST	(64u << 10)

/**
 * struct kvc_page - records that a scan got at once
 * @bytes: room for them, allocated
 * @size: bytes there
 * @used: bytes of records
 * @at: bytes of these that were handed out
 */
struct kvc_page {
	unsigned char *bytes;
	uint32_t size;
	uint32_t used;
	uint32_t at;
};

/* Makes room; what was there is gone.  0 or -ENOMEM, with nothing changed. */
int kvc_page_resize(struct kvc_page *page, uint32_t size);

/* The record to be handed out, NULL: none is left. */
static inline const struct kvc_scan_rec *kvc_page_peek(const struct kvc_page *p)
{
	return p->at == p->used ? NULL :
	       (const struct kvc_scan_rec *)(p->bytes + p->at);
}

static inline void kvc_page_next(struct kvc_page *page)
{
	page->at += kvc_page_peek(page)->rec_len;
}

static inline const unsigned char *kvc_rec_key(const struct kvc_scan_rec *rec)
{
	return (const unsigned char *)(rec + 1);
}

/* Keys in their order: as memcmp(), a prefix before what it is one of. */
int kvc_key_compare(const void *a, size_t a_len, const void *b, size_t b_len);

/* The last record, NULL: there is none. */
const struct kvc_scan_rec *kvc_page_last(const struct kvc_page *page);

/*
 * Are these @count records well-formed, with the values if @values, all behind
 * the key @after, if there is one, and each behind the one before?
 */
bool kvc_page_valid(const struct kvc_page *page, uint32_t count, bool values,
		    const void *after, size_t after_len);

#endif /* KVC_PAGE_H */
