// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream file of a write-behind cache: its flusher reads sealed runs, and
 * says when they are in the store
 *
 * Frames are made in the kernel's memory and copied out from there.  What could
 * not be copied, because the user's buffer is not there, stays and is what the
 * next read() gives: no frame is lost, and none comes twice.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "copy.h"
#include "core/flush.h"
#include "core/stream.h"
#include "session.h"
#include "trace.h"

/* What one read() gives at most, unless a single frame is larger */
#define FLUSH_ROOM	SZ_1M
/* From here on the kernel has codes of its own. */
#define FLUSH_ERRNO_MAX	511

/**
 * struct kvc_flusher - an open stream file
 * @inst: the cache, referenced
 * @net: its network namespace, referenced, which the cache dies before
 * @lock: held over each command and over the copying of read(), but not while
 *	that waits; covers what follows
 * @stream: where the reader is
 * @buf: frames
 * @room: bytes there
 * @at: where the first frame is that was not copied out
 * @end: where they end
 */
struct kvc_flusher {
	struct kvc_instance *inst;
	struct net *net;
	struct mutex lock;
	struct kvc_stream stream;
	void *buf;
	size_t room;
	size_t at;
	size_t end;
};

/* The observer is not told what it was. */
static void trace_seal(struct kvc_instance *inst)
{
	u64 sealed = READ_ONCE(inst->cache->flush.sealed);
	u64 traced = READ_ONCE(inst->behind->traced);

	if (sealed > traced &&
	    cmpxchg(&inst->behind->traced, traced, sealed) == traced)
		trace_kvc_seal(inst->cache, sealed);
}

/**
 * kvc_flush_changed - wake who waits for what the observer was told of
 * @ctx: &struct kvc_instance
 */
void kvc_flush_changed(void *ctx)
{
	struct kvc_instance *inst = ctx;

	/* Of others it is just the end. */
	if (!inst->behind)
		return;
	trace_seal(inst);
	kvc_instance_wake(inst);
}

static int make_room(struct kvc_flusher *f, size_t room)
{
	void *buf;

	lockdep_assert_held(&f->lock);
	if (room <= f->room)
		return 0;
	buf = kvmalloc(room, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	kvfree(f->buf);
	f->buf = buf;
	f->room = room;
	return 0;
}

/* Returns the bytes of frames that there are now, in a buffer of @room. */
static long next_frames(struct kvc_flusher *f, size_t room)
{
	long bytes = make_room(f, room);

	return bytes ?: kvc_stream_read(&f->stream, f->buf, room);
}

/*
 * Fills the empty buffer with what @count bytes have room for.  Returns the
 * bytes; 0: there is nothing now.
 */
static long fill(struct kvc_flusher *f, size_t count)
{
	long bytes = next_frames(f, min_t(size_t, count, FLUSH_ROOM));

	if (bytes == -EMSGSIZE && f->stream.needed <= count)
		bytes = next_frames(f, f->stream.needed);
	if (bytes > 0) {
		f->at = 0;
		f->end = bytes;
	}
	return bytes;
}

/* As many whole frames as @count bytes have room for */
static size_t fitting(const struct kvc_flusher *f, size_t count)
{
	const struct kvc_flush_frame *frame;
	size_t bytes = 0;

	while (f->at + bytes < f->end) {
		frame = f->buf + f->at + bytes;
		if (frame->len > count - bytes)
			break;
		bytes += frame->len;
	}
	return bytes;
}

/* Returns the bytes copied; 0: there is nothing now. */
static long read_some(struct kvc_flusher *f, char __user *to, size_t count)
{
	size_t bytes;
	long ret;

	if (READ_ONCE(f->inst->dead))
		return -ESHUTDOWN;
	if (f->at == f->end) {
		ret = fill(f, count);
		if (ret <= 0)
			return ret;
	}
	bytes = fitting(f, count);
	if (!bytes)
		return -EMSGSIZE;
	if (copy_to_user(to, f->buf + f->at, bytes))
		return -EFAULT;
	f->at += bytes;
	return bytes;
}

static ssize_t flush_read(struct file *file, char __user *to, size_t count,
			  loff_t *pos)
{
	struct kvc_flusher *f = file->private_data;
	struct kvc_behind *b = f->inst->behind;
	long ret;
	int seen;

	for (;;) {
		seen = atomic_read(&b->changes);
		if (mutex_lock_interruptible(&f->lock))
			return -ERESTARTSYS;
		ret = read_some(f, to, count);
		mutex_unlock(&f->lock);
		if (ret)
			return ret;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(b->wait,
					     atomic_read(&b->changes) != seen))
			return -ERESTARTSYS;
	}
}

