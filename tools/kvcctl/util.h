/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_UTIL_H
#define KVCCTL_UTIL_H

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Arguments that are checked as those of printf(). */
#ifndef __printf
#define __printf(format_at, first) \
	__attribute__((__format__(__printf__, format_at, first)))
#endif

#endif /* KVCCTL_UTIL_H */
