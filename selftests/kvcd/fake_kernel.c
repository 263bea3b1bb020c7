// SPDX-License-Identifier: GPL-2.0-only
/* kvcd's kernel.c, of the fake kernel */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/kvcd/clock.h"
#include "../../tools/kvcd/kernel.h"
#include "fake_pairs.h"

#define FILES	4096

/* Files are told apart by their inodes: they may be passed on. */
static struct file {
	dev_t dev;
	ino_t ino;
	uint64_t cache;		/* id, 0: not attached */
	uint32_t rights;
} files[FILES];
static size_t file_count;

static struct file *file_of(int fd)
{
	struct stat st;
	size_t i;

	if (fstat(fd, &st))
		return NULL;
	for (i = file_count; i; i--) {
		if (files[i - 1].ino == st.st_ino &&
		    files[i - 1].dev == st.st_dev)
			return &files[i - 1];
	}
	return NULL;
}

static int new_file(uint32_t rights)
{
	int fd = memfd_create("kvcache", MFD_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || file_count == FILES)
		abort();
	files[file_count++] = (struct file){ st.st_dev, st.st_ino, 0, rights };
	return fd;
}

int kernel_open(const char *device)
{
	int fd;

	(void)device;
	fake_lock();
	fd = new_file(KVC_RIGHT_READ | KVC_RIGHT_WRITE);
	fake_unlock();
	return fd;
}

bool kernel_is_device(const char *device, int fd)
{
	bool known;

	(void)device;
	fake_lock();
	known = file_of(fd);
	fake_unlock();
	return known;
}

int kernel_info(int fd, struct kvc_info *info)
{
	struct fake_cache *c;
	struct file *file;

	memset(info, 0, sizeof(*info));
	fake_lock();
	file = file_of(fd);
	c = file ? fake_by_id(file->cache) : NULL;
	info->key_max = 250;
	info->value_max = KVC_VALUE_MAX;
	if (c) {
		strcpy(info->name, c->name);
		info->cache = c->id;
		info->flags = c->flags;
		info->value_max = 1 << 20;
		info->rights = file->rights;
	}
	fake_unlock();
	return file ? 0 : -ENOTTY;
}

int kernel_attach(int fd, const char *cache)
{
	struct fake_cache *c;

	fake_lock();
	c = fake_find(cache);
	if (c)
		file_of(fd)->cache = c->id;
	fake_unlock();
	return c ? 0 : -ENOENT;
}

int fake_file(const char *name)
{
	int fd;

	fake_lock();
	fd = new_file(fake.rights);
	file_of(fd)->cache = fake_find(name)->id;
	fake_unlock();
	return fd;
}

static struct pair *pair_of(struct fake_cache *c, const struct kvc_op *op)
{
	const void *key = (const void *)(uintptr_t)op->key;
	struct pair *pair = *pair_at(c, key, op->key_len);

	if (!pair || pair->key_len != op->key_len ||
	    memcmp(pair->key, key, op->key_len))
		return NULL;
	return pair;
}

static int get(struct fake_cache *c, struct kvc_op *op)
{
	struct pair *pair;

	fake.gets++;
	fake_changed();
	pair = pair_of(c, op);
	op->version = pair ? 0 : fake.version;
	if (!pair) {
		/* After the miss, so that a write can come in between. */
		fake_wait_while(&fake.hold_gets);
		return -ENOENT;
	}
	if (pair->gone)
		return -ENOENT;
	if (pair->expiry && pair->expiry <= clock_boot()) {
		op->version = pair->dirty ? 0 : fake.version;
		return -ENOENT;
	}
	if (op->value_len < pair->value_len) {
		op->value_len = pair->value_len;
		return -ERANGE;
	}
	if (pair->value_len)
		memcpy((void *)(uintptr_t)op->value, pair->value,
		       pair->value_len);
	op->value_len = pair->value_len;
	op->version = pair->version;
	op->expiry = pair->expiry;
	op->client_flags = pair->client_flags;
	return 0;
}

static int fill(struct fake_cache *c, struct kvc_op *op)
{
	struct pair *pair;

	fake_wait_while(&fake.hold_fills);
	fake.fills++;
	fake_changed();
	if (fake.fill_err)
		return fake.fill_err;
	pair = pair_of(c, op);
	/* Coarser than the kernel: any write since makes it stale. */
	if ((pair && pair->dirty) || op->version < fake.version)
		return -ESTALE;
	pair = pair_set(c, (void *)(uintptr_t)op->key, op->key_len,
			(void *)(uintptr_t)op->value, op->value_len);
	pair->dirty = false;
	pair->gone = op->flags & KVC_OP_F_GONE;
	pair->version = op->version;
	pair->expiry = op->expiry;
	pair->client_flags = op->client_flags;
	return 0;
}

int kernel_op(int fd, struct kvc_op *op)
{
	struct fake_cache *c;
	struct file *file;
	int ret;

	fake_lock();
	file = file_of(fd);
	c = file ? fake_by_id(file->cache) : NULL;
	if (!c)
		ret = -ENOTCONN;
	else if (c->dead)
		ret = -ESHUTDOWN;
	else if (op->opcode == KVC_OP_GET)
		ret = get(c, op);
	else
		ret = fill(c, op);
	fake_unlock();
	return ret;
}

int kernel_sync(int fd)
{
	struct fake_cache *c;
	uint64_t run;
	int ret = 0;

	fake_lock();
	c = fake_by_id(file_of(fd)->cache);
	fake_unlock();
	fake_seal(c->name);
	fake_lock();
	for (run = c->newest; c->committed < run && !ret;) {
		ret = c->dead ? -ESHUTDOWN :
		      fake.silent ? 0 : fake.fail_err;
		if (!ret)
			fake_sleep();
	}
	fake_unlock();
	return ret;
}

static bool has_flusher(struct fake_cache *c)
{
	struct pollfd pfd = { .fd = c->stream };

	if (c->stream < 0)
		return false;
	poll(&pfd, 1, 0);
	if (!(pfd.revents & POLLHUP))
		return true;
	close(c->stream);
	c->stream = -1;
	return false;
}

int kernel_flush_open(int fd)
{
	struct fake_cache *c, *old;
	int ends[2] = { -EBUSY, -1 };

	fake_lock();
	c = fake_by_id(file_of(fd)->cache);
	if (c->dead) {
		ends[0] = -ESHUTDOWN;
	} else if (!has_flusher(c)) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
			       SOCK_NONBLOCK, 0, ends))
			abort();
		/* Its number is free again: nobody reads by it any more. */
		while ((old = fake_by_stream(ends[0]))) {
			close(old->stream);
			old->stream = -1;
		}
		c->stream = ends[1];
		c->flusher = ends[0];
		c->at = 0;
		stream_update(c);
	}
	fake_unlock();
	return ends[0];
}
