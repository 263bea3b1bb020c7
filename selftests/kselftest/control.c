// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kvctest.h"
#include "nl.h"

/* Where an attribute's value stands; size 0: it has none. */
struct field {
	unsigned short offset;
	unsigned short size;
};

#define FIELD(type, member) \
	{ offsetof(struct type, member), sizeof(((struct type *)0)->member) }

static const struct field config_fields[KVC_A_CACHE_MAX + 1] = {
	[KVC_A_CACHE_UID] = FIELD(kvc_config, uid),
	[KVC_A_CACHE_GID] = FIELD(kvc_config, gid),
	[KVC_A_CACHE_MODE] = FIELD(kvc_config, mode),
	[KVC_A_CACHE_POLICY] = FIELD(kvc_config, policy),
	[KVC_A_CACHE_FLAGS] = FIELD(kvc_config, flags),
	[KVC_A_CACHE_KEY_MAX] = FIELD(kvc_config, key_max),
	[KVC_A_CACHE_VALUE_MAX] = FIELD(kvc_config, value_max),
	[KVC_A_CACHE_WINDOW] = FIELD(kvc_config, window),
	[KVC_A_CACHE_BYPASS_OFF] = FIELD(kvc_config, bypass_off),
	[KVC_A_CACHE_BYPASS_ON] = FIELD(kvc_config, bypass_on),
	[KVC_A_CACHE_GROW] = FIELD(kvc_config, grow),
	[KVC_A_CACHE_EVENTS] = FIELD(kvc_config, events),
	[KVC_A_CACHE_LIMIT] = FIELD(kvc_config, limit),
	[KVC_A_CACHE_TIER] = FIELD(kvc_config, tier),
	[KVC_A_CACHE_TIER_MIN] = FIELD(kvc_config, tier_min),
	[KVC_A_CACHE_TIER_MAX] = FIELD(kvc_config, tier_max),
};

static const struct field stats_fields[KVC_A_STATS_MAX + 1] = {
	[KVC_A_STATS_GETS] = FIELD(kvc_stats, gets),
	[KVC_A_STATS_HITS_TIER] = FIELD(kvc_stats, hits_tier),
	[KVC_A_STATS_HITS_MEMTABLE] = FIELD(kvc_stats, hits_memtable),
	[KVC_A_STATS_MISSES] = FIELD(kvc_stats, misses),
	[KVC_A_STATS_PUTS] = FIELD(kvc_stats, puts),
	[KVC_A_STATS_UPDATES_TIER] = FIELD(kvc_stats, updates_tier),
	[KVC_A_STATS_UPDATES_MEMTABLE] = FIELD(kvc_stats, updates_memtable),
	[KVC_A_STATS_DELETES] = FIELD(kvc_stats, deletes),
	[KVC_A_STATS_TOUCHES] = FIELD(kvc_stats, touches),
	[KVC_A_STATS_REFUSED] = FIELD(kvc_stats, refused),
	[KVC_A_STATS_MIGRATED] = FIELD(kvc_stats, migrated),
	[KVC_A_STATS_PROMOTED] = FIELD(kvc_stats, promoted),
	[KVC_A_STATS_EVICTED_LIMIT] = FIELD(kvc_stats, evicted_limit),
	[KVC_A_STATS_EVICTED_PRESSURE] = FIELD(kvc_stats, evicted_pressure),
	[KVC_A_STATS_EXPIRED] = FIELD(kvc_stats, expired),
	[KVC_A_STATS_CLEARED] = FIELD(kvc_stats, cleared),
	[KVC_A_STATS_PURGED] = FIELD(kvc_stats, purged),
	[KVC_A_STATS_FENCED] = FIELD(kvc_stats, fenced),
	[KVC_A_STATS_BYPASS_SWITCHES] = FIELD(kvc_stats, bypass_switches),
	[KVC_A_STATS_TIER_RESIZES] = FIELD(kvc_stats, tier_resizes),
	[KVC_A_STATS_INDEX_RESIZES] = FIELD(kvc_stats, index_resizes),
	[KVC_A_STATS_ENTRIES_TIER] = FIELD(kvc_stats, entries_tier),
	[KVC_A_STATS_ENTRIES_MEMTABLE] = FIELD(kvc_stats, entries_memtable),
	[KVC_A_STATS_BYTES_TIER] = FIELD(kvc_stats, bytes_tier),
	[KVC_A_STATS_BYTES_MEMTABLE] = FIELD(kvc_stats, bytes_memtable),
	[KVC_A_STATS_BYTES_INDEX] = FIELD(kvc_stats, bytes_index),
	[KVC_A_STATS_BYTES_DEFERRED] = FIELD(kvc_stats, bytes_deferred),
	[KVC_A_STATS_LIMIT] = FIELD(kvc_stats, limit),
	[KVC_A_STATS_TIER_TARGET] = FIELD(kvc_stats, tier_target),
	[KVC_A_STATS_EVENTS] = FIELD(kvc_stats, events),
	[KVC_A_STATS_BYTES_EVENTS] = FIELD(kvc_stats, bytes_events),
	[KVC_A_STATS_SHARDS] = FIELD(kvc_stats, shards),
	[KVC_A_STATS_BYPASS] = FIELD(kvc_stats, bypass),
};

