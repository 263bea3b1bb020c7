/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every allocation and every copy from and to the user fails once
 *
 * For a kernel with fault injection: fail-nth makes the 1st, 2nd, ... of them
 * in a system call fail until the call needs no more.  After each failure the
 * cache is as it was; only a copy of the answer that failed may come after the
 * operation was done.
 */
#ifndef FAILINJECT_H
#define FAILINJECT_H

#include <errno.h>
#include <fcntl.h>

#include "control.h"
#include "flushing.h"
#include "harness.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEBUGFS		"/sys/kernel/debug/"
/* No call of ours has so many of them. */
#define MOST		500u
#define BIG		(300u << 10)

struct injector {
	int fd;
	unsigned int nth;
	unsigned int injected;
};

FIXTURE(failnth) {
	struct injector injector;
	struct kvc_config config;
	struct kvcnl nl;
	char *big;
	int fd;
};

/* Without these the allocations that may sleep are left alone. */
static inline int injection_setup(void)
{
	static const char *const files[][2] = {
		{ DEBUGFS "failslab/ignore-gfp-wait", "N" },
		{ DEBUGFS "failslab/verbose", "0" },
		{ DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N" },
		{ DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ DEBUGFS "fail_page_alloc/min-order", "0" },
		{ DEBUGFS "fail_page_alloc/verbose", "0" },
		{ DEBUGFS "fail_usercopy/verbose", "0" },
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(files) && !ret; i++)
		ret = kvc_write_file(files[i][0], files[i][1]);
	return ret;
}

FIXTURE_SETUP(failnth)
{
	ASSERT_EQ(0, injection_setup());
	self->injector.fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->injector.fd);
	kvc_config_init(&self->config, KVC_TEST_NAME, KVC_TEST_LIMIT);
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	self->big = malloc(2 * BIG);
	ASSERT_NE(NULL, self->big);
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	kvc_pattern(self->big, BIG, 1);
	kvc_pattern(self->big + BIG, BIG, 2);
	/* A fault on memory of ours would be an allocation, too. */
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
}

FIXTURE_TEARDOWN(failnth)
{
	close(self->fd);
	close(self->injector.fd);
	free(self->big);
	kvcnl_close(&self->nl);
}

static inline int arm(struct injector *in)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", ++in->nth);

	return pwrite(in->fd, text, len, 0) == len ? 0 : -errno;
}

/*
 * Did something fail?  What is left of the count is taken back, by calls that
 * copy and so may be what it hits: then nothing is left.
 */
static inline bool disarm(struct injector *in)
{
	char text[16] = "";
	bool hit;

	hit = pread(in->fd, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;
	if (!hit && pwrite(in->fd, "0", 1, 0) != 1 &&
	    pwrite(in->fd, "0", 1, 0) != 1)
		in->nth = MOST;
	in->injected += hit;
	return hit;
}

/* Is the answer of a call right whose nth allocation or copy failed? */
static inline bool answer_ok(int ret, bool hit)
{
	return !ret || (hit && (ret == -ENOMEM || ret == -EFAULT ||
				ret == -ENOBUFS));
}

/* Does what is seen afterwards fit the answer of the call? */
static inline bool outcome_ok(int ret, int seen, int undone, int done)
{
	if (!ret)
		return seen == done;
	return seen == undone || (ret == -EFAULT && seen == done);
}

/*
 * A call with its nth allocation or copy failing.  False ends the series:
 * nothing failed any more.
 */
#define TRY(in, ret, call) ({						\
	bool hit;							\
									\
	ASSERT_EQ(0, arm(in));						\
	(ret) = (call);							\
	hit = disarm(in);						\
	ASSERT_TRUE(answer_ok(ret, hit)) {				\
		TH_LOG("failure %u: %d", (in)->nth, ret);		\
	}								\
	ASSERT_LT((in)->nth, MOST);					\
	hit;								\
})

#endif
