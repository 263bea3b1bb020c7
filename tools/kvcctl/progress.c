// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define EVERY_MS	100

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static void show(const struct progress *progress, uint64_t pairs)
{
	fprintf(stderr, "\r%s %" PRIu64 " pairs", progress->what, pairs);
}

void progress_begin(struct progress *progress, const char *what)
{
	progress->what = what;
	progress->shown = isatty(STDERR_FILENO);
	progress->next_ms = now_ms() + EVERY_MS;
}

void progress_count(struct progress *progress, uint64_t pairs)
{
	uint64_t now;

	if (!progress->shown)
		return;
	now = now_ms();
	if (now < progress->next_ms)
		return;
	progress->next_ms = now + EVERY_MS;
	show(progress, pairs);
}

void progress_end(struct progress *progress, uint64_t pairs)
{
	if (!progress->shown)
		return;
	show(progress, pairs);
	fputc('\n', stderr);
}
