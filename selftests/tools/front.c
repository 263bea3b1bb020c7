// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cases.h"
#include "fake.h"
#include "fake_kvcd.h"
#include "front.h"

#define MARK	4321		/* an errno that nothing sets */

struct kvc *front;
struct kvc_ctl *front_ctl;
struct cache *front_cache;

static unsigned int files_before;

/* Descriptors of this process. */
static unsigned int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

void stored(const char *key, const char *value)
{
	struct pair pair = {
		.key = (unsigned char *)key,
		.key_len = strlen(key),
		.value = (unsigned char *)value,
		.value_len = value ? strlen(value) : 0,
		.version = 7,
		.client_flags = 9,
	};
	struct cache *store = front_cache->store;
	bool found;
	uint32_t at;

	fake_lock();
	at = pairs_place(store, key, pair.key_len, &found);
	if (value)
		pairs_set(store, at, found, &pair);
	else if (found)
		pairs_remove(store, at);
	fake_unlock();
}

void flushed(void)
{
	fake_lock();
	behind_commit(front_cache);
	behind_evict(front_cache);
	fake_unlock();
}

int front_put(const char *key, const char *value)
{
	return kvc_put(front, key, strlen(key), value, strlen(value), NULL,
		       NULL);
}

int front_get(const char *key, char *value, size_t room)
{
	size_t len = room - 1;
	int ret;

	ret = kvc_get(front, key, strlen(key), value, &len, NULL);
	value[ret ? 0 : len] = '\0';
	return ret;
}

void assert_reads(const char *key, const char *value)
{
	char got[64];

	assert_int_equal(front_get(key, got, sizeof(got)),
			 value ? 0 : -ENOENT);
	assert_string_equal(got, value ? value : "");
}

unsigned int asked(void)
{
	unsigned int count;

	fake_lock();
	count = fake_kvcd.gets;
	fake_unlock();
	return count;
}

int front_setup(void **state)
{
	struct kvc_config config = {
		.name = "w",
		.limit = 1 << 20,
		.flags = KVC_CACHE_F_WRITEBEHIND,
		.value_max = 4 << 20,
		.uid = KVC_ID_CALLER,
	};

	(void)state;
	files_before = open_files();
	fake_reset();
	fake_kvcd_reset();
	fake_kvcd_start();
	assert_int_equal(kvc_ctl_open(&front_ctl), 0);
	assert_int_equal(kvc_cache_create(front_ctl, &config), 0);
	front_cache = fake_cache("w");
	assert_int_equal(kvc_open(O_RDWR, &front), 0);
	assert_int_equal(kvc_attach(front, "w"), 0);
	errno = MARK;
	return 0;
}

int front_teardown(void **state)
{
	(void)state;
	/* The contract of every call: the global errno is left alone. */
	assert_int_equal(errno, MARK);
	kvc_close(front);
	kvc_ctl_close(front_ctl);
	fake_kvcd_stop();
	assert_int_equal(fake_calls.open_files, 0);
	fake_reset();
	/* No connection was left behind. */
	assert_int_equal(open_files(), files_before);
	return 0;
}
