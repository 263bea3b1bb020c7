// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flusher's side of a write-behind cache
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "flushing.h"

#define ROOM		(1u << 20)
/* No frame of more than one record is longer. */
#define FRAME_MAX	(256u << 10)

void flush_config(struct kvc_config *config, const char *name, __u64 limit,
		  __u32 flush_ms)
{
	kvc_config_init(config, name, limit);
	config->flags = KVC_CACHE_F_WRITEBEHIND;
	config->flush_ms = flush_ms;
}

int flush_cache(const char *name, __u32 flush_ms)
{
	struct kvc_config config;
	int ret;

	flush_config(&config, name, KVC_TEST_LIMIT, flush_ms);
	ret = kvc_create(&config);
	return ret ? ret : kvc_open_bound(O_RDWR, name);
}

int flush_open(int fd)
{
	struct kvc_flush_open open = { .fd = -1 };
	int ret = kvc_call(fd, KVC_IOC_FLUSH_OPEN, &open);

	return ret ? ret : open.fd;
}

int flush_commit(int stream, __u64 run)
{
	struct kvc_flush_commit commit = { .run = run };

	return kvc_call(stream, KVC_IOC_FLUSH_COMMIT, &commit);
}

int flush_fail(int stream, __u64 run, int error)
{
	struct kvc_flush_fail fail = { .run = run, .error = error };

	return kvc_call(stream, KVC_IOC_FLUSH_FAIL, &fail);
}

long flush_read(int stream, void *buf, size_t size)
{
	ssize_t ret = read(stream, buf, size);

	return ret < 0 ? -errno : ret;
}

/* The state of a run that is read */
struct reader {
	struct flush_run run;
	unsigned char last[KVC_KEY_MAX];
	__u32 last_len;
	bool ended;
	flush_each_t each;
	void *arg;
};

static int compare(const void *a, __u32 a_len, const void *b, __u32 b_len)
{
	int diff = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return diff ? diff : (a_len > b_len) - (a_len < b_len);
}

static bool all_zero(const unsigned char *bytes, __u32 len)
{
	while (len--)
		if (*bytes++)
			return false;
	return true;
}

static bool rec_ok(const struct kvc_flush_rec *rec, __u32 room)
{
	__u64 need = sizeof(*rec) + (__u64)rec->key_len + rec->value_len;

	return !(rec->rec_len % 8) && rec->rec_len <= room &&
	       rec->rec_len >= need && rec->rec_len < need + 8 &&
	       rec->key_len && rec->key_len <= KVC_KEY_MAX &&
	       !(rec->flags & ~KVC_FLUSH_REC_GONE) && !rec->reserved &&
	       rec->version &&
	       (!(rec->flags & KVC_FLUSH_REC_GONE) || !rec->value_len) &&
	       all_zero((const unsigned char *)rec + need, rec->rec_len - need);
}

static int take_rec(struct reader *r, const struct kvc_flush_rec *rec)
{
	/* L4: in the order of keys, each once */
	if (compare(flush_key(rec), rec->key_len, r->last, r->last_len) <= 0)
		return -EPROTO;
	memcpy(r->last, flush_key(rec), rec->key_len);
	r->last_len = rec->key_len;
	r->run.records++;
	if (r->each)
		r->each(r->arg, rec);
	return 0;
}

static bool sum_ok(const struct kvc_flush_frame *frame)
{
	struct kvc_flush_frame head = *frame;
	XXH64_state_t state;

	head.checksum = 0;
	XXH64_reset(&state, 0);
	XXH64_update(&state, &head, sizeof(head));
	XXH64_update(&state, frame + 1, frame->len - sizeof(head));
	return XXH64_digest(&state) == frame->checksum;
}

static bool frame_ok(const struct reader *r,
		     const struct kvc_flush_frame *frame, size_t room)
{
	bool last = frame->flags == KVC_FLUSH_LAST;

	return frame->magic == KVC_FLUSH_MAGIC && !(frame->len % 8) &&
	       frame->len >= sizeof(*frame) && frame->len <= room &&
	       frame->run && frame->cache && frame->seq == r->run.frames &&
	       (frame->count || last) && !frame->reserved &&
	       (frame->len <= FRAME_MAX || frame->count == 1) &&
	       frame->total == r->run.records + frame->count &&
	       (last || !frame->flags) && sum_ok(frame);
}

static int take_frame(struct reader *r, const struct kvc_flush_frame *frame,
		      size_t room)
{
	const struct kvc_flush_rec *rec;
	__u32 at = sizeof(*frame), i;
	int ret = 0;

	if (room < sizeof(*frame) || r->ended || !frame_ok(r, frame, room))
		return -EPROTO;
	if (r->run.frames && (frame->run != r->run.run ||
			      frame->cache != r->run.cache))
		return -EPROTO;
	r->run.run = frame->run;
	r->run.cache = frame->cache;
	r->run.frames++;
	for (i = 0; i < frame->count && !ret; i++, at += rec->rec_len) {
		rec = (const void *)((const char *)frame + at);
		if (frame->len - at < sizeof(*rec) ||
		    !rec_ok(rec, frame->len - at))
			return -EPROTO;
		ret = take_rec(r, rec);
	}
	r->ended = frame->flags & KVC_FLUSH_LAST;
	return ret ? ret : at == frame->len ? 0 : -EPROTO;
}

