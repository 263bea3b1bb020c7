// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl fence: until when what a cache holds is fresh */
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "cache.h"
#include "command.h"
#include "control.h"
#include "error.h"
#include "number.h"

#define NSEC_PER_SEC	1000000000ull

static int take_deadline(const char *text, uint64_t *deadline)
{
	struct timespec now;
	uint64_t span;

	*deadline = 0;
	if (!strcmp(text, "none"))
		return STATUS_OK;
	if (duration_parse(text, INT64_MAX / 2, &span))
		return bad_usage("'%s' is neither a time such as 10s nor none",
				 text);
	clock_gettime(CLOCK_BOOTTIME, &now);
	*deadline = now.tv_sec * NSEC_PER_SEC + now.tv_nsec + span;
	return STATUS_OK;
}

int cmd_fence(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	uint64_t deadline;
	int status, ret;

	(void)opt;
	(void)argc;
	status = take_deadline(argv[1], &deadline);
	if (!status)
		status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_fence_set(ctl, argv[0], deadline);
	if (ret)
		status = cache_failed(ctl, "fence", argv[0], ret);
	kvc_ctl_close(ctl);
	return status;
}
