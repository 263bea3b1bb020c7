// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation over generic netlink: events, fence and purge
 */
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/sock.h>
#include "compat/genetlink.h"
#include "core/prefix.h"
#include "feed.h"
#include "genl.h"
#include "genl_event.h"

/*
 * Bytes of a message for what is read of a log at a time.  An event's
 * attributes take up to 56 bytes for a record of at least 32, and libmnl
 * reads messages of up to 8 KiB.
 */
#define EVENT_MESSAGE	7936

static const struct kvc_event *event_at(const void *events, size_t at)
{
	return (const struct kvc_event *)((const u8 *)events + at);
}

static int put_event(struct sk_buff *skb, const struct kvc_event *ev)
{
	struct nlattr *nest = nla_nest_start(skb, KVC_A_EVENT);

	if (!nest ||
	    nla_put_u64_64bit(skb, KVC_A_EVENT_SEQ, ev->seq,
			      KVC_A_EVENT_PAD) ||
	    nla_put_u32(skb, KVC_A_EVENT_REASON, ev->reason) ||
	    nla_put_u64_64bit(skb, KVC_A_EVENT_VERSION, ev->version,
			      KVC_A_EVENT_PAD) ||
	    (ev->key_len && nla_put(skb, KVC_A_EVENT_KEY, ev->key_len,
				    kvc_event_key(ev)))) {
		if (nest)
			nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_lost(struct sk_buff *skb, u64 next, u64 lost)
{
	struct nlattr *nest = nla_nest_start(skb, KVC_A_EVENT);

	if (!nest ||
	    nla_put_u64_64bit(skb, KVC_A_EVENT_SEQ, next, KVC_A_EVENT_PAD) ||
	    nla_put_u64_64bit(skb, KVC_A_EVENT_LOST, lost, KVC_A_EVENT_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_name(struct sk_buff *skb, struct kvc_instance *inst)
{
	struct nlattr *nest = nla_nest_start(skb, KVC_A_CACHE);

	if (!nest || nla_put_string(skb, KVC_A_CACHE_NAME,
				    inst->cache->config.name))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/*
 * Puts what was read of a log, as far as there is room; gives the number of the
 * first event that was not put, 0 when there was no room even for one.  Without
 * events, @next is the first one that comes after those that are lost.
 */
static u64 put_events(struct sk_buff *skb, const void *events, size_t bytes,
		      u64 next, u64 lost)
{
	const struct kvc_event *ev;
	size_t at;

	if (bytes)
		next = event_at(events, 0)->seq;
	if (lost && put_lost(skb, next, lost))
		return 0;
	for (at = 0; at < bytes; at += kvc_event_bytes(ev->key_len)) {
		ev = event_at(events, at);
		if (put_event(skb, ev))
			return at ? ev->seq : 0;
		next = ev->seq + 1;
	}
	return next;
}

/**
 * kvc_genl_event_message - a message for those who listen
 * @inst: the cache
 * @events: what kvc_event_read() gave
 * @bytes: of them, up to %KVC_EVENT_MAX; may be 0 if some were lost
 * @next: number of the event that comes after them
 * @lost: how many were lost before
 *
 * Context: may sleep.  Return: the message, or NULL: no memory.
 */
struct sk_buff *kvc_genl_event_message(struct kvc_instance *inst,
				       const void *events, size_t bytes,
				       u64 next, u64 lost)
{
	struct sk_buff *skb = genlmsg_new(EVENT_MESSAGE, GFP_KERNEL);
	void *header;

	if (!skb)
		return NULL;
	header = genlmsg_put(skb, 0, 0, &kvc_genl_family, 0,
			     KVC_CMD_EVENT_NTF);
	if (header && !put_name(skb, inst) &&
	    put_events(skb, events, bytes, next, lost)) {
		genlmsg_end(skb, header);
		return skb;
	}
	nlmsg_free(skb);
	return NULL;
}

static int fill_since(const struct kvc_genl_call *call, struct sk_buff *reply)
{
	u64 since;
	int err;

	err = kvc_feed_subscribe(call->inst, NETLINK_CB(call->skb).sk,
				 call->info->snd_portid, &since);
	if (err == -EOPNOTSUPP)
		NL_SET_ERR_MSG(call->info->extack, "cache: it keeps no events");
	return err ?: nla_put_u64_64bit(reply, KVC_A_SINCE, since, KVC_A_PAD);
}

int kvcache_nl_subscribe_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kvc_genl_cache_call(skb, info, KVC_ACCESS_READ, fill_since);
}

/*
 * One message of a replay.  The first has no event, so that room for the
 * longest key can be asked for; it says which number comes next.
 */
static int dump_events(struct sk_buff *skb, struct netlink_callback *cb,
		       struct kvc_instance *inst, void *buf)
{
	u64 since = cb->args[0], lost = 0, next, oldest;
	void *header;
	long bytes;

	/* What came after it began is not its business: it has to end. */
	if (cb->args[1] && since >= cb->args[1])
		return 0;
	if (!cb->args[1])
		kvc_cache_listen(inst->cache);
	bytes = kvc_event_read(&inst->cache->log, &since, buf, KVC_EVENT_MAX,
			       &lost);
	if (bytes == -EINVAL)
		NL_SET_ERR_MSG(cb->extack, "since: no event has the number before it yet");
	else if (bytes == -EOPNOTSUPP)
		NL_SET_ERR_MSG(cb->extack, "cache: it keeps no events");
	if (bytes < 0 || (cb->args[1] && !bytes && !lost))
		return bytes;
	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
			     cb->nlh->nlmsg_seq, &kvc_genl_family, NLM_F_MULTI,
			     KVC_CMD_EVENT_GET);
	if (!header || put_name(skb, inst))
		return -EMSGSIZE;
	if (cb->args[1]) {
		next = put_events(skb, buf, bytes, since, lost);
		if (!next)
			return -EMSGSIZE;
		cb->args[0] = next;
	} else {
		next = kvc_event_range(&inst->cache->log, &oldest) + 1;
		if (nla_put_u64_64bit(skb, KVC_A_SINCE, next, KVC_A_PAD))
			return -EMSGSIZE;
		cb->args[1] = next;
		cb->min_dump_alloc = EVENT_MESSAGE;
	}
	genlmsg_end(skb, header);
	return skb->len;
}

static struct kvc_instance *dump_cache(struct netlink_callback *cb)
{
	struct nlattr **attrs = kvc_compat_dump_attrs(cb);
	struct net *net = sock_net(cb->skb->sk);
	struct kvc_who who = kvc_genl_who(cb->skb, net);
	const char *name;
	int err;

	err = kvc_genl_cache_name(cb->extack, attrs, &name);
	if (err)
		return ERR_PTR(err);
	if (!kvc_genl_need(cb->extack, attrs, NULL, KVC_A_SINCE,
			   "since: missing"))
		return ERR_PTR(-EINVAL);
	if (!cb->args[0])
		cb->args[0] = nla_get_u64(attrs[KVC_A_SINCE]);
	return kvc_registry_get(net, &who, name, KVC_ACCESS_READ);
}

int kvcache_nl_event_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	struct kvc_instance *inst = dump_cache(cb);
	int err = -ENOMEM;
	void *buf;

	if (IS_ERR(inst))
		return PTR_ERR(inst);
	buf = kmalloc(KVC_EVENT_MAX, GFP_KERNEL);
	if (buf)
		err = dump_events(skb, cb, inst, buf);
	kfree(buf);
	kvc_registry_put(inst);
	return err;
}

/* What the store has is not fresher than what is dirty here. */
static int set_fence(struct kvc_instance *inst, struct genl_info *info)
{
	if (inst->cache->mode == KVC_MODE_WRITEBEHIND) {
		KVC_GENL_BAD(info, info->attrs[KVC_A_CACHE],
			     "cache: a write-behind cache has no fence");
		return -EOPNOTSUPP;
	}
	kvc_cache_set_fence(inst->cache, nla_get_u64(info->attrs[KVC_A_FENCE]));
	return 0;
}

int kvcache_nl_fence_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct kvc_who who = kvc_genl_who(skb, net);
	struct kvc_instance *inst;
	const char *name;
	int err;

	err = kvc_genl_cache_name(info->extack, info->attrs, &name);
	if (err)
		return err;
	if (!kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_FENCE,
			   "fence: missing"))
		return -EINVAL;
	inst = kvc_registry_get_to_control(net, &who, name);
	if (IS_ERR(inst))
		return PTR_ERR(inst);
	err = set_fence(inst, info);
	kvc_registry_put(inst);
	return err;
}

static int purge_prefix(struct kvc_cache *c, const struct nlattr *key,
			u64 *count)
{
	struct kvc_prefix *p = kmalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!p)
		return -ENOMEM;
	kvc_prefix_init(p, nla_data(key), nla_len(key));
	do {
		ret = kvc_prefix_purge(p, c);
		if (fatal_signal_pending(current) && ret > 0)
			ret = -EINTR;
		cond_resched();
	} while (ret > 0);
	*count = p->purged;
	kfree(p);
	return ret;
}

