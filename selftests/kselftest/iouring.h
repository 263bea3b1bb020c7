/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of an io_uring as the tests need, also for 32-bit programs
 *
 * liburing there is for 64-bit ones only.
 */
#ifndef IOURING_H
#define IOURING_H

#include <linux/io_uring.h>

#include "kvctest.h"

/* A ring of one thread */
struct iou {
	int fd;
	__u32 setup;		/* IORING_SETUP_* */
	unsigned int entries;
	unsigned int tail;	/* behind the last SQE that was filled in */
	char *ring;
	size_t ring_size;
	char *sqes;
	struct io_sqring_offsets sq;
	struct io_cqring_offsets cq;
};

/* @entries: a power of two */
int iou_open(struct iou *u, unsigned int entries, __u32 setup);
void iou_close(struct iou *u);
/* Registers files: SQEs with IOSQE_FIXED_FILE name them by their index. */
int iou_files(struct iou *u, const int *fds, unsigned int count);
/* How many tasks may work on what has to wait */
int iou_workers(struct iou *u, unsigned int count);

/* The next SQE, all zero.  No more than the ring has entries before a submit. */
struct io_uring_sqe *iou_sqe(struct iou *u);
/* One with a command; @tag comes back with its result. */
struct io_uring_sqe *iou_cmd(struct iou *u, int fd, unsigned long cmd,
			     void *arg, __u64 tag);
/* What an SQE carries for it */
struct kvc_uring_cmd *iou_area(struct io_uring_sqe *sqe);

/* How many SQEs were taken. */
int iou_submit(struct iou *u);
/* Is there a result?  Takes it if so. */
bool iou_take(struct iou *u, __u64 *tag, int *res);
/* Waits for one; -ETIME: there was none in a minute. */
int iou_wait(struct iou *u, __u64 *tag, int *res);
/* Submits, and waits for one result, which has to have this tag. */
int iou_answer(struct iou *u, __u64 tag);
/* A command by itself: its result */
int iou_call(struct iou *u, int fd, unsigned long cmd, void *arg);

#endif /* IOURING_H */
