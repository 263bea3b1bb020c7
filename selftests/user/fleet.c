// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: fleet [HISTORIES [SEED [SAFEGUARD]]]
 *
 * Random histories of some servers with caches, of programs that read through
 * them, and of an agent that purges what the source has changed.  Servers
 * fail and come back with what they held, join, leave and change their weight;
 * messages get lost, fills are late, and so is the agent's status table.  No
 * read may give a version that was purged.
 *
 * SAFEGUARD, one of P14 to P19, is left out: there must be stale reads then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/minmax.h>
#include <shim/alloc.h>
#include "check.h"
#include "fleet.h"

bool fleet_chance(struct fleet *f, u32 percent)
{
	return random_below(&f->r, 100) < percent;
}

struct fleet_server *fleet_server_of(struct fleet *f, u32 id)
{
	u32 i;

	for (i = 0; i < FLEET_SERVERS; i++)
		if (f->server[i].id == id)
			return &f->server[i];
	CHECK(false, "node %u", id);
	return NULL;
}

u8 fleet_status(struct fleet *f, u32 id)
{
	return kvc_ring_lookup(f->ring, id)->status;
}

/* A server of the ring, or NULL */
static struct fleet_server *any_server(struct fleet *f)
{
	struct fleet_server *s = &f->server[random_below(&f->r, FLEET_SERVERS)];

	return s->id ? s : NULL;
}

static void fail_one(struct fleet *f)
{
	struct fleet_server *s = any_server(f);

	if (!s || s->paused)
		return;
	fleet_pause(f, s);
	if (fleet_status(f, s->id) == KVC_NODE_UP &&
	    (!(f->flags & FLEET_FLAKY) || fleet_chance(f, 60)))
		CHECK(!fleet_set_status(f, s->id, KVC_NODE_DOWN));
}

static void resume_some(struct fleet *f)
{
	struct fleet_server *s;

	for (s = f->server; s < f->server + FLEET_SERVERS; s++) {
		if (!s->paused)
			continue;
		if (fleet_chance(f, 10))
			fleet_resume(f, s);
		else if (s->id && fleet_status(f, s->id) == KVC_NODE_UP &&
			 fleet_chance(f, 20))
			CHECK(!fleet_set_status(f, s->id, KVC_NODE_DOWN));
	}
}

static void drain_all(struct fleet *f)
{
	struct fleet_server *s;

	for (s = f->server; s < f->server + FLEET_SERVERS; s++)
		if (s->id)
			fleet_drain(f, s);
}

static bool was_used(const struct fleet_server *s)
{
	u32 key;

	for (key = 0; key < FLEET_KEYS; key++)
		if (s->copy[key].version)
			return true;
	return false;
}

static void change_ring(struct fleet *f)
{
	struct fleet_server *s = &f->server[random_below(&f->r, FLEET_SERVERS)];

	if (!s->id)
		fleet_join(f, s, was_used(s) ? KVC_JOIN_UNKNOWN : KVC_JOIN_EMPTY);
	else if (fleet_chance(f, 60))
		fleet_reshape(f, s->id, 25 << random_below(&f->r, 4));
	else if (kvc_ring_current(f->ring)->nodes > 2)
		fleet_leave(f, s);
}

static void tick(struct fleet *f)
{
	u32 key;

	f->now++;
	drain_all(f);
	resume_some(f);
	fleet_fill(f);
	if (fleet_chance(f, 7))
		fail_one(f);
	if (f->flags & FLEET_CHANGES && fleet_chance(f, 8))
		change_ring(f);
	for (key = 0; key < FLEET_KEYS; key++) {
		if (fleet_chance(f, 50))
			fleet_read(f, key);
		if (fleet_chance(f, 6))
			fleet_purge(f, key);
		if (fleet_chance(f, 50))
			fleet_read(f, key);
	}
}

/* Everything may happen in one history of sixteen, nothing in another. */
static void history(struct fleet *f, u32 without, u64 seed)
{
	u32 i;

	*f = (struct fleet){ .r = { .state = seed } };
	f->flags = without | (random_next(&f->r) & FLEET_HAPPEN);
	f->now = fleet_chance(f, 50) ? 10 : 1ULL << 62;
	f->expiry = 4 + random_below(&f->r, 10);
	for (i = 0; i < FLEET_KEYS; i++) {
		f->hash[i] = random_next(&f->r);
		f->source[i] = ++f->version;
	}
	fleet_begin(f, 3 + random_below(&f->r, FLEET_SERVERS - 3));
	for (i = 0; i < FLEET_TICKS; i++)
		tick(f);
	fleet_end(f);
}

static u32 safeguard_of(const char *name)
{
	unsigned int row;

	if (sscanf(name, "P%u", &row) != 1 || row < 14 || row > 19)
		check_failed(__FILE__, __LINE__, "no safeguard %s", name);
	return 1 << (row - 14);
}

/* Calm histories: nothing but failures and returns that are known at once */
struct totals {
	u64 stale;
	u64 purges;
	u64 calm_purges;
	u64 calm_messages;
	u64 calm_walked;
};

static void count(struct totals *t, const struct fleet *f)
{
	t->stale += !!f->stale;
	t->purges += f->purges;
	if (f->flags & FLEET_HAPPEN)
		return;
	t->calm_purges += f->purges;
	t->calm_messages += f->messages;
	t->calm_walked += f->walked;
}

static void report(const struct totals *t, u64 histories, const char *name)
{
	double purges = max(t->calm_purges, 1);

	printf("# %llu histories, %llu purges; calm: %.2f messages each, %.2f to walk all\n",
	       (unsigned long long)histories, (unsigned long long)t->purges,
	       t->calm_messages / purges, t->calm_walked / purges);
	if (name) {
		CHECK(t->stale, "no stale read without %s", name);
		printf("# stale reads in %llu histories\n",
		       (unsigned long long)t->stale);
		check_passed("fleet.reads_are_stale_without_%s", name);
		return;
	}
	check_passed("fleet.no_purged_version_is_read");
	/* P6: what the walk is for */
	CHECK(2 * t->calm_messages < t->calm_walked);
	check_passed("fleet.the_walk_saves_messages");
}

int main(int argc, char **argv)
{
	u64 histories = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, i;
	const char *name = argc > 3 ? argv[3] : NULL;
	u32 without = name ? safeguard_of(name) : 0;
	struct totals totals = {};
	static struct fleet f;
	long before;

	check_doing("fleet");
	before = shim_live_objects();
	for (i = 0; i < histories; i++) {
		check_doing("fleet: history %llu of seed %llu",
			    (unsigned long long)i, (unsigned long long)seed);
		history(&f, without, seed << 32 | i);
		/* P1 to P19 */
		CHECK(name || !f.stale, "%llu stale reads, flags %#x",
		      (unsigned long long)f.stale, f.flags);
		count(&totals, &f);
	}
	CHECK(shim_live_objects() == before, "leak");
	report(&totals, histories, name);
	check_done();
	return EXIT_SUCCESS;
}
