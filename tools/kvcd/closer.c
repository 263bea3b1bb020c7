// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "closer.h"

static void *run(void *arg)
{
	struct closer *closer = arg;
	int fd;

	for (;;) {
		pthread_mutex_lock(&closer->lock);
		while (!closer->count)
			pthread_cond_wait(&closer->work, &closer->lock);
		fd = closer->files[--closer->count];
		pthread_mutex_unlock(&closer->lock);
		if (fd < 0)
			return NULL;
		close(fd);
	}
}

int closer_start(struct closer *closer)
{
	int ret;

	memset(closer, 0, sizeof(*closer));
	pthread_mutex_init(&closer->lock, NULL);
	pthread_cond_init(&closer->work, NULL);
	ret = pthread_create(&closer->thread, NULL, run, closer);
	if (!ret)
		pthread_detach(closer->thread);
	return -ret;
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
