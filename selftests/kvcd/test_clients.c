// SPDX-License-Identifier: GPL-2.0-only
/* What clients must not be able to do by what they say, or do not read */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../tools/kvcd/client.h"
#include "talk.h"

static struct counts *counts(void)
{
	return &bench.caches[0].counts;
}

static void store(const char *key, const char *value)
{
	static uint64_t run;
	struct line line = { key, value, 0 };

	assert_int_equal(take_run(bench.caches[0].column, 1, ++run, &line, 1),
			 0);
}

static void test_lengths(void **state)
{
	unsigned char key[KVCD_REQUEST_MAX] = "";
	struct kvcd_range range = { .room = 100 };
	int fd = talk_attached();

	(void)state;
	assert_int_equal(talk_ask(fd, KVCD_GET, key, 0), -EINVAL);
	assert_int_equal(talk_ask(fd, KVCD_GET, key, 250), -ENOENT);
	assert_int_equal(talk_ask(fd, KVCD_GET, key, 251), -ENAMETOOLONG);
	assert_int_equal(talk_ask(fd, KVCD_STORE_GET, key, 251), -ENAMETOOLONG);
	assert_int_equal(talk_ask(fd, KVCD_GET, key, sizeof(key)),
			 -ENAMETOOLONG);
	assert_int_equal(talk_ask(fd, KVCD_STORE_SCAN, &range,
				  sizeof(range) - 1), -EINVAL);
	assert_int_equal(talk_ask(fd, KVCD_STORE_SCAN, &range, sizeof(range)),
			 0);
	memcpy(key, &range, sizeof(range));
	assert_int_equal(talk_ask(fd, KVCD_STORE_SCAN, key, sizeof(range) + 1),
			 -EINVAL);
	range.start_len = UINT32_MAX;
	range.end_len = 1;
	assert_int_equal(talk_ask(fd, KVCD_STORE_SCAN, &range, sizeof(range)),
			 -ENAMETOOLONG);
	range = (struct kvcd_range){ .flags = 4 };
	assert_int_equal(talk_ask(fd, KVCD_STORE_SCAN, &range, sizeof(range)),
			 -EINVAL);
	range = (struct kvcd_range){ .reserved = 1 };
	assert_int_equal(talk_ask(fd, KVCD_STORE_SCAN, &range, sizeof(range)),
			 -EINVAL);
	assert_int_equal(talk_ask(fd, KVCD_STORE_STATS, "x", 1), -EINVAL);
	assert_int_equal(talk_ask(fd, KVCD_STORE_COMPACT, "x", 1), -EINVAL);
	assert_int_equal(talk_ask(fd, KVCD_ATTACH, "x", 1), -EINVAL);
	assert_int_equal(talk_ask(fd, 0, NULL, 0), -EOPNOTSUPP);
	assert_int_equal(talk_ask(fd, 7, NULL, 0), -EOPNOTSUPP);
	assert_int_equal(talk_ask(fd, UINT32_MAX, NULL, 0), -EOPNOTSUPP);
	close(fd);
}

static void dropped(const struct kvcd_head *head)
{
	struct answer_in in;
	int fd = talk_attached();

	talk_write(fd, head, sizeof(*head));
	assert_false(talk_receive(fd, &in));
	close(fd);
}

/* Who does not speak the protocol is dropped; a request with a result is wrong. */
static void test_nonsense(void **state)
{
	struct kvcd_head head = { KVCD_MAGIC, 1, KVCD_GET, 0, 1 };
	int fd = talk_attached();
	struct answer_in in;

	(void)state;
	head.magic++;
	dropped(&head);
	head.magic--;
	head.len = KVCD_REQUEST_MAX + 1;
	dropped(&head);
	head.len = UINT32_MAX;
	dropped(&head);
	head.len = 1;
	head.result = -1;
	talk_write(fd, &head, sizeof(head));
	talk_write(fd, "k", 1);
	assert_true(talk_receive(fd, &in));
	assert_int_equal(in.head.result, -EINVAL);
	free(in.body);
	close(fd);
}

