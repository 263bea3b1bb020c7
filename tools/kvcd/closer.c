// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <unistd.h>

#include "closer.h"

/* -1: none, and there will be none. */
static int next_file(struct closer *closer)
{
	int fd = -1;

	pthread_mutex_lock(&closer->lock);
	while (!closer->count && !closer->end)
		pthread_cond_wait(&closer->work, &closer->lock);
	if (closer->count)
		fd = closer->files[--closer->count];
	pthread_mutex_unlock(&closer->lock);
	return fd;
}

static void release(struct closer *closer)
{
	pthread_mutex_destroy(&closer->lock);
	pthread_cond_destroy(&closer->work);
	free(closer);
}

static void *run(void *arg)
{
	struct closer *closer = arg;
	int fd;

	while ((fd = next_file(closer)) >= 0)
		close(fd);
	release(closer);
	return NULL;
}

struct closer *closer_start(void)
{
	struct closer *closer = calloc(1, sizeof(*closer));
	pthread_t thread;

	if (!closer)
		return NULL;
	pthread_mutex_init(&closer->lock, NULL);
	pthread_cond_init(&closer->work, NULL);
	if (pthread_create(&thread, NULL, run, closer)) {
		release(closer);
		return NULL;
	}
	pthread_detach(thread);
	return closer;
}

void closer_end(struct closer *closer)
{
	pthread_mutex_lock(&closer->lock);
	closer->end = true;
	pthread_cond_signal(&closer->work);
	pthread_mutex_unlock(&closer->lock);
}

bool closer_room(struct closer *closer)
{
	bool room;

	pthread_mutex_lock(&closer->lock);
	room = closer->count < CLOSER_MOST;
	pthread_mutex_unlock(&closer->lock);
	return room;
}

void closer_close(struct closer *closer, int fd)
{
	pthread_mutex_lock(&closer->lock);
	/* Only the main loop adds, after it saw that there is room. */
	if (closer->count < CLOSER_MOST)
		closer->files[closer->count++] = fd;
	pthread_cond_signal(&closer->work);
	pthread_mutex_unlock(&closer->lock);
}
