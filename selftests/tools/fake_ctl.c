// SPDX-License-Identifier: GPL-2.0-only
/* The caches of the fake, as the control plane manages them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

#include "fake.h"
#include "fake_behind.h"
#include "fake_nl.h"
#include "fake_pairs.h"
#include "util.h"

#define CACHES	8

static struct cache caches[CACHES];	/* sorted by name, no gaps */
static unsigned int cache_count;

/* Where the number of an attribute is. */
#define FIELD(attr, f) \
	[KVC_A_CACHE_##attr] = { offsetof(struct kvc_config, f), \
				 sizeof(((struct kvc_config *)0)->f) }

static const struct {
	size_t offset;
	size_t size;
} fields[KVC_A_CACHE_MAX + 1] = {
	FIELD(UID, uid), FIELD(GID, gid), FIELD(MODE, mode),
	FIELD(POLICY, policy), FIELD(FLAGS, flags), FIELD(KEY_MAX, key_max),
	FIELD(VALUE_MAX, value_max), FIELD(WINDOW, window),
	FIELD(BYPASS_OFF, bypass_off), FIELD(BYPASS_ON, bypass_on),
	FIELD(GROW, grow), FIELD(EVENTS, events), FIELD(LIMIT, limit),
	FIELD(TIER, tier), FIELD(TIER_MIN, tier_min), FIELD(TIER_MAX, tier_max),
	FIELD(MEMTABLE, memtable), FIELD(RUNS, runs), FIELD(FLUSH_MS, flush_ms),
};

void fake_caches_reset(void)
{
	unsigned int i;

	for (i = 0; i < cache_count; i++)
		behind_exit(&caches[i]);
	memset(caches, 0, sizeof(caches));
	cache_count = 0;
}

struct cache *fake_cache(const char *name)
{
	unsigned int i;

	for (i = 0; i < cache_count; i++) {
		if (!strcmp(caches[i].config.name, name))
			return &caches[i];
	}
	return NULL;
}

/* Takes over what is given; bits by attribute. */
static uint32_t read_config(const struct request *req, struct kvc_config *config)
{
	const struct nlattr *attr;
	uint32_t given = 0;
	int type;

	mnl_attr_for_each_nested(attr, req->attr[KVC_A_CACHE]) {
		type = mnl_attr_get_type(attr);
		given |= 1u << type;
		if (!fields[type].size)
			continue;
		if (mnl_attr_get_payload_len(attr) != fields[type].size)
			abort();
		memcpy((char *)config + fields[type].offset,
		       mnl_attr_get_payload(attr), fields[type].size);
	}
	return given;
}

static int refuse(struct request *req, int type, const char *text)
{
	req->text = text;
	req->bad = fake_inner(req->attr[KVC_A_CACHE], type);
	return -ERANGE;
}

static int check(struct request *req, const struct kvc_config *config)
{
	if (config->limit < 65536)
		return refuse(req, KVC_A_CACHE_LIMIT,
			      "cache.limit: 64 KiB to 64 TiB");
	if (!(config->flags & KVC_CACHE_F_WRITEBEHIND) &&
	    (config->memtable || config->runs || config->flush_ms))
		return refuse(req, KVC_A_CACHE_MEMTABLE,
			      "cache.memtable: for write-behind caches");
	/* As the kernel's own checks say it: without a name. */
	if (config->mode > 0777)
		return refuse(req, KVC_A_CACHE_MODE, "integer out of range");
	return 0;
}

/* Inserts so that the names stay in order. */
static int create(struct request *req, const char *name)
{
	struct kvc_config config = { .uid = 1000, .gid = 1000, .mode = 0600 };
	unsigned int i = cache_count;
	int ret;

	if (fake.eperm)
		return -EPERM;
	if (fake_cache(name))
		return -EEXIST;
	strcpy(config.name, name);
	read_config(req, &config);
	ret = check(req, &config);
	if (ret)
		return ret;
	for (; i && strcmp(caches[i - 1].config.name, name) > 0; i--)
		caches[i] = caches[i - 1];
	if (!config.key_max)
		config.key_max = KVC_KEY_MAX;
	if (!config.value_max)
		config.value_max = 1 << 20;
	caches[i] = (struct cache){ .config = config };
	behind_init(&caches[i]);
	cache_count++;
	return 0;
}

static int destroy(struct request *req, struct cache *cache)
{
	if (behind_dirty(cache) && !req->attr[KVC_A_DISCARD_DIRTY]) {
		req->text = "cache: not all is in the store";
		return -EBUSY;
	}
	behind_exit(cache);
	cache_count--;
	memmove(cache, cache + 1,
		(&caches[cache_count] - cache) * sizeof(*cache));
	return 0;
}

#define FIXED \
	(1u << KVC_A_CACHE_POLICY | 1u << KVC_A_CACHE_KEY_MAX | \
	 1u << KVC_A_CACHE_VALUE_MAX | 1u << KVC_A_CACHE_EVENTS)

