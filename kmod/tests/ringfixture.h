/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_TESTS_RINGFIXTURE_H
#define _KVC_TESTS_RINGFIXTURE_H

#include <kunit/test.h>
#include "core/defer.h"
#include "core/purge.h"
#include "core/ring.h"
#include "core/route.h"

/**
 * struct ringfixture - a ring of one case and what it told of itself
 * @config: of the ring, to be set before ringfixture_ring()
 * @control: its control mutex, taken by the functions below
 * @ring: the ring, freed when the case ends
 * @seen: events by &enum kvc_ring_event_type
 * @last: the last event
 * @now: the clock
 */
struct ringfixture {
	struct kvc_ring_config config;
	struct mutex control;
	struct kvc_ring *ring;
	unsigned int seen[KVC_RING_FLUSH + 1];
	struct kvc_ring_event last;
	u64 now;
};

/* For struct kunit_suite: a fixture without ring in test->priv */
int ringfixture_init(struct kunit *test);
void ringfixture_exit(struct kunit *test);

/* Makes the ring of test->priv. */
struct ringfixture *ringfixture_ring(struct kunit *test);
/* With S1, S2, S3 at 1000, 2000, 3000, founders, whose ids are 1, 2, 3 */
struct ringfixture *ringfixture_three(struct kunit *test);

/* A founder at some points; returns its id or a negative errno. */
int ringfixture_add_at(struct ringfixture *f, const char *name,
		       const u32 *point, u32 points, enum kvc_join join);
int ringfixture_add(struct ringfixture *f, const struct kvc_node_spec *specs,
		    u32 count, u32 *ids);
int ringfixture_remove(struct ringfixture *f, u32 id);
int ringfixture_reshape(struct ringfixture *f, u32 id, u32 weight,
			const u32 *point, u32 points);
int ringfixture_status(struct ringfixture *f, u32 id, enum kvc_node_status s);
void ringfixture_fail(struct ringfixture *f, u32 id, unsigned int times);
struct kvc_ring_node ringfixture_node(struct ringfixture *f, u32 id);
/* The first node of a key, or a negative errno */
int ringfixture_route(struct ringfixture *f, u32 hash);

/*
 * What a purge of a key would do, as text: "+2" is a message to node 2, "-1"
 * a deferral for node 1.
 */
#define RINGFIXTURE_PLAN	128
const char *ringfixture_plan(struct kunit *test, u32 hash, u64 expiry,
			     char *buf);

#endif
