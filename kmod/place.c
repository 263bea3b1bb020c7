// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a key is placed in a cluster: KVC_IOC_ROUTE and KVC_IOC_REPORT
 */
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "copy.h"
#include "core/config.h"
#include "core/route.h"
#include "rings.h"
#include "session.h"

static int take_hash(struct kvc_route *route)
{
	void *key;

	if (route->flags & KVC_ROUTE_F_HASH)
		return 0;
	if (!route->key_len)
		return -EINVAL;
	if (route->key_len > KVC_KEY_MAX)
		return -ENAMETOOLONG;
	key = memdup_user(u64_to_user_ptr(route->key), route->key_len);
	if (IS_ERR(key))
		return PTR_ERR(key);
	route->hash = kvc_ring_hash(key, route->key_len);
	kfree(key);
	return 0;
}

/* A node that leaves between the answer and this is left out. */
static u32 describe(struct kvc_ring *ring, const u32 *ids, int count, u64 now,
		    struct kvc_route_node *nodes)
{
	struct kvc_ring_node n;
	u32 done = 0;
	int i;

	for (i = 0; i < count; i++) {
		if (kvc_ring_next(ring, ids[i] - 1, now, &n) || n.id != ids[i])
			continue;
		nodes[done].id = n.id;
		strscpy_pad(nodes[done].name, n.name, KVC_NAME_MAX);
		strscpy_pad(nodes[done].address, n.address, KVC_ADDRESS_MAX);
		done++;
	}
	return done;
}

static int route_nodes(struct kvc_route *route, struct kvc_ring *ring,
		       struct kvc_route_node *nodes)
{
	u64 now = ktime_get_boottime_ns();
	u32 ids[KVC_ROUTE_MAX];
	int count;

	count = kvc_ring_route(ring, route->hash, now, ids, route->count);
	if (count < 0)
		return count;
	route->count = describe(ring, ids, count, now, nodes);
	if (!route->count)
		return -EHOSTUNREACH;
	if (copy_to_user(u64_to_user_ptr(route->nodes), nodes,
			 route->count * sizeof(*nodes)))
		return -EFAULT;
	return 0;
}

static int route(struct kvc_session *ses, struct kvc_route *route)
{
	struct kvc_route_node *nodes;
	struct kvc_ringed *r;
	int err;

	nodes = kcalloc(route->count, sizeof(*nodes), GFP_KERNEL_ACCOUNT);
	if (!nodes)
		return -ENOMEM;
	err = -ENOENT;
	r = kvc_rings_get(ses->net, route->ring);
	if (!r)
		goto err_ring;
	err = route_nodes(route, r->ring, nodes);
	kvc_rings_put(r);
err_ring:
	kfree(nodes);
	return err;
}

/**
 * kvc_place_route - KVC_IOC_ROUTE
 * @ses: the open file
 * @arg: user's &struct kvc_route
 * @usize: bytes of it that the user knows
 */
int kvc_place_route(struct kvc_session *ses, void __user *arg, size_t usize)
{
	struct kvc_route op;
	int err;

	err = kvc_copy_in(&op, sizeof(op), arg, usize, KVC_ROUTE_SIZE_VER0);
	if (err)
		return err;
	if (op.flags & ~KVC_ROUTE_F_HASH || op.reserved || !op.count ||
	    op.count > KVC_ROUTE_MAX || !kvc_config_name_ok(op.ring))
		return -EINVAL;
	err = take_hash(&op) ?: route(ses, &op);
	return err ?: kvc_copy_out(arg, usize, &op, sizeof(op));
}

/**
 * kvc_place_report - KVC_IOC_REPORT
 * @ses: the open file
 * @mode: what it was opened for
 * @arg: user's &struct kvc_report
 * @usize: bytes of it that the user knows
 */
int kvc_place_report(struct kvc_session *ses, fmode_t mode, void __user *arg,
		     size_t usize)
{
	struct kvc_report op;
	struct kvc_ringed *r;
	int err;

	err = kvc_copy_in(&op, sizeof(op), arg, usize, KVC_REPORT_SIZE_VER0);
	if (err)
		return err;
	if (op.flags & ~KVC_REPORT_F_SUCCESS || !kvc_config_name_ok(op.ring))
		return -EINVAL;
	if (!(mode & FMODE_WRITE))
		return -EBADF;
	r = kvc_rings_get(ses->net, op.ring);
	if (!r)
		return -ENOENT;
	err = kvc_ring_report(r->ring, op.node,
			      op.flags & KVC_REPORT_F_SUCCESS,
			      ktime_get_boottime_ns());
	kvc_rings_put(r);
	return err;
}
