/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_USER_KEYS_H
#define _KVC_USER_KEYS_H

#include <linux/types.h>

/*
 * Keys by number: short and long ones, with every byte value, NUL included,
 * some of them a prefix of the next.
 */
#define KEYS_LEN	400

u32 keys_make(u8 *key, u32 number);
u32 keys_number(const u8 *key, u32 len);
/* Plain order of bytes, independent of the core's */
int keys_order(const u8 *a, u32 a_len, const u8 *b, u32 b_len);

struct random {
	u64 state;
};

u64 random_next(struct random *r);
/* 0 up to @below - 1 */
u32 random_below(struct random *r, u32 below);
/* When a pair ends: never, soon, or in the past already */
u64 random_expiry(struct random *r, u64 now);

#endif
