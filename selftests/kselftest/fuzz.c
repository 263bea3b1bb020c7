// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz [SEED [COUNT]] - messages that are almost right
 *
 * Builds messages of the family from the grammar of its attributes, makes most
 * of them wrong somewhere, and sends them; every few of them are calls of the
 * device instead.  The kernel has to answer each, and a plain request in
 * between has to work.  The same seed sends the same messages.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "flushing.h"
#include "iouring.h"
#include "requests.h"
#include "ringctl.h"

/* Messages between two plain requests */
#define ROUND	500u
#define BYTES	8192u

struct fuzz {
	__u64 state;
	struct kvcnl nl;
	struct iou ring;
	int fd;
	int behind;		/* bound to a write-behind cache, nonblocking */
	int stream;		/* of that, likewise */
	char *page;		/* the last before one that is not there */
	unsigned long answers[2];
};

static __u64 next(struct fuzz *f)
{
	f->state ^= f->state >> 12;
	f->state ^= f->state << 25;
	f->state ^= f->state >> 27;
	return f->state * 2685821657736338717ull;
}

static unsigned int below(struct fuzz *f, unsigned int limit)
{
	return (next(f) >> 33) % limit;
}

static bool one_in(struct fuzz *f, unsigned int n)
{
	return !below(f, n);
}

static __u64 number(struct fuzz *f)
{
	static const __u64 values[] = {
		0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 100, 160, 0600, 0644, 0777,
		1000, 4095, 4096, 4097, 65535, 65536, 1 << 20, 1 << 24,
		0x7fffffff, 0x80000000, 0xffffffff, 1ull << 32, 1ull << 40,
		0x7fffffffffffffff, 1ull << 63, ~0ull, ~0ull - 1,
	};

	return one_in(f, 8) ? next(f) : values[below(f, ARRAY_SIZE(values))];
}

static const char *name(struct fuzz *f)
{
	static const char *const names[] = {
		KVC_TEST_NAME, KVC_TEST_NAME, KVC_TEST_NAME, KVC_TEST_NAME,
		"new", "u", "r", "n1", "n2", "n3", "a1", "", ".", "a/b",
		"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
		"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
	};

	return names[below(f, ARRAY_SIZE(names))];
}

/* The kind that an attribute has; what only answers have is any. */
static enum part_kind kind_of(struct fuzz *f, int nest, int type)
{
	const struct request *r;
	int i;

	for (r = requests; r < requests + REQUESTS; r++)
		for (i = 0; i < request_parts(r); i++)
			if (r->part[i].nest == nest && r->part[i].type == type)
				return r->part[i].kind;
	return below(f, PART_FLAG + 1);
}

static void put_value(struct fuzz *f, struct kvcnl_msg *m, int type,
		      enum part_kind kind)
{
	static const char bytes[5000];

	if (one_in(f, 30))
		kind = below(f, PART_FLAG + 1);
	switch (kind) {
	case PART_U32:
		kvcnl_put_u32(m, type, number(f));
		break;
	case PART_U64:
		kvcnl_put_u64(m, type, number(f));
		break;
	case PART_STR:
		kvcnl_put_str(m, type, name(f));
		break;
	case PART_BIN:
		kvcnl_put(m, type, bytes, one_in(f, 10) ? below(f, 5000) :
							  below(f, 20));
		break;
	case PART_FLAG:
		kvcnl_put_flag(m, type);
		break;
	}
}

static int attr_max(int nest)
{
	switch (nest) {
	case KVC_A_CACHE:
		return KVC_A_CACHE_MAX;
	case KVC_A_RING:
		return KVC_A_RING_MAX;
	case KVC_A_NODE:
		return KVC_A_NODE_MAX;
	case KVC_A_DEFERRAL:
		return KVC_A_DEFERRAL_MAX;
	default:
		return KVC_A_MAX;
	}
}

static bool is_nest(int type)
{
	return type == KVC_A_CACHE || type == KVC_A_RING ||
	       type == KVC_A_NODE || type == KVC_A_DEFERRAL;
}

