/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_OUTPUT_H
#define KVCCTL_OUTPUT_H

#include <stdio.h>
#include <jansson.h>

#include "options.h"

/* As fwrite(); an error is kept for output_flush(). */
void output_write(FILE *file, const void *data, size_t len);

/* Prints @top, with a newline, and drops it. */
void output_json(const struct options *opt, json_t *top);

/* Flushes; gives an exit status, an error that came before included. */
int output_flush(FILE *file, const char *name);

#endif /* KVCCTL_OUTPUT_H */
