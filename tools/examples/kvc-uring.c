// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvc-uring CACHE <KEYS - many GETs under way at a time, by io_uring
 *
 * Reads keys, one a line, and prints each with its value.  Up to 64 GETs are
 * under way; one system call hands in what is new and takes what is done:
 *
 *	cc kvc-uring.c $(pkg-config --cflags --libs kvcache liburing)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>
#include <liburing.h>

#define DEPTH		64
#define KEY_ROOM	256
#define VALUE_ROOM	4096

/* What has to stay in its place while a GET is under way */
struct get {
	struct kvc_op op;
	char key[KEY_ROOM];
	char value[VALUE_ROOM];
	struct get *next;	/* in the list of those that are not */
};

static struct get gets[DEPTH];

static void check(const char *what, int ret)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-ret));
	exit(1);
}

/* False when there are no more keys. */
static bool read_key(struct get *get)
{
	size_t len;

	if (!fgets(get->key, sizeof(get->key), stdin))
		return false;
	len = strcspn(get->key, "\n");
	memset(&get->op, 0, sizeof(get->op));
	get->op.opcode = KVC_OP_GET;
	get->op.key = (uintptr_t)get->key;
	get->op.key_len = len;
	get->op.value = (uintptr_t)get->value;
	get->op.value_len = sizeof(get->value);
	return true;
}

/* liburing 2.3 has no function for it. */
static void prepare(struct io_uring *ring, struct get *get)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
	struct kvc_uring_cmd cmd = { .arg = (uintptr_t)&get->op };

	/* File 0 of those that are registered */
	io_uring_prep_rw(IORING_OP_URING_CMD, sqe, 0, NULL, 0, 0);
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->cmd_op = KVC_IOC_OP;
	memcpy(sqe->cmd, &cmd, sizeof(cmd));
	io_uring_sqe_set_data(sqe, get);
}

static void print(const struct get *get, int res)
{
	printf("%.*s", (int)get->op.key_len, get->key);
	if (res)
		printf(": %s\n", strerror(-res));
	else
		printf(" = %.*s\n", (int)get->op.value_len, get->value);
}

static void pipeline(struct io_uring *ring, struct get *idle)
{
	struct io_uring_cqe *cqe;
	unsigned int under_way = 0;
	struct get *get;

	for (;;) {
		for (; idle && read_key(idle); idle = idle->next) {
			prepare(ring, idle);
			under_way++;
		}
		if (!under_way)
			return;
		check("io_uring_enter", io_uring_submit_and_wait(ring, 1));
		while (!io_uring_peek_cqe(ring, &cqe)) {
			get = io_uring_cqe_get_data(cqe);
			print(get, cqe->res);
			io_uring_cqe_seen(ring, cqe);
			get->next = idle;
			idle = get;
			under_way--;
		}
	}
}

int main(int argc, char **argv)
{
	struct kvc_info info = { 0 };
	struct io_uring ring;
	struct kvc *kvc;
	int fd, i;

	if (argc != 2) {
		fprintf(stderr, "usage: kvc-uring CACHE <KEYS\n");
		return 1;
	}
	check("open " KVC_DEVICE_PATH, kvc_open(O_RDONLY, &kvc));
	check(argv[1], kvc_attach(kvc, argv[1]));
	check("info", kvc_info(kvc, &info));
	if (!(info.features & KVC_FEATURE_URING))
		check("commands by io_uring", -EOPNOTSUPP);
	/* EPERM: see /proc/sys/kernel/io_uring_disabled, of kernels from 6.6 */
	check("io_uring_setup", io_uring_queue_init(DEPTH, &ring, 0));
	fd = kvc_fd(kvc);
	check("io_uring_register", io_uring_register_files(&ring, &fd, 1));
	for (i = 0; i < DEPTH - 1; i++)
		gets[i].next = &gets[i + 1];
	pipeline(&ring, gets);
	io_uring_queue_exit(&ring);
	kvc_close(kvc);
	return fclose(stdout) ? 1 : 0;
}
