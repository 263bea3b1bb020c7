// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl cache flush: wait until the store has all of a cache */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <kvcache.h>

#include "command.h"
#include "device.h"
#include "error.h"

/* Whoever waits for nobody is to know.  Without the right to look: silence. */
static void warn_if_alone(const char *name)
{
	struct kvc_stats stats;
	struct kvc_ctl *ctl;

	if (kvc_ctl_open(&ctl))
		return;
	if (!kvc_stats(ctl, name, &stats) && stats.dirty_entries &&
	    !stats.flusher)
		note("waiting: no flusher, is kvcd running?");
	kvc_ctl_close(ctl);
}

static int flush_failed(const char *name, int err)
{
	static const char kept[] =
		"all of it is still in the cache, and is tried again; 'kvcctl store stats' and kvcd's log tell more";

	if (err == -EINVAL)
		return fail(STATUS_REFUSED, err, NULL,
			    "cache flush '%s': not a write-behind cache", name);
	if (err == -ESHUTDOWN)
		return fail(STATUS_REFUSED, err, NULL, "cache flush '%s': %s",
			    name, strerror(-err));
	return fail(STATUS_REFUSED, err, kept,
		    "cache flush '%s': the store could not take it: %s", name,
		    strerror(-err));
}

int cmd_cache_flush(const struct options *opt, int argc, char **argv)
{
	struct kvc *kvc;
	int status, ret;

	(void)argc;
	status = device_attach(opt, O_WRONLY, argv[0], &kvc);
	if (status)
		return status;
	warn_if_alone(argv[0]);
	/* A signal that did not end the program does not end the wait. */
	do {
		ret = kvc_flush(kvc);
	} while (ret == -EINTR);
	kvc_close(kvc);
	return ret ? flush_failed(argv[0], ret) : STATUS_OK;
}