static int purge_key(struct kvc_cache *c, const struct nlattr *key,
		     u64 revision, u64 *count)
{
	u32 hash = kvc_cache_hash(c, nla_data(key), nla_len(key));
	u64 now = 0, version;
	int err;

	err = kvc_cache_purge(c, hash, nla_data(key), nla_len(key), revision,
			      &now, &version);
	*count = !err;
	/* That there is none of it any more is what was asked for. */
	return err == -ENOENT ? 0 : err;
}

static int check_key(struct genl_info *info, const struct kvc_cache *c)
{
	struct nlattr *key = kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_KEY,
					   "key: missing");

	if (!key)
		return -EINVAL;
	/* All keys begin with an empty prefix. */
	if (!nla_len(key) && !info->attrs[KVC_A_PREFIX]) {
		KVC_GENL_BAD(info, key, "key: empty");
		return -EINVAL;
	}
	if (nla_len(key) > c->config.key_max) {
		KVC_GENL_BAD(info, key, "key: longer than the cache allows");
		return -ENAMETOOLONG;
	}
	if (info->attrs[KVC_A_PREFIX] && info->attrs[KVC_A_REVISION]) {
		KVC_GENL_BAD(info, info->attrs[KVC_A_REVISION],
			     "revision: not with a prefix");
		return -EINVAL;
	}
	return 0;
}

