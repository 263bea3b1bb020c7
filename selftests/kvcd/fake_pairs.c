// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "fake_pairs.h"

#define PATIENCE	60	/* s */
#define FIRST_ID	0x1000

struct fake fake;
static struct fake_cache caches[CACHES];
static size_t count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void fake_lock(void)
{
	pthread_mutex_lock(&lock);
}

void fake_unlock(void)
{
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void fake_changed(void)
{
	pthread_cond_broadcast(&changed);
}

void fake_sleep(void)
{
	pthread_cond_wait(&changed, &lock);
}

void fake_wait_while(const bool *held)
{
	while (*held) {
		fake.held++;
		pthread_cond_broadcast(&changed);
		pthread_cond_wait(&changed, &lock);
		fake.held--;
	}
}

struct fake_cache *fake_find(const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!caches[i].dead && !strcmp(caches[i].name, name))
			return &caches[i];
	}
	return NULL;
}

struct fake_cache *fake_by_id(uint64_t id)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (caches[i].id == id)
			return &caches[i];
	}
	return NULL;
}

struct fake_cache *fake_by_stream(int stream)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (caches[i].stream >= 0 && caches[i].flusher == stream)
			return &caches[i];
	}
	return NULL;
}

static int compare(const struct pair *pair, const void *key, size_t len)
{
	size_t least = len < pair->key_len ? len : pair->key_len;
	int cmp = memcmp(pair->key, key, least);

	return cmp ? cmp : (pair->key_len > len) - (pair->key_len < len);
}

struct pair **pair_at(struct fake_cache *c, const void *key, size_t len)
{
	struct pair **at = &c->pairs;

	while (*at && compare(*at, key, len) < 0)
		at = &(*at)->next;
	return at;
}

void pair_drop(struct pair **at)
{
	struct pair *pair = *at;

	*at = pair->next;
	free(pair->key);
	free(pair->value);
	free(pair);
}

static unsigned char *copy(const void *bytes, size_t len)
{
	unsigned char *mem = malloc(len + 1);

	if (len)
		memcpy(mem, bytes, len);
	return mem;
}

struct pair *pair_set(struct fake_cache *c, const void *key, size_t len,
		      const void *value, size_t value_len)
{
	struct pair **at = pair_at(c, key, len), *pair = *at;

	if (!pair || compare(pair, key, len)) {
		pair = calloc(1, sizeof(*pair));
		pair->key = copy(key, len);
		pair->key_len = len;
		pair->next = *at;
		*at = pair;
	}
	free(pair->value);
	pair->value = copy(value, value_len);
	pair->value_len = value_len;
	return pair;
}

static void free_cache(struct fake_cache *c)
{
	size_t i;

	while (c->pairs)
		pair_drop(&c->pairs);
	for (i = 0; i <= RUNS; i++)
		free(c->runs[i].bytes);
	if (c->stream >= 0)
		close(c->stream);
	memset(c, 0, sizeof(*c));
}

void fake_reset(void)
{
	pthread_mutex_lock(&lock);
	while (count)
		free_cache(&caches[--count]);
	memset(&fake, 0, sizeof(fake));
	fake.version = 1;
	fake.frame = 256 << 10;
	fake.rights = KVC_RIGHT_READ | KVC_RIGHT_WRITE;
	pthread_mutex_unlock(&lock);
}

static uint64_t last_id = FIRST_ID;

void fake_fix_ids(void)
{
	last_id = FIRST_ID;
}

uint64_t fake_create(const char *name, uint32_t flags)
{
	struct fake_cache *c;

	fake_destroy(name);
	pthread_mutex_lock(&lock);
	if (count == CACHES)
		abort();
	c = &caches[count++];
	memset(c, 0, sizeof(*c));
	strcpy(c->name, name);
	c->id = ++last_id;
	c->flags = flags;
	c->stream = -1;
	fake_unlock();
	return c->id;
}

void fake_destroy(const char *name)
{
	struct fake_cache *c;

	pthread_mutex_lock(&lock);
	c = fake_find(name);
	if (c) {
		c->dead = true;
		/* The flusher's end hangs up. */
		if (c->stream >= 0)
			shutdown(c->stream, SHUT_RDWR);
	}
	fake_unlock();
}

void fake_put(const char *name, const void *key, size_t len, const void *value,
	      size_t value_len, uint64_t expiry)
{
	struct pair *pair;

	pthread_mutex_lock(&lock);
	pair = pair_set(fake_find(name), key, len, value, value_len);
	pair->dirty = true;
	pair->gone = false;
	pair->version = ++fake.version;
	pair->expiry = expiry;
	pair->client_flags = (uint32_t)pair->version * 7;
	fake_unlock();
}

void fake_del(const char *name, const void *key, size_t len)
{
	struct pair *pair;

	pthread_mutex_lock(&lock);
	pair = pair_set(fake_find(name), key, len, NULL, 0);
	pair->dirty = true;
	pair->gone = true;
	pair->version = ++fake.version;
	pair->expiry = 0;
	fake_unlock();
}

void fake_evict(const char *name)
{
	struct fake_cache *c;
	struct pair **at;

	pthread_mutex_lock(&lock);
	c = fake_find(name);
	for (at = &c->pairs; *at;) {
		if ((*at)->dirty)
			at = &(*at)->next;
		else
			pair_drop(at);
	}
	fake_unlock();
}

int fake_peek(const char *name, const void *key, size_t len, bool *dirty)
{
	struct pair *pair;
	int ret = -ENOENT;

	pthread_mutex_lock(&lock);
	pair = *pair_at(fake_find(name), key, len);
	if (pair && !compare(pair, key, len)) {
		*dirty = pair->dirty;
		ret = pair->gone ? -ENOENT : 0;
	}
	pthread_mutex_unlock(&lock);
	return ret;
}

/* Under the lock: false when the minute is over. */
static bool wait_more(const struct timespec *until)
{
	return !pthread_cond_timedwait(&changed, &lock, until);
}

static struct timespec deadline(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += PATIENCE;
	return ts;
}

bool fake_reaches(const uint64_t *field, uint64_t value)
{
	struct timespec until = deadline();
	bool more = true;

	pthread_mutex_lock(&lock);
	while (*field < value && more)
		more = wait_more(&until);
	more = *field >= value;
	pthread_mutex_unlock(&lock);
	return more;
}

bool fake_wait(const char *name, uint64_t run)
{
	struct fake_cache *c;

	pthread_mutex_lock(&lock);
	c = fake_find(name);
	pthread_mutex_unlock(&lock);
	return fake_reaches(&c->committed, run);
}
