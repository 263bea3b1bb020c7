// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: ringtorture [ITERATIONS [SEED]]
 *
 * Programs route, report and purge while nodes join, leave, move, go down and
 * come back.  Each answer is of one table: nodes that are always there are in
 * it in an order that they have in some table.  A node that is up owes
 * nothing.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <shim/alloc.h>
#include "core/defer.h"
#include "core/purge.h"
#include "core/route.h"
#include "check.h"
#include "keys.h"

#define ROUTERS		2
#define THREADS		(ROUTERS + 4)
#define VOLATILE	6	/* nodes that come and go */
#define EXPIRY		1000

/* Always there and up: two that stay, and between them one that moves */
static const u32 steady[] = { 2000, 6000 };
static const u32 here[] = { 1000, 5500 }, there[] = { 3000, 7000 };
#define MOVER		3u
/* Goes up at odd moments and down at even ones */
#define FLIPPER		4u
static const u32 flip[] = { 7500 };

static DEFINE_MUTEX(control);
static struct kvc_ring *ring;
static u64 iterations, events;
static u64 clock_now = 1;
static int routing = ROUTERS;
static u32 volatile_id[VOLATILE];

static u64 now(void)
{
	return __atomic_add_fetch(&clock_now, 1, __ATOMIC_RELAXED);
}

static bool goes_on(void)
{
	return __atomic_load_n(&routing, __ATOMIC_RELAXED) > 0;
}

static u32 any_volatile(struct random *r)
{
	return READ_ONCE(volatile_id[random_below(r, VOLATILE)]);
}

static void see_event(void *ctx, const struct kvc_ring_event *ev)
{
	kfree(kzalloc(8, GFP_KERNEL));
	__atomic_fetch_add(&events, 1, __ATOMIC_RELAXED);
}

static const struct kvc_ring_observer observer = { .event = see_event };

/* Where a node is in an answer, or after its end; it is there only once. */
static int place_of(const u32 *ids, int count, u32 id)
{
	int i, place = count;

	for (i = 0; i < count; i++) {
		if (ids[i] != id)
			continue;
		CHECK(place == count, "node %u is there twice", id);
		place = i;
	}
	return place;
}

/*
 * Clockwise from 500 the mover is before the first steady one, or between it
 * and the second; clockwise from 4000 it is before the second, or between that
 * and the first.  An answer has all nodes up to its end.
 */
static void check_answer(u32 hash, const u32 *ids, int count)
{
	int first = place_of(ids, count, hash == 500 ? 1 : 2);
	int second = place_of(ids, count, hash == 500 ? 2 : 1);

	if (second == count)
		return;
	CHECK(first < second);
	CHECK(place_of(ids, count, MOVER) < second, "no table has this order");
}

/* A table is whole, and the mover is here or there, never on its way. */
static void check_table(void)
{
	const struct kvc_ring_table *t;
	u32 i, of_mover[2], found = 0;

	rcu_read_lock();
	t = rcu_dereference(ring->table);
	for (i = 0; i < t->points; i++) {
		CHECK(t->point[i].node < t->nodes);
		CHECK(!i || t->point[i - 1].at <= t->point[i].at);
		if (t->node[t->point[i].node]->id != MOVER)
			continue;
		CHECK(found < 2, "the mover has more points");
		of_mover[found++] = t->point[i].at;
	}
	CHECK(found == 2, "the mover has %u points", found);
	CHECK(!memcmp(of_mover, here, sizeof(here)) ||
	      !memcmp(of_mover, there, sizeof(there)));
	for (i = 1; i < t->nodes; i++)
		CHECK(t->node[i - 1]->id < t->node[i]->id);
	rcu_read_unlock();
}

/* A line of the status table is of one moment. */
static void check_line(void)
{
	struct kvc_ring_node info;

	CHECK(!kvc_ring_next(ring, FLIPPER - 1, now(), &info));
	CHECK(info.id == FLIPPER);
	CHECK((info.status == KVC_NODE_UP) == (info.since & 1),
	      "status %u since %llu", info.status,
	      (unsigned long long)info.since);
}

