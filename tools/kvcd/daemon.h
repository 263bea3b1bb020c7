/* SPDX-License-Identifier: GPL-2.0-only */
/* All of kvcd, from the start to the end */
#ifndef KVCD_DAEMON_H
#define KVCD_DAEMON_H

#include <stdint.h>

#include "config.h"

/* How kvcd ends; systemd's unit and the manual name them. */
enum {
	STATUS_OK = 0,
	STATUS_USAGE = 1,	/* arguments or configuration */
	STATUS_DIRTY = 2,	/* not all is in the store, the kernel keeps it */
	STATUS_STORE = 3,	/* the store cannot be used */
	STATUS_SOCKET = 4,	/* clients cannot connect, or threads not start */
};

/* Runs until a signal ends it; STATUS_*. */
int daemon_run(const struct config *config, const char *device,
	       uint64_t stop_timeout);

#endif /* KVCD_DAEMON_H */
