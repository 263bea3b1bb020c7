/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_PUT_H
#define _KVC_PUT_H

#include "cache.h"

/* kvc_cache_put(), of what was counted as another operation */
int kvc_put_as(struct kvc_cache *c, struct kvc_entry *e,
	       const struct kvc_cond *cond, u64 *now, u64 *version,
	       enum kvc_counter which);

#endif
