// SPDX-License-Identifier: GPL-2.0-only
/* Events: in order, each once, whatever netlink loses. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "ctl.h"
#include "fake.h"
#include "fake_nl.h"
#include "lib.h"

static struct kvc_sub *sub;

/* "a1 a2 b1", "!3" for three lost, "@" for a new cache: all there is now. */
static const char *drain(void)
{
	static char text[1024];
	struct kvc_event event;
	size_t at = 0;
	int ret;

	text[0] = '\0';
	while ((ret = kvc_sub_next(sub, &event)) > 0) {
		if (event.kind == KVC_SUB_OVERRUN)
			at += sprintf(text + at, "!%d ", (int)event.lost);
		else if (event.kind == KVC_SUB_RENEWED)
			at += sprintf(text + at, "@ ");
		else
			at += sprintf(text + at, "%.*s%d ", (int)event.key_len,
				      (const char *)event.key, (int)event.seq);
	}
	if (ret)
		sprintf(text + at, "%s", strerrorname_np(-ret));
	return text;
}

static void add(const char *cache, const char *key)
{
	fake_event(cache, KVC_EVENT_UPDATED, key);
}

static int sub_setup(void **state)
{
	sub = NULL;
	return lib_setup(state);
}

static int sub_teardown(void **state)
{
	kvc_sub_close(sub);
	return lib_teardown(state);
}

static void test_one(void **state)
{
	(void)state;
	add("c", "old");
	assert_int_equal(kvc_sub_open("c", 0, &sub), 0);
	assert_string_equal(drain(), "");
	make_cache("d");
	add("c", "a");
	add("d", "x");
	add("c", "b");
	assert_string_equal(drain(), "a2 b3 ");
	assert_string_equal(drain(), "");
	add("c", "a");
	assert_string_equal(drain(), "a4 ");
}

static void test_since(void **state)
{
	(void)state;
	add("c", "a");
	add("c", "b");
	add("c", "c");
	assert_int_equal(kvc_sub_open("c", 5, &sub), -EINVAL);
	assert_int_equal(kvc_sub_open("c", 2, &sub), 0);
	add("c", "d");
	assert_string_equal(drain(), "b2 c3 d4 ");
	add("c", "e");
	assert_string_equal(drain(), "e5 ");
}

static void test_refused(void **state)
{
	struct kvc_config config = {
		.name = "q", .limit = 1 << 20, .flags = KVC_CACHE_F_NOEVENTS,
	};

	(void)state;
	assert_int_equal(kvc_cache_create(ctl, &config), 0);
	assert_int_equal(kvc_sub_open("q", 0, &sub), -EOPNOTSUPP);
	assert_int_equal(kvc_sub_open("none", 0, &sub), -ENOENT);
	fake.eperm = true;
	assert_int_equal(kvc_sub_open(NULL, 0, &sub), -EPERM);
	fake.absent = true;
	assert_int_equal(kvc_sub_open(NULL, 0, &sub), -ENOENT);
	sub = NULL;
	kvc_sub_close(NULL);
}

/* C3; bad input row: slow subscriber, ENOBUFS, then replay */
static void test_replay(void **state)
{
	(void)state;
	assert_int_equal(kvc_sub_open("c", 0, &sub), 0);
	add("c", "a");
	fake.lossy = 2;
	add("c", "b");
	add("c", "c");
	fake.lossy = 0;
	add("c", "d");
	assert_string_equal(drain(), "a1 b2 c3 d4 ");
	/* Lost without a word: the next one shows it. */
	fake.lossy = 1;
	add("c", "e");
	add("c", "f");
	assert_string_equal(drain(), "");
	fake.lossy = 0;
	add("c", "g");
	add("c", "h");
	assert_string_equal(drain(), "e5 f6 g7 h8 ");
	add("c", "i");
	assert_string_equal(drain(), "i9 ");
}

/*
 * After ENOBUFS a socket takes nothing, and does not say so again, until all
 * that it has was read.
 */
