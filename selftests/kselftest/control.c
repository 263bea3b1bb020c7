// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches over generic netlink: each call has a socket of its own, and so the
 * caller's namespace and rights
 */
#include <errno.h>
#include <string.h>

#include "control.h"
#include "kvctest.h"

struct field {
	int attr;
	size_t offset;
	size_t size;
};

#define FIELD(name, member) \
	{ KVC_A_CACHE_##name, offsetof(struct kvc_config, member), \
	  sizeof(((struct kvc_config *)0)->member) }

static const struct field fields[] = {
	FIELD(UID, uid),
	FIELD(GID, gid),
	FIELD(MODE, mode),
	FIELD(POLICY, policy),
	FIELD(FLAGS, flags),
	FIELD(KEY_MAX, key_max),
	FIELD(VALUE_MAX, value_max),
	FIELD(WINDOW, window),
	FIELD(BYPASS_OFF, bypass_off),
	FIELD(BYPASS_ON, bypass_on),
	FIELD(GROW, grow),
	FIELD(EVENTS, events),
	FIELD(LIMIT, limit),
	FIELD(TIER, tier),
	FIELD(TIER_MIN, tier_min),
	FIELD(TIER_MAX, tier_max),
	FIELD(MEMTABLE, memtable),
	FIELD(RUNS, runs),
	FIELD(FLUSH_MS, flush_ms),
};

/* A name of 64 bytes goes without a NUL, as some tests want it. */
static void put_name(struct kvcnl_msg *m, const char *name)
{
	size_t len = strnlen(name, KVC_NAME_MAX);

	kvcnl_put(m, KVC_A_CACHE_NAME, name, len + (len < KVC_NAME_MAX));
}

void kvc_put_config(struct kvcnl_msg *m, __u32 given,
		    const struct kvc_config *config)
{
	__u32 at = kvcnl_nest(m, KVC_A_CACHE);
	const struct field *f;

	put_name(m, config->name);
	for (f = fields; f < fields + ARRAY_SIZE(fields); f++)
		if (given & 1u << f->attr)
			kvcnl_put(m, f->attr, (const char *)config + f->offset,
				  f->size);
	kvcnl_nest_end(m, at);
}

/* What is not the default */
static __u32 given_of(const struct kvc_config *config)
{
	static const char zeros[sizeof(__u64)];
	__u32 given = KVC_GIVEN(MODE);
	const struct field *f;

	for (f = fields; f < fields + ARRAY_SIZE(fields); f++)
		if (memcmp((const char *)config + f->offset, zeros, f->size))
			given |= 1u << f->attr;
	if (config->uid == (__u32)-1)
		given &= ~KVC_GIVEN(UID);
	if (config->gid == (__u32)-1)
		given &= ~KVC_GIVEN(GID);
	return given;
}

int kvc_create_on(struct kvcnl *nl, const struct kvc_config *config)
{
	struct kvcnl_msg m;

	kvcnl_begin(&m, nl, KVC_CMD_CACHE_NEW);
	kvc_put_config(&m, given_of(config), config);
	return kvcnl_call(nl, &m, NULL, NULL);
}

static int destroy(struct kvcnl *nl, const char *name, bool discard)
{
	struct kvc_config config = { 0 };
	struct kvcnl_msg m;

	memcpy(config.name, name, strnlen(name, KVC_NAME_MAX));
	kvcnl_begin(&m, nl, KVC_CMD_CACHE_DEL);
	kvc_put_config(&m, 0, &config);
	if (discard)
		kvcnl_put_flag(&m, KVC_A_DISCARD_DIRTY);
	return kvcnl_call(nl, &m, NULL, NULL);
}

int kvc_destroy_on(struct kvcnl *nl, const char *name)
{
	return destroy(nl, name, false);
}

int kvc_discard_on(struct kvcnl *nl, const char *name)
{
	return destroy(nl, name, true);
}

int kvc_set_on(struct kvcnl *nl, __u32 given, const struct kvc_config *config)
{
	struct kvcnl_msg m;

	kvcnl_begin(&m, nl, KVC_CMD_CACHE_SET);
	kvc_put_config(&m, given, config);
	return kvcnl_call(nl, &m, NULL, NULL);
}

static void read_config(const struct nlmsghdr *nlh, struct kvc_config *config)
{
	const struct nlattr *nest = kvcnl_attr(nlh, KVC_A_CACHE), *a;
	const struct field *f;

	memset(config, 0, sizeof(*config));
	a = kvcnl_in(nest, KVC_A_CACHE_NAME);
	if (a)
		strncpy(config->name, kvcnl_data(a), KVC_NAME_MAX - 1);
	for (f = fields; f < fields + ARRAY_SIZE(fields); f++) {
		a = kvcnl_in(nest, f->attr);
		if (a && kvcnl_len(a) == f->size)
			memcpy((char *)config + f->offset, kvcnl_data(a),
			       f->size);
	}
}

static void read_one(void *arg, const struct nlmsghdr *nlh)
{
	read_config(nlh, arg);
}

int kvc_show_on(struct kvcnl *nl, const char *name, struct kvc_config *config)
{
	struct kvc_config key = { 0 };
	struct kvcnl_msg m;

	memcpy(key.name, name, strnlen(name, KVC_NAME_MAX));
	kvcnl_begin(&m, nl, KVC_CMD_CACHE_GET);
	kvc_put_config(&m, 0, &key);
	return kvcnl_call(nl, &m, read_one, config);
}

