// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include "check.h"
#include "fleet.h"

static bool message_arrives(struct fleet *f, const struct fleet_server *s)
{
	if (s->paused)
		return false;
	return !(f->flags & FLEET_LOSSES) || !fleet_chance(f, 15);
}

static void key_of(u32 key, u8 *bytes)
{
	bytes[0] = 'k';
	bytes[1] = key;
}

static void purge_send(struct fleet *f, u32 key, u32 id)
{
	struct fleet_server *s = fleet_server_of(f, id);
	u8 bytes[2];

	f->messages++;
	if (message_arrives(f, s))
		return fleet_forget(f, s, key);
	if (f->flags & FLEET_NO_P18)
		return;
	key_of(key, bytes);
	CHECK(!kvc_defer_add(f->ring, id, bytes, 2, f->expiry, f->now));
	fleet_note_status(f, id);
}

/* By a late table, if the agent has one */
static struct kvc_purge_plan *purge_plan(struct fleet *f, u32 key)
{
	u64 late = f->flags & FLEET_LATE ? random_below(&f->r, 4) : 0;
	struct kvc_purge_plan *plan;
	u8 bytes[2];
	int err;

	key_of(key, bytes);
	fleet_follow(f, f->now - late);
	for (;;) {
		plan = kvc_purge_make(f->agent, f->hash[key], f->expiry, f->now);
		CHECK(!IS_ERR(plan));
		err = kvc_defer_plan(f->ring, plan, bytes, 2, f->expiry, f->now);
		if (!err)
			return plan;
		/* P4: a plan by another ring is good for nothing. */
		CHECK(err == -ESTALE && f->flags & FLEET_LATE, "%d", err);
		kvc_purge_free(plan);
		fleet_follow(f, f->now);
	}
}

/* The source changes (P5), and caches are purged. */
void fleet_purge(struct fleet *f, u32 key)
{
	struct kvc_purge_plan *plan;
	u32 i;

	f->source[key] = ++f->version;
	plan = purge_plan(f, key);
	for (i = 0; i < plan->count; i++)
		if (plan->step[i].action == KVC_PURGE_SEND)
			purge_send(f, key, plan->step[i].node);
	kvc_purge_free(plan);
	f->purges++;
	f->walked += kvc_ring_current(f->ring)->nodes;
	f->purged[key] = f->source[key];
}

static void forget_owed(struct fleet *f, struct fleet_server *s)
{
	u32 key;

	for (key = 0; key < FLEET_KEYS; key++)
		if (s->owed & 1 << key)
			fleet_forget(f, s, key);
	s->owed = 0;
}

static void drain_flush(struct fleet *f, struct fleet_server *s)
{
	struct kvc_defer_state state;

	CHECK(!kvc_defer_read(f->ring, s->id, f->now, &state));
	if (!state.flush || !message_arrives(f, s))
		return;
	s->owed |= ~0u;
	if (!(f->flags & FLEET_NO_P14))
		forget_owed(f, s);
	CHECK(!kvc_defer_flushed(f->ring, s->id, state.flush_seq));
}

/* Without P14 the server forgets a tick later, and does not wait for it. */
static void drain_objects(struct fleet *f, struct fleet_server *s)
{
	struct kvc_defer_item item;

	item.len = 0;
	while (!kvc_defer_next(f->ring, s->id, f->now, &item)) {
		if (!message_arrives(f, s))
			return;
		CHECK(item.len == 2 && item.key[1] < FLEET_KEYS);
		s->owed |= 1 << item.key[1];
		if (!(f->flags & FLEET_NO_P14))
			forget_owed(f, s);
		CHECK(!kvc_defer_ack(f->ring, s->id, item.key, item.len,
				     item.seq));
	}
}

/* A server that runs and is not up is drained, and goes up (P11, P14). */
void fleet_drain(struct fleet *f, struct fleet_server *s)
{
	u8 status = fleet_status(f, s->id);
	int err;

	forget_owed(f, s);
	if (s->paused || status == KVC_NODE_UP)
		return;
	if (status == KVC_NODE_DOWN) {
		CHECK(!fleet_set_status(f, s->id, KVC_NODE_DRAINING));
		if (fleet_chance(f, 50))
			return;
	}
	drain_flush(f, s);
	drain_objects(f, s);
	err = fleet_set_status(f, s->id, KVC_NODE_UP);
	CHECK(!err || err == -EBUSY, "%d", err);
}
