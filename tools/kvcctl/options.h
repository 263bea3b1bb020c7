/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_OPTIONS_H
#define KVCCTL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "coding.h"

/* Options that a command may allow; the others are there for every command. */
#define OPT_TTL		(1ull << 0)
#define OPT_CREATE	(1ull << 1)
#define OPT_REPLACE	(1ull << 2)
#define OPT_CAS		(1ull << 3)
#define OPT_FLAGS	(1ull << 4)
#define OPT_CODING	(1ull << 5)
#define OPT_INPUT	(1ull << 6)
#define OPT_RAW		(1ull << 7)
#define OPT_PREFIX	(1ull << 8)
#define OPT_FROM	(1ull << 9)
#define OPT_TO		(1ull << 10)
#define OPT_AFTER	(1ull << 11)
#define OPT_KEYS	(1ull << 12)
#define OPT_LIMIT	(1ull << 13)
#define OPT_FORMAT	(1ull << 14)
#define OPT_KEEP_GOING	(1ull << 15)
#define OPT_INTERVAL	(1ull << 16)
#define OPT_COUNT	(1ull << 17)
#define OPT_REASON	(1ull << 18)
#define OPT_SINCE	(1ull << 19)
#define OPT_FILE	(1ull << 20)
#define OPT_REVISION	(1ull << 21)
#define OPT_RING	(1ull << 22)
#define OPT_CACHE	(1ull << 23)
#define OPT_SOURCE	(1ull << 24)
#define OPT_LIFETIME	(1ull << 25)
#define OPT_DRY_RUN	(1ull << 26)
#define OPT_PLACEMENT	(1ull << 27)
#define OPT_HASH	(1ull << 28)
#define OPT_TIMEOUT	(1ull << 29)
#define OPT_DISCARD	(1ull << 30)
#define OPT_SOCKET	(1ull << 31)
#define OPT_CACHE_ONLY	(1ull << 32)

/* Of the commands on pairs of a cache that a store may be behind */
#define OPT_STORE	(OPT_SOCKET | OPT_CACHE_ONLY)

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
	uint64_t given;		/* OPT_* */
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
	const char *socket;
};

/*
 * Reads options into @opt and leaves the other arguments in argv[*first] and
 * behind.  @allowed are the OPT_* that may stand there; with @leading the
 * options end at the first other argument.  Gives an exit status.
 */
int options_parse(struct options *opt, int argc, char **argv, bool leading,
		  uint64_t allowed, int *first);

/* A time to live, "never" for 0.  Gives an exit status. */
int ttl_parse(const char *text, uint64_t *ttl);

#endif /* KVCCTL_OPTIONS_H */
