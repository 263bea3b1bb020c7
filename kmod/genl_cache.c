// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches over generic netlink: settings and figures
 */
#include <linux/err.h>
#include <net/sock.h>
#include "compat/netlink.h"
#include "genl.h"

/* Where a figure's attribute is in &struct kvc_stats */
struct stats_field {
	u16 attr;
	u16 offset;
};

#define STATS(name, field) \
	{ KVC_A_STATS_##name, offsetof(struct kvc_stats, field) }

static const struct stats_field stats_fields[] = {
	STATS(GETS, gets),
	STATS(HITS_TIER, hits_tier),
	STATS(HITS_MEMTABLE, hits_memtable),
	STATS(MISSES, misses),
	STATS(PUTS, puts),
	STATS(UPDATES_TIER, updates_tier),
	STATS(UPDATES_MEMTABLE, updates_memtable),
	STATS(DELETES, deletes),
	STATS(TOUCHES, touches),
	STATS(REFUSED, refused),
	STATS(MIGRATED, migrated),
	STATS(PROMOTED, promoted),
	STATS(EVICTED_LIMIT, evicted_limit),
	STATS(EVICTED_PRESSURE, evicted_pressure),
	STATS(EXPIRED, expired),
	STATS(CLEARED, cleared),
	STATS(PURGED, purged),
	STATS(FENCED, fenced),
	STATS(BYPASS_SWITCHES, bypass_switches),
	STATS(TIER_RESIZES, tier_resizes),
	STATS(INDEX_RESIZES, index_resizes),
	STATS(ENTRIES_TIER, entries_tier),
	STATS(ENTRIES_MEMTABLE, entries_memtable),
	STATS(BYTES_TIER, bytes_tier),
	STATS(BYTES_MEMTABLE, bytes_memtable),
	STATS(BYTES_INDEX, bytes_index),
	STATS(BYTES_DEFERRED, bytes_deferred),
	STATS(LIMIT, limit),
	STATS(TIER_TARGET, tier_target),
	STATS(EVENTS, events),
	STATS(BYTES_EVENTS, bytes_events),
	STATS(DIRTY_ENTRIES, dirty_entries),
	STATS(DIRTY_BYTES, dirty_bytes),
	STATS(RUNS_SEALED, runs_sealed),
	STATS(RUNS_COMMITTED, runs_committed),
	STATS(RECORDS_FLUSHED, records_flushed),
	STATS(FLUSH_WAITS, flush_waits),
	STATS(DIRTY_MS, dirty_ms),
};

/**
 * kvc_genl_cache_name - the cache that a request is about
 * @extack: of the request
 * @attrs: its attributes
 * @name: gets the name, which is one that a cache can have
 *
 * Return: 0 or -EINVAL.
 */
int kvc_genl_cache_name(struct netlink_ext_ack *extack, struct nlattr **attrs,
			const char **name)
{
	struct nlattr *tb[KVC_A_CACHE_MAX + 1], *nest;
	int err;

	nest = kvc_genl_need(extack, attrs, NULL, KVC_A_CACHE,
			     "cache: missing");
	if (!nest)
		return -EINVAL;
	err = nla_parse_nested(tb, KVC_A_CACHE_MAX, nest,
			       kvcache_cache_nl_policy, extack);
	if (err)
		return err;
	if (!kvc_genl_need(extack, tb, nest, KVC_A_CACHE_NAME,
			   "cache.name: missing"))
		return -EINVAL;
	*name = nla_data(tb[KVC_A_CACHE_NAME]);
	if (kvc_config_name_ok(*name))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, tb[KVC_A_CACHE_NAME],
			    "cache.name: letters, digits, '.', '_' and '-' only");
	return -EINVAL;
}

static void read_field(struct kvc_config *config, struct nlattr *attr)
{
	const struct kvc_config_field *f = &kvc_config_fields[nla_type(attr)];
	void *to = (char *)config + f->offset;

	if (f->size == sizeof(u64))
		*(u64 *)to = nla_get_u64(attr);
	else if (f->size == sizeof(u32))
		*(u32 *)to = nla_get_u32(attr);
}

