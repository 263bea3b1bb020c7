/* SPDX-License-Identifier: GPL-2.0-only */
/* A store of its own for each test, and what the tests do with it */
#ifndef SELFTESTS_KVCD_LIB_H
#define SELFTESTS_KVCD_LIB_H

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "../../tools/kvcd/cache.h"
#include "../../tools/kvcd/config.h"
#include "../../tools/kvcd/flusher.h"
#include "../../tools/kvcd/frames.h"
#include "../../tools/kvcd/store.h"
#include "fake.h"

/* A test that takes longer hangs. */
#define PATIENCE	60

/* The store, and the caches "a" and "b" on it. */
extern struct bench {
	char dir[64];
	struct config config;
	struct store *store;
	struct cache caches[2];
	struct flusher flushers[2];
} bench;

/* Waits for what another thread does. */
#define wait_until(condition) \
	do { \
		time_t until = time(NULL) + PATIENCE; \
		while (!(condition)) { \
			sched_yield(); \
			if (time(NULL) > until) \
				fail_msg("not within a minute: " #condition); \
		} \
	} while (0)

/* A run of the same bytes each time: xorshift64. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* cmocka's: the directory is there, the store not open. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* cmocka's: the caches exist in the fake kernel and the store is open. */
int store_setup(void **state);

void bench_open(void);
int bench_try_open(struct why *why);
void bench_close(void);
void bench_flush(void);		/* starts the flusher of "a" */
void bench_unflush(void);

/* Runs a command; %s in it, up to twice, is the directory. */
void shell(const char *command);

/* Seals "a", and waits until the store has it. */
void flush_now(void);

/* What the store has of "a" under a key, a string. */
void assert_stored(const char *key, const char *value);
void assert_not_stored(const char *key);

/* A run of a few records, written and ingested. */
struct line {
	const char *key;
	const char *value;	/* NULL: a tombstone */
	uint64_t expiry;
};

int take_run(struct column *column, uint64_t cache, uint64_t run,
	     const struct line *lines, size_t count);

#endif /* SELFTESTS_KVCD_LIB_H */
