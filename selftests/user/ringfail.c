// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation of a ring with its first allocation failing, its second, and
 * so on until none fails.  After each failure the ring is as it was, and
 * nothing is leaked.
 */
#include <stdlib.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <shim/alloc.h>
#include "core/defer.h"
#include "core/purge.h"
#include "core/route.h"
#include "check.h"

#define EXPIRY	1000

static DEFINE_MUTEX(control);
static struct kvc_ring *ring;
static struct kvc_purge_plan *plan;

static int create(void)
{
	struct kvc_ring_config config = { .name = "fail" };
	struct kvc_ring *r;

	r = kvc_ring_create(&config, &control, NULL, NULL);
	if (IS_ERR(r))
		return PTR_ERR(r);
	ring = r;
	return 0;
}

static int add(void)
{
	static const struct kvc_node_spec specs[] = {
		{ .name = "a", .address = "1", .join = KVC_JOIN_EMPTY },
		{ .name = "b", .address = "2", .join = KVC_JOIN_EMPTY },
		{ .name = "c", .address = "3", .join = KVC_JOIN_EMPTY },
	};

	return kvc_ring_add(ring, specs, 3, 1, NULL);
}

static int add_one(void)
{
	static const struct kvc_node_spec spec = { .name = "d", .address = "4" };

	return kvc_ring_add(ring, &spec, 1, 2, NULL);
}

static int reshape(void)
{
	static const struct kvc_node_spec spec = { .weight = 50 };

	return kvc_ring_reshape(ring, 2, &spec, 3);
}

static int leave(void)
{
	return kvc_ring_remove(ring, 1);
}

static int defer(void)
{
	return kvc_defer_add(ring, 1, "key", 3, EXPIRY, 4);
}

static int make_plan(void)
{
	struct kvc_purge_plan *p = kvc_purge_make(ring, 7, EXPIRY, 5);

	if (IS_ERR(p))
		return PTR_ERR(p);
	plan = p;
	return 0;
}

static int defer_plan(void)
{
	return kvc_defer_plan(ring, plan, "other", 5, EXPIRY, 5);
}

/* Everything that a ring says of itself, in one number */
static u64 state_of(void)
{
	struct kvc_ring_node info;
	u64 sum;
	u32 id = 0;

	if (!ring)
		return 0;
	sum = kvc_ring_generation(ring) * 31 + ring->next_id;
	sum = sum * 31 + ring->defer_bytes;
	while (!kvc_ring_next(ring, id, 10, &info)) {
		id = info.id;
		sum = sum * 31 + id;
		sum = sum * 31 + info.points;
		sum = sum * 31 + info.weight;
		sum = sum * 31 + info.status;
		sum = sum * 31 + info.deferred;
		sum = sum * 31 + info.since;
		sum = sum * 31 + info.shaken;
		sum = sum * 31 + info.lost;
	}
	return sum;
}

/* Returns how many allocations the operation has. */
static int try(const char *name, int (*operation)(void), int least)
{
	long live = shim_live_objects();
	u64 state = state_of();
	int nth, err;

	for (nth = 1; ; nth++) {
		check_doing("ringfail: %s, allocation %d", name, nth);
		shim_fail_nth(nth);
		err = operation();
		if (!shim_failed())
			break;
		shim_fail_nth(0);
		CHECK(err == -ENOMEM, "%d", err);
		CHECK(shim_live_objects() == live, "leak");
		CHECK(state_of() == state, "half done");
	}
	shim_fail_nth(0);
	CHECK(!err, "%d", err);
	CHECK(nth > least, "only %d allocations", nth - 1);
	check_passed("ringfail.%s", name);
	return nth - 1;
}

static void bring_down(void)
{
	u32 id;

	for (id = 1; id <= 3; id++)
		CHECK(!kvc_ring_set_status(ring, id, KVC_NODE_DOWN, 4));
}

int main(void)
{
	long before = shim_live_objects();

	try("create", create, 1);
	mutex_lock(&control);
	try("add", add, 10);
	try("add_one", add_one, 6);
	try("reshape", reshape, 5);
	try("defer", defer, 1);
	bring_down();
	try("plan", make_plan, 1);
	/* All or none: three deferrals */
	try("defer_plan", defer_plan, 3);
	try("remove", leave, 5);
	mutex_unlock(&control);
	kvc_purge_free(plan);
	kvc_ring_free(ring);
	CHECK(shim_live_objects() == before, "leak");
	check_passed("ringfail.nothing_is_leaked");
	check_done();
	return EXIT_SUCCESS;
}
