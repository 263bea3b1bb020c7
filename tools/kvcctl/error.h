/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_ERROR_H
#define KVCCTL_ERROR_H

#include <stdbool.h>

#include "util.h"

/* Exit statuses; scripts rely on them. */
enum status {
	STATUS_OK	= 0,
	STATUS_USAGE	= 1,
	STATUS_REFUSED	= 2,	/* by the kernel, or input or output failed */
	STATUS_NO_KEY	= 3,
	STATUS_NO_DEVICE = 4,	/* nor, where it is needed, a store daemon */
};

/* Errors as JSON objects from now on, or as text. */
void error_set_json(bool json);

/*
 * Reports an error on stderr and gives @status back.  @err is an errno, in
 * either sign.  @hint says what to do; NULL: what @err suggests, if anything.
 */
__printf(4, 5)
int fail(int status, int err, const char *hint, const char *fmt, ...);

/* Says something on stderr that is no error. */
__printf(1, 2)
void note(const char *fmt, ...);

/* Reports a mistake in the command line and gives STATUS_USAGE back. */
__printf(1, 2)
int bad_usage(const char *fmt, ...);

#endif /* KVCCTL_ERROR_H */
