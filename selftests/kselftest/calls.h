/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A valid call of every command, to be made invalid in one way at a time
 */
#ifndef CALLS_H
#define CALLS_H

#include "kvctest.h"

enum call_id {
	CALL_INFO,
	CALL_ATTACH,
	CALL_OP,
	CALL_BATCH,
	CALL_SCAN,
	CALL_ROUTE,
	CALL_REPORT,
	CALL_FLUSH_OPEN,
	CALL_FLUSH_COMMIT,
	CALL_FLUSH_FAIL,
};

/* Room for the longest struct that a command number can tell of. */
#define CALL_ARG_MAX	16384

struct call {
	unsigned int cmd;
	unsigned int size;	/* of its first version */
	bool unbound;		/* wants a file that is not attached */
	void (*fill)(void *arg);
	unsigned int known;	/* bytes that the kernel knows; 0: as @size */
	bool behind;		/* wants a write-behind cache, */
	bool stream;		/* and its stream file, with a run read */
};

extern const struct call calls[];

/* A file in the state that makes the call valid, or a negative errno. */
int call_prepare(const struct call *call);
/* Makes the call with its struct being that long; @arg is filled in anew. */
int call_sized(const struct call *call, int fd, void *arg, unsigned int size);
/* The command number that says so. */
unsigned long call_cmd(const struct call *call, unsigned int size);

#endif /* CALLS_H */
