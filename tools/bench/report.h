/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "sample.h"

/* What is to be reached: for information, nothing is asserted. */
enum goal_kind {
	GOAL_NONE,
	GOAL_RATIO_LEAST,	/* the ratio is to be at least so much */
	GOAL_RATIO_MOST,
	GOAL_OURS_MOST,		/* our own value is to be at most so much */
};

/**
 * struct result - a row of the table
 * @row: its name
 * @what: the workload, in words
 * @unit: of the values
 * @ours: kvcache
 * @other: what it is compared with
 * @cost: the ratio is ours over the other's (how much more we cost), else the
 *	other's over ours (how much better we are)
 * @goal: what kind of goal there is
 * @goal_value: and which
 * @stretch: what would be better still; 0: none is set
 */
struct result {
	const char *row;
	const char *what;
	const char *unit;
	const struct sample *ours;
	const struct sample *other;
	bool cost;
	enum goal_kind goal;
	double goal_value;
	double stretch;
};

/*
 * What is said about a run as a whole.  With @icount what is measured in ns is
 * instructions, and every row's name says so.  @cpu may be -1: not bound.
 */
struct heading {
	const char *machine;
	uint32_t rounds;
	uint32_t slice;
	uint32_t seed;
	bool quick;
	bool icount;
	int cpu;
};

/* Prints the heading. */
void report_begin(const struct heading *heading);
/* Prints the row and takes it into the JSON. */
void report_row(const struct result *result);
/* The row cannot be had here: says so, in the table and the JSON's "missing". */
void report_missing(const char *row, const char *why);
/* A line of text below a row, and in the JSON's "notes". */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes the JSON, if there is a file to write it to. */
void report_end(const char *path);

#endif