static int take(struct reader *r, const char *buf, size_t bytes)
{
	const struct kvc_flush_frame *frame;
	size_t at = 0;
	int ret = 0;

	while (at < bytes && !ret) {
		frame = (const void *)(buf + at);
		ret = take_frame(r, frame, bytes - at);
		at += frame->len;
	}
	return ret;
}

static int read_all(struct reader *r, int stream, size_t room)
{
	int ret = 0;
	char *buf = malloc(room);
	long bytes;

	while (buf && !ret && !r->ended) {
		bytes = flush_read(stream, buf, room);
		if (bytes == -EMSGSIZE && room < 2ull * KVC_VALUE_MAX) {
			free(buf);
			room *= 2;
			buf = malloc(room);
			continue;
		}
		if (bytes <= 0)
			ret = bytes ? bytes : -EPROTO;
		else
			ret = take(r, buf, bytes);
	}
	ret = buf ? ret : -ENOMEM;
	free(buf);
	return ret;
}

static int read_run(int stream, size_t room, struct flush_run *run,
		    flush_each_t each, void *arg)
{
	struct reader *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return -ENOMEM;
	r->each = each;
	r->arg = arg;
	ret = read_all(r, stream, room);
	if (!ret)
		ret = r->run.records;
	if (run)
		*run = r->run;
	free(r);
	return ret;
}

int flush_read_run(int stream, struct flush_run *run, flush_each_t each,
		   void *arg)
{
	return read_run(stream, ROOM, run, each, arg);
}

int flush_read_in(int stream, size_t room, struct flush_run *run)
{
	return read_run(stream, room, run, NULL, NULL);
}

int flush_one(int stream, flush_each_t each, void *arg)
{
	struct flush_run run;
	int records, ret;

	records = flush_read_run(stream, &run, each, arg);
	if (records < 0)
		return records;
	ret = flush_commit(stream, run.run);
	return ret ? ret : records;
}

int flush_fill(int fd)
{
	char key[KVC_TEST_KEY], value[500] = "";
	unsigned int i;
	__u32 len;
	int ret;

	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		return -errno;
	/* Ever smaller, so that not even a tombstone has any */
	for (i = 0, len = sizeof(value);; i++) {
		ret = kvc_put_len(fd, kvc_key(key, i), value, len);
		if (ret == -EAGAIN && len)
			len /= 2;
		else if (ret)
			break;
	}
	return ret == -EAGAIN && !fcntl(fd, F_SETFL, 0) ? 0 : ret;
}

int caller_fsync(struct caller *c)
{
	return fsync(c->fd) ? -errno : 0;
}

int caller_put(struct caller *c)
{
	char key[KVC_TEST_KEY], value[500];
	unsigned int i;
	int ret = 0;

	for (i = 0; i < c->count && !ret; i++) {
		kvc_pattern(value, sizeof(value), i);
		ret = kvc_put_len(c->fd, kvc_key(key, i), value,
				  sizeof(value));
	}
	return ret;
}

int caller_read(struct caller *c)
{
	char buf[4096];

	return flush_read(c->fd, buf, sizeof(buf));
}

static void *caller_run(void *arg)
{
	struct caller *c = arg;

	atomic_store(&c->tid, gettid());
	atomic_store(&c->ret, c->call(c));
	atomic_store(&c->done, true);
	return NULL;
}

int caller_start(struct caller *c, int (*call)(struct caller *c), int fd)
{
	c->call = call;
	c->fd = fd;
	atomic_store(&c->tid, 0);
	atomic_store(&c->ret, 0);
	atomic_store(&c->done, false);
	return -pthread_create(&c->thread, NULL, caller_run, c);
}

struct sleep {
	struct caller *c;
	char state;
};

static bool is_asleep(void *arg)
{
	const struct sleep *s = arg;
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
		 atomic_load(&s->c->tid));
	file = fopen(path, "r");
	if (!file)
		return atomic_load(&s->c->done);
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state == s->state || atomic_load(&s->c->done);
}

bool caller_sleeps(struct caller *c, char state)
{
	struct sleep s = { c, state };

	return kvc_eventually(is_asleep, &s) && !atomic_load(&c->done);
}

int caller_join(struct caller *c)
{
	int ret = pthread_join(c->thread, NULL);

	return ret ? -ret : atomic_load(&c->ret);
}

struct figure {
	int fd;
	size_t offset;
	__u64 least;
};

static bool figure_is_there(void *arg)
{
	const struct figure *f = arg;
	struct kvc_stats stats;

	return !kvc_stats(f->fd, &stats) &&
	       *(__u64 *)((char *)&stats + f->offset) >= f->least;
}

bool flush_eventually_sealed(int fd, __u64 runs)
{
	struct figure f = { fd, offsetof(struct kvc_stats, runs_sealed), runs };

	return kvc_eventually(figure_is_there, &f);
}

bool flush_eventually_waits(int fd, __u64 waits)
{
	struct figure f = { fd, offsetof(struct kvc_stats, flush_waits),
			    waits };

	return kvc_eventually(figure_is_there, &f);
}

int flush_seal(struct caller *c, int fd)
{
	struct kvc_stats stats;
	int ret = kvc_stats(fd, &stats);

	if (!ret)
		ret = caller_start(c, caller_fsync, fd);
	if (ret)
		return ret;
	return flush_eventually_sealed(fd, stats.runs_sealed + 1) ? 0 :
								   -ETIMEDOUT;
}
