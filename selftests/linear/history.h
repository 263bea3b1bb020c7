/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SELFTESTS_HISTORY_H
#define SELFTESTS_HISTORY_H

#include "zones.h"

/**
 * struct history - what one thread did
 * @ops: one after the other
 * @count: their number
 * @room: for how many there is room
 */
struct history {
	struct zones_op *ops;
	size_t count;
	size_t room;
};

/*
 * A stamp that is larger than all that were given before: a locked addition, so
 * it is also in order with what the thread reads and writes before and after.
 */
uint64_t history_stamp(void);

/* An operation that began at @inv and has just ended */
void history_add(struct history *h, uint32_t key, bool write, uint64_t value,
		 uint64_t inv);

/* All of them together; on a failure says on stderr what was wrong. */
bool history_ok(const struct history *h, size_t count);

#endif /* SELFTESTS_HISTORY_H */
