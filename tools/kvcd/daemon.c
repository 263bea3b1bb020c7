// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon.h"
#include "flusher.h"
#include "log.h"
#include "server.h"
#include "stopper.h"

/* Time for systemd beyond that of the last flush. */
#define STOP_GRACE	30000000000ull

struct daemon {
	const struct config *config;
	const char *device;
	uint64_t stop_timeout;
	struct loop loop;
	struct store *store;
	struct cache *caches;
	struct flusher *flushers;
	size_t flushing;
	struct server server;
	struct watch signals;
	struct stopper stopper;
	bool stopping;
};

static void begin_stop(struct daemon *d, int number)
{
	unsigned long long us = (d->stop_timeout + STOP_GRACE) / 1000;

	d->stopping = true;
	log_say(LOG_NOTICE, "%s: flushing, then ending",
		sigabbrev_np(number));
	sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%llu\nSTATUS=flushing",
		   us);
	stopper_begin(&d->stopper, &d->loop, d->caches, d->config->count,
		      d->stop_timeout);
}

static void on_signal(struct watch *watch, uint32_t events)
{
	struct daemon *d = container_of(watch, struct daemon, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		log_say(LOG_NOTICE, "the configuration is read at the start only: restart kvcd");
		return;
	}
	if (d->stopping) {
		log_say(LOG_WARNING, "a second signal: ending at once; the kernel keeps what is not flushed");
		_exit(STATUS_DIRTY);
	}
	begin_stop(d, info.ssi_signo);
}

/* Before there are threads, which are to leave the signals alone. */
static int take_signals(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	d->signals.ready = on_signal;
	d->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signals.fd < 0)
		return -errno;
	return loop_watch(&d->loop, &d->signals, EPOLLIN);
}

static int start_loop(struct daemon *d)
{
	int ret = loop_init(&d->loop);

	if (!ret)
		ret = take_signals(d);
	if (!ret)
		return STATUS_OK;
	log_say(LOG_ERR, "cannot wait for anything: %s", strerror(-ret));
	return STATUS_SOCKET;
}

static int start_store(struct daemon *d)
{
	struct why why;
	size_t i;

	if (store_open(d->config, &d->store, &why)) {
		log_say(LOG_ERR, "%s", why.text);
		return STATUS_STORE;
	}
	d->caches = calloc(d->config->count, sizeof(*d->caches));
	d->flushers = calloc(d->config->count, sizeof(*d->flushers));
	if (!d->caches || !d->flushers)
		abort();
	for (i = 0; i < d->config->count; i++)
		cache_init(&d->caches[i], d->config->caches[i].name, d->device,
			   d->store);
	return STATUS_OK;
}

static void stop_store(struct daemon *d)
{
	size_t i;

	for (i = 0; i < d->config->count; i++)
		cache_exit(&d->caches[i]);
	free(d->caches);
	free(d->flushers);
	store_close(d->store);
}

static int start_server(struct daemon *d)
{
	struct why why;

	d->server.config = d->config;
	d->server.device = d->device;
	d->server.loop = &d->loop;
	d->server.caches = d->caches;
	d->server.count = d->config->count;
	if (!server_start(&d->server, &why))
		return STATUS_OK;
	log_say(LOG_ERR, "%s", why.text);
	return STATUS_SOCKET;
}

static void stop_flushers(struct daemon *d)
{
	while (d->flushing)
		flusher_stop(&d->flushers[--d->flushing]);
}

static int start_flushers(struct daemon *d)
{
	int ret;

	for (; d->flushing < d->config->count; d->flushing++) {
		ret = flusher_start(&d->flushers[d->flushing],
				    &d->caches[d->flushing]);
		if (!ret)
			continue;
		log_say(LOG_ERR, "threads cannot be started: %s",
			strerror(-ret));
		stop_flushers(d);
		return STATUS_SOCKET;
	}
	return STATUS_OK;
}

/* How it went: what is not in the store stays in the kernel. */
static int status_of(struct daemon *d)
{
	if (!d->stopper.late)
		return d->stopper.failed ? STATUS_DIRTY : STATUS_OK;
	log_say(LOG_ERR, "not all was flushed in time; the kernel keeps the rest");
	/* Threads that wait for a disk cannot be waited for. */
	_exit(STATUS_DIRTY);
}

static int serve(struct daemon *d)
{
	int status;

	status = start_flushers(d);
	if (status)
		return status;
	log_say(LOG_INFO, "serves %zu cache(s) on %s from %s", d->config->count,
		d->config->socket, d->config->path);
	sd_notifyf(0, "READY=1\nSTATUS=serves %zu cache(s) from %s",
		   d->config->count, d->config->path);
	loop_run(&d->loop);
	status = status_of(d);
	stop_flushers(d);
	return status;
}

int daemon_run(const struct config *config, const char *device,
	       uint64_t stop_timeout)
{
	struct daemon d = {
		.config = config,
		.device = device,
		.stop_timeout = stop_timeout,
	};
	int status;

	status = start_loop(&d);
	if (status)
		return status;
	status = start_store(&d);
	if (!status) {
		status = start_server(&d);
		if (!status) {
			status = serve(&d);
			server_stop(&d.server);
		}
		stop_store(&d);
	}
	loop_exit(&d.loop);
	return status;
}