/* A nest with attributes by chance; now and then nests go deep. */
static void put_nest(struct fuzz *f, struct kvcnl_msg *m, int nest, int depth)
{
	unsigned int i, count = below(f, 5);
	__u32 at = kvcnl_nest(m, nest);
	int type;

	for (i = 0; i < count; i++) {
		type = below(f, attr_max(nest) + 2);
		if (depth < 20 && one_in(f, 40))
			put_nest(f, m, type, depth + 1);
		else
			put_value(f, m, type, kind_of(f, nest, type));
	}
	kvcnl_nest_end(m, at);
}

static void put_more(struct fuzz *f, struct kvcnl_msg *m)
{
	unsigned int i, count = below(f, 4);
	int type;

	for (i = 0; i < count; i++) {
		type = below(f, KVC_A_MAX + 2);
		if (is_nest(type))
			put_nest(f, m, type, 0);
		else
			put_value(f, m, type, kind_of(f, 0, type));
	}
}

/* Any of them, but seldom one that takes away what the others need */
static const struct request *request(struct fuzz *f)
{
	const struct request *r;

	do
		r = &requests[below(f, REQUESTS)];
	while ((r->cmd == KVC_CMD_CACHE_DEL || r->cmd == KVC_CMD_RING_DEL ||
		r->cmd == KVC_CMD_NODE_DEL) && !one_in(f, 20));
	return r;
}

/* A valid request with one attribute of it changed, added or left out */
static void build(struct fuzz *f, struct kvcnl_msg *m)
{
	const struct request *r = request(f);
	struct change change = change_none;
	__u64 bytes[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++)
		bytes[i] = number(f);
	if (one_in(f, 10))
		change.leave_out = below(f, request_parts(r));
	if (one_in(f, 20))
		change.leave_out_nest = below(f, request_parts(r));
	if (one_in(f, 5))
		change.other = below(f, request_parts(r));
	if (one_in(f, 4)) {
		change.add_nest = r->part[below(f, request_parts(r))].nest;
		change.add_type = below(f, attr_max(change.add_nest)) + 1;
	}
	change.data = bytes;
	change.len = one_in(f, 4) ? below(f, sizeof(bytes)) :
		     one_in(f, 2) ? 4 : 8;
	if (change.other >= 0 && r->part[change.other].kind == PART_STR) {
		change.data = name(f);
		change.len = strlen(name(f)) + 1;
		if (change.len > strlen(change.data) + 1)
			change.len = strlen(change.data) + 1;
	}
	request_build(m, &f->nl, r, &change);
	if (one_in(f, 6))
		put_more(f, m);
}

/* Damages what follows the header. */
static void damage(struct fuzz *f, struct kvcnl_msg *m)
{
	const unsigned int head = NLMSG_HDRLEN + GENL_HDRLEN;
	unsigned int at, len;

	if (m->len <= head + 4)
		return;
	at = head + below(f, m->len - head);
	switch (below(f, 6)) {
	case 0:
		m->data[at] ^= 1 << below(f, 8);
		break;
	case 1:
		m->data[at] = number(f);
		break;
	case 2:		/* the length of what may be an attribute */
		at &= ~3u;
		if (at + 2 <= m->len)
			*(__u16 *)(m->data + at) = number(f);
		break;
	case 3:		/* cut off */
		m->len = at;
		break;
	case 4:		/* some of it once more */
		at &= ~3u;
		len = m->len - at;
		if (len < BYTES) {
			unsigned char copy[BYTES];

			memcpy(copy, m->data + at, len);
			kvcnl_raw(m, copy, len);
		}
		break;
	case 5:
		m->data[NLMSG_HDRLEN] = below(f, 32);
		break;
	}
}

static int reopen(struct fuzz *f)
{
	kvcnl_close(&f->nl);
	return kvcnl_open(&f->nl);
}

