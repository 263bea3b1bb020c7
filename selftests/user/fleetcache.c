// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include "check.h"
#include "fleet.h"

/* P2: an object disappears by itself. */
static bool is_live(const struct fleet *f, const struct fleet_copy *c)
{
	return c->version && f->now < c->expires;
}

/* A purge message arrives: it sets a floor, too (P16). */
void fleet_forget(struct fleet *f, struct fleet_server *s, u32 key)
{
	struct fleet_copy *c = &s->copy[key];

	if (c->version < f->source[key])
		c->version = 0;
	c->floor = max(c->floor, f->source[key]);
}

void fleet_pause(struct fleet *f, struct fleet_server *s)
{
	s->paused = true;
	s->paused_at = f->now;
}

void fleet_resume(struct fleet *f, struct fleet_server *s)
{
	u32 key;

	s->paused = false;
	for (key = 0; key < FLEET_KEYS && f->flags & FLEET_NO_P15; key++)
		s->copy[key].expires += f->now - s->paused_at;
}

static void fill_begin(struct fleet *f, struct fleet_server *s, u32 key)
{
	if (f->fills == FLEET_FILLS)
		return;
	f->fill[f->fills++] = (struct fleet_fill){
		.server = s,
		.key = key,
		.version = f->source[key],
		.read = f->now,
		.lands = f->now + (fleet_chance(f, 30) ? random_below(&f->r, 6) : 0),
	};
}

static void fill_land(struct fleet *f, const struct fleet_fill *fill)
{
	struct fleet_copy *c = &fill->server->copy[fill->key];

	if (!(f->flags & FLEET_NO_P16) &&
	    (fill->version < c->floor ||
	     (is_live(f, c) && fill->version < c->version)))
		return;
	c->version = fill->version;
	c->expires = fill->read + f->expiry;
}

/* Fills land, also late; at a server that is paused, when it runs again. */
void fleet_fill(struct fleet *f)
{
	u32 i = 0;

	while (i < f->fills) {
		if (f->fill[i].lands > f->now || f->fill[i].server->paused) {
			i++;
			continue;
		}
		fill_land(f, &f->fill[i]);
		f->fill[i] = f->fill[--f->fills];
	}
}

static void serve(struct fleet *f, struct fleet_server *s, u32 key)
{
	struct fleet_copy *c = &s->copy[key];

	if (!is_live(f, c))
		fill_begin(f, s, key);
	else if (c->version < f->purged[key])
		f->stale++;
}

/* A read goes to the first node that answers, and is filled into that one. */
void fleet_read(struct fleet *f, u32 key)
{
	u32 ids[FLEET_SERVERS];
	struct fleet_server *s;
	bool fails;
	int n, i;

	n = kvc_ring_route(f->ring, f->hash[key], f->now, ids, FLEET_SERVERS);
	for (i = 0; i < n; i++) {
		s = fleet_server_of(f, ids[i]);
		/* A1: a time-out */
		fails = s->paused ||
			(f->flags & FLEET_FLAKY && fleet_chance(f, 5));
		fleet_report(f, ids[i], !fails);
		if (!fails)
			return serve(f, s, key);
	}
}
