/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_BUF_H
#define KVCCTL_BUF_H

#include <stddef.h>
#include <stdio.h>

/* Bytes that grow; all zero is empty. */
struct buf {
	unsigned char *data;
	size_t len;
	size_t cap;
};

/* Makes room for @more bytes behind the present ones. */
void buf_reserve(struct buf *buf, size_t more);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_addc(struct buf *buf, unsigned char c);

/* Reads on up to the end, or to @max bytes in all; 0 or -errno. */
int buf_read(struct buf *buf, FILE *file, size_t max);

void buf_free(struct buf *buf);

#endif /* KVCCTL_BUF_H */