/* A byte at a time, and many messages at a time. */
static void test_pieces(void **state)
{
	struct kvcd_head head = { KVCD_MAGIC, 1, KVCD_GET, 0, 5 };
	unsigned char bytes[1000 * (sizeof(head) + 1)];
	struct answer_in in;
	int fd = talk_attached();
	size_t i, at = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		head.tag = i;
		/* Some are refused at once, some looked up. */
		head.type = i % 3 ? KVCD_GET : 99;
		memcpy(bytes + at, &head, sizeof(head));
		bytes[at + sizeof(head)] = 'a' + i % 5;
		at += sizeof(head) + 1;
	}
	for (i = 0; i < 5 * (sizeof(head) + 1); i++)
		talk_write(fd, bytes + i, 1);
	talk_write(fd, bytes + i, at - i);
	for (i = 0; i < 1000; i++) {
		assert_true(talk_receive(fd, &in));
		assert_int_equal(in.head.result,
				 in.head.tag % 3 ? -ENOENT : -EOPNOTSUPP);
		free(in.body);
	}
	/* What was asked before the end is answered. */
	talk_send(fd, KVCD_GET, 1, "k", 1, -1);
	shutdown(fd, SHUT_WR);
	assert_true(talk_receive(fd, &in));
	free(in.body);
	assert_false(talk_receive(fd, &in));
	close(fd);
}

/*
 * Asks and asks and reads nothing: the server stops to listen to it, others are
 * served, and when its time is up it is dropped.
 */
static void test_slow_client(void **state)
{
	static char value[1 << 20];
	int slow = talk_attached(), fd = talk_attached(), sent = 0, most;
	struct kvcd_head head = { KVCD_MAGIC, 4, KVCD_STORE_GET, 0, 5 };
	unsigned char message[sizeof(head) + 4];
	struct answer_in in;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	store("long", value);
	store("k", "v");
	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), "long", 4);
	fcntl(slow, F_SETFL, O_NONBLOCK);
	while (send(slow, message, sizeof(message), MSG_NOSIGNAL) ==
	       sizeof(message))
		sent++;
	assert_int_equal(errno, EAGAIN);
	/* As many as are held, and what the buffers take. */
	wait_until(server.clients->next &&
		   server.clients->next->held == CLIENT_REQUESTS);
	wait_until(counts()->lookups);
	most = counts()->lookups;
	assert_in_range(most, 1, CLIENT_REQUESTS + 2);
	assert_true(sent > most);
	assert_read(fd, "k", "v");
	bench.config.idle = 1;
	fcntl(slow, F_SETFL, 0);
	wait_until(server.connected == 1);
	assert_read(fd, "k", "v");
	close(slow);
	slow = talk_attached();
	assert_int_equal(talk_ask(slow, KVCD_STORE_GET, "k", 1), 0);
	talk_send(slow, KVCD_STORE_GET, 1, "k", 1, -1);
	assert_true(talk_receive(slow, &in));
	free(in.body);
	close(slow);
	close(fd);
}

/* No more clients than are allowed; a place that becomes free is given. */
static void test_clients(void **state)
{
	int fds[3], extra, i;
	struct answer_in in;

	(void)state;
	bench.config.clients = 3;
	for (i = 0; i < 3; i++)
		fds[i] = talk_attached();
	extra = talk_connect();
	talk_send(extra, KVCD_STORE_STATS, 1, NULL, 0, -1);
	assert_int_equal(talk_ask(fds[0], KVCD_GET, "k", 1), -ENOENT);
	assert_int_equal(server.connected, 3);
	close(fds[1]);
	assert_true(talk_receive(extra, &in));
	free(in.body);
	close(extra);
	close(fds[0]);
	close(fds[2]);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_lengths), CASE(test_nonsense), CASE(test_pieces),
		CASE(test_slow_client), CASE(test_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
