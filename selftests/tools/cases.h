/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SELFTESTS_CASES_H
#define SELFTESTS_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* A run of the same bytes each time: xorshift64. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline void random_bytes(uint64_t *state, unsigned char *out, size_t len)
{
	while (len--)
		*out++ = random_next(state) >> 32;
}

#endif /* SELFTESTS_CASES_H */