static __poll_t flush_poll(struct file *file, poll_table *wait)
{
	struct kvc_flusher *f = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &f->inst->behind->wait, wait);
	if (READ_ONCE(f->inst->dead))
		return EPOLLIN | EPOLLRDNORM | EPOLLHUP | EPOLLERR;
	/* Who is killed needs no answer. */
	if (mutex_lock_killable(&f->lock))
		return 0;
	if (f->at < f->end || kvc_stream_ready(&f->stream))
		mask = EPOLLIN | EPOLLRDNORM;
	mutex_unlock(&f->lock);
	return mask;
}

/* The run is not read to its end while some of it waits to be copied. */
static int commit(struct kvc_flusher *f, u64 run)
{
	int err;

	lockdep_assert_held(&f->lock);
	if (READ_ONCE(f->inst->dead))
		return -ESHUTDOWN;
	err = f->at < f->end ? -EINVAL : kvc_stream_commit(&f->stream, run);
	if (err)
		return err;
	if (READ_ONCE(f->inst->behind->error)) {
		WRITE_ONCE(f->inst->behind->error, 0);
		kvc_flush_observe(f->inst->cache);
	}
	trace_kvc_commit(f->inst->cache, run);
	return 0;
}

static int flush_commit(struct kvc_flusher *f, void __user *arg, size_t usize)
{
	struct kvc_flush_commit given;
	int err;

	err = kvc_copy_in(&given, sizeof(given), arg, usize,
			  KVC_FLUSH_COMMIT_SIZE_VER0);
	if (err)
		return err;
	if (given.flags)
		return -EINVAL;
	if (mutex_lock_interruptible(&f->lock))
		return -ERESTARTSYS;
	err = commit(f, given.run);
	mutex_unlock(&f->lock);
	return err;
}

static int fail(struct kvc_flusher *f, u64 run, int error)
{
	struct kvc_behind *b = f->inst->behind;

	lockdep_assert_held(&f->lock);
	if (READ_ONCE(f->inst->dead))
		return -ESHUTDOWN;
	if (!run || run != READ_ONCE(f->inst->cache->flush.oldest))
		return -EINVAL;
	trace_kvc_flush_fail(f->inst->cache, run, error);
	WRITE_ONCE(b->error, error);
	/* Pairs with the acquire of who waits in fsync(), and then reads @error. */
	smp_store_release(&b->fails, b->fails + 1);
	kvc_flush_observe(f->inst->cache);
	return 0;
}

static int flush_fail(struct kvc_flusher *f, void __user *arg, size_t usize)
{
	struct kvc_flush_fail given;
	int err;

	err = kvc_copy_in(&given, sizeof(given), arg, usize,
			  KVC_FLUSH_FAIL_SIZE_VER0);
	if (err)
		return err;
	if (given.reserved || given.error >= 0 ||
	    given.error < -FLUSH_ERRNO_MAX)
		return -EINVAL;
	if (mutex_lock_interruptible(&f->lock))
		return -ERESTARTSYS;
	err = fail(f, given.run, given.error);
	mutex_unlock(&f->lock);
	return err;
}

/* A command number without the size that the caller knows */
#define CMD(cmd) ((cmd) & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT))

