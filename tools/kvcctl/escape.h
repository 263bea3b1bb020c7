/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_ESCAPE_H
#define KVCCTL_ESCAPE_H

#include <stddef.h>

#include "buf.h"

/*
 * Bytes as text of one line without tabs: \t \n \r \0 \\ and \xHH for other
 * control characters and for what is not UTF-8.
 */
void escape(struct buf *out, const void *data, size_t len);

/* The reverse; any byte may also stand for itself.  0 or -EINVAL. */
int unescape(struct buf *out, const char *text, size_t len);

#endif /* KVCCTL_ESCAPE_H */
