/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_OPTIONS_H
#define KVCCTL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "coding.h"

/* Options that a command may allow; the others are there for every command. */
enum {
	OPT_TTL		= 1 << 0,
	OPT_CREATE	= 1 << 1,
	OPT_REPLACE	= 1 << 2,
	OPT_CAS		= 1 << 3,
	OPT_FLAGS	= 1 << 4,
	OPT_CODING	= 1 << 5,
	OPT_INPUT	= 1 << 6,
	OPT_RAW		= 1 << 7,
	OPT_PREFIX	= 1 << 8,
	OPT_FROM	= 1 << 9,
	OPT_TO		= 1 << 10,
	OPT_AFTER	= 1 << 11,
	OPT_KEYS	= 1 << 12,
	OPT_LIMIT	= 1 << 13,
	OPT_FORMAT	= 1 << 14,
	OPT_KEEP_GOING	= 1 << 15,
	OPT_INTERVAL	= 1 << 16,
	OPT_COUNT	= 1 << 17,
	OPT_REASON	= 1 << 18,
	OPT_SINCE	= 1 << 19,
	OPT_FILE	= 1 << 20,
	OPT_REVISION	= 1 << 21,
	OPT_RING	= 1 << 22,
	OPT_CACHE	= 1 << 23,
	OPT_SOURCE	= 1 << 24,
	OPT_LIFETIME	= 1 << 25,
	OPT_DRY_RUN	= 1 << 26,
	OPT_PLACEMENT	= 1 << 27,
	OPT_HASH	= 1 << 28,
	OPT_TIMEOUT	= 1 << 29,
};

/* Those of purge that mean something for a ring only. */
#define OPT_RING_PURGE \
	(OPT_CACHE | OPT_SOURCE | OPT_LIFETIME | OPT_DRY_RUN | \
	 OPT_PLACEMENT | OPT_HASH | OPT_TIMEOUT)

enum file_format {
	FORMAT_TSV,
	FORMAT_JSONL,
};

struct options {
	bool json;
	bool pretty;
	bool version;
	bool help;
	const char *device;
	uint32_t given;		/* OPT_* */
	enum coding coding;
	enum file_format format;
	uint32_t flags;
	uint64_t ttl;		/* nanoseconds, 0: never */
	uint64_t cas;
	uint64_t limit;
	uint64_t interval;	/* nanoseconds */
	uint64_t count;
	const char *input;
	const char *prefix;
	const char *from;
	const char *to;
	const char *after;
	uint64_t since;
	uint64_t revision;
	uint64_t lifetime;	/* nanoseconds, 0: for ever */
	uint64_t timeout;	/* nanoseconds */
	const char *reason;
	const char *file;
	const char *ring;
	const char *cache;
	const char *source;
	const char *placement;
	const char *hash;
};

/*
 * Reads options into @opt and leaves the other arguments in argv[*first] and
 * behind.  @allowed are the OPT_* that may stand there; with @leading the
 * options end at the first other argument.  Gives an exit status.
 */
int options_parse(struct options *opt, int argc, char **argv, bool leading,
		  uint32_t allowed, int *first);

/* A time to live, "never" for 0.  Gives an exit status. */
int ttl_parse(const char *text, uint64_t *ttl);

#endif /* KVCCTL_OPTIONS_H */