static int set(struct request *req, struct cache *cache)
{
	struct kvc_config config = cache->config;
	int ret;

	fake_calls.given = read_config(req, &config);
	if (fake_calls.given & FIXED)
		return -EOPNOTSUPP;
	ret = check(req, &config);
	if (!ret)
		cache->config = config;
	return ret;
}

static int tell(const struct request *req, const struct cache *cache)
{
	struct nlmsghdr *nlh = fake_begin(req);
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_CACHE);
	int type;

	mnl_attr_put_strz(nlh, KVC_A_CACHE_NAME, cache->config.name);
	for (type = 0; type <= KVC_A_CACHE_MAX; type++) {
		if (fields[type].size)
			mnl_attr_put(nlh, type, fields[type].size,
				     (const char *)&cache->config +
				     fields[type].offset);
	}
	mnl_attr_nest_end(nlh, nest);
	fake_send(req, nlh);
	return 0;
}

static int tell_all(const struct request *req)
{
	unsigned int i;

	for (i = 0; i < cache_count; i++)
		tell(req, &caches[i]);
	return 0;
}

static int tell_stats(const struct request *req, const struct cache *cache)
{
	const struct kvc_stats *s = &cache->stats;
	struct nlmsghdr *nlh = fake_begin(req);
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_STATS);

	mnl_attr_put_strz(nlh, KVC_A_STATS_NAME, cache->config.name);
	mnl_attr_put_u64(nlh, KVC_A_STATS_GETS, s->gets);
	mnl_attr_put_u64(nlh, KVC_A_STATS_HITS_TIER, s->hits_tier);
	mnl_attr_put_u64(nlh, KVC_A_STATS_HITS_MEMTABLE, s->hits_memtable);
	mnl_attr_put_u64(nlh, KVC_A_STATS_MISSES, s->misses);
	mnl_attr_put_u64(nlh, KVC_A_STATS_PUTS, s->puts);
	mnl_attr_put_u64(nlh, KVC_A_STATS_DELETES, s->deletes);
	mnl_attr_put_u64(nlh, KVC_A_STATS_ENTRIES_TIER, cache->count);
	mnl_attr_put_u64(nlh, KVC_A_STATS_LIMIT, cache->config.limit);
	mnl_attr_put_u64(nlh, KVC_A_STATS_EVENTS, cache->events);
	mnl_attr_put_u64(nlh, KVC_A_STATS_DIRTY_ENTRIES, behind_dirty(cache));
	mnl_attr_put_u64(nlh, KVC_A_STATS_RUNS_COMMITTED, s->runs_committed);
	mnl_attr_put_u32(nlh, KVC_A_STATS_RUNS_WAITING, 3);
	mnl_attr_put_u32(nlh, KVC_A_STATS_FLUSHER, fake.flusher);
	mnl_attr_put_u32(nlh, KVC_A_STATS_FLUSH_ERROR, fake.flush_error);
	mnl_attr_nest_end(nlh, nest);
	fake_send(req, nlh);
	return 0;
}

static int purge(struct request *req, struct cache *cache)
{
	const struct nlattr *key = req->attr[KVC_A_KEY];
	bool prefix = req->attr[KVC_A_PREFIX];
	struct nlmsghdr *nlh;

	if (!key)
		return -EINVAL;
	fake_calls.purge++;
	if (fake.purge_intr) {
		fake.purge_intr--;
		return -EINTR;
	}
	nlh = fake_begin(req);
	mnl_attr_put_u64(nlh, KVC_A_COUNT,
			 pairs_purge(cache, mnl_attr_get_payload(key),
				     mnl_attr_get_payload_len(key), prefix));
	fake_change(cache, NULL, 0);
	fake_send(req, nlh);
	return 0;
}

static int fence(struct request *req, struct cache *cache)
{
	const struct nlattr *deadline = req->attr[KVC_A_FENCE];

	if (!deadline)
		return -EINVAL;
	cache->fence = mnl_attr_get_u64(deadline);
	fake_fence(cache);
	return 0;
}

int fake_cache_request(struct request *req)
{
	const char *name = fake_text(req->attr[KVC_A_CACHE], KVC_A_CACHE_NAME);
	struct cache *cache = fake_cache(name);

	if (req->dump)
		return req->cmd == KVC_CMD_CACHE_GET ? tell_all(req) :
						       -EOPNOTSUPP;
	if (req->cmd == KVC_CMD_CACHE_NEW)
		return create(req, name);
	if (!cache)
		return -ENOENT;
	switch (req->cmd) {
	case KVC_CMD_CACHE_DEL:
		return destroy(req, cache);
	case KVC_CMD_CACHE_SET:
		return set(req, cache);
	case KVC_CMD_CACHE_GET:
		return tell(req, cache);
	case KVC_CMD_STATS_GET:
		return tell_stats(req, cache);
	case KVC_CMD_FENCE_SET:
		return fence(req, cache);
	default:
		return purge(req, cache);
	}
}
