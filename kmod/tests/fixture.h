/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_TESTS_FIXTURE_H
#define _KVC_TESTS_FIXTURE_H

#include <kunit/test.h>
#include "core/cache.h"

/**
 * struct fixture - a cache of one case and what it told of itself
 * @config: of the cache, to be set before fixture_cache()
 * @cache: the cache, freed when the case ends
 * @now: the moment of each operation; 0: the clock's
 * @version: what the last operation said, or a miss said of a fill
 * @evicted: calls of the observer, by &enum kvc_reason
 * @demoted: likewise
 * @promoted: likewise
 * @switches: likewise
 * @tier_resizes: likewise
 * @index_resizes: likewise
 * @kicks: likewise
 * @wakes: likewise, of new events
 * @woken_by: the event that the observer was told of last
 * @listens: what the observer answers when it is asked
 */
struct fixture {
	struct kvc_config config;
	struct kvc_cache *cache;
	u64 now;
	u64 version;
	unsigned int evicted[KVC_REASONS];
	unsigned int demoted;
	unsigned int promoted;
	unsigned int switches;
	unsigned int tier_resizes;
	unsigned int index_resizes;
	unsigned int kicks;
	unsigned int wakes;
	u64 woken_by;
	bool listens;
};

/* For struct kunit_suite: the pool, and a fixture without cache in test->priv */
int fixture_suite_init(struct kunit_suite *suite);
void fixture_suite_exit(struct kunit_suite *suite);
int fixture_init(struct kunit *test);
void fixture_exit(struct kunit *test);

/* A loose entry, or NULL */
struct kvc_entry *fixture_entry(const char *key, const char *value);

/* Makes the cache of test->priv; bucket hashes are the same in every run. */
struct fixture *fixture_cache(struct kunit *test, enum kvc_mode mode);

/* With a condition; all return 0 or a negative errno. */
int fixture_put_if(struct fixture *f, const char *key, const void *value,
		   u32 value_len, u32 flags, u64 version, u64 expiry);
int fixture_put(struct fixture *f, const char *key, const char *value);
int fixture_put_bytes(struct fixture *f, const char *key, u32 value_len);
int fixture_del(struct fixture *f, const char *key);
int fixture_del_if(struct fixture *f, const char *key, u64 version);
int fixture_fill(struct fixture *f, const char *key, const char *value,
		 u64 version);
int fixture_purge(struct fixture *f, const char *key, u64 revision);
int fixture_touch(struct fixture *f, const char *key, u64 expiry);

/* A GET with its effects: does the key have this value? */
bool fixture_has(struct fixture *f, const char *key, const char *value);
/* A GET with its effects: 0, or -ENOENT and the version for a fill */
int fixture_get(struct fixture *f, const char *key);
/* Without effects: KVC_ENTRY_TIER, KVC_ENTRY_MEMTABLE or -ENOENT */
int fixture_place(struct fixture *f, const char *key);
/* Without effects: the version, 0 when the key is absent */
u64 fixture_version(struct fixture *f, const char *key);

/* "k" and a number with leading zeros, so that they sort as they count */
const char *fixture_key(char *buf, unsigned int number);
#define FIXTURE_KEY	12

u64 fixture_bytes(struct fixture *f);
void fixture_stats(struct fixture *f, struct kvc_stats *st);
u32 fixture_random(u32 *state);

#endif
