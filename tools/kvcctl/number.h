/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_NUMBER_H
#define KVCCTL_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Numbers in arguments.  Each gives 0, -EINVAL when the text is none, or
 * -ERANGE when it is more than @max.
 */

/* Decimal, or hexadecimal after 0x. */
int number_parse(const char *text, uint64_t max, uint64_t *out);

/* Octal, as permission bits are. */
int octal_parse(const char *text, uint64_t max, uint64_t *out);

/* Bytes, with one of the suffixes K M G T for powers of 1024. */
int size_parse(const char *text, uint64_t max, uint64_t *out);

/* A time with one of the units ns us ms s m h d; s when there is none. */
int duration_parse(const char *text, uint64_t max, uint64_t *out_ns);

/* The shortest text that size_parse() reads as exactly @size. */
const char *size_text(uint64_t size, char *text, size_t len);

/* The shortest text that duration_parse() reads as exactly @ns. */
const char *duration_text(uint64_t ns, char *text, size_t len);

#endif /* KVCCTL_NUMBER_H */
