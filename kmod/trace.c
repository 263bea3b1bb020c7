// SPDX-License-Identifier: GPL-2.0-only
/*
 * The core's observer: what it tells becomes trace events
 */
#include "registry.h"
#define CREATE_TRACE_POINTS
#include "feed.h"
#include "trace.h"

static const struct kvc_cache *cache_of(void *ctx)
{
	struct kvc_instance *inst = ctx;

	return inst->cache;
}

static void trace_evict(void *ctx, const struct kvc_entry *e,
			enum kvc_reason reason)
{
	trace_kvc_evict(cache_of(ctx), e, reason);
}

static void trace_migrate(void *ctx, const struct kvc_entry *e, bool up)
{
	trace_kvc_migrate(cache_of(ctx), e, up);
}

static void trace_bypass(void *ctx, bool off, unsigned int rate)
{
	trace_kvc_bypass(cache_of(ctx), off, rate);
}

static void trace_resize(void *ctx, bool tier, u64 from, u64 to)
{
	trace_kvc_resize(cache_of(ctx), tier, from, to);
}

const struct kvc_observer kvc_trace_observer = {
	.kick = kvc_registry_kick,
	.evict = trace_evict,
	.migrate = trace_migrate,
	.bypass = trace_bypass,
	.resize = trace_resize,
	.event = kvc_feed_event,
};
