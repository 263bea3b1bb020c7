// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reader of the events that lags behind: each event comes once, in order and
 * as the model foretold it, or the log says that it was lost, and then it had
 * no room any more
 */
#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "model.h"

#define BUF_MORE	20000

struct told {
	u64 version;
	u32 number;
	u32 reason;
};

/* The model's event of this number in the cache */
static struct told *told(const struct model *m, u64 seq)
{
	return &m->told[seq - m->told_first];
}

static u64 told_end(const struct model *m)
{
	return m->told_first + m->told_count;
}

void model_events_begin(struct model *m)
{
	m->seq = 1;
	m->told_first = 1;
	m->buf = malloc(KVC_EVENT_MAX + BUF_MORE);
	CHECK(m->buf);
}

void model_events_end(struct model *m)
{
	while (model_read_events(m))
		;
	CHECK(m->seq == told_end(m), "%llu, not %llu", m->seq, told_end(m));
	free(m->buf);
	free(m->told);
}

static void forget_what_was_read(struct model *m)
{
	m->told_count -= m->seq - m->told_first;
	memmove(m->told, told(m, m->seq), m->told_count * sizeof(*m->told));
	m->told_first = m->seq;
}

void model_event(struct model *m, enum kvc_event_reason reason, u32 number,
		 u64 version)
{
	if (m->told_count == m->told_room) {
		m->told_room = 2 * m->told_room + 1000;
		m->told = realloc(m->told, m->told_room * sizeof(*m->told));
		CHECK(m->told);
	}
	m->told[m->told_count++] = (struct told){ version, number, reason };
}

static size_t bytes_of(const struct model *m, u64 seq)
{
	u8 key[KEYS_LEN];
	u32 number = told(m, seq)->number;

	return kvc_event_bytes(number == MODEL_NO_KEY ? 0 :
						       keys_make(key, number));
}

/* The newest of what was lost has no room beside all that came after it. */
static void check_loss(struct model *m, u64 from, u64 lost)
{
	size_t bytes = 0;
	u64 seq;

	CHECK(from + lost <= told_end(m), "%llu of %llu", lost, from);
	for (seq = from + lost - 1; seq < told_end(m); seq++)
		bytes += bytes_of(m, seq);
	CHECK(bytes > m->config.events, "%zu bytes have room in %u", bytes,
	      m->config.events);
	m->lost += lost;
}

static void check_event(struct model *m, const struct kvc_event *ev, u64 seq)
{
	const struct told *want = told(m, seq);
	u8 key[KEYS_LEN];
	u32 len = want->number == MODEL_NO_KEY ? 0 :
						 keys_make(key, want->number);

	CHECK(ev->seq == seq, "%llu, not %llu", ev->seq, seq);
	CHECK(seq < told_end(m), "%llu was not to come", seq);
	CHECK(ev->reason == want->reason, "%u, not %u", ev->reason,
	      want->reason);
	CHECK(ev->version == want->version, "%llu, not %llu", ev->version,
	      want->version);
	CHECK(ev->key_len == len && !memcmp(kvc_event_key(ev), key, len));
}

bool model_read_events(struct model *m)
{
	size_t size = KVC_EVENT_MAX + random_below(&m->random, BUF_MORE);
	u64 seq = m->seq, lost, oldest;
	const struct kvc_event *ev;
	long bytes, at = 0;

	CHECK(kvc_event_range(&m->cache->log, &oldest) == told_end(m) - 1);
	bytes = kvc_event_read(&m->cache->log, &m->seq, m->buf, size, &lost);
	CHECK(bytes >= 0);
	if (lost)
		check_loss(m, seq, lost);
	for (seq += lost; at < bytes; seq++) {
		ev = (const struct kvc_event *)((u8 *)m->buf + at);
		check_event(m, ev, seq);
		at += kvc_event_bytes(ev->key_len);
		m->read++;
	}
	CHECK(at == bytes && seq == m->seq);
	CHECK(bytes || seq == told_end(m), "an event was held back");
	forget_what_was_read(m);
	return bytes;
}