/* Did it answer?  What was overrun by events may have been the answer. */
static int await(struct fuzz *f)
{
	struct pollfd p = { .fd = f->nl.fd, .events = POLLIN };
	const struct nlmsghdr *nlh;
	int err;

	for (;;) {
		if (f->nl.at >= f->nl.got && poll(&p, 1, 60000) <= 0)
			return -ETIMEDOUT;
		nlh = kvcnl_recv(&f->nl, MSG_DONTWAIT, &err);
		if (err == -ENOBUFS)
			return reopen(f);
		if (err)
			return err;
		if (nlh->nlmsg_seq != f->nl.seq)
			continue;
		if (nlh->nlmsg_type == NLMSG_DONE) {
			f->answers[0]++;
			return 0;
		}
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			f->answers[!!*(int *)NLMSG_DATA(nlh)]++;
			return 0;
		}
	}
}

static int send_message(struct fuzz *f)
{
	struct nlmsghdr *nlh;
	struct kvcnl_msg m;
	int ret;

	build(f, &m);
	while (one_in(f, 4))
		damage(f, &m);
	nlh = (struct nlmsghdr *)m.data;
	nlh->nlmsg_type = f->nl.family;
	nlh->nlmsg_seq = f->nl.seq;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK |
			   (nlh->nlmsg_flags & NLM_F_DUMP);
	if (one_in(f, 20))
		nlh->nlmsg_flags ^= NLM_F_DUMP;
	ret = kvcnl_send(&f->nl, &m);
	return ret ? ret : await(f);
}

static __u64 pointer(struct fuzz *f, unsigned int room)
{
	switch (below(f, 8)) {
	case 0:
		return number(f);
	case 1:
		return kvc_ptr(f->page) + 4096 - below(f, room);
	case 2:
		return 0xffffffff81000000ull;
	default:
		return kvc_ptr(f->page) + 8 * below(f, 64);
	}
}

static void fill_op(struct fuzz *f, struct kvc_op *op)
{
	op->opcode = one_in(f, 10) ? number(f) : 1 + below(f, 4);
	op->flags = one_in(f, 10) ? number(f) : one_in(f, 2) ? 0 : below(f, 128);
	op->key = pointer(f, 64);
	op->key_len = one_in(f, 8) ? number(f) : 1 + below(f, 30);
	op->value = pointer(f, 256);
	op->value_len = one_in(f, 8) ? number(f) : below(f, 300);
	if (op->opcode > KVC_OP_PUT && !one_in(f, 8))
		op->value_len = 0;
	op->version = number(f);
	op->expiry = one_in(f, 3) ? number(f) : 0;
	op->reserved = one_in(f, 20) ? number(f) : 0;
}

static void fill_scan(struct fuzz *f, struct kvc_scan *scan)
{
	memset(scan, 0, sizeof(*scan));
	scan->start = pointer(f, 64);
	scan->end = pointer(f, 64);
	scan->after = pointer(f, 64);
	scan->start_len = one_in(f, 8) ? number(f) : below(f, 4);
	scan->end_len = one_in(f, 8) ? number(f) : below(f, 4);
	scan->after_len = one_in(f, 8) ? number(f) : below(f, 4);
	scan->flags = one_in(f, 8) ? number(f) : below(f, 8);
	scan->buf = pointer(f, 512);
	scan->buf_len = one_in(f, 4) ? number(f) : below(f, 2048);
}

static void fill_route(struct fuzz *f, struct kvc_route *route)
{
	memset(route, 0, sizeof(*route));
	strncpy(route->ring, name(f), sizeof(route->ring) - 1);
	route->key = pointer(f, 64);
	route->key_len = one_in(f, 4) ? number(f) : 1 + below(f, 30);
	route->hash = number(f);
	route->nodes = pointer(f, 512);
	route->count = one_in(f, 4) ? number(f) : 1 + below(f, 10);
	route->flags = one_in(f, 8) ? number(f) : below(f, 2);
}