static int purge(struct genl_info *info, struct kvc_cache *c, u64 *count)
{
	static const u16 others[] = {
		KVC_A_RING, KVC_A_HASH, KVC_A_LIFETIME, KVC_A_DRY_RUN
	};
	struct nlattr *revision = info->attrs[KVC_A_REVISION];
	struct nlattr *key = info->attrs[KVC_A_KEY];
	int err = kvc_genl_refuse(info, others, ARRAY_SIZE(others)) ?:
		  check_key(info, c);

	if (err)
		return err;
	if (info->attrs[KVC_A_PREFIX])
		return purge_prefix(c, key, count);
	if (revision && nla_get_u64(revision) > S64_MAX) {
		KVC_GENL_BAD(info, revision, "revision: up to 2^63 - 1");
		return -ERANGE;
	}
	return purge_key(c, key, revision ? nla_get_u64(revision) : 0, count);
}

static int fill_count(const struct kvc_genl_call *call, struct sk_buff *reply)
{
	u64 count = 0;
	int err = purge(call->info, call->inst->cache, &count);

	return err ?: nla_put_u64_64bit(reply, KVC_A_COUNT, count, KVC_A_PAD);
}

int kvcache_nl_purge_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kvc_genl_cache_call(skb, info, KVC_ACCESS_WRITE, fill_count);
}
