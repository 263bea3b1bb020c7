/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SIM_CONTENDER_H
#define _KVC_SIM_CONTENDER_H

#include <linux/types.h>

struct stream;

/**
 * struct contender - a cache that is given a stream of requests
 * @name: of its policy
 * @core: it is kvcache's, not a model of the policy alone
 * @begin: makes an empty one for so many bytes; @which is the contender's
 * @request: does a request; a GET that misses stores the pair.  Returns
 *	whether the key was there.
 * @end: frees it
 * @which: passed to @begin
 */
struct contender {
	const char *name;
	bool core;
	void *(*begin)(const struct stream *st, u64 bytes, u32 which);
	bool (*request)(void *ctx, u32 request);
	void (*end)(void *ctx);
	u32 which;
};

/* Models of policies that have the whole cache for themselves. */
extern const struct contender models[];
extern const unsigned int models_count;

/* kvcache with each policy that it has */
void core_init(void);
/* Policy number 1, 2, ...; false: there is none of the number */
bool core_contender(struct contender *c, u32 policy);
/* The number of the policy that a cache gets if nobody says which */
u32 core_default(void);
/* What kvcache counts for a pair */
u32 core_bytes(u32 key_len, u32 value_len);

#endif
