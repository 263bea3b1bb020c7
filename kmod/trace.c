// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the core tells its observer becomes trace events
 */
#include "registry.h"
#define CREATE_TRACE_POINTS
#include "trace.h"

static const struct kvc_cache *cache_of(void *ctx)
{
	struct kvc_instance *inst = ctx;

	return inst->cache;
}

void kvc_trace_evict(void *ctx, const struct kvc_entry *e,
		     enum kvc_reason reason)
{
	trace_kvc_evict(cache_of(ctx), e, reason);
}

void kvc_trace_migrate(void *ctx, const struct kvc_entry *e, bool up)
{
	trace_kvc_migrate(cache_of(ctx), e, up);
}

void kvc_trace_bypass(void *ctx, bool off, unsigned int rate)
{
	trace_kvc_bypass(cache_of(ctx), off, rate);
}

void kvc_trace_resize(void *ctx, bool tier, u64 from, u64 to)
{
	trace_kvc_resize(cache_of(ctx), tier, from, to);
}
