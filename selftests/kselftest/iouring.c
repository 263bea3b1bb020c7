// SPDX-License-Identifier: GPL-2.0-only
/*
 * As much of an io_uring as the tests need
 */
#include <errno.h>
#include <linux/time_types.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "iouring.h"

#define SECONDS		60

static __u32 *word(const struct iou *u, __u32 offset)
{
	return (__u32 *)(u->ring + offset);
}

static size_t sqe_size(const struct iou *u)
{
	return sizeof(struct io_uring_sqe) <<
	       !!(u->setup & IORING_SETUP_SQE128);
}

static size_t cqe_size(const struct iou *u)
{
	return sizeof(struct io_uring_cqe) <<
	       !!(u->setup & IORING_SETUP_CQE32);
}

static void *map(const struct iou *u, size_t size, off_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_POPULATE, u->fd, offset);
}

static int map_all(struct iou *u, unsigned int cq_entries)
{
	size_t sq = u->sq.array + u->entries * sizeof(__u32);
	size_t cq = u->cq.cqes + cq_entries * cqe_size(u);
	unsigned int i;

	u->ring_size = sq > cq ? sq : cq;
	u->ring = map(u, u->ring_size, IORING_OFF_SQ_RING);
	if (u->ring == MAP_FAILED)
		return -errno;
	u->sqes = map(u, u->entries * sqe_size(u), IORING_OFF_SQES);
	if (u->sqes == MAP_FAILED) {
		munmap(u->ring, u->ring_size);
		return -ENOMEM;
	}
	for (i = 0; i < u->entries; i++)
		word(u, u->sq.array)[i] = i;
	return 0;
}

int iou_open(struct iou *u, unsigned int entries, __u32 setup)
{
	struct io_uring_params params = { .flags = setup };
	int ret;

	/* It sleeps when nothing was submitted for so many milliseconds. */
	if (setup & IORING_SETUP_SQPOLL)
		params.sq_thread_idle = 10;
	memset(u, 0, sizeof(*u));
	u->fd = syscall(__NR_io_uring_setup, entries, &params);
	if (u->fd < 0)
		return -errno;
	u->setup = setup;
	u->entries = params.sq_entries;
	u->sq = params.sq_off;
	u->cq = params.cq_off;
	ret = params.features & IORING_FEAT_SINGLE_MMAP ?
	      map_all(u, params.cq_entries) : -EOPNOTSUPP;
	if (ret)
		close(u->fd);
	return ret;
}

void iou_close(struct iou *u)
{
	munmap(u->ring, u->ring_size);
	munmap(u->sqes, u->entries * sqe_size(u));
	close(u->fd);
}

static int iou_register(struct iou *u, unsigned int what, const void *arg,
			unsigned int count)
{
	return syscall(__NR_io_uring_register, u->fd, what, arg, count) < 0 ?
	       -errno : 0;
}

int iou_files(struct iou *u, const int *fds, unsigned int count)
{
	return iou_register(u, IORING_REGISTER_FILES, fds, count);
}

int iou_workers(struct iou *u, unsigned int count)
{
	__u32 most[2] = { count, count };

	return iou_register(u, IORING_REGISTER_IOWQ_MAX_WORKERS, most, 2);
}

struct io_uring_sqe *iou_sqe(struct iou *u)
{
	struct io_uring_sqe *sqe;

	sqe = (void *)(u->sqes + (u->tail++ & (u->entries - 1)) * sqe_size(u));
	memset(sqe, 0, sqe_size(u));
	return sqe;
}

struct kvc_uring_cmd *iou_area(struct io_uring_sqe *sqe)
{
	return (struct kvc_uring_cmd *)sqe->cmd;
}

struct io_uring_sqe *iou_cmd(struct iou *u, int fd, unsigned long cmd,
			     void *arg, __u64 tag)
{
	struct io_uring_sqe *sqe = iou_sqe(u);

	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = fd;
	sqe->cmd_op = cmd;
	sqe->user_data = tag;
	iou_area(sqe)->arg = kvc_ptr(arg);
	return sqe;
}

static int enter(struct iou *u, unsigned int submit, unsigned int wait,
		 unsigned int flags, void *arg, size_t size)
{
	int ret = syscall(__NR_io_uring_enter, u->fd, submit, wait, flags, arg,
			  size);

	return ret < 0 ? -errno : ret;
}

/* The kernel's thread sees them by itself, unless it sleeps. */
static int submit_polled(struct iou *u, unsigned int count)
{
	int ret;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(*(volatile __u32 *)word(u, u->sq.flags) & IORING_SQ_NEED_WAKEUP))
		return count;
	ret = enter(u, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
	return ret < 0 ? ret : (int)count;
}

int iou_submit(struct iou *u)
{
	unsigned int count = u->tail - *word(u, u->sq.tail);

	__atomic_store_n(word(u, u->sq.tail), u->tail, __ATOMIC_RELEASE);
	if (u->setup & IORING_SETUP_SQPOLL)
		return submit_polled(u, count);
	return enter(u, count, 0, 0, NULL, 0);
}

bool iou_take(struct iou *u, __u64 *tag, int *res)
{
	__u32 head = *word(u, u->cq.head);
	const struct io_uring_cqe *cqe;

	if (head == __atomic_load_n(word(u, u->cq.tail), __ATOMIC_ACQUIRE))
		return false;
	head &= *word(u, u->cq.ring_mask);
	cqe = (void *)(u->ring + u->cq.cqes + head * cqe_size(u));
	*tag = cqe->user_data;
	*res = cqe->res;
	__atomic_store_n(word(u, u->cq.head), *word(u, u->cq.head) + 1,
			 __ATOMIC_RELEASE);
	return true;
}

int iou_wait(struct iou *u, __u64 *tag, int *res)
{
	struct __kernel_timespec limit = { .tv_sec = SECONDS };
	struct io_uring_getevents_arg arg = { .ts = kvc_ptr(&limit) };
	int ret;

	while (!iou_take(u, tag, res)) {
		ret = enter(u, 0, 1,
			    IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
			    &arg, sizeof(arg));
		if (ret < 0 && ret != -EINTR)
			return ret;
	}
	return 0;
}

int iou_answer(struct iou *u, __u64 tag)
{
	int ret, res;
	__u64 seen;

	ret = iou_submit(u);
	if (ret < 0)
		return ret;
	ret = iou_wait(u, &seen, &res);
	if (ret)
		return ret;
	return seen == tag ? res : -EPROTO;
}

int iou_call(struct iou *u, int fd, unsigned long cmd, void *arg)
{
	iou_cmd(u, fd, cmd, arg, cmd);
	return iou_answer(u, cmd);
}
