// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "ringfixture.h"

int ringfixture_init(struct kunit *test)
{
	struct ringfixture *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	strcpy(f->config.name, "ring");
	f->config.threshold = 2;
	f->config.validity = 100;
	mutex_init(&f->control);
	test->priv = f;
	return 0;
}

void ringfixture_exit(struct kunit *test)
{
	struct ringfixture *f = test->priv;

	if (f->ring)
		kvc_ring_free(f->ring);
	kfree(f);
}

static void see_event(void *ctx, const struct kvc_ring_event *ev)
{
	struct ringfixture *f = ctx;

	/* An observer may allocate. */
	kfree(kzalloc(8, GFP_KERNEL));
	f->seen[ev->type]++;
	f->last = *ev;
}

static const struct kvc_ring_observer observer = { .event = see_event };

struct ringfixture *ringfixture_ring(struct kunit *test)
{
	struct ringfixture *f = test->priv;
	struct kvc_ring *ring;

	ring = kvc_ring_create(&f->config, &f->control, &observer, f);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ring));
	f->ring = ring;
	return f;
}

int ringfixture_add(struct ringfixture *f, const struct kvc_node_spec *specs,
		    u32 count, u32 *ids)
{
	int err;

	mutex_lock(&f->control);
	err = kvc_ring_add(f->ring, specs, count, f->now, ids);
	mutex_unlock(&f->control);
	return err;
}

int ringfixture_add_at(struct ringfixture *f, const char *name,
		       const u32 *point, u32 points, enum kvc_join join)
{
	struct kvc_node_spec spec = {
		.name = name,
		.address = name,
		.point = point,
		.points = points,
		.join = join,
	};
	u32 id;

	return ringfixture_add(f, &spec, 1, &id) ?: (int)id;
}

struct ringfixture *ringfixture_three(struct kunit *test)
{
	static const u32 points[] = { 1000, 2000, 3000 };
	static const char * const names[] = { "S1", "S2", "S3" };
	struct ringfixture *f = ringfixture_ring(test);
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test,
				ringfixture_add_at(f, names[i], &points[i], 1,
						   KVC_JOIN_FOUNDER), i + 1);
	return f;
}

int ringfixture_remove(struct ringfixture *f, u32 id)
{
	int err;

	mutex_lock(&f->control);
	err = kvc_ring_remove(f->ring, id);
	mutex_unlock(&f->control);
	return err;
}

int ringfixture_reshape(struct ringfixture *f, u32 id, u32 weight,
			const u32 *point, u32 points)
{
	struct kvc_node_spec spec = {
		.weight = weight,
		.point = point,
		.points = points,
	};
	int err;

	mutex_lock(&f->control);
	err = kvc_ring_reshape(f->ring, id, &spec, f->now);
	mutex_unlock(&f->control);
	return err;
}

int ringfixture_status(struct ringfixture *f, u32 id, enum kvc_node_status s)
{
	return kvc_ring_set_status(f->ring, id, s, f->now);
}

void ringfixture_fail(struct ringfixture *f, u32 id, unsigned int times)
{
	while (times--)
		kvc_ring_report(f->ring, id, false, f->now);
}

struct kvc_ring_node ringfixture_node(struct ringfixture *f, u32 id)
{
	struct kvc_ring_node info;

	if (kvc_ring_next(f->ring, id - 1, f->now, &info) || info.id != id)
		info.id = 0;
	return info;
}

int ringfixture_route(struct ringfixture *f, u32 hash)
{
	u32 id;
	int n = kvc_ring_route(f->ring, hash, f->now, &id, 1);

	return n == 1 ? (int)id : n;
}

const char *ringfixture_plan(struct kunit *test, u32 hash, u64 expiry,
			     char *buf)
{
	struct ringfixture *f = test->priv;
	struct kvc_purge_plan *plan;
	u32 i, used = 0;

	buf[0] = 0;
	plan = kvc_purge_make(f->ring, hash, expiry, f->now);
	KUNIT_ASSERT_FALSE(test, IS_ERR(plan));
	for (i = 0; i < plan->count && used + 12 < RINGFIXTURE_PLAN; i++)
		used += snprintf(buf + used, RINGFIXTURE_PLAN - used, "%s%c%u",
				 i ? " " : "",
				 plan->step[i].action == KVC_PURGE_SEND ? '+' : '-',
				 plan->step[i].node);
	kvc_purge_free(plan);
	return buf;
}
