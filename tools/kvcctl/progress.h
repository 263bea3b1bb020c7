/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_PROGRESS_H
#define KVCCTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* A line on stderr that counts pairs, if that is a terminal. */
struct progress {
	const char *what;
	bool shown;
	uint64_t next_ms;	/* when to show it again */
};

void progress_begin(struct progress *progress, const char *what);
void progress_count(struct progress *progress, uint64_t pairs);
void progress_end(struct progress *progress, uint64_t pairs);

#endif /* KVCCTL_PROGRESS_H */
