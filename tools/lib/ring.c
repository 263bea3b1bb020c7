// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rings: making, changing, listing. */
#include <errno.h>
#include <string.h>

#include "fields.h"

static const struct kvc_field ring_field[] = {
	KVC_FIELD(KVC_A_RING_NAME, struct kvc_ring, name),
	KVC_FIELD(KVC_A_RING_MODE, struct kvc_ring, mode),
	KVC_FIELD(KVC_A_RING_SELECT, struct kvc_ring, select),
	KVC_FIELD(KVC_A_RING_POINTS, struct kvc_ring, points),
	KVC_FIELD(KVC_A_RING_THRESHOLD, struct kvc_ring, threshold),
	KVC_FIELD(KVC_A_RING_RISE, struct kvc_ring, rise),
	KVC_FIELD(KVC_A_RING_VALIDITY, struct kvc_ring, validity),
	KVC_FIELD(KVC_A_RING_DEFER_MAX, struct kvc_ring, defer_max),
	KVC_FIELD(KVC_A_RING_SELF, struct kvc_ring, self),
	KVC_FIELD(KVC_A_RING_NODES, struct kvc_ring, nodes),
	KVC_FIELD(KVC_A_RING_GENERATION, struct kvc_ring, generation),
};

static const struct kvc_fields ring_fields =
	KVC_FIELDS(KVC_A_RING, ring_field);

#define NAME	KVC_BIT(KVC_A_RING_NAME)
/* What the kernel alone knows. */
#define TOLD	(KVC_BIT(KVC_A_RING_NODES) | KVC_BIT(KVC_A_RING_GENERATION))

static int change(struct kvc_ctl *ctl, uint8_t cmd, const struct kvc_ring *ring,
		  uint64_t mask)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, cmd);

	if (strnlen(ring->name, KVC_NAME_MAX) == KVC_NAME_MAX)
		return -ENAMETOOLONG;
	kvc_fields_put(nlh, &ring_fields, ring, mask | NAME);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

KVC_API int kvc_ring_create(struct kvc_ctl *ctl, const struct kvc_ring *ring)
{
	return change(ctl, KVC_CMD_RING_NEW, ring,
		      kvc_fields_used(&ring_fields, ring) & ~(uint64_t)TOLD);
}

KVC_API int kvc_ring_set(struct kvc_ctl *ctl, const struct kvc_ring *ring,
			 uint32_t given)
{
	return change(ctl, KVC_CMD_RING_SET, ring, given);
}

KVC_API int kvc_ring_destroy(struct kvc_ctl *ctl, const char *name)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_RING_DEL);
	int ret = kvc_put_ring(nlh, name);

	return ret ? ret : kvc_ctl_do(ctl, nlh, NULL, NULL);
}

static int read_ring(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = kvc_ctl_attr(nlh, KVC_A_RING);
	struct kvc_ring *ring = arg;

	memset(ring, 0, sizeof(*ring));
	if (!nest || !(kvc_fields_read(nest, &ring_fields, ring) & NAME))
		return -EBADMSG;
	return 0;
}

KVC_API int kvc_ring_get(struct kvc_ctl *ctl, const char *name,
			 struct kvc_ring *ring)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_RING_GET);
	int ret = kvc_put_ring(nlh, name);

	return ret ? ret : kvc_ctl_do(ctl, nlh, read_ring, ring);
}

struct list {
	kvc_ring_fn fn;
	void *arg;
};

static int list_one(const struct nlmsghdr *nlh, void *arg)
{
	const struct list *list = arg;
	struct kvc_ring ring;
	int ret = read_ring(nlh, &ring);

	return ret ? ret : list->fn(&ring, list->arg);
}

KVC_API int kvc_ring_list(struct kvc_ctl *ctl, kvc_ring_fn fn, void *arg)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_RING_GET);
	struct list list = { fn, arg };

	return kvc_ctl_dump(ctl, nlh, list_one, &list);
}