/* Reads of any length to anywhere, commits and errors of any run */
static void call_stream(struct fuzz *f)
{
	struct kvc_flush_commit commit = { 0 };
	struct kvc_flush_fail fail = { 0 };
	struct kvc_stats stats;

	switch (below(f, 5)) {
	case 0:
		flush_read(f->stream, (void *)(uintptr_t)pointer(f, 512),
			   one_in(f, 2) ? number(f) : below(f, 4096));
		break;
	case 1:		/* all that there is */
		flush_one(f->stream, NULL, NULL);
		break;
	case 2:
		commit.run = number(f);
		commit.flags = one_in(f, 8) ? number(f) : 0;
		kvc_call(f->stream, KVC_IOC_FLUSH_COMMIT, &commit);
		break;
	case 3:
		kvc_stats(f->behind, &stats);
		fail.run = one_in(f, 2) ? stats.runs_committed + 1 : number(f);
		fail.error = one_in(f, 2) ? -EIO : (__s32)number(f);
		fail.reserved = one_in(f, 8) ? number(f) : 0;
		kvc_call(f->stream, KVC_IOC_FLUSH_FAIL, &fail);
		break;
	case 4:		/* abandoned, and taken again */
		close(f->stream);
		f->stream = flush_open(f->behind);
		fcntl(f->stream, F_SETFL, O_NONBLOCK);
		break;
	}
}

static int any_file(struct fuzz *f)
{
	const int files[] = { f->fd, f->behind, f->stream };

	return files[below(f, ARRAY_SIZE(files))];
}

/* Most of it valid; anything may be there instead */
static int call_uring(struct fuzz *f, void *arg)
{
	static const unsigned int cmds[] = { KVC_IOC_OP, KVC_IOC_BATCH };
	struct io_uring_sqe *sqe;
	int ret;

	fill_op(f, arg);
	sqe = iou_cmd(&f->ring, any_file(f), cmds[one_in(f, 3)],
		      one_in(f, 4) ? (void *)(uintptr_t)pointer(f, 64) : arg, 1);
	if (one_in(f, 8))
		sqe->cmd_op = number(f);
	if (one_in(f, 8))
		iou_area(sqe)->reserved = number(f);
	if (one_in(f, 8))
		sqe->uring_cmd_flags = number(f);
	if (one_in(f, 3))
		sqe->flags = IOSQE_ASYNC;
	ret = iou_answer(&f->ring, 1);
	return ret == -ETIME || ret == -EPROTO ? ret : 0;
}

static int call_device(struct fuzz *f)
{
	struct kvc_report report = { .node = below(f, 5), .flags = below(f, 2) };
	struct kvc_batch batch = { 0 };
	static uint64_t arg[512];
	unsigned int i;

	memset(arg, 0, sizeof(arg));
	switch (below(f, 10)) {
	case 0:
	case 1:
		fill_op(f, (struct kvc_op *)arg);
		kvc_call(one_in(f, 3) ? f->behind : f->fd, KVC_IOC_OP, arg);
		break;
	case 7:
	case 8:
		call_stream(f);
		break;
	case 2:
		batch.count = one_in(f, 8) ? number(f) : below(f, 64);
		batch.op_size = one_in(f, 8) ? number(f) :
				sizeof(struct kvc_op);
		batch.flags = one_in(f, 20);
		batch.ops = one_in(f, 8) ? pointer(f, 512) : kvc_ptr(arg);
		for (i = 0; i < 64; i++)
			fill_op(f, (struct kvc_op *)arg + i);
		kvc_call(one_in(f, 3) ? f->behind : f->fd, KVC_IOC_BATCH,
			 &batch);
		break;
	case 3:
		fill_scan(f, (struct kvc_scan *)arg);
		kvc_call(one_in(f, 3) ? f->behind : f->fd, KVC_IOC_SCAN, arg);
		break;
	case 4:
		fill_route(f, (struct kvc_route *)arg);
		kvc_call(f->fd, KVC_IOC_ROUTE, arg);
		break;
	case 5:
		strcpy(report.ring, KVC_TEST_NAME);
		kvc_call(f->fd, KVC_IOC_REPORT, &report);
		break;
	case 6:		/* any number, any size, any contents */
		for (i = 0; i < ARRAY_SIZE(arg); i++)
			arg[i] = one_in(f, 4) ? number(f) : 0;
		kvc_call(any_file(f), _IOC(below(f, 4), KVC_IOC_MAGIC,
					   below(f, 16),
					   one_in(f, 2) ? below(f, 4096) :
							  8 * below(f, 20)),
			 arg);
		break;
	case 9:
		return call_uring(f, arg);
	}
	return 0;
}