/* A name of 64 bytes goes without a NUL, as some tests want it. */
static void copy_name(char *to, const char *name)
{
	memcpy(to, name, strnlen(name, KVC_NAME_MAX));
}

void kvc_config_init(struct kvc_config *config, const char *name, __u64 limit)
{
	memset(config, 0, sizeof(*config));
	copy_name(config->name, name);
	config->uid = -1;
	config->gid = -1;
	config->mode = 0600;
	config->limit = limit;
}

static void put_name(struct nl_msg *msg, const char *name)
{
	char text[KVC_NAME_MAX + 1] = "";

	copy_name(text, name);
	nl_put(msg, KVC_A_CACHE_NAME, text, strlen(text) + 1);
}

static void put_field(struct nl_msg *msg, const struct kvc_config *config,
		      unsigned int attr)
{
	const struct field *f = &config_fields[attr];
	const char *from = (const char *)config + f->offset;
	bool id = attr == KVC_A_CACHE_UID || attr == KVC_A_CACHE_GID;

	if (f->size && !(id && *(const __u32 *)from == (__u32)-1))
		nl_put(msg, attr, from, f->size);
}

static int begin(int nl, struct nl_msg *msg, __u8 cmd, const char *name)
{
	size_t nest;

	nl_begin(msg, nl_family(nl), 0, cmd);
	nest = nl_nest(msg, KVC_A_CACHE);
	put_name(msg, name);
	nl_nest_end(msg, nest);
	return nest;
}

static int change(int nl, __u8 cmd, __u32 given,
		  const struct kvc_config *config)
{
	struct nl_msg msg;
	unsigned int attr;
	size_t nest;

	nest = begin(nl, &msg, cmd, config->name);
	for (attr = 0; attr <= KVC_A_CACHE_MAX; attr++)
		if (given & 1u << attr)
			put_field(&msg, config, attr);
	nl_nest_end(&msg, nest);
	return nl_talk(nl, &msg, NULL, NULL);
}

int kvc_nl_create(int nl, const struct kvc_config *config)
{
	return change(nl, KVC_CMD_CACHE_NEW, ~0u, config);
}

int kvc_nl_set(int nl, __u32 given, const struct kvc_config *config)
{
	return change(nl, KVC_CMD_CACHE_SET, given, config);
}

int kvc_nl_destroy(int nl, const char *name)
{
	struct nl_msg msg;

	begin(nl, &msg, KVC_CMD_CACHE_DEL, name);
	return nl_talk(nl, &msg, NULL, NULL);
}

static int close_after(int nl, int ret)
{
	close(nl);
	return ret;
}

