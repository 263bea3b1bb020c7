/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_WATCH_H
#define _SHIM_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From here on all that is allocated, but for what each CPU has of its own, comes
 * from memory whose stores can be counted.  It is not given back before
 * shim_watch_free().  For programs of one thread.
 */
void shim_watch_alloc(size_t bytes);
void shim_watch_free(void);

/* Stores into it between the two, also of what was there already */
void shim_watch_begin(void);
unsigned long shim_watch_end(void);

/* For the allocator: NULL when nothing is to be watched */
void *shim_watch_take(size_t align, size_t bytes);
bool shim_watch_has(const void *p);

#endif
