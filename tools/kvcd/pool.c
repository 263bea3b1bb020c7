// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"
#include "pool.h"

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void queue_add(struct queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->last = job;
	queue->last = &job->next;
}

static struct job *queue_take(struct queue *queue)
{
	struct job *job = queue->first;

	if (job)
		queue->first = job->next;
	if (!queue->first)
		queue->last = &queue->first;
	return job;
}

/* Under the lock. */
static struct job *next_job(struct pool *pool)
{
	while (!pool->stop && !pool->todo.first)
		pthread_cond_wait(&pool->work, &pool->lock);
	return pool->stop ? NULL : queue_take(&pool->todo);
}

static void *work(void *arg)
{
	struct pool *pool = arg;
	uint64_t one = 1;
	struct job *job;

	pthread_mutex_lock(&pool->lock);
	while ((job = next_job(pool))) {
		pthread_mutex_unlock(&pool->lock);
		job->run(job);
		pthread_mutex_lock(&pool->lock);
		queue_add(&pool->done, job);
		if (write(pool->watch.fd, &one, sizeof(one)) < 0 &&
		    errno != EAGAIN)
			log_say(LOG_ERR, "eventfd: %s", strerror(errno));
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static struct job *next_done(struct pool *pool)
{
	struct job *job;

	pthread_mutex_lock(&pool->lock);
	job = queue_take(&pool->done);
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void reap(struct watch *watch, uint32_t events)
{
	struct pool *pool = container_of(watch, struct pool, watch);
	uint64_t count;
	struct job *job;

	(void)events;
	if (read(watch->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_say(LOG_ERR, "eventfd: %s", strerror(errno));
	while ((job = next_done(pool)))
		job->done(job);
}

static void end_threads(struct pool *pool)
{
	unsigned int i;

	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (i = 0; i < pool->count; i++)
		pthread_join(pool->threads[i], NULL);
}

static int start_threads(struct pool *pool, unsigned int threads)
{
	int ret;

	while (pool->count < threads) {
		ret = pthread_create(&pool->threads[pool->count], NULL, work,
				     pool);
		if (ret)
			return -ret;
		pool->count++;
	}
	return 0;
}

static void release(struct pool *pool)
{
	end_threads(pool);
	close(pool->watch.fd);
	free(pool->threads);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->work);
}

int pool_init(struct pool *pool, struct loop *loop, unsigned int threads)
{
	int ret;

	memset(pool, 0, sizeof(*pool));
	queue_init(&pool->todo);
	queue_init(&pool->done);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pool->threads = calloc(threads, sizeof(*pool->threads));
	pool->watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pool->watch.ready = reap;
	ret = pool->watch.fd < 0 ? -errno : pool->threads ? 0 : -ENOMEM;
	if (!ret)
		ret = start_threads(pool, threads);
	if (!ret)
		ret = loop_watch(loop, &pool->watch, EPOLLIN);
	if (ret)
		release(pool);
	return ret;
}

void pool_exit(struct pool *pool, struct loop *loop)
{
	struct job *job;

	end_threads(pool);
	pool->count = 0;
	while ((job = queue_take(&pool->done)))
		job->done(job);
	while ((job = queue_take(&pool->todo)))
		job->done(job);
	/* It is not freed, and nobody is to call it. */
	loop_forget(loop, &pool->watch);
	release(pool);
}

void pool_add(struct pool *pool, struct job *job)
{
	pthread_mutex_lock(&pool->lock);
	queue_add(&pool->todo, job);
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}
