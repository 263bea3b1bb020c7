/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store's daemon, as threads of the test: it speaks tools/lib/kvcd_proto.h
 * over a socket, for the write-behind caches of the fake, and makes mistakes
 */
#ifndef SELFTESTS_FAKE_KVCD_H
#define SELFTESTS_FAKE_KVCD_H

#include <stdbool.h>
#include <stdint.h>

/* What is wrong with an answer */
enum kvcd_fault {
	FAULT_NONE,
	/* The connection is lost: */
	FAULT_CLOSE,		/* instead of an answer */
	FAULT_HALF,		/* within the answer */
	/* It does not come: */
	FAULT_SLOW,
	/* It makes no sense: */
	FAULT_MAGIC,
	FAULT_OVERSIZE,
	FAULT_TAG,
	FAULT_TYPE,
	FAULT_POSITIVE,		/* a result above 0 */
	FAULT_ERROR_BODY,	/* an error with a body */
	FAULT_SHORT,		/* no room for the struct that begins the body */
	FAULT_VALUE_LEN,	/* of a pair: not what follows */
	/* ... as a page, of two records: */
	FAULT_REC_LEN,
	FAULT_REC_ODD,		/* not a multiple of 8 */
	FAULT_KEY_LEN,
	FAULT_KEY_NONE,
	FAULT_DATA_LEN,
	FAULT_ORDER,		/* the first key comes twice */
	FAULT_COUNT,
	FAULT_MORE,		/* no records, but more of them */
	FAULTS,
};

/* What the tests turn and look at, under fake_lock(). */
extern struct fake_kvcd {
	enum kvcd_fault fault;
	uint32_t fault_after;	/* so many answers */
	uint32_t fault_count;	/* of so many answers; 0: of all */
	int attach_err;		/* negative errno of every ATTACH */
	int result;		/* negative errno of every other answer */
	uint32_t no_fill;	/* so many GETs leave nothing in the cache */
	uint32_t page_max;	/* records of a page */
	uint32_t gather;	/* so many GETs are waited for, answered backwards */
	void (*on_scan)(void);	/* runs before each page is read */
	/* Runs once between reading and filling; leaves the store alone. */
	void (*on_fill)(void);
	const char *stats;	/* in JSON */
	/* Counts: */
	unsigned int connections;
	unsigned int gets;
	unsigned int scans;
	unsigned int compacted;
} fake_kvcd;

/* Begins at the path that $KVC_KVCD_SOCKET has from then on. */
void fake_kvcd_start(void);
void fake_kvcd_stop(void);
const char *fake_kvcd_path(void);

/* Forgets what the tests have turned and counted; it goes on if it runs. */
void fake_kvcd_reset(void);

#endif /* SELFTESTS_FAKE_KVCD_H */