/* Reads the settings that are given; the others are 0, the owner the sender. */
static int read_config(struct genl_info *info, struct kvc_config *config,
		       u32 *given)
{
	struct nlattr *attr;
	const char *name;
	int err, rem;

	memset(config, 0, sizeof(*config));
	err = kvc_genl_cache_name(info->extack, info->attrs, &name);
	if (err)
		return err;
	config->uid = -1U;
	config->gid = -1U;
	*given = 0;
	nla_for_each_nested(attr, info->attrs[KVC_A_CACHE], rem) {
		read_field(config, attr);
		*given |= KVC_CONFIG_BIT(nla_type(attr));
	}
	*given &= ~KVC_CONFIG_BIT(KVC_A_CACHE_NAME);
	strscpy(config->name, name, sizeof(config->name));
	return 0;
}

/* Which of the settings, now complete, was it? */
static int tell_why(struct genl_info *info, const struct kvc_config *config,
		    int err)
{
	const char *why = kvc_config_why(config);

	if (err == -ERANGE && why && info->extack)
		info->extack->_msg = why;
	return err;
}

int kvcache_nl_cache_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvc_config config;
	u32 given;
	int err;

	err = read_config(info, &config, &given);
	if (err)
		return err;
	if (!(given & KVC_CONFIG_BIT(KVC_A_CACHE_MODE)))
		config.mode = 0600;
	err = kvc_registry_create(genl_info_net(info), &config);
	return tell_why(info, &config, err);
}

int kvcache_nl_cache_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct kvc_who who = kvc_genl_who(skb, net);
	const char *name;
	u64 dirty;
	int err;

	err = kvc_genl_cache_name(info->extack, info->attrs, &name);
	if (err)
		return err;
	err = kvc_registry_destroy(net, &who, name,
				   info->attrs[KVC_A_DISCARD_DIRTY], &dirty);
	if (err == -EBUSY)
		KVC_COMPAT_SAY(skb, info->extack,
			       "cache: not all is in the store: flush, or give discard-dirty",
			       "cache: %llu pairs are not in the store: flush, or give discard-dirty",
			       dirty);
	return err;
}

int kvcache_nl_cache_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct kvc_who who = kvc_genl_who(skb, net);
	struct kvc_config config;
	u32 given;
	int err;

	err = read_config(info, &config, &given);
	if (err)
		return err;
	err = kvc_registry_set(net, &who, given, &config);
	if (err == -EOPNOTSUPP)
		NL_SET_ERR_MSG(info->extack, "cache: policy, key-max, value-max and events are fixed at creation");
	return tell_why(info, &config, err);
}

static int put_field(struct sk_buff *skb, const struct kvc_config *config,
		     int attr)
{
	const struct kvc_config_field *f = &kvc_config_fields[attr];
	const void *from = (const char *)config + f->offset;

	if (f->size == sizeof(u64))
		return nla_put_u64_64bit(skb, attr, *(u64 *)from,
					 KVC_A_CACHE_PAD);
	return f->size ? nla_put_u32(skb, attr, *(u32 *)from) : 0;
}

