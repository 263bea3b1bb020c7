/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is a history of reads and writes linearizable?
 *
 * By zones: P. B. Gibbons and E. Korach, "Testing Shared Memories", SIAM Journal
 * on Computing 26(4), 1997, section 4.  When each value is written once, it is
 * known which write each read has seen, and n log n steps are enough.
 */
#ifndef SELFTESTS_ZONES_H
#define SELFTESTS_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct zones_op - an operation on a register
 * @key: which register
 * @write: @value was written; else it was read
 * @value: unique among the writes of a register
 * @inv: when it began, unique among all stamps
 * @res: when it had ended
 *
 * A removal is a write of a value that nobody reads.  A read that found nothing
 * says nothing, of a cache: leave it out.
 */
struct zones_op {
	uint32_t key;
	uint32_t write;
	uint64_t value;
	uint64_t inv;
	uint64_t res;
};

/**
 * struct zones_bad - why a history is not linearizable
 * @why: in words; NULL: it is
 * @a: an operation of one value that has to do with it
 * @b: likewise, of another value, or NULL
 */
struct zones_bad {
	const char *why;
	const struct zones_op *a;
	const struct zones_op *b;
};

/* Sorts @ops.  @why is set, too, when there is no memory. */
struct zones_bad zones_check(struct zones_op *ops, size_t count);

#endif /* SELFTESTS_ZONES_H */
