/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device in memory behind open(), close(), ioctl() and fsync(), which the
 * tests are linked to (ld --wrap); fake_nl.h has the control plane and
 * fake_kvcd.h the store's daemon.  It keeps to uapi/linux/kvcache.h, in the
 * simplest way: it is the model that the tools are tested against, not the
 * kernel's.
 */
#ifndef SELFTESTS_FAKE_H
#define SELFTESTS_FAKE_H

#include <stdbool.h>
#include <stdint.h>

/* What the tests turn; fake_reset() gives every one its first value. */
extern struct fake {
	bool absent;		/* neither device nor family is there */
	bool eperm;		/* the caller has no capability */
	int lossy;		/* events are lost: 1 silently, 2 with ENOBUFS */
	uint32_t dump_intr;	/* so many dumps are changed while they go */
	uint32_t purge_intr;	/* so many purges fail with EINTR */
	int open_err;		/* open() fails with this errno */
	uint32_t batch_max;
	uint32_t page_max;	/* records of a SCAN */
	uint32_t page_intr;	/* so many calls of SCAN fail with EINTR */
	int put_err;		/* errno of every PUT in a batch */
	uint32_t put_err_after;	/* ... but of so many before */
	void (*on_get)(void);	/* runs once, before a GET */
	void (*on_scan)(void);	/* runs before each SCAN */
	int fsync_err;		/* errno of every fsync() */
	uint32_t fsync_intr;	/* so many fail with EINTR before */
	bool flusher;		/* there is one, who takes all at an fsync() */
	uint32_t flush_error;	/* that one told of */
	bool no_slots;		/* as a module that does not know of slots */
	uint64_t clock_ahead;	/* of what the caller's clock says */
} fake;

/* Counts of calls. */
extern struct fake_calls {
	unsigned int op;
	unsigned int batch;
	unsigned int scan;
	unsigned int open_files;	/* and sockets */
	unsigned int purge;
	unsigned int replay;
	unsigned int defer;
	uint32_t given;		/* of the last CACHE_SET */
	uint32_t hash;		/* of the last ROUTE or PLAN */
	uint64_t committed;	/* run of the last FLUSH_COMMIT */
	uint64_t failed;	/* run of the last FLUSH_FAIL */
	int error;		/* ... and its error */
} fake_calls;

/* One thread at a time is in the fake; the lock may be taken again. */
void fake_lock(void);
void fake_unlock(void);
/* In a child: it is nobody's. */
void fake_forked(void);

struct cache;

/* Lets those who map a cache's slots see that a key changed; NULL: all did. */
void fake_change(const struct cache *cache, const void *key, uint32_t len);
/* ... that the cache's fence is another one, or that it was destroyed. */
void fake_fence(const struct cache *cache);
void fake_kill(const struct cache *cache);

/* The cache that a descriptor is bound to, one that was passed on as well. */
struct cache *fake_bound(int fd, int *mode);

/* What read() gives of a stream file. */
#define FAKE_FRAMES	"whole frames"

/* Forgets every cache and pair. */
void fake_reset(void);

/* What the linker makes of the calls (ld --wrap). */
int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
int __real_fsync(int fd);
int __real_ioctl(int fd, unsigned long cmd, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_fsync(int fd);
int __wrap_ioctl(int fd, unsigned long cmd, ...);

#endif /* SELFTESTS_FAKE_H */
