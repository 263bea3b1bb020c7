/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys and values may be secret, so events show lengths and the keyed hash
 * only; tracefs is root's in any case.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvcache

#if !defined(_KVC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KVC_TRACE_H

#include <linux/tracepoint.h>
#include "core/cache.h"

TRACE_DEFINE_ENUM(KVC_REASON_LIMIT);
TRACE_DEFINE_ENUM(KVC_REASON_LOWERED);
TRACE_DEFINE_ENUM(KVC_REASON_PRESSURE);
TRACE_DEFINE_ENUM(KVC_REASON_EXPIRED);
TRACE_DEFINE_ENUM(KVC_REASON_CLEARED);

DECLARE_EVENT_CLASS(kvc_op,
	TP_PROTO(const struct kvc_cache *c, u32 hash, const struct kvc_op *op,
		 int result),
	TP_ARGS(c, hash, op, result),
	TP_STRUCT__entry(
		__array(char, name, KVC_NAME_MAX)
		__field(u32, hash)
		__field(u32, key_len)
		__field(u32, value_len)
		__field(u64, version)
		__field(int, result)
	),
	TP_fast_assign(
		memcpy(__entry->name, c->config.name, KVC_NAME_MAX);
		__entry->hash = hash;
		__entry->key_len = op->key_len;
		__entry->value_len = op->value_len;
		__entry->version = op->version;
		__entry->result = result;
	),
	TP_printk("%s hash=%08x key_len=%u value_len=%u version=%llu result=%d",
		  __entry->name, __entry->hash, __entry->key_len,
		  __entry->value_len, __entry->version, __entry->result)
);

DEFINE_EVENT(kvc_op, kvc_get,
	TP_PROTO(const struct kvc_cache *c, u32 hash, const struct kvc_op *op,
		 int result),
	TP_ARGS(c, hash, op, result)
);

DEFINE_EVENT(kvc_op, kvc_put,
	TP_PROTO(const struct kvc_cache *c, u32 hash, const struct kvc_op *op,
		 int result),
	TP_ARGS(c, hash, op, result)
);

DECLARE_EVENT_CLASS(kvc_entry,
	TP_PROTO(const struct kvc_cache *c, const struct kvc_entry *e, int arg),
	TP_ARGS(c, e, arg),
	TP_STRUCT__entry(
		__array(char, name, KVC_NAME_MAX)
		__field(u32, hash)
		__field(u32, key_len)
		__field(u32, value_len)
		__field(int, arg)
	),
	TP_fast_assign(
		memcpy(__entry->name, c->config.name, KVC_NAME_MAX);
		__entry->hash = e->hash;
		__entry->key_len = e->key_len;
		__entry->value_len = e->value_len;
		__entry->arg = arg;
	),
	TP_printk("%s hash=%08x key_len=%u value_len=%u to=%s",
		  __entry->name, __entry->hash, __entry->key_len,
		  __entry->value_len, __entry->arg ? "tier" : "memtable")
);

/* @arg: whether it moves up */
DEFINE_EVENT(kvc_entry, kvc_migrate,
	TP_PROTO(const struct kvc_cache *c, const struct kvc_entry *e, int arg),
	TP_ARGS(c, e, arg)
);

/* @arg: enum kvc_reason */
DEFINE_EVENT_PRINT(kvc_entry, kvc_evict,
	TP_PROTO(const struct kvc_cache *c, const struct kvc_entry *e, int arg),
	TP_ARGS(c, e, arg),
	TP_printk("%s hash=%08x key_len=%u value_len=%u reason=%s",
		  __entry->name, __entry->hash, __entry->key_len,
		  __entry->value_len,
		  __print_symbolic(__entry->arg,
				   { KVC_REASON_LIMIT, "limit" },
				   { KVC_REASON_LOWERED, "lowered" },
				   { KVC_REASON_PRESSURE, "pressure" },
				   { KVC_REASON_EXPIRED, "expired" },
				   { KVC_REASON_CLEARED, "cleared" }))
);

TRACE_EVENT(kvc_bypass,
	TP_PROTO(const struct kvc_cache *c, bool off, unsigned int rate),
	TP_ARGS(c, off, rate),
	TP_STRUCT__entry(
		__array(char, name, KVC_NAME_MAX)
		__field(bool, off)
		__field(unsigned int, rate)
	),
	TP_fast_assign(
		memcpy(__entry->name, c->config.name, KVC_NAME_MAX);
		__entry->off = off;
		__entry->rate = rate;
	),
	TP_printk("%s tier=%s hit_rate=%u/1000", __entry->name,
		  __entry->off ? "off" : "on", __entry->rate)
);

TRACE_EVENT(kvc_resize,
	TP_PROTO(const struct kvc_cache *c, bool tier, u64 from, u64 to),
	TP_ARGS(c, tier, from, to),
	TP_STRUCT__entry(
		__array(char, name, KVC_NAME_MAX)
		__field(bool, tier)
		__field(u64, from)
		__field(u64, to)
	),
	TP_fast_assign(
		memcpy(__entry->name, c->config.name, KVC_NAME_MAX);
		__entry->tier = tier;
		__entry->from = from;
		__entry->to = to;
	),
	TP_printk("%s %s from=%llu to=%llu", __entry->name,
		  __entry->tier ? "tier_bytes" : "buckets", __entry->from,
		  __entry->to)
);

DECLARE_EVENT_CLASS(kvc_run,
	TP_PROTO(const struct kvc_cache *c, u64 run),
	TP_ARGS(c, run),
	TP_STRUCT__entry(
		__array(char, name, KVC_NAME_MAX)
		__field(u64, run)
		__field(u32, waiting)
	),
	TP_fast_assign(
		memcpy(__entry->name, c->config.name, KVC_NAME_MAX);
		__entry->run = run;
		__entry->waiting = READ_ONCE(c->flush.waiting);
	),
	TP_printk("%s run=%llu waiting=%u", __entry->name, __entry->run,
		  __entry->waiting)
);

DEFINE_EVENT(kvc_run, kvc_seal,
	TP_PROTO(const struct kvc_cache *c, u64 run),
	TP_ARGS(c, run)
);

DEFINE_EVENT(kvc_run, kvc_commit,
	TP_PROTO(const struct kvc_cache *c, u64 run),
	TP_ARGS(c, run)
);

/* @error: what the flusher told of a run */
TRACE_EVENT(kvc_flush_fail,
	TP_PROTO(const struct kvc_cache *c, u64 run, int error),
	TP_ARGS(c, run, error),
	TP_STRUCT__entry(
		__array(char, name, KVC_NAME_MAX)
		__field(u64, run)
		__field(int, error)
	),
	TP_fast_assign(
		memcpy(__entry->name, c->config.name, KVC_NAME_MAX);
		__entry->run = run;
		__entry->error = error;
	),
	TP_printk("%s run=%llu error=%d", __entry->name, __entry->run,
		  __entry->error)
);

/* For struct kvc_observer; the context is &struct kvc_instance */
void kvc_trace_evict(void *ctx, const struct kvc_entry *e,
		     enum kvc_reason reason);
void kvc_trace_migrate(void *ctx, const struct kvc_entry *e, bool up);
void kvc_trace_bypass(void *ctx, bool off, unsigned int rate);
void kvc_trace_resize(void *ctx, bool tier, u64 from, u64 to);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