static int put_config(struct sk_buff *skb, struct kvc_instance *inst)
{
	struct kvc_config config;
	struct nlattr *nest;
	int attr;

	kvc_registry_describe(inst, &config);
	nest = nla_nest_start(skb, KVC_A_CACHE);
	if (!nest || nla_put_string(skb, KVC_A_CACHE_NAME, config.name))
		return -EMSGSIZE;
	for (attr = 0; attr <= KVC_A_CACHE_MAX; attr++)
		if (put_field(skb, &config, attr))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_figures(struct sk_buff *skb, const struct kvc_stats *stats)
{
	const struct stats_field *f;
	const void *from;

	for (f = stats_fields; f < stats_fields + ARRAY_SIZE(stats_fields);
	     f++) {
		from = (const char *)stats + f->offset;
		if (nla_put_u64_64bit(skb, f->attr, *(u64 *)from,
				      KVC_A_STATS_PAD))
			return -EMSGSIZE;
	}
	return nla_put_u32(skb, KVC_A_STATS_SHARDS, stats->shards) ?:
	       nla_put_u32(skb, KVC_A_STATS_BYPASS, stats->bypass) ?:
	       nla_put_u32(skb, KVC_A_STATS_RUNS_WAITING,
			   stats->runs_waiting) ?:
	       nla_put_u32(skb, KVC_A_STATS_FLUSHER, stats->flusher) ?:
	       nla_put_u32(skb, KVC_A_STATS_FLUSH_ERROR, stats->flush_error);
}

static void add_flusher(const struct kvc_instance *inst,
			struct kvc_stats *stats)
{
	if (!inst->behind)
		return;
	stats->flusher = atomic_read(&inst->behind->taken);
	stats->flush_error = -READ_ONCE(inst->behind->error);
}

static int put_stats(struct sk_buff *skb, struct kvc_instance *inst)
{
	struct kvc_stats stats;
	struct nlattr *nest;

	kvc_cache_stats(inst->cache, &stats);
	add_flusher(inst, &stats);
	nest = nla_nest_start(skb, KVC_A_STATS);
	if (!nest || nla_put_string(skb, KVC_A_STATS_NAME,
				    inst->cache->config.name) ||
	    put_figures(skb, &stats))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * kvc_genl_cache_call - carry out a request on a cache, and answer it
 * @skb: the request
 * @info: the same, parsed
 * @access: what is wanted of the cache, KVC_ACCESS_*
 * @fill: does it, when there is room for the answer already
 *
 * Return: 0 or a negative errno.
 */
int kvc_genl_cache_call(const struct sk_buff *skb, struct genl_info *info,
			unsigned int access, kvc_genl_fill_t fill)
{
	struct kvc_genl_call call = { .skb = skb, .info = info };
	struct net *net = genl_info_net(info);
	struct kvc_who who = kvc_genl_who(skb, net);
	struct sk_buff *reply;
	const char *name;
	void *header;
	int err;

	err = kvc_genl_cache_name(info->extack, info->attrs, &name);
	if (err)
		return err;
	call.inst = kvc_registry_get(net, &who, name, access);
	if (IS_ERR(call.inst))
		return PTR_ERR(call.inst);
	err = -ENOMEM;
	reply = kvc_genl_reply(info, NLMSG_GOODSIZE, &header);
	if (!reply)
		goto out;
	err = fill(&call, reply);
	if (err)
		nlmsg_free(reply);
	else
		err = kvc_genl_send(reply, header, info);
out:
	kvc_registry_put(call.inst);
	return err;
}

static int fill_config(const struct kvc_genl_call *call, struct sk_buff *reply)
{
	return put_config(reply, call->inst);
}

static int fill_stats(const struct kvc_genl_call *call, struct sk_buff *reply)
{
	return put_stats(reply, call->inst);
}

typedef int (*put_t)(struct sk_buff *skb, struct kvc_instance *inst);

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		    struct kvc_instance *inst, put_t put)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &kvc_genl_family,
				   NLM_F_MULTI, cmd);

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (put(skb, inst)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/* The position is a number in the list, whose changes the sequence tells. */
static int dump_all(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		    put_t put)
{
	struct net *net = sock_net(cb->skb->sk);
	struct kvc_who who = kvc_genl_who(cb->skb, net);
	unsigned int at = cb->args[0];
	struct kvc_instance *inst;
	int err = 0;

	cb->seq = kvc_registry_generation(net);
	while (!err && (inst = kvc_registry_next(net, &who, &at))) {
		err = dump_one(skb, cb, cmd, inst, put);
		if (!err)
			cb->args[0] = at;
		kvc_registry_put(inst);
	}
	return skb->len ?: err;
}

int kvcache_nl_cache_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kvc_genl_cache_call(skb, info, KVC_ACCESS_READ, fill_config);
}

int kvcache_nl_cache_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	return dump_all(skb, cb, KVC_CMD_CACHE_GET, put_config);
}

int kvcache_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kvc_genl_cache_call(skb, info, KVC_ACCESS_READ, fill_stats);
}

int kvcache_nl_stats_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	return dump_all(skb, cb, KVC_CMD_STATS_GET, put_stats);
}
