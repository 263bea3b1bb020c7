// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/string.h>
#include "check.h"
#include "fleet.h"

/* A node that needs this many bytes of deferrals has to be flushed. */
#define DEFER_FEW	200

static DEFINE_MUTEX(control);

static struct kvc_ring *ring_create(struct fleet *f)
{
	struct kvc_ring_config config = {
		.name = "fleet",
		.points = 4,
		.threshold = 1,
		.validity = 3,
		.defer_max = fleet_chance(f, 20) ? DEFER_FEW : 0,
	};
	struct kvc_ring *ring;

	ring = kvc_ring_create(&config, &control, NULL, NULL);
	CHECK(!IS_ERR(ring));
	return ring;
}

static struct kvc_node_spec spec_of(const struct fleet_op *op)
{
	return (struct kvc_node_spec){
		.name = op->address,
		.address = op->address,
		.join = op->value,
	};
}

static int op_apply(struct kvc_ring *ring, const struct fleet_op *op, u32 *id)
{
	struct kvc_node_spec spec = spec_of(op);

	switch (op->type) {
	case FLEET_OP_ADD:
		return kvc_ring_add(ring, &spec, 1, op->at, id);
	case FLEET_OP_REMOVE:
		return kvc_ring_remove(ring, op->id);
	case FLEET_OP_RESHAPE:
		spec.weight = op->value;
		return kvc_ring_reshape(ring, op->id, &spec, op->at);
	case FLEET_OP_STATUS:
		return kvc_ring_set_status(ring, op->id, op->value, op->at);
	case FLEET_OP_REPORT:
		return kvc_ring_report(ring, op->id, op->value, op->at);
	}
	return -EINVAL;
}

static void op_note(struct fleet *f, const struct fleet_op *op)
{
	if (f->agent == f->ring)
		return;
	CHECK(f->ops < FLEET_OPS);
	f->op[f->ops++] = *op;
}

struct stamps {
	u64 since;
	u64 shaken;
	u64 lost;
};

/* Without P17: the ring changes, and the status table does not know. */
static void stamps_move(struct kvc_ring *ring, struct stamps *stamps, bool back)
{
	struct kvc_ring_table *t = kvc_ring_current(ring);
	struct kvc_node *n;
	u32 i;

	for (i = 0; t && i < t->nodes; i++) {
		n = t->node[i];
		if (back) {
			n->since = stamps[n->id].since;
			n->shaken = stamps[n->id].shaken;
			n->lost = stamps[n->id].lost;
		} else {
			stamps[n->id] = (struct stamps){
				n->since, n->shaken, n->lost,
			};
		}
	}
	if (t && back)
		t->lost = KVC_STAMP_NEVER;
}

static void ring_change(struct fleet *f, struct fleet_op *op, u32 *id)
{
	struct stamps stamps[FLEET_TICKS + FLEET_SERVERS + 2];
	struct kvc_node *n;

	memset(stamps, 0xff, sizeof(stamps));
	if (f->flags & FLEET_NO_P17)
		stamps_move(f->ring, stamps, false);
	CHECK(!op_apply(f->ring, op, id));
	op_note(f, op);
	if (!(f->flags & FLEET_NO_P17))
		return;
	if (id) {
		n = kvc_ring_lookup(f->ring, *id);
		stamps[*id].since = n->since;
		if (n->status == KVC_NODE_UP)
			stamps[*id].since = KVC_STAMP_NEVER;
	}
	stamps_move(f->ring, stamps, true);
}

void fleet_join(struct fleet *f, struct fleet_server *s, enum kvc_join join)
{
	struct fleet_op op = {
		.type = FLEET_OP_ADD,
		.at = f->now,
		.value = join,
		.address = s->address,
	};

	ring_change(f, &op, &s->id);
}

void fleet_leave(struct fleet *f, struct fleet_server *s)
{
	struct fleet_op op = {
		.type = FLEET_OP_REMOVE,
		.at = f->now,
		.id = s->id,
	};

	ring_change(f, &op, NULL);
	s->id = 0;
}

void fleet_reshape(struct fleet *f, u32 id, u32 weight)
{
	struct fleet_op op = {
		.type = FLEET_OP_RESHAPE,
		.at = f->now,
		.id = id,
		.value = weight,
	};

	ring_change(f, &op, NULL);
}

int fleet_set_status(struct fleet *f, u32 id, enum kvc_node_status status)
{
	struct fleet_op op = {
		.type = FLEET_OP_STATUS,
		.at = f->now,
		.id = id,
		.value = status,
	};
	int err = op_apply(f->ring, &op, NULL);

	if (!err)
		op_note(f, &op);
	return err;
}

/* The status changed by itself. */
void fleet_note_status(struct fleet *f, u32 id)
{
	struct fleet_op op = {
		.type = FLEET_OP_STATUS,
		.at = f->now,
		.id = id,
		.value = fleet_status(f, id),
	};

	op_note(f, &op);
}

void fleet_report(struct fleet *f, u32 id, bool success)
{
	struct fleet_op op = {
		.type = FLEET_OP_REPORT,
		.at = f->now,
		.id = id,
		.value = success,
	};

	CHECK(!op_apply(f->ring, &op, NULL));
	if (!success || f->flags & FLEET_FLAKY)
		op_note(f, &op);
}

/* The agent learns what was changed until then. */
void fleet_follow(struct fleet *f, u64 until)
{
	int err;
	u32 id;

	if (f->agent == f->ring)
		return;
	while (f->followed < f->ops && f->op[f->followed].at <= until) {
		err = op_apply(f->agent, &f->op[f->followed], &id);
		/* It has no deferrals to forget, but needs flushes as well. */
		if (err == -EBUSY) {
			id = f->op[f->followed].id;
			kvc_ring_lookup(f->agent, id)->deferred.flush = false;
			err = op_apply(f->agent, &f->op[f->followed], &id);
		}
		CHECK(!err, "%d", err);
		f->followed++;
	}
	kvc_ring_set_known(f->agent, f->flags & FLEET_NO_P19 ? ~0ULL : until);
}

void fleet_begin(struct fleet *f, u32 servers)
{
	u32 i;

	f->control = &control;
	mutex_lock(&control);
	f->ring = ring_create(f);
	f->agent = f->flags & FLEET_LATE ? ring_create(f) : f->ring;
	for (i = 0; i < FLEET_SERVERS; i++) {
		snprintf(f->server[i].address, sizeof(f->server[i].address),
			 "s%u-%u", i, random_below(&f->r, 1000));
		if (i < servers)
			fleet_join(f, &f->server[i], KVC_JOIN_FOUNDER);
	}
	fleet_follow(f, f->now);
}

void fleet_end(struct fleet *f)
{
	if (f->agent != f->ring)
		kvc_ring_free(f->agent);
	kvc_ring_free(f->ring);
	mutex_unlock(&control);
}
