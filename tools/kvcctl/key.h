/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_KEY_H
#define KVCCTL_KEY_H

#include "buf.h"
#include "options.h"

/* The bytes that an argument stands for; gives an exit status. */
int key_decode(const struct options *opt, const char *what, const char *text,
	       struct buf *out);

#endif /* KVCCTL_KEY_H */
