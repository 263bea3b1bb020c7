/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_STOREFAIL_H
#define KVCCTL_STOREFAIL_H

#include <kvcache.h>

/*
 * Errors of calls on a handle behind whose cache there may be a store: what
 * went wrong, as fail() takes it.
 */
struct store_error {
	int status;
	const char *text;	/* of the error */
	const char *hint;	/* NULL: none but that of fail() */
	char room[512];
};

/* @err: a negative errno. */
void store_error(struct store_error *error, struct kvc *kvc, int err);

#endif /* KVCCTL_STOREFAIL_H */
