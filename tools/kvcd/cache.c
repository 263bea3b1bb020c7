// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "kernel.h"
#include "log.h"

void cache_init(struct cache *cache, const char *name, const char *device,
		struct store *store)
{
	memset(cache, 0, sizeof(*cache));
	cache->name = name;
	cache->device = device;
	cache->store = store;
	cache->column = store_column(store, name);
	pthread_mutex_init(&cache->lock, NULL);
}

void cache_exit(struct cache *cache)
{
	if (cache->front)
		front_put(cache->front);
	pthread_mutex_destroy(&cache->lock);
}

struct front *front_get(struct front *front)
{
	atomic_fetch_add(&front->refs, 1);
	return front;
}

void front_put(struct front *front)
{
	if (atomic_fetch_sub(&front->refs, 1) > 1)
		return;
	close(front->fd);
	free(front);
}

static struct front *front_of(struct cache *cache, int fd,
			      const struct kvc_info *info)
{
	struct front *front = calloc(1, sizeof(*front));

	if (!front)
		return NULL;
	front->refs = 1;
	front->fd = fd;
	front->id = info->cache;
	front->key_max = info->key_max;
	front->value_max = info->value_max;
	front->cache = cache;
	return front;
}

static int bind_cache(struct cache *cache, int fd, struct front **out)
{
	struct kvc_info info;
	int ret;

	ret = kernel_attach(fd, cache->name);
	if (!ret)
		ret = kernel_info(fd, &info);
	if (ret)
		return ret;
	if (!(info.flags & KVC_INFO_F_WRITEBEHIND) || !info.cache)
		return -EOPNOTSUPP;
	*out = front_of(cache, fd, &info);
	return *out ? 0 : -ENOMEM;
}

static int attach(struct cache *cache, struct front **out)
{
	int fd, ret;

	fd = kernel_open(cache->device);
	if (fd < 0)
		return fd;
	ret = bind_cache(cache, fd, out);
	if (ret)
		close(fd);
	return ret;
}

static bool will_do(const struct front *front, uint64_t id)
{
	return front && !front->gone && (!id || front->id == id);
}

/* Under the lock, like the next one. */
static void set_front(struct cache *cache, struct front *front)
{
	if (cache->front) {
		cache->front->gone = true;
		front_put(cache->front);
	}
	cache->front = front;
}

static int renew(struct cache *cache, uint64_t id)
{
	struct front *front;
	int ret;

	if (will_do(cache->front, id))
		return 0;
	/* A file of a cache that is gone would keep the module. */
	if (cache->front && cache->front->gone)
		set_front(cache, NULL);
	ret = attach(cache, &front);
	if (ret)
		return ret;
	if (id && front->id != id) {
		/* Of another network namespace than ours, or destroyed. */
		front_put(front);
		return -ENOENT;
	}
	set_front(cache, front);
	return 0;
}

int cache_front(struct cache *cache, uint64_t id, struct front **out)
{
	int ret;

	pthread_mutex_lock(&cache->lock);
	ret = renew(cache, id);
	if (!ret)
		*out = front_get(cache->front);
	pthread_mutex_unlock(&cache->lock);
	return ret;
}

void cache_failed(struct cache *cache, int err, const struct why *why)
{
	bool known;

	pthread_mutex_lock(&cache->lock);
	known = cache->err == err && !strcmp(cache->why.text, why->text);
	cache->err = err;
	cache->why = *why;
	pthread_mutex_unlock(&cache->lock);
	if (!known)
		log_say(err == -ENOENT ? LOG_NOTICE : LOG_ERR, "cache '%s': %s",
			cache->name, why->text);
}

void cache_recovered(struct cache *cache)
{
	int err;

	pthread_mutex_lock(&cache->lock);
	err = cache->err;
	cache->err = 0;
	pthread_mutex_unlock(&cache->lock);
	if (err && err != -ENOENT)
		log_say(LOG_NOTICE, "cache '%s': the store takes its runs again",
			cache->name);
}
