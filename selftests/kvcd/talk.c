// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "talk.h"

struct server server;
static struct loop loop;
static struct watch stop;
static pthread_t thread;

static void end(struct watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	loop.stop = true;
}

static void *run(void *arg)
{
	(void)arg;
	loop_run(&loop);
	server_stop(&server);
	return NULL;
}

int talk_setup(void **state)
{
	struct why why = { "" };

	if (store_setup(state) || loop_init(&loop))
		return -1;
	stop.fd = eventfd(0, EFD_CLOEXEC);
	stop.ready = end;
	memset(&server, 0, sizeof(server));
	server.config = &bench.config;
	server.device = FAKE_DEVICE;
	server.loop = &loop;
	server.caches = bench.caches;
	server.count = 2;
	if (loop_watch(&loop, &stop, EPOLLIN) || server_start(&server, &why))
		return -1;
	return pthread_create(&thread, NULL, run, NULL);
}

int talk_teardown(void **state)
{
	uint64_t one = 1;

	fake_lock();
	fake.hold_gets = false;
	fake.hold_fills = false;
	fake_unlock();
	if (write(stop.fd, &one, sizeof(one)) != sizeof(one))
		return -1;
	pthread_join(thread, NULL);
	loop_exit(&loop);
	close(stop.fd);
	return bench_teardown(state);
}

int talk_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, bench.config.socket);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

void talk_write(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

void talk_send(int fd, uint32_t type, uint64_t tag, const void *body,
	       uint32_t len, int pass)
{
	struct kvcd_head head = { KVCD_MAGIC, len, type, 0, tag };
	struct iovec io[] = { { &head, sizeof(head) }, { (void *)body, len } };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = io, .msg_iovlen = 2 };

	if (pass >= 0) {
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &pass, sizeof(pass));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	}
	assert_int_equal(sendmsg(fd, &msg, MSG_NOSIGNAL), sizeof(head) + len);
}

/* False at the end. */
static bool read_all(int fd, void *buf, size_t len)
{
	ssize_t got;

	while (len) {
		got = recv(fd, buf, len, MSG_WAITALL);
		if (got <= 0) {
			/* A minute without an answer is not an end. */
			assert_true(!got || errno == ECONNRESET);
			return false;
		}
		buf = (char *)buf + got;
		len -= got;
	}
	return true;
}

bool talk_receive(int fd, struct answer_in *in)
{
	if (!read_all(fd, &in->head, sizeof(in->head)))
		return false;
	assert_int_equal(in->head.magic, KVCD_MAGIC);
	in->body = calloc(1, in->head.len + 1);
	if (in->head.result)
		assert_int_equal(in->head.len, 0);
	return read_all(fd, in->body, in->head.len);
}

int talk_ask(int fd, uint32_t type, const void *body, uint32_t len)
{
	static uint64_t tag = 1000;
	struct answer_in in;

	talk_send(fd, type, ++tag, body, len, -1);
	assert_true(talk_receive(fd, &in));
	assert_int_equal(in.head.tag, tag);
	assert_int_equal(in.head.type, type);
	free(in.body);
	return in.head.result;
}

int talk_attached(void)
{
	int fd = talk_connect(), file = fake_file("a");
	struct answer_in in;

	talk_send(fd, KVCD_ATTACH, 1, NULL, 0, file);
	close(file);
	assert_true(talk_receive(fd, &in));
	assert_int_equal(in.head.result, 0);
	assert_int_equal(in.head.len, 0);
	free(in.body);
	return fd;
}

void assert_read(int fd, const char *key, const char *value)
{
	struct answer_in in;
	struct kvcd_pair pair;

	talk_send(fd, KVCD_GET, 77, key, strlen(key), -1);
	assert_true(talk_receive(fd, &in));
	assert_int_equal(in.head.tag, 77);
	assert_int_equal(in.head.result, value ? 0 : -ENOENT);
	if (value) {
		memcpy(&pair, in.body, sizeof(pair));
		assert_int_equal(in.head.len, sizeof(pair) + strlen(value));
		assert_int_equal(pair.value_len, strlen(value));
		assert_string_equal((char *)in.body + sizeof(pair), value);
	}
	free(in.body);
}
