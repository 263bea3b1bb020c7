// SPDX-License-Identifier: GPL-2.0-only
/* Runs of the fake kernel, and the stream's file */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xxhash.h>

#include "../../tools/kvcd/kernel.h"
#include "fake_pairs.h"

#define HEAD	sizeof(struct kvc_flush_frame)
#define REC	sizeof(struct kvc_flush_rec)

/* A run that is being written. */
struct making {
	struct fake_cache *cache;
	struct run *run;
	size_t frame;		/* where the present frame begins */
	uint32_t seq, count;
	uint64_t total;
};

static unsigned char *more(struct run *run, size_t len)
{
	run->bytes = realloc(run->bytes, run->len + len);
	memset(run->bytes + run->len, 0, len);
	run->len += len;
	return run->bytes + run->len - len;
}

static void begin_frame(struct making *m)
{
	m->frame = m->run->len;
	m->count = 0;
	more(m->run, HEAD);
}

static void end_frame(struct making *m, bool last)
{
	unsigned char *at = m->run->bytes + m->frame;
	size_t len = m->run->len - m->frame;
	struct kvc_flush_frame head = {
		.magic = KVC_FLUSH_MAGIC,
		.len = len,
		.run = m->run->number,
		.cache = m->cache->id,
		.seq = m->seq++,
		.count = m->count,
		.flags = last ? KVC_FLUSH_LAST : 0,
		.total = m->total,
	};

	memcpy(at, &head, HEAD);
	head.checksum = XXH64(at, len, 0);
	memcpy(at, &head, HEAD);
	if (fake.change)
		fake.change(at, len);
}

static void add(struct making *m, const struct pair *pair)
{
	size_t size = REC + pair->key_len + pair->value_len;
	struct kvc_flush_rec rec = {
		.rec_len = (size + 7) & ~(size_t)7,
		.key_len = pair->key_len,
		.value_len = pair->value_len,
		.client_flags = pair->client_flags,
		.flags = pair->gone ? KVC_FLUSH_REC_GONE : 0,
		.version = pair->version,
		.expiry = pair->expiry,
	};
	unsigned char *at;

	if (m->count && m->run->len - m->frame + rec.rec_len > fake.frame) {
		end_frame(m, false);
		begin_frame(m);
	}
	at = more(m->run, rec.rec_len);
	memcpy(at, &rec, REC);
	memcpy(at + REC, pair->key, pair->key_len);
	memcpy(at + REC + pair->key_len, pair->value, pair->value_len);
	m->count++;
	m->total++;
}

static bool is_new(const struct fake_cache *c, const struct pair *pair)
{
	return pair->dirty && pair->version > c->sealed[c->newest];
}

static bool has_new(const struct fake_cache *c)
{
	const struct pair *pair = c->pairs;

	while (pair && !is_new(c, pair))
		pair = pair->next;
	return pair;
}

uint64_t fake_seal(const char *name)
{
	struct fake_cache *c;
	struct making m = { 0 };
	struct pair *pair;

	fake_lock();
	c = fake_find(name);
	if (!c || !has_new(c)) {
		fake_unlock();
		return 0;
	}
	if (c->newest == RUNS)
		abort();
	m.cache = c;
	m.run = &c->runs[c->newest + 1];
	m.run->number = c->newest + 1;
	begin_frame(&m);
	for (pair = c->pairs; pair; pair = pair->next) {
		if (is_new(c, pair))
			add(&m, pair);
	}
	end_frame(&m, true);
	c->sealed[++c->newest] = fake.version;
	stream_update(c);
	fake_unlock();
	return m.run->number;
}

uint64_t fake_committed(const char *name)
{
	uint64_t run;

	fake_lock();
	run = fake_find(name)->committed;
	fake_unlock();
	return run;
}

uint64_t fake_newest(const char *name)
{
	uint64_t run;

	fake_lock();
	run = fake_find(name)->newest;
	fake_unlock();
	return run;
}

void fake_offer_again(const char *name, uint64_t run)
{
	struct fake_cache *c;

	fake_lock();
	c = fake_find(name);
	c->committed = run - 1;
	c->at = 0;
	stream_update(c);
	fake_unlock();
}

/* One byte in the socket: there is something to read. */
void stream_update(struct fake_cache *c)
{
	struct run *run = &c->runs[c->committed + 1];
	bool ready = c->committed < c->newest && c->at < run->len;

	if (c->stream >= 0 && ready)
		send(c->stream, "", 1, MSG_NOSIGNAL);
}

static int read_run(struct fake_cache *c, void *buf, size_t size)
{
	struct run *run = &c->runs[c->committed + 1];
	struct kvc_flush_frame head;
	size_t used = 0;

	while (c->committed < c->newest && c->at < run->len) {
		memcpy(&head, run->bytes + c->at, HEAD);
		/* A test may have broken the length. */
		if (head.len < HEAD || head.len > run->len - c->at)
			head.len = run->len - c->at;
		if (head.len > size - used)
			return used ? (int)used : -EMSGSIZE;
		memcpy((char *)buf + used, run->bytes + c->at, head.len);
		used += head.len;
		c->at += head.len;
	}
	return used ? (int)used : -EAGAIN;
}

ssize_t kernel_flush_read(int stream, void *buf, size_t size)
{
	struct fake_cache *c;
	char wakes[64];
	ssize_t ret;

	fake_lock();
	c = fake_by_stream(stream);
	if (!c || c->dead) {
		ret = -ESHUTDOWN;
	} else {
		ret = read_run(c, buf, size);
		if (ret == -EAGAIN && recv(stream, wakes, sizeof(wakes), 0) < 0)
			ret = -EAGAIN;
	}
	fake_unlock();
	return ret;
}

static void make_clean(struct fake_cache *c, uint64_t sealed)
{
	struct pair **at = &c->pairs;

	while (*at) {
		if (!(*at)->dirty || (*at)->version > sealed) {
			at = &(*at)->next;
		} else if ((*at)->gone) {
			pair_drop(at);
		} else {
			(*at)->dirty = false;
			at = &(*at)->next;
		}
	}
}

void fake_commit_all(const char *name)
{
	struct fake_cache *c;

	fake_lock();
	c = fake_find(name);
	make_clean(c, c->sealed[c->newest]);
	c->committed = c->newest;
	fake_unlock();
}

int kernel_flush_commit(int stream, uint64_t run)
{
	struct fake_cache *c;
	int ret = 0;

	if (fake.at_commit)
		fake.at_commit(run);
	fake_lock();
	c = fake_by_stream(stream);
	if (!c || c->dead)
		ret = -ESHUTDOWN;
	else if (fake.commit_err)
		ret = fake.commit_err;
	else if (run != c->committed + 1 || run > c->newest ||
		 c->at < c->runs[run].len)
		ret = -EINVAL;
	if (!ret) {
		make_clean(c, c->sealed[run]);
		c->committed = run;
		c->at = 0;
		fake.commits++;
		fake.fail_err = 0;
		stream_update(c);
	}
	fake_unlock();
	return ret;
}

int kernel_flush_fail(int stream, uint64_t run, int error)
{
	(void)stream;
	fake_lock();
	fake.fail_run = run;
	fake.fail_err = error;
	fake.failures++;
	fake_unlock();
	return 0;
}