static void test_congested(void **state)
{
	struct kvc_event event;

	(void)state;
	assert_int_equal(kvc_sub_open("c", 0, &sub), 0);
	assert_string_equal(drain(), "");
	add("c", "a");
	add("c", "b");
	fake.lossy = 2;
	add("c", "c");
	fake.lossy = 0;
	assert_int_equal(kvc_sub_next(sub, &event), 1);
	assert_int_equal(event.seq, 1);
	add("c", "d");
	assert_string_equal(drain(), "b2 c3 d4 ");
	add("c", "e");
	assert_string_equal(drain(), "e5 ");
}

/* ... or reported resync */
static void test_overrun(void **state)
{
	(void)state;
	assert_int_equal(kvc_sub_open("c", 0, &sub), 0);
	add("c", "a");
	assert_string_equal(drain(), "a1 ");
	fake.lossy = 2;
	add("c", "b");
	add("c", "c");
	add("c", "d");
	fake.lossy = 0;
	fake_log_trim("c", 1);
	assert_string_equal(drain(), "!2 d4 ");
	fake.lossy = 1;
	add("c", "e");
	fake.lossy = 0;
	add("c", "f");
	fake_log_trim("c", 0);
	assert_string_equal(drain(), "!2 ");
	add("c", "g");
	assert_string_equal(drain(), "g7 ");
}

static void test_renewed(void **state)
{
	(void)state;
	assert_int_equal(kvc_sub_open("c", 0, &sub), 0);
	add("c", "a");
	add("c", "b");
	assert_string_equal(drain(), "a1 b2 ");
	fake_log_renew("c");
	add("c", "x");
	assert_string_equal(drain(), "@ x1 ");
	add("c", "y");
	add("c", "z");
	assert_string_equal(drain(), "y2 z3 ");
	/* Known by the log, too: it has not got that far. */
	fake_log_renew("c");
	fake.lossy = 2;
	add("c", "w");
	fake.lossy = 0;
	assert_string_equal(drain(), "@ w1 ");
}

static void test_gone(void **state)
{
	(void)state;
	assert_int_equal(kvc_sub_open("c", 0, &sub), 0);
	fake.lossy = 2;
	add("c", "a");
	assert_int_equal(kvc_cache_destroy(ctl, "c"), 0);
	assert_string_equal(drain(), "ESHUTDOWN");
}

static void test_all(void **state)
{
	(void)state;
	make_cache("d");
	add("d", "old");
	assert_int_equal(kvc_sub_open(NULL, 0, &sub), 0);
	add("c", "a");
	add("d", "b");
	make_cache("e");
	add("e", "x");
	assert_string_equal(drain(), "a1 b2 x1 ");
	/* Of a cache, too, that nothing was known of before the loss. */
	make_cache("f");
	fake.lossy = 2;
	add("c", "c");
	add("f", "y");
	assert_int_equal(kvc_cache_destroy(ctl, "e"), 0);
	fake.lossy = 0;
	assert_string_equal(drain(), "c2 y1 ");
}

static void test_all_since(void **state)
{
	(void)state;
	make_cache("d");
	add("c", "a");
	add("c", "b");
	add("d", "x");
	assert_int_equal(kvc_sub_open(NULL, 2, &sub), 0);
	assert_string_equal(drain(), "b2 ");
	add("d", "y");
	assert_string_equal(drain(), "y2 ");
}

static void test_log(void **state)
{
	(void)state;
	add("c", "a");
	add("c", "b");
	add("c", "c");
	assert_int_equal(kvc_sub_open_log("c", 0, &sub), -EINVAL);
	assert_int_equal(kvc_sub_open_log("c", 5, &sub), -EINVAL);
	assert_int_equal(kvc_sub_open_log("c", 2, &sub), 0);
	assert_string_equal(drain(), "b2 c3 ");
	add("c", "d");
	assert_string_equal(drain(), "");
}