struct lister {
	void (*each)(void *arg, const struct kvc_config *config);
	void *arg;
};

static void list_one(void *arg, const struct nlmsghdr *nlh)
{
	const struct lister *l = arg;
	struct kvc_config config;

	read_config(nlh, &config);
	l->each(l->arg, &config);
}

int kvc_list_on(struct kvcnl *nl,
		void (*each)(void *arg, const struct kvc_config *config),
		void *arg)
{
	struct lister l = { each, arg };
	struct kvcnl_msg m;

	kvcnl_dump(&m, nl, KVC_CMD_CACHE_GET);
	return kvcnl_call(nl, &m, list_one, &l);
}

static void read_stats(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *nest = kvcnl_attr(nlh, KVC_A_STATS);
	struct kvc_stats *stats = arg;
	__u64 *figure = &stats->gets;
	int attr;

	for (attr = KVC_A_STATS_GETS; attr < KVC_A_STATS_SHARDS; attr++)
		*figure++ = kvcnl_u64(kvcnl_in(nest, attr));
	stats->shards = kvcnl_u32(kvcnl_in(nest, KVC_A_STATS_SHARDS));
	stats->bypass = kvcnl_u32(kvcnl_in(nest, KVC_A_STATS_BYPASS));
	stats->runs_waiting = kvcnl_u32(kvcnl_in(nest,
						 KVC_A_STATS_RUNS_WAITING));
	stats->flusher = kvcnl_u32(kvcnl_in(nest, KVC_A_STATS_FLUSHER));
	stats->flush_error = kvcnl_u32(kvcnl_in(nest,
						KVC_A_STATS_FLUSH_ERROR));
}

int kvc_stats_on(struct kvcnl *nl, const char *name, struct kvc_stats *stats)
{
	struct kvc_config key = { 0 };
	struct kvcnl_msg m;

	memset(stats, 0, sizeof(*stats));
	memcpy(key.name, name, strnlen(name, KVC_NAME_MAX));
	kvcnl_begin(&m, nl, KVC_CMD_STATS_GET);
	kvc_put_config(&m, 0, &key);
	return kvcnl_call(nl, &m, read_stats, stats);
}

int kvc_purge_on(struct kvcnl *nl, const char *name, const char *key,
		 bool prefix)
{
	struct kvcnl_msg m;

	kvcnl_begin(&m, nl, KVC_CMD_PURGE);
	kvcnl_put_name(&m, KVC_A_CACHE, KVC_A_CACHE_NAME, name);
	kvcnl_put(&m, KVC_A_KEY, key, strlen(key));
	if (prefix)
		kvcnl_put_flag(&m, KVC_A_PREFIX);
	return kvcnl_call(nl, &m, NULL, NULL);
}

int kvc_fence_on(struct kvcnl *nl, const char *name, __u64 fence)
{
	struct kvcnl_msg m;

	kvcnl_begin(&m, nl, KVC_CMD_FENCE_SET);
	kvcnl_put_name(&m, KVC_A_CACHE, KVC_A_CACHE_NAME, name);
	kvcnl_put_u64(&m, KVC_A_FENCE, fence);
	return kvcnl_call(nl, &m, NULL, NULL);
}

/* With a socket for this call only */
#define WITH_SOCKET(call) ({						\
	struct kvcnl nl;						\
	int ret = kvcnl_open(&nl);					\
									\
	if (!ret) {							\
		ret = (call);						\
		kvcnl_close(&nl);					\
	}								\
	ret;								\
})

int kvc_create(const struct kvc_config *config)
{
	return WITH_SOCKET(kvc_create_on(&nl, config));
}

int kvc_destroy(const char *name)
{
	return WITH_SOCKET(kvc_destroy_on(&nl, name));
}

int kvc_discard(const char *name)
{
	return WITH_SOCKET(kvc_discard_on(&nl, name));
}

int kvc_set(__u32 given, const struct kvc_config *config)
{
	return WITH_SOCKET(kvc_set_on(&nl, given, config));
}

int kvc_show(const char *name, struct kvc_config *config)
{
	return WITH_SOCKET(kvc_show_on(&nl, name, config));
}

int kvc_list(void (*each)(void *arg, const struct kvc_config *config),
	     void *arg)
{
	return WITH_SOCKET(kvc_list_on(&nl, each, arg));
}

int kvc_stats_of(const char *name, struct kvc_stats *stats)
{
	return WITH_SOCKET(kvc_stats_on(&nl, name, stats));
}

int kvc_purge(const char *name, const char *key, bool prefix)
{
	return WITH_SOCKET(kvc_purge_on(&nl, name, key, prefix));
}

int kvc_fence(const char *name, __u64 fence)
{
	return WITH_SOCKET(kvc_fence_on(&nl, name, fence));
}

int kvc_stats(int fd, struct kvc_stats *stats)
{
	struct kvc_info info = { 0 };
	int ret = kvc_call(fd, KVC_IOC_INFO, &info);

	if (ret)
		return ret;
	return info.name[0] ? kvc_stats_of(info.name, stats) : -ENOTCONN;
}
