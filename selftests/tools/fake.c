// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kvcache.h>

#include "fake.h"
#include "fake_behind.h"
#include "fake_nl.h"
#include "fake_pairs.h"
#include "fake_slots.h"
#include "util.h"

#define FILES	1024

struct file {
	bool used;
	bool stream;		/* of a flusher */
	int mode;
	ino_t ino;
	struct cache *cache;
	struct kvc_slots *slots;
};

struct fake fake;
struct fake_calls fake_calls;

static struct file files[FILES];
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void fake_lock(void)
{
	pthread_mutex_lock(&lock);
}

void fake_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

void fake_forked(void)
{
	lock = (pthread_mutex_t)PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
}

void fake_reset(void)
{
	fake_caches_reset();
	fake_events_reset();
	fake_rings_reset();
	fake_calls = (struct fake_calls){ 0 };
	fake = (struct fake){
		.batch_max = KVC_BATCH_MAX,
		.page_max = UINT32_MAX,
	};
}

static void each_slots(const struct cache *cache,
		       void (*fn)(struct kvc_slots *slots, const void *key,
				  uint32_t len), const void *key, uint32_t len)
{
	size_t i;

	for (i = 0; i < FILES; i++)
		if (files[i].used && files[i].slots && files[i].cache == cache)
			fn(files[i].slots, key, len);
}

void fake_change(const struct cache *cache, const void *key, uint32_t len)
{
	each_slots(cache, slots_change, key, len);
}

static void show_fence(struct kvc_slots *slots, const void *deadline,
		       uint32_t len)
{
	(void)len;
	__atomic_store_n(&slots->fence, *(const uint64_t *)deadline,
			 __ATOMIC_RELEASE);
}

void fake_fence(const struct cache *cache)
{
	each_slots(cache, show_fence, &cache->fence, 0);
}

static void kill_slots(struct kvc_slots *slots, const void *key, uint32_t len)
{
	(void)key;
	(void)len;
	slots_kill(slots);
}

void fake_kill(const struct cache *cache)
{
	each_slots(cache, kill_slots, NULL, 0);
}

static bool may(const struct file *file, int mode)
{
	return file->mode == O_RDWR || file->mode == mode;
}

static int check_op(const struct file *file, const struct kvc_op *op)
{
	if (!op->opcode || op->opcode > KVC_OP_TOUCH || op->reserved)
		return -EINVAL;
	if (!may(file, op->opcode == KVC_OP_GET ? O_RDONLY : O_WRONLY))
		return -EBADF;
	if (op->flags & ~(is_behind(file->cache) ? behind_flags(op->opcode) :
						   pairs_flags(op->opcode)) &
	    ~(op->opcode == KVC_OP_GET ? KVC_OP_F_SLOT : 0))
		return -EINVAL;
	if (!(op->flags & (KVC_OP_F_CAS | KVC_OP_F_FILL)) && op->version)
		return -EINVAL;
	if (!pairs_value(op->opcode) && (op->value_len || op->value))
		return -EINVAL;
	if (!op->key_len)
		return -EINVAL;
	return op->key_len > file->cache->config.key_max ? -ENAMETOOLONG : 0;
}

static int run_op(struct file *file, struct kvc_op *op)
{
	const void *key = (const void *)(uintptr_t)op->key;
	void (*hook)(void) = fake.on_get;
	int ret;

	ret = check_op(file, op);
	if (ret)
		return ret;
	if (op->flags & KVC_OP_F_SLOT)
		op->slot = slots_read(file->slots, key, op->key_len);
	if (op->opcode == KVC_OP_GET && hook) {
		fake.on_get = NULL;
		hook();
	}
	ret = is_behind(file->cache) ? behind_op(file->cache, op) :
				       pairs_op(file->cache, op);
	if (op->opcode != KVC_OP_GET)
		fake_change(file->cache, key, op->key_len);
	return ret;
}

static int io_op(struct file *file, void *arg)
{
	struct kvc_op *op = arg;

	fake_calls.op++;
	op->result = run_op(file, op);
	return op->result;
}