/* The descriptor tells when there is something. */
static void test_poll(void **state)
{
	struct pollfd poller = { .events = POLLIN };

	(void)state;
	assert_int_equal(kvc_sub_open("c", 0, &sub), 0);
	assert_string_equal(drain(), "");
	poller.fd = kvc_sub_fd(sub);
	assert_int_equal(poll(&poller, 1, 0), 0);
	add("c", "a");
	assert_int_equal(poll(&poller, 1, 0), 1);
	assert_string_equal(drain(), "a1 ");
	assert_int_equal(poll(&poller, 1, 0), 0);
}

static void test_kvcctl(void **state)
{
	(void)state;
	add("c", "a\tb");
	fake_event("c", KVC_EVENT_DELETED, "b");
	fake_event("c", KVC_EVENT_PURGED, "");
	assert_out("kvcctl events c",
		   "c\t1\tupdated\ta\\tb\nc\t2\tdeleted\tb\nc\t3\tpurged\t*\n");
	assert_out("kvcctl events --since 2 --hex c",
		   "c\t2\tdeleted\t62\nc\t3\tpurged\t*\n");
	assert_out("kvcctl events --reason deleted,fenced c", "c\t2\tdeleted\tb\n");
	/* What is about all keys is about those of the prefix. */
	assert_out("kvcctl events --prefix b c",
		   "c\t2\tdeleted\tb\nc\t3\tpurged\t*\n");
	assert_json("kvcctl -j events --count 1 c", "event", "\"updated\"");
	assert_json("kvcctl -j events --count 1 c", "seq", "1");
	assert_json("kvcctl -j events --count 1 c", "cas", "101");
	assert_out("kvcctl monitor --since 2 --count 1 c", "c\t2\tdeleted\tb\n");
	fake_log_trim("c", 1);
	assert_out("kvcctl events c",
		   "c\t-\toverrun\t2 events lost\nc\t3\tpurged\t*\n");
	assert_out("kvcctl -j monitor --since 1 --count 1",
		   "{\"version\":1,\"event\":\"overrun\",\"cache\":\"c\",\"lost\":2}\n");
	assert_full("kvcctl events c");
	assert_full("kvcctl monitor --since 1 --count 2 c");
	assert_fails("kvcctl events none", 2, "no such cache");
	assert_fails("kvcctl events --since 9 c", 2, "later");
	fake.eperm = true;
	assert_fails("kvcctl monitor", 2, "CAP_NET_ADMIN");
	fake.absent = true;
	assert_fails("kvcctl monitor", 4, "modprobe kvcache");
}

#define LINES \
	"k0000\t0\nk0001\t0\nk0002\t0\nk0003\t0\nk0010\t0\nk0011\t0\n"

static void test_kvcctl_purge(void **state)
{
	(void)state;
	assert_int_equal(run_with("kvcctl load c -", LINES, sizeof(LINES) - 1),
			 0);
	assert_out("kvcctl purge c k0003", "purged 1\n");
	assert_out("kvcctl purge c k0003", "purged 0\n");
	fake.purge_intr = 2;
	assert_out("kvcctl purge c --prefix k000", "purged 3\n");
	assert_int_equal(run_with("kvcctl -j purge c --from-file -",
				  "k0010\nk0011", 11), 0);
	assert_non_null(strstr(last.out, "\"purged\":2"));
	assert_fails("kvcctl purge none k", 2, "no such cache");
	assert_out("kvcctl fence c 1h", "");
	assert_out("kvcctl fence c none", "");
	assert_fails("kvcctl fence none 1h", 2, "no such cache");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, sub_setup, sub_teardown)
#define CTL_CASE(f) cmocka_unit_test_setup(f, ctl_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_one), CASE(test_since), CASE(test_refused),
		CASE(test_replay), CASE(test_congested),
		CASE(test_overrun), CASE(test_renewed),
		CASE(test_gone), CASE(test_all), CASE(test_all_since),
		CASE(test_log), CASE(test_poll),
		CTL_CASE(test_kvcctl), CTL_CASE(test_kvcctl_purge),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fake_reset();
	return failed;
}