static void destroy_one(void *arg, const struct kvc_config *config)
{
	kvc_discard(config->name);
}

/* A write-behind cache whose data can be read, flushed and destroyed */
static int behind(struct fuzz *f)
{
	close(f->stream);
	close(f->behind);
	f->stream = -1;
	f->behind = flush_cache("behind", 10);
	if (f->behind < 0)
		return f->behind;
	f->stream = flush_open(f->behind);
	if (f->stream < 0)
		return f->stream;
	if (kvc_put(f->behind, "sane", "value") ||
	    flush_one(f->stream, NULL, NULL) != 1)
		return -EPROTO;
	return fcntl(f->stream, F_SETFL, O_NONBLOCK) ||
	       fcntl(f->behind, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

/* What messages have made goes; a plain cache and a plain ring have to work. */
static int sane(struct fuzz *f)
{
	struct ring_steps *steps;
	int ret;

	close(f->fd);
	ret = kvc_list(destroy_one, NULL);
	if (!ret)
		ret = reopen(f);
	if (ret)
		return ret;
	ring_simple_call(&f->nl, KVC_CMD_RING_DEL, KVC_TEST_NAME);
	ring_simple_call(&f->nl, KVC_CMD_RING_DEL, "new");
	ret = request_world(&f->nl);
	if (!ret)
		ret = behind(f);
	if (ret)
		return ret;
	f->fd = kvc_open_bound(O_RDWR, KVC_TEST_NAME);
	if (f->fd < 0)
		return f->fd;
	ret = kvc_put(f->fd, "sane", "value");
	if (!ret)
		ret = kvc_expect(f->fd, "sane", "value");
	steps = calloc(1, sizeof(*steps));
	if (!ret)
		ret = ring_route(&f->nl, KVC_TEST_NAME, "key", steps);
	free(steps);
	return ret;
}

static int run(struct fuzz *f, unsigned long count)
{
	unsigned long i;
	int ret = 0;

	for (i = 0; i < count && !ret; i++) {
		if (i % ROUND == 0)
			ret = sane(f);
		if (ret)
			break;
		if (one_in(f, 4))
			ret = call_device(f);
		else
			ret = send_message(f);
	}
	if (!ret)
		ret = sane(f);
	if (ret)
		fprintf(stderr, "after %lu messages: %s\n", i, strerror(-ret));
	return ret;
}

static int prepare(struct fuzz *f)
{
	int ret = kvc_fresh_netns();

	/* Before there is a hole that its memory could fill */
	if (!ret)
		ret = iou_open(&f->ring, 4, 0);
	if (ret)
		return ret;
	f->page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (f->page == MAP_FAILED || munmap(f->page + 4096, 4096))
		return -errno;
	memset(f->page, 'k', 4096);
	f->fd = kvc_open(O_RDWR);
	return f->fd < 0 ? f->fd : kvcnl_open(&f->nl);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 20000;
	struct fuzz f = {
		.state = argc > 1 ? strtoul(argv[1], NULL, 0) : 1,
		.behind = -1, .stream = -1,
	};
	int ret;

	printf("seed %llu, %lu messages\n", f.state, count);
	/* Nothing comes of a state of 0. */
	f.state = f.state * 0x9e3779b97f4a7c15ull | 1;
	ret = prepare(&f);
	if (!ret)
		ret = run(&f, count);
	printf("%lu were carried out, %lu refused\n", f.answers[0],
	       f.answers[1]);
	printf("%d passed, %d failed\n", !ret, !!ret);
	return !!ret;
}
