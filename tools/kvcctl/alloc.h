/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_ALLOC_H
#define KVCCTL_ALLOC_H

#include <stddef.h>

/* Memory, or the end of the program with a message. */
void *xrealloc(void *old, size_t size);

/* The end of the program for lack of memory. */
_Noreturn void out_of_memory(void);

#endif /* KVCCTL_ALLOC_H */
