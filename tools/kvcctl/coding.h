/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_CODING_H
#define KVCCTL_CODING_H

#include <stddef.h>

#include "buf.h"

/* How keys and values stand in arguments and in the output. */
enum coding {
	CODING_PLAIN,
	CODING_HEX,
	CODING_BASE64,
};

const char *coding_name(enum coding coding);

void coding_encode(struct buf *out, enum coding coding, const void *data,
		   size_t len);

/* 0, or -EINVAL when @text is not well-formed. */
int coding_decode(struct buf *out, enum coding coding, const char *text,
		  size_t len);

#endif /* KVCCTL_CODING_H */
