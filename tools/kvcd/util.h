/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCD_UTIL_H
#define KVCD_UTIL_H

#include <stddef.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/* Arguments that are checked as those of printf(). */
#ifndef __printf
#define __printf(format_at, first) \
	__attribute__((__format__(__printf__, format_at, first)))
#endif

#endif /* KVCD_UTIL_H */
