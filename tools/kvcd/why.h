/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCD_WHY_H
#define KVCD_WHY_H

#include "util.h"

/* What was wrong, in words for the one who runs the daemon. */
struct why {
	char text[512];
};

__printf(2, 3)
void why_set(struct why *why, const char *fmt, ...);

#endif /* KVCD_WHY_H */
