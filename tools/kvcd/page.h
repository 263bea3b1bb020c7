/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCD_PAGE_H
#define KVCD_PAGE_H

#include <kvcd_proto.h>

#include "body.h"
#include "store.h"

/* Bytes of records that a page has at most, but for a single long one. */
#define PAGE_MOST	(1u << 20)

/*
 * A page of what the store has, as the answer to KVCD_STORE_SCAN; the three keys
 * are at @keys.  0 or -errno and why.
 */
int page_make(struct store *store, struct column *column,
	      const struct kvcd_range *range, const unsigned char *keys,
	      struct body **out, struct why *why);

#endif /* KVCD_PAGE_H */
