/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Closes files that came from clients and are not the device's.  Closing one of
 * a file system in user space waits for that, maybe for ever, and the main loop
 * must not.
 */
#ifndef KVCD_CLOSER_H
#define KVCD_CLOSER_H

#include <pthread.h>
#include <stdbool.h>

#define CLOSER_MOST	64

/**
 * struct closer - a thread that closes files, and is never waited for
 * @lock: of the rest
 * @work: there is a file, or it is to end
 * @end: it is to end, and to free this
 * @files: @count of them
 * @count: how many
 */
struct closer {
	pthread_mutex_t lock;
	pthread_cond_t work;
	bool end;
	int files[CLOSER_MOST];
	unsigned int count;
};

/* NULL: no memory, or no thread. */
struct closer *closer_start(void);

/* It is not to be used any more. */
void closer_end(struct closer *closer);

/* Is there room for one more?  If not, no files are to be accepted. */
bool closer_room(struct closer *closer);

void closer_close(struct closer *closer, int fd);

#endif /* KVCD_CLOSER_H */
