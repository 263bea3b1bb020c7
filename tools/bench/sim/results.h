/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SIM_RESULTS_H
#define _KVC_SIM_RESULTS_H

#include <linux/types.h>

struct contender;

/* The table, line by line */
void results_begin(void);
/* Then each contender, then the end of the row, with its goals */
void results_row(const char *name, const char *what, unsigned int percent);
void results_add(const struct contender *c, double miss);
void results_row_end(void);
/* Writes the JSON, if there is a file to write it to. */
void results_end(const char *path, u32 seed, bool quick);

#endif
