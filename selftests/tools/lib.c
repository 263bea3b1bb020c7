// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "fake.h"
#include "lib.h"

#define MARK	4321		/* an errno that nothing sets */

struct kvc *kvc;
struct kvc_ctl *ctl;

void make_cache(const char *name)
{
	struct kvc_config config = { .limit = 1 << 20, .uid = KVC_ID_CALLER };

	strcpy(config.name, name);
	assert_int_equal(kvc_cache_create(ctl, &config), 0);
}

void mark_errno(void)
{
	errno = MARK;
}

int lib_setup(void **state)
{
	(void)state;
	fake_reset();
	assert_int_equal(kvc_open(O_RDWR, &kvc), 0);
	assert_int_equal(kvc_ctl_open(&ctl), 0);
	make_cache("c");
	assert_int_equal(kvc_attach(kvc, "c"), 0);
	mark_errno();
	return 0;
}

int lib_teardown(void **state)
{
	(void)state;
	/* The contract of every call: the global errno is left alone. */
	assert_int_equal(errno, MARK);
	kvc_close(kvc);
	kvc_ctl_close(ctl);
	assert_int_equal(fake_calls.open_files, 0);
	fake_reset();
	return 0;
}

int put(const char *key, const char *value)
{
	return kvc_put(kvc, key, strlen(key), value, strlen(value), NULL, NULL);
}

void put_many(unsigned int count)
{
	char key[16];
	unsigned int i;

	for (i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "k%04u", i);
		assert_int_equal(put(key, key + 1), 0);
	}
}
