// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl monitor, events: what happens in caches, and what happened */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "cache.h"
#include "command.h"
#include "error.h"
#include "events.h"
#include "output.h"

/* One cache, or all, that is watched. */
struct watch {
	const char *cache;	/* NULL: all */
	struct kvc_sub *sub;
};

static int open_failed(const char *cache, int err)
{
	/* The module's absence gives the same errno: ask for it. */
	if (err == -ENOENT && cache)
		return cache_failed(NULL, "events of", cache, err);
	if (err == -ENOENT)
		return fail(STATUS_NO_DEVICE, err,
			    "load the module: modprobe kvcache",
			    "the kernel has no kvcache");
	if (err == -EPERM)
		return fail(STATUS_REFUSED, err,
			    "to see the events of all caches takes CAP_NET_ADMIN; name those that you may read",
			    "monitor: %s", strerror(-err));
	if (err == -EOPNOTSUPP)
		return fail(STATUS_REFUSED, err,
			    "it was created with noevents",
			    "events of '%s': the cache has no event log",
			    cache ? cache : "all caches");
	if (err == -EINVAL)
		return fail(STATUS_REFUSED, err, NULL,
			    "events of '%s': --since is later than the next event",
			    cache ? cache : "all caches");
	return fail(STATUS_REFUSED, err, NULL, "events of '%s': %s",
		    cache ? cache : "all caches", strerror(-err));
}

static int read_failed(const char *cache, int err)
{
	if (err == -ESHUTDOWN)
		return fail(STATUS_REFUSED, err, NULL,
			    "the cache '%s' was destroyed", cache);
	return fail(STATUS_REFUSED, err, NULL, "events of '%s': %s",
		    cache ? cache : "all caches", strerror(-err));
}

/* Prints what is there now, and makes it be seen. */
static int drain(const struct watch *watch, struct event_filter *filter)
{
	struct kvc_event event;
	uint64_t before = filter->left;
	int status = STATUS_OK, ret = 0;

	while (filter->left && (ret = kvc_sub_next(watch->sub, &event)) > 0)
		event_print(filter, &event);
	if (filter->left != before)
		status = output_flush(stdout, "the output");
	return ret < 0 ? read_failed(watch->cache, ret) : status;
}

static int drain_all(const struct watch *watch, size_t count,
		     struct event_filter *filter)
{
	int status = STATUS_OK;
	size_t i;

	for (i = 0; !status && filter->left && i < count; i++)
		status = drain(&watch[i], filter);
	return status;
}

static int wait_for(struct pollfd *fds, size_t count)
{
	if (poll(fds, count, -1) < 0 && errno != EINTR)
		return fail(STATUS_REFUSED, errno, NULL, "poll: %s",
			    strerror(errno));
	return STATUS_OK;
}

static int follow(const struct watch *watch, size_t count,
		  struct event_filter *filter)
{
	struct pollfd *fds = xrealloc(NULL, count * sizeof(*fds));
	size_t i;
	int status;

	for (i = 0; i < count; i++)
		fds[i] = (struct pollfd){
			.fd = kvc_sub_fd(watch[i].sub),
			.events = POLLIN,
		};
	for (;;) {
		status = drain_all(watch, count, filter);
		if (!status && filter->left)
			status = wait_for(fds, count);
		if (status || !filter->left)
			break;
	}
	free(fds);
	return status;
}

static int open_all(const struct options *opt, struct watch *watch,
		    size_t count)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		ret = kvc_sub_open(watch[i].cache, opt->since, &watch[i].sub);
		if (ret)
			return open_failed(watch[i].cache, ret);
	}
	return STATUS_OK;
}

int cmd_monitor(const struct options *opt, int argc, char **argv)
{
	size_t count = argc ? argc : 1, i;
	struct watch *watch = xrealloc(NULL, count * sizeof(*watch));
	struct event_filter filter;
	int status;

	for (i = 0; i < count; i++)
		watch[i] = (struct watch){ .cache = argc ? argv[i] : NULL };
	status = event_filter_begin(&filter, opt);
	if (!status)
		status = open_all(opt, watch, count);
	if (!status)
		status = follow(watch, count, &filter);
	for (i = 0; i < count; i++)
		kvc_sub_close(watch[i].sub);
	event_filter_end(&filter);
	free(watch);
	return status;
}

int cmd_events(const struct options *opt, int argc, char **argv)
{
	struct watch watch = { .cache = argv[0] };
	uint64_t since = (opt->given & OPT_SINCE) ? opt->since : 1;
	struct event_filter filter;
	int status, ret;

	(void)argc;
	status = event_filter_begin(&filter, opt);
	if (!status) {
		ret = kvc_sub_open_log(watch.cache, since, &watch.sub);
		if (ret)
			status = open_failed(watch.cache, ret);
	}
	if (!status)
		status = drain(&watch, &filter);
	kvc_sub_close(watch.sub);
	event_filter_end(&filter);
	return status;
}