static void *router(void *arg)
{
	struct random r = { .state = *(u64 *)arg };
	u32 ids[KVC_ROUTE_MAX], hash;
	u64 i;
	int n;

	check_doing("ringtorture: router");
	for (i = 0; i < iterations; i++) {
		hash = random_below(&r, 2) ? 500 : 4000;
		n = kvc_ring_route(ring, hash, now(), ids, KVC_ROUTE_MAX);
		CHECK(n >= 3, "%d", n);
		check_answer(hash, ids, n);
		check_line();
		if (i % 8 == 0)
			check_table();
	}
	__atomic_fetch_sub(&routing, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void *reporter(void *arg)
{
	struct random r = { .state = *(u64 *)arg };
	struct kvc_load load;
	int err;
	u32 id;

	check_doing("ringtorture: reporter");
	do {
		id = any_volatile(&r);
		err = kvc_ring_report(ring, id, random_below(&r, 3), now());
		CHECK(!err || err == -ENOENT, "%d", err);
		load.capacity = load.volume = load.response = random_next(&r);
		kvc_ring_set_load(ring, id, &load);
	} while (goes_on());
	return NULL;
}

static void drain(u32 id)
{
	struct kvc_defer_item item;
	struct kvc_defer_state state;

	if (kvc_defer_read(ring, id, now(), &state))
		return;
	if (state.flush)
		kvc_defer_flushed(ring, id, state.flush_seq);
	item.len = 0;
	while (!kvc_defer_next(ring, id, now(), &item))
		kvc_defer_ack(ring, id, item.key, item.len, item.seq);
}

/* Guarantee C */
static void check_owed(void)
{
	const struct kvc_ring_table *t;
	const struct kvc_node *n;
	u64 at = now();
	u32 i;

	spin_lock(&ring->lock);
	t = kvc_ring_current(ring);
	for (i = 0; i < t->nodes; i++) {
		n = t->node[i];
		/* P14 */
		CHECK(n->status != KVC_NODE_UP || !kvc_defer_owes(n, at),
		      "node %u is up and owes", n->id);
		CHECK(t->in[i] == kvc_node_in_operation(n));
	}
	spin_unlock(&ring->lock);
}

static void flip_one(bool up)
{
	int err;

	drain(FLIPPER);
	err = kvc_ring_set_status(ring, FLIPPER, up ? KVC_NODE_UP : KVC_NODE_DOWN,
				  (now() & ~1ULL) + up);
	CHECK(!err || err == -EBUSY, "%d", err);
}

static void *operator(void *arg)
{
	struct random r = { .state = *(u64 *)arg };
	u32 id;
	int err;

	check_doing("ringtorture: operator");
	do {
		id = any_volatile(&r);
		err = kvc_ring_set_status(ring, id, random_below(&r, 3), now());
		CHECK(!err || err == -ENOENT || err == -EBUSY, "%d", err);
		if (random_below(&r, 2))
			drain(id);
		flip_one(random_below(&r, 2));
		check_owed();
	} while (goes_on());
	return NULL;
}

static void check_plan(const struct kvc_purge_plan *plan)
{
	u32 i, j;

	/* P10 */
	for (i = 0; i < plan->count; i++)
		for (j = 0; j < i; j++)
			CHECK(plan->step[i].node != plan->step[j].node);
}

static void *purger(void *arg)
{
	struct random r = { .state = *(u64 *)arg };
	struct kvc_purge_plan *plan;
	u32 key, i;
	int err;

	check_doing("ringtorture: purger");
	do {
		key = random_below(&r, 50);
		plan = kvc_purge_make(ring, random_below(&r, 8000), EXPIRY,
				      now());
		CHECK(!IS_ERR(plan));
		check_plan(plan);
		err = kvc_defer_plan(ring, plan, &key, sizeof(key), EXPIRY,
				     now());
		CHECK(!err || err == -ESTALE, "%d", err);
		for (i = 0; i < plan->count; i++)
			if (plan->step[i].node > FLIPPER && !random_below(&r, 4))
				kvc_defer_add(ring, plan->step[i].node, &key,
					      sizeof(key), EXPIRY, now());
		kvc_purge_free(plan);
	} while (goes_on());
	return NULL;
}

static u32 add(const char *name, const u32 *point, u32 points,
	       enum kvc_join join)
{
	struct kvc_node_spec spec = {
		.name = name,
		.address = name,
		.point = point,
		.points = points,
		.join = join,
	};
	u32 id;

	CHECK(!kvc_ring_add(ring, &spec, 1, now(), &id));
	return id;
}

static void move(const u32 *point)
{
	struct kvc_node_spec spec = { .point = point, .points = 2 };

	CHECK(!kvc_ring_reshape(ring, MOVER, &spec, now()));
}

static void come_or_go(struct random *r, u32 number)
{
	u32 points[8], i, id = volatile_id[number];
	char name[16];

	if (id) {
		CHECK(!kvc_ring_remove(ring, id));
		WRITE_ONCE(volatile_id[number], 0);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(points); i++)
		points[i] = random_below(r, 8000);
	snprintf(name, sizeof(name), "v%u", number);
	id = add(name, points, ARRAY_SIZE(points), random_below(r, 4));
	WRITE_ONCE(volatile_id[number], id);
}

static void *changer(void *arg)
{
	struct random r = { .state = *(u64 *)arg };

	check_doing("ringtorture: changer");
	do {
		mutex_lock(&control);
		if (random_below(&r, 2))
			move(random_below(&r, 2) ? here : there);
		else
			come_or_go(&r, random_below(&r, VOLATILE));
		mutex_unlock(&control);
	} while (goes_on());
	return NULL;
}

static void prepare(void)
{
	struct kvc_ring_config config = {
		.name = "torture",
		.threshold = 2,
		.validity = 50,
		.defer_max = 2000,
	};

	ring = kvc_ring_create(&config, &control, &observer, NULL);
	CHECK(!IS_ERR(ring));
	mutex_lock(&control);
	CHECK(add("steady1", &steady[0], 1, KVC_JOIN_FOUNDER) == 1);
	CHECK(add("steady2", &steady[1], 1, KVC_JOIN_FOUNDER) == 2);
	CHECK(add("mover", here, 2, KVC_JOIN_FOUNDER) == MOVER);
	CHECK(add("flipper", flip, 1, KVC_JOIN_FOUNDER) == FLIPPER);
	mutex_unlock(&control);
}

int main(int argc, char **argv)
{
	static void *(*const others[])(void *) = {
		reporter, operator, purger, changer,
	};
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	u64 seeds[THREADS], generations;
	pthread_t ids[THREADS];
	int i;

	iterations = argc > 1 ? strtoull(argv[1], NULL, 0) : 20000;
	check_doing("ringtorture");
	shim_yield_every(50);
	prepare();
	for (i = 0; i < THREADS; i++) {
		seeds[i] = seed * 100 + i;
		CHECK(!pthread_create(&ids[i], NULL, i < ROUTERS ? router :
				      others[i - ROUTERS], &seeds[i]));
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(ids[i], NULL);
	generations = kvc_ring_generation(ring);
	synchronize_rcu();
	kvc_ring_free(ring);
	CHECK(!shim_live_objects(), "leak");
	CHECK(generations > 10 && events > generations);
	printf("# %llu tables, %llu events, seed %llu\n",
	       (unsigned long long)generations, (unsigned long long)events,
	       (unsigned long long)seed);
	check_passed("ringtorture.answers_are_of_one_table");
	check_done();
	return EXIT_SUCCESS;
}
