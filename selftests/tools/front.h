/* SPDX-License-Identifier: GPL-2.0-only */
/* A handle of libkvc over a write-behind cache in memory, with kvcd running. */
#ifndef SELFTESTS_FRONT_H
#define SELFTESTS_FRONT_H

#include <kvcache.h>

#include "fake_behind.h"

extern struct kvc *front;	/* attached to cache w, for reading and writing */
extern struct kvc_ctl *front_ctl;
extern struct cache *front_cache;

/* A pair that only the store has, or NULL as its value: none. */
void stored(const char *key, const char *value);

/* All that is dirty goes to the store, and all that is clean is forgotten. */
void flushed(void);

/* A put and a get of text; they give what libkvc does. */
int front_put(const char *key, const char *value);
int front_get(const char *key, char *value, size_t room);

/* The key reads as this; NULL: there is none. */
void assert_reads(const char *key, const char *value);

/* How many GETs kvcd was asked */
unsigned int asked(void);

int front_setup(void **state);
int front_teardown(void **state);

#endif /* SELFTESTS_FRONT_H */