static long flush_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct kvc_flusher *f = file->private_data;
	void __user *p = (void __user *)arg;

	switch (CMD(cmd)) {
	case CMD(KVC_IOC_FLUSH_COMMIT):
		return flush_commit(f, p, _IOC_SIZE(cmd));
	case CMD(KVC_IOC_FLUSH_FAIL):
		return flush_fail(f, p, _IOC_SIZE(cmd));
	default:
		return -ENOTTY;
	}
}

/* Runs that were not committed stay, and are the next flusher's. */
static void flusher_free(struct kvc_flusher *f)
{
	kvc_stream_exit(&f->stream);
	atomic_set_release(&f->inst->behind->taken, 0);
	kvc_flush_observe(f->inst->cache);
	kvc_registry_put(f->inst);
	put_net(f->net);
	kvfree(f->buf);
	kfree(f);
}

static int flush_release(struct inode *inode, struct file *file)
{
	flusher_free(file->private_data);
	return 0;
}

static const struct file_operations flush_fops = {
	.owner = THIS_MODULE,
	.release = flush_release,
	.read = flush_read,
	.poll = flush_poll,
	.unlocked_ioctl = flush_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct kvc_flusher *flusher_new(struct kvc_instance *inst,
				       struct net *net)
{
	struct kvc_flusher *f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	int err = -EBUSY;

	if (!f)
		return ERR_PTR(-ENOMEM);
	if (atomic_cmpxchg_acquire(&inst->behind->taken, 0, 1))
		goto err_taken;
	err = kvc_stream_init(&f->stream, inst->cache);
	if (err)
		goto err_stream;
	mutex_init(&f->lock);
	kref_get(&inst->ref);
	f->inst = inst;
	f->net = get_net(net);
	return f;

err_stream:
	atomic_set_release(&inst->behind->taken, 0);
err_taken:
	kfree(f);
	return ERR_PTR(err);
}

static struct file *stream_file(struct kvc_instance *inst, struct net *net)
{
	struct kvc_flusher *f = flusher_new(inst, net);
	struct file *file;

	if (IS_ERR(f))
		return ERR_CAST(f);
	file = anon_inode_getfile("[kvcache-flush]", &flush_fops, f, O_RDONLY);
	if (IS_ERR(file))
		flusher_free(f);
	else
		stream_open(file_inode(file), file);
	return file;
}

/* @file is the caller's, too, when this fails. */
static int install(struct file *file, struct kvc_flush_open *open,
		   void __user *arg, size_t usize)
{
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	open->fd = fd;
	err = kvc_copy_out(arg, usize, open, sizeof(*open));
	if (err)
		goto err_copy;
	fd_install(fd, file);
	return 0;

err_copy:
	put_unused_fd(fd);
	return err;
}

/**
 * kvc_flush_open - KVC_IOC_FLUSH_OPEN
 * @call: on what
 * @net: the network namespace in which the attached file was opened
 * @arg: user's &struct kvc_flush_open
 * @usize: bytes of it that the user knows
 */
int kvc_flush_open(const struct kvc_call *call, struct net *net,
		   void __user *arg, size_t usize)
{
	const fmode_t both = FMODE_READ | FMODE_WRITE;
	struct kvc_flush_open open;
	struct file *file;
	int err;

	err = kvc_copy_in(&open, sizeof(open), arg, usize,
			  KVC_FLUSH_OPEN_SIZE_VER0);
	if (err)
		return err;
	if (open.flags || open.reserved)
		return -EINVAL;
	if ((call->mode & both) != both)
		return -EBADF;
	if (!call->inst->behind)
		return -EOPNOTSUPP;
	file = stream_file(call->inst, net);
	if (IS_ERR(file))
		return PTR_ERR(file);
	kvc_flush_observe(call->cache);
	err = install(file, &open, arg, usize);
	if (err)
		fput(file);
	return err;
}
