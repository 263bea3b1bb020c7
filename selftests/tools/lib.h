/* SPDX-License-Identifier: GPL-2.0-only */
/* A handle of libkvc over the device in memory. */
#ifndef SELFTESTS_LIB_H
#define SELFTESTS_LIB_H

#include <kvcache.h>

/* Attached to cache c, which is empty before each test. */
extern struct kvc *kvc;
extern struct kvc_ctl *ctl;

void make_cache(const char *name);

/* Puts a pair of text; gives what kvc_put() does. */
int put(const char *key, const char *value);

/* Puts pairs k0000 to 0000, k0001 to 0001, ... */
void put_many(unsigned int count);

/* Sets errno to what nothing sets it to, as it is to be after each test. */
void mark_errno(void);

int lib_setup(void **state);
int lib_teardown(void **state);

#endif /* SELFTESTS_LIB_H */