int kvc_create(int fd, const struct kvc_config *config)
{
	int nl = nl_open();

	(void)fd;
	return nl < 0 ? nl : close_after(nl, kvc_nl_create(nl, config));
}

int kvc_destroy(int fd, const char *name)
{
	int nl = nl_open();

	(void)fd;
	return nl < 0 ? nl : close_after(nl, kvc_nl_destroy(nl, name));
}

int kvc_set(int fd, __u32 given, const struct kvc_config *config)
{
	int nl = nl_open();

	(void)fd;
	return nl < 0 ? nl : close_after(nl, kvc_nl_set(nl, given, config));
}

static void read_fields(const struct nlattr *nest, const struct field *fields,
			unsigned int most, void *to)
{
	const struct nlattr *attr;
	unsigned int type;
	__u64 large;
	__u32 small;

	for (type = 0; type <= most; type++) {
		attr = nl_inner(nest, type);
		if (!fields[type].size || !attr)
			continue;
		large = nl_number(attr);
		small = large;
		memcpy((char *)to + fields[type].offset,
		       fields[type].size == sizeof(large) ? (void *)&large :
		       (void *)&small, fields[type].size);
	}
}

static void take_config(void *arg, const struct nlmsghdr *answer)
{
	const struct nlattr *nest = nl_attr(answer, KVC_A_CACHE);
	const struct nlattr *name = nest ? nl_inner(nest, KVC_A_CACHE_NAME) :
				    NULL;
	struct kvc_config *config = arg;

	memset(config, 0, sizeof(*config));
	if (!name || nl_len(name) > sizeof(config->name))
		return;
	memcpy(config->name, nl_data(name), nl_len(name));
	read_fields(nest, config_fields, KVC_A_CACHE_MAX, config);
}

static void take_stats(void *arg, const struct nlmsghdr *answer)
{
	const struct nlattr *nest = nl_attr(answer, KVC_A_STATS);

	if (nest)
		read_fields(nest, stats_fields, KVC_A_STATS_MAX, arg);
}

int kvc_nl_stats(int nl, const char *name, struct kvc_stats *stats)
{
	struct nl_msg msg;

	memset(stats, 0, sizeof(*stats));
	begin(nl, &msg, KVC_CMD_STATS_GET, name);
	return nl_talk(nl, &msg, take_stats, stats);
}

int kvc_stats_of(const char *name, struct kvc_stats *stats)
{
	int nl = nl_open();

	return nl < 0 ? nl : close_after(nl, kvc_nl_stats(nl, name, stats));
}

int kvc_stats(int fd, struct kvc_stats *stats)
{
	struct kvc_info info = { 0 };
	int ret = kvc_call(fd, KVC_IOC_INFO, &info);

	return ret ? ret : kvc_stats_of(info.name, stats);
}

int kvc_show(const char *name, struct kvc_config *config)
{
	struct nl_msg msg;
	int nl = nl_open();

	if (nl < 0)
		return nl;
	begin(nl, &msg, KVC_CMD_CACHE_GET, name);
	return close_after(nl, nl_talk(nl, &msg, take_config, config));
}

struct list {
	void (*each)(void *arg, const struct kvc_config *config);
	void *arg;
	int count;
};

static void take_one(void *arg, const struct nlmsghdr *answer)
{
	struct list *list = arg;
	struct kvc_config config;

	take_config(&config, answer);
	list->count++;
	if (list->each)
		list->each(list->arg, &config);
}

int kvc_list(void (*each)(void *arg, const struct kvc_config *config),
	     void *arg)
{
	struct list list = { each, arg, 0 };
	int nl = nl_open(), ret;
	struct nl_msg msg;

	if (nl < 0)
		return nl;
	nl_begin(&msg, nl_family(nl), NLM_F_DUMP, KVC_CMD_CACHE_GET);
	ret = close_after(nl, nl_talk(nl, &msg, take_one, &list));
	return ret ? ret : list.count;
}
