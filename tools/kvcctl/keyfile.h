/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_KEYFILE_H
#define KVCCTL_KEYFILE_H

#include "buf.h"
#include "options.h"

/* Is called with each key; not 0 ends it and is the exit status. */
typedef int (*keyfile_fn)(const struct buf *key, void *arg);

/*
 * The keys of a file, one a line, with escapes or coded as the options say;
 * "-" is the standard input.  Gives an exit status.
 */
int keyfile_read(const struct options *opt, const char *name, keyfile_fn fn,
		 void *arg);

#endif /* KVCCTL_KEYFILE_H */