static int io_batch(struct file *file, void *arg)
{
	struct kvc_batch *batch = arg;
	struct kvc_op *ops = (struct kvc_op *)(uintptr_t)batch->ops;
	uint32_t i;

	fake_calls.batch++;
	if (!batch->count || batch->count > fake.batch_max || batch->flags ||
	    batch->op_size != sizeof(*ops) || batch->done)
		return -EINVAL;
	for (i = 0; i < batch->count; i++) {
		if (ops[i].opcode == KVC_OP_PUT && fake.put_err &&
		    !fake.put_err_after)
			ops[i].result = -fake.put_err;
		else
			ops[i].result = run_op(file, &ops[i]);
		if (fake.put_err_after)
			fake.put_err_after--;
	}
	batch->done = batch->count;
	return 0;
}

static int io_scan(struct file *file, void *arg)
{
	struct kvc_scan *scan = arg;
	uint32_t i;

	fake_calls.scan++;
	if (fake.on_scan)
		fake.on_scan();
	if (fake.page_intr) {
		fake.page_intr--;
		return -EINTR;
	}
	if (!may(file, O_RDONLY))
		return -EBADF;
	if (scan->reserved || scan->used || scan->count || scan->more ||
	    scan->needed || scan->buf % 8 ||
	    (scan->flags & ~(KVC_SCAN_F_PREFIX | KVC_SCAN_F_KEYS |
			     KVC_SCAN_F_GONE)))
		return -EINVAL;
	for (i = 0; i < file->cache->count; i++) {
		if (!pairs_in_range(&file->cache->pairs[i], scan) ||
		    !behind_shown(&file->cache->pairs[i], scan->flags))
			continue;
		scan->more = scan->count == fake.page_max ||
			     !pairs_add_record(scan, &file->cache->pairs[i]);
		if (scan->more)
			break;
	}
	return scan->more && !scan->count ? -ERANGE : 0;
}

static int io_info(struct file *file, void *arg)
{
	struct kvc_info *info = arg;

	memset(info, 0, sizeof(*info));
	info->abi_level = KVC_ABI_LEVEL;
	info->batch_max = fake.batch_max;
	info->key_max = KVC_KEY_MAX;
	info->features = KVC_FEATURE_SCAN | KVC_FEATURE_BATCH |
			 KVC_FEATURE_FLUSH;
	if (!fake.no_slots)
		info->features |= KVC_FEATURE_SLOTS;
	info->now = pairs_now() + fake.clock_ahead;
	if (!file->cache)
		return 0;
	info->rights = (may(file, O_RDONLY) ? KVC_RIGHT_READ : 0) |
		       (may(file, O_WRONLY) ? KVC_RIGHT_WRITE : 0);
	info->slots = FAKE_SLOTS_SIZE;
	strcpy(info->name, file->cache->config.name);
	info->flags = is_behind(file->cache) ? KVC_INFO_F_WRITEBEHIND : 0;
	info->cache = 1;
	return 0;
}

/* A stream file is one that read() works on. */
static int io_flush_open(struct file *file, void *arg)
{
	struct kvc_flush_open *open = arg;

	if (open->flags || open->reserved)
		return -EINVAL;
	if (file->mode != O_RDWR)
		return -EBADF;
	if (!is_behind(file->cache))
		return -EOPNOTSUPP;
	open->fd = memfd_create("stream", MFD_CLOEXEC);
	if (open->fd < 0 || open->fd >= FILES ||
	    pwrite(open->fd, FAKE_FRAMES, sizeof(FAKE_FRAMES), 0) < 0)
		abort();
	files[open->fd] = (struct file){ .used = true, .stream = true };
	fake_calls.open_files++;
	return 0;
}

static int stream_command(unsigned long cmd, void *arg)
{
	struct kvc_flush_commit *commit = arg;
	struct kvc_flush_fail *failed = arg;

	if (cmd == KVC_IOC_FLUSH_COMMIT) {
		fake_calls.committed = commit->run;
		return commit->flags ? -EINVAL : 0;
	}
	if (cmd != KVC_IOC_FLUSH_FAIL)
		return -ENOTTY;
	fake_calls.failed = failed->run;
	fake_calls.error = failed->error;
	return failed->reserved || failed->error >= 0 ? -EINVAL : 0;
}

