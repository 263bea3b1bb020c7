// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: resize [ITERATIONS [SEED]]
 *
 * Lookups in an index of long chains whose tables are exchanged all the time,
 * while entries are replaced, inserted and removed.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <shim/alloc.h>
#include "core/index.h"
#include "core/limbo.h"
#include "core/pool.h"
#include "check.h"
#include "keys.h"

#define STABLE		40	/* replaced, never removed */
#define VOLATILE	40	/* inserted and removed */
#define KEYS		(STABLE + VOLATILE)
#define READERS		3
#define TABLES		5	/* sizes: 1 to 2^(TABLES - 1) buckets */

/**
 * struct arena - the index and what is shared about it
 * @lock: of the index
 * @index: the index
 * @limbo: what was taken out
 * @iterations: of each reader
 * @reading: readers that are not done
 * @resizes: that were completed
 */
static struct arena {
	spinlock_t lock;
	struct kvc_index index;
	struct kvc_limbo limbo;
	u64 iterations;
	int reading;
	u64 resizes;
} arena;

static struct kvc_entry *entry_of(u32 number)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	struct kvc_entry *e = kvc_entry_alloc(len, 0);

	CHECK(e);
	memcpy(e->data, key, len);
	e->hash = number;
	return e;
}

static struct kvc_entry *find(u32 number)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);

	return kvc_index_find(&arena.index, number, key, len);
}

static bool goes_on(void)
{
	return __atomic_load_n(&arena.reading, __ATOMIC_RELAXED) > 0;
}

static void *reader(void *arg)
{
	struct random r = { .state = *(u64 *)arg };
	struct kvc_entry *e;
	u32 number;
	u64 i;

	check_doing("resize: reader");
	for (i = 0; i < arena.iterations; i++) {
		number = random_below(&r, KEYS);
		rcu_read_lock();
		e = find(number);
		/* L9 */
		CHECK(e || number >= STABLE, "key %u was missed", number);
		/* C1 */
		CHECK(!e || keys_number(e->data, e->key_len) == number);
		rcu_read_unlock();
	}
	__atomic_fetch_sub(&arena.reading, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* Replaces, inserts or removes: what the key's kind allows for */
static void change(u32 number, struct kvc_entry *e)
{
	struct kvc_entry __rcu **slot;
	struct kvc_entry *old;

	slot = kvc_index_slot(&arena.index, e->hash, e->data, e->key_len);
	old = kvc_index_at(&arena.index, slot);
	if (!old)
		return kvc_index_insert(&arena.index, e);
	if (number < STABLE) {
		kvc_index_replace(&arena.index, slot, e);
	} else {
		kvc_index_remove(&arena.index, old);
		kvc_limbo_retire(&arena.limbo, e);
	}
	kvc_limbo_retire(&arena.limbo, old);
}

static void reap(void)
{
	struct kvc_entry *chain;

	spin_lock(&arena.lock);
	chain = kvc_limbo_reap(&arena.limbo, 100);
	spin_unlock(&arena.lock);
	kvc_limbo_free(chain);
}

static void *writer(void *arg)
{
	struct random r = { .state = *(u64 *)arg };
	struct kvc_entry *e;
	u32 number;

	check_doing("resize: writer");
	do {
		number = random_below(&r, KEYS);
		e = entry_of(number);
		spin_lock(&arena.lock);
		change(number, e);
		spin_unlock(&arena.lock);
		reap();
	} while (goes_on());
	return NULL;
}

static bool begin(struct kvc_table *next)
{
	bool begun;

	spin_lock(&arena.lock);
	begun = kvc_index_resize_begin(&arena.index, next);
	spin_unlock(&arena.lock);
	return begun;
}

static struct kvc_table *step(void)
{
	struct kvc_table *old;

	spin_lock(&arena.lock);
	old = kvc_index_resize_step(&arena.index, 1);
	spin_unlock(&arena.lock);
	return old;
}

static void *resizer(void *arg)
{
	struct random r = { .state = *(u64 *)arg };
	struct kvc_table *t;

	check_doing("resize: resizer");
	do {
		t = kvc_index_table_alloc(1 << random_below(&r, TABLES));
		CHECK(t);
		CHECK(begin(t));
		do {
			t = step();
		} while (!t);
		synchronize_rcu();
		kvc_index_table_free(t);
		arena.resizes++;
	} while (goes_on());
	return NULL;
}

static void prepare(void)
{
	u32 i;

	spin_lock_init(&arena.lock);
	CHECK(!kvc_index_init(&arena.index, &arena.lock));
	arena.reading = READERS;
	for (i = 0; i < STABLE; i++) {
		struct kvc_entry *e = entry_of(i);

		spin_lock(&arena.lock);
		change(i, e);
		spin_unlock(&arena.lock);
	}
}

static void retire(void *unused, struct kvc_entry *e)
{
	kvc_index_remove(&arena.index, e);
	kvc_limbo_retire(&arena.limbo, e);
}

static void finish(void)
{
	spin_lock(&arena.lock);
	CHECK(!kvc_index_walk(&arena.index, 0, ~0u, retire, NULL));
	CHECK(!arena.index.count, "%u", arena.index.count);
	spin_unlock(&arena.lock);
	while (arena.limbo.bytes) {
		synchronize_rcu();
		reap();
	}
	kvc_index_exit(&arena.index);
}

int main(int argc, char **argv)
{
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	u64 seeds[READERS + 2];
	pthread_t ids[READERS + 2];
	int i;

	arena.iterations = argc > 1 ? strtoull(argv[1], NULL, 0) : 200000;
	check_doing("resize");
	shim_yield_every(50);
	CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
	prepare();
	for (i = 0; i < READERS + 2; i++) {
		seeds[i] = seed * 100 + i;
		CHECK(!pthread_create(&ids[i], NULL,
				      i < READERS ? reader :
				      i == READERS ? writer : resizer,
				      &seeds[i]));
	}
	for (i = 0; i < READERS + 2; i++)
		pthread_join(ids[i], NULL);
	finish();
	kvc_pool_exit();
	CHECK(!shim_live_objects(), "leak");
	CHECK(arena.resizes > 10, "%llu resizes",
	      (unsigned long long)arena.resizes);
	printf("# %llu resizes, seed %llu\n", (unsigned long long)arena.resizes,
	       (unsigned long long)seed);
	check_passed("resize.no_lookup_misses");
	check_done();
	return EXIT_SUCCESS;
}
