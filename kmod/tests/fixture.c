// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core/lookup.h"
#include "core/pool.h"
#include "fixture.h"

int fixture_suite_init(struct kunit_suite *suite)
{
	return kvc_pool_init(sizeof(struct kvc_entry));
}

void fixture_suite_exit(struct kunit_suite *suite)
{
	kvc_pool_exit();
}

int fixture_init(struct kunit *test)
{
	struct fixture *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	strcpy(f->config.name, "case");
	f->config.limit = 64 << 10;
	f->config.policy = KVC_POLICY_FIFO;
	f->config.window = 1024;
	test->priv = f;
	return 0;
}

void fixture_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (f->cache) {
		kvc_cache_kill(f->cache);
		synchronize_rcu();
		kvc_cache_free(f->cache);
	}
	kfree(f);
}

static void see_kick(void *ctx, unsigned int delay_ms)
{
	struct fixture *f = ctx;

	f->kicks++;
}

static void see_evict(void *ctx, const struct kvc_entry *e,
		      enum kvc_reason reason)
{
	struct fixture *f = ctx;

	f->evicted[reason]++;
}

static void see_migrate(void *ctx, const struct kvc_entry *e, bool up)
{
	struct fixture *f = ctx;

	if (up)
		f->promoted++;
	else
		f->demoted++;
}

static void see_bypass(void *ctx, bool off, unsigned int rate)
{
	struct fixture *f = ctx;

	f->switches++;
}

static void see_resize(void *ctx, bool tier, u64 from, u64 to)
{
	struct fixture *f = ctx;

	if (tier)
		f->tier_resizes++;
	else
		f->index_resizes++;
}

static bool see_listener(void *ctx)
{
	return ((struct fixture *)ctx)->listens;
}

static void see_event(void *ctx, u64 seq)
{
	struct fixture *f = ctx;

	f->wakes++;
	f->woken_by = seq;
}

static const struct kvc_observer observer = {
	.kick = see_kick,
	.evict = see_evict,
	.migrate = see_migrate,
	.bypass = see_bypass,
	.resize = see_resize,
	.listened = see_listener,
	.event = see_event,
};

struct fixture *fixture_cache(struct kunit *test, enum kvc_mode mode)
{
	struct fixture *f = test->priv;
	struct kvc_cache *c;

	if (mode == KVC_MODE_WRITEBEHIND)
		f->config.flags |= KVC_CACHE_F_WRITEBEHIND;
	KUNIT_ASSERT_EQ(test, kvc_config_complete(&f->config), 0);
	c = kvc_cache_create(&f->config, 1, &observer, f);
	KUNIT_ASSERT_FALSE(test, IS_ERR(c));
	memset(&c->key, 0x55, sizeof(c->key));
	f->cache = c;
	return f;
}

struct kvc_entry *fixture_entry(const char *key, const char *value)
{
	struct kvc_entry *e = kvc_entry_alloc(strlen(key), strlen(value));

	if (!e)
		return NULL;
	memcpy(e->data, key, e->key_len);
	memcpy(kvc_entry_value(e), value, e->value_len);
	return e;
}

static u32 hash_of(struct fixture *f, const char *key)
{
	return kvc_cache_hash(f->cache, key, strlen(key));
}

int fixture_put_if(struct fixture *f, const char *key, const void *value,
		   u32 value_len, u32 flags, u64 version, u64 expiry)
{
	struct kvc_cond cond = { .flags = flags, .version = version };
	struct kvc_entry *e = kvc_entry_alloc(strlen(key), value_len);
	u64 now = f->now;
	int err;

	if (!e)
		return -ENOMEM;
	memcpy(e->data, key, e->key_len);
	if (value)
		memcpy(kvc_entry_value(e), value, value_len);
	else
		memset(kvc_entry_value(e), 'v', value_len);
	e->hash = hash_of(f, key);
	e->expiry = expiry;
	err = kvc_cache_put(f->cache, e, &cond, &now, &f->version);
	if (err)
		kvc_entry_free(e);
	return err;
}

int fixture_put(struct fixture *f, const char *key, const char *value)
{
	return fixture_put_if(f, key, value, strlen(value), 0, 0, 0);
}

int fixture_put_bytes(struct fixture *f, const char *key, u32 value_len)
{
	return fixture_put_if(f, key, NULL, value_len, 0, 0, 0);
}

int fixture_del_if(struct fixture *f, const char *key, u64 version)
{
	struct kvc_cond cond = {
		.flags = version ? KVC_OP_F_CAS : 0,
		.version = version,
	};
	u64 now = f->now;

	return kvc_cache_del(f->cache, hash_of(f, key), key, strlen(key), &cond,
			     &now, &f->version);
}

int fixture_del(struct fixture *f, const char *key)
{
	return fixture_del_if(f, key, 0);
}

int fixture_fill(struct fixture *f, const char *key, const char *value,
		 u64 version)
{
	return fixture_put_if(f, key, value, strlen(value), KVC_OP_F_FILL,
			      version, 0);
}

int fixture_purge(struct fixture *f, const char *key, u64 revision)
{
	u64 now = f->now;

	return kvc_cache_purge(f->cache, hash_of(f, key), key, strlen(key),
			       revision, &now, &f->version);
}

int fixture_touch(struct fixture *f, const char *key, u64 expiry)
{
	u64 now = f->now;

	return kvc_cache_touch(f->cache, hash_of(f, key), key, strlen(key),
			       expiry, &now, &f->version);
}

static struct kvc_entry *find(struct fixture *f, const char *key)
{
	u64 now = f->now;

	return kvc_cache_find(f->cache, hash_of(f, key), key, strlen(key),
			      &now);
}

int fixture_get(struct fixture *f, const char *key)
{
	struct kvc_entry *e;
	u64 now = f->now;

	rcu_read_lock();
	e = kvc_cache_get(f->cache, hash_of(f, key), key, strlen(key), &now,
			  &f->version);
	kvc_cache_count_get(f->cache, hash_of(f, key), e);
	rcu_read_unlock();
	return e ? 0 : -ENOENT;
}

bool fixture_has(struct fixture *f, const char *key, const char *value)
{
	struct kvc_entry *e;
	bool same;

	rcu_read_lock();
	e = find(f, key);
	same = e && e->value_len == strlen(value) &&
	       !memcmp(kvc_entry_value(e), value, e->value_len);
	kvc_cache_count_get(f->cache, hash_of(f, key), e);
	rcu_read_unlock();
	return same;
}

int fixture_place(struct fixture *f, const char *key)
{
	struct kvc_entry *e;
	int place = -ENOENT;

	rcu_read_lock();
	e = find(f, key);
	if (e)
		place = kvc_entry_place(e);
	rcu_read_unlock();
	return place;
}

u64 fixture_version(struct fixture *f, const char *key)
{
	struct kvc_entry *e;
	u64 version = 0;

	rcu_read_lock();
	e = find(f, key);
	if (e)
		version = e->version;
	rcu_read_unlock();
	return version;
}

const char *fixture_key(char *buf, unsigned int number)
{
	snprintf(buf, FIXTURE_KEY, "k%07u", number);
	return buf;
}

void fixture_stats(struct fixture *f, struct kvc_stats *st)
{
	kvc_cache_stats(f->cache, st);
}

u64 fixture_bytes(struct fixture *f)
{
	struct kvc_stats st;

	fixture_stats(f, &st);
	return st.bytes_tier + st.bytes_memtable;
}

u32 fixture_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}
