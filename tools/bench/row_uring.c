// SPDX-License-Identifier: GPL-2.0-only
/* Row uring: GETs by io_uring, 32 with one system call */
#include <err.h>
#include <liburing.h>
#include <linux/bpf.h>
#include <string.h>

#include "report.h"
#include "row.h"
#include "subject.h"

#define KEYS	10000
#define DEPTH	32
#define WHAT	"YCSB-C: reads, Zipf .99 over 10,000 keys of 16 B, values of 32 B; 32 with one io_uring_enter"

/* A ring with the cache's file, and what is under way in it */
struct uring {
	struct io_uring ring;
	struct kvc_op ops[DEPTH];
	char values[DEPTH][VALUE_LEN];
};

static void uring_make(struct uring *u, const struct subject *s)
{
	int fd = kvc_fd(s->kvc);
	int ret = io_uring_queue_init(DEPTH, &u->ring, 0);

	if (ret)
		errx(1, "io_uring_queue_init: %s", strerror(-ret));
	ret = io_uring_register_files(&u->ring, &fd, 1);
	if (ret)
		errx(1, "io_uring_register_files: %s", strerror(-ret));
}

static void prepare_get(struct uring *u, unsigned int slot, const char *key)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);
	struct kvc_op *op = &u->ops[slot];
	struct kvc_uring_cmd cmd = { .arg = (uintptr_t)op };

	memset(op, 0, sizeof(*op));
	op->opcode = KVC_OP_GET;
	op->key = (uintptr_t)key;
	op->key_len = KEY_LEN;
	op->value = (uintptr_t)u->values[slot];
	op->value_len = VALUE_LEN;
	io_uring_prep_rw(IORING_OP_URING_CMD, sqe, 0, NULL, 0, 0);
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->cmd_op = KVC_IOC_OP;
	memcpy(sqe->cmd, &cmd, sizeof(cmd));
}

/* Submits what was prepared, takes the answers; not 0: one of them failed. */
static long finish(struct io_uring *ring, unsigned int count)
{
	struct io_uring_cqe *cqe;
	unsigned int head, seen = 0;
	long failed = 0;

	if (io_uring_submit_and_wait(ring, count) != (int)count)
		return 1;
	io_uring_for_each_cqe(ring, head, cqe) {
		failed |= cqe->res;
		seen++;
	}
	io_uring_cq_advance(ring, seen);
	return failed | (seen != count);
}

static long run_uring(const struct contender *c, size_t from, size_t to)
{
	struct uring *u = c->ctx;
	unsigned int count;
	long failed = 0;

	while (from < to) {
		for (count = 0; count < DEPTH && from < to; count++, from++)
			prepare_get(u, count, sequence_key(c->seq, from));
		failed |= finish(&u->ring, count);
	}
	return failed;
}

/* What io_uring itself costs */
static long run_nop(const struct contender *c, size_t from, size_t to)
{
	struct uring *u = c->ctx;
	unsigned int count;
	long failed = 0;

	while (from < to) {
		for (count = 0; count < DEPTH && from < to; count++, from++)
			io_uring_prep_nop(io_uring_get_sqe(&u->ring));
		failed |= finish(&u->ring, count);
	}
	return failed;
}

static void report(const char *row, const struct sample *ours,
		   const struct sample *other, bool cost)
{
	report_row(&(struct result){
		.row = row, .what = WHAT, .unit = "ns", .ours = ours,
		.other = other, .cost = cost,
	});
}

void row_uring(const struct bench *bench)
{
	struct sample uring = { .name = "GET by io_uring" };
	struct sample cache = { .name = "GET by ioctl" };
	struct sample map = { .name = "BPF HASH lookup" };
	struct sample nop = { .name = "NOP by io_uring" };
	static struct uring u;
	struct subject s;
	struct sequence seq;
	struct keys keys;

	keys_make(&keys, KEYS);
	sequence_zipf(&seq, &keys, bench->ops, bench->seed);
	subject_make(&s, &keys, BPF_MAP_TYPE_HASH, KEYS);
	uring_make(&u, &s);
	sample_contest((struct contender[]){
		{ &uring, &seq, run_uring, &u },
		subject_cache(&s, &seq, &cache),
		subject_map(&s, &seq, &map),
		{ &nop, &seq, run_nop, &u },
	}, 4, &bench->rounds);
	report("uring", &uring, &map, false);
	report("uring-ioctl", &uring, &cache, false);
	report("uring-nop", &uring, &nop, true);
	io_uring_queue_exit(&u.ring);
	subject_end(&s);
	sequence_free(&seq);
	keys_free(&keys);
}