static int io_attach(struct file *file, void *arg)
{
	struct kvc_attach *attach = arg;

	if (attach->flags)
		return -EINVAL;
	if (file->cache)
		return -EISCONN;
	file->cache = fake_cache(attach->name);
	return file->cache ? 0 : -ENOENT;
}

static int io_clear(struct file *file, void *arg)
{
	(void)arg;
	if (!may(file, O_WRONLY))
		return -EBADF;
	pairs_clear(file->cache);
	fake_change(file->cache, NULL, 0);
	return 0;
}

static const struct {
	unsigned long cmd;
	int (*run)(struct file *file, void *arg);
	bool data;		/* needs a cache */
} commands[] = {
	{ KVC_IOC_INFO, io_info, false },
	{ KVC_IOC_ATTACH, io_attach, false },
	{ KVC_IOC_OP, io_op, true },
	{ KVC_IOC_BATCH, io_batch, true },
	{ KVC_IOC_SCAN, io_scan, true },
	{ KVC_IOC_CLEAR, io_clear, true },
	{ KVC_IOC_FLUSH_OPEN, io_flush_open, true },
};

static int command(struct file *file, unsigned long cmd, void *arg)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].cmd != cmd)
			continue;
		if (commands[i].data && !file->cache)
			return -ENOTCONN;
		return commands[i].run(file, arg);
	}
	return -ENOTTY;
}

int __wrap_ioctl(int fd, unsigned long cmd, ...)
{
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	fake_lock();
	if (fd < 0 || fd >= FILES || !files[fd].used) {
		fake_unlock();
		return __real_ioctl(fd, cmd, arg);
	}
	if (files[fd].stream)
		ret = stream_command(cmd, arg);
	else
		ret = command(&files[fd], cmd, arg);
	fake_unlock();
	if (!ret)
		return 0;
	errno = -ret;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	struct stat st;
	int fd;

	if (strcmp(path, KVC_DEVICE_PATH))
		return __real_open(path, flags);
	if (fake.absent || fake.open_err) {
		errno = fake.absent ? ENOENT : fake.open_err;
		return -1;
	}
	/* Of a number of its own, by which fake_bound() knows it again. */
	fd = memfd_create("kvcache", MFD_CLOEXEC);
	if (fd < 0 || fd >= FILES || fstat(fd, &st))
		abort();
	fake_lock();
	files[fd] = (struct file){
		.used = true, .mode = flags & O_ACCMODE, .ino = st.st_ino,
		.slots = slots_begin(fd),
	};
	fake_calls.open_files++;
	fake_unlock();
	return fd;
}

struct cache *fake_bound(int fd, int *mode)
{
	struct cache *cache = NULL;
	struct stat st;
	size_t i;

	if (fstat(fd, &st))
		return NULL;
	fake_lock();
	for (i = 0; i < FILES; i++) {
		if (!files[i].used || files[i].stream ||
		    files[i].ino != st.st_ino)
			continue;
		cache = files[i].cache;
		*mode = files[i].mode;
	}
	fake_unlock();
	return cache;
}

int __wrap_fsync(int fd)
{
	int err = 0;

	fake_lock();
	if (fd < 0 || fd >= FILES || !files[fd].used)
		abort();
	if (!files[fd].cache)
		err = ENOTCONN;
	else if (!is_behind(files[fd].cache))
		err = EINVAL;
	else if (fake.fsync_intr && fake.fsync_intr--)
		err = EINTR;
	else
		err = fake.fsync_err;
	if (!err)
		behind_commit(files[fd].cache);
	fake_unlock();
	if (err)
		errno = err;
	return err ? -1 : 0;
}

int __wrap_close(int fd)
{
	fake_lock();
	if (fd >= 0 && fd < FILES && files[fd].used) {
		files[fd].used = false;
		if (files[fd].slots)
			slots_end(files[fd].slots);
		fake_calls.open_files--;
	}
	fake_unlock();
	return __real_close(fd);
}
