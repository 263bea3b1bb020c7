/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_KEY_H
#define KVCCTL_KEY_H

#include <kvcache.h>

#include "buf.h"
#include "options.h"

/* The bytes that an argument stands for; gives an exit status. */
int key_decode(const struct options *opt, const char *what, const char *text,
	       struct buf *out);

/* Reads the value of a key into memory that is allocated. */
typedef int (*key_get_fn)(struct kvc *kvc, const struct buf *key, void **value,
			  size_t *len, struct kvc_meta *meta);

/* A get of the key argv[1] of the cache argv[0]; gives an exit status. */
int key_get(const struct options *opt, const char *what, char **argv,
	    key_get_fn get);

#endif /* KVCCTL_KEY_H */
