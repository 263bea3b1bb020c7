// SPDX-License-Identifier: LGPL-2.1-or-later
/* Removals that wait for the return of a node. */
#include <errno.h>
#include <string.h>

#include "fields.h"

/* The nest of all requests; @key NULL: none; @seq 0: none. */
static int put_deferral(struct nlmsghdr *nlh, uint32_t node, const void *key,
			size_t key_len, uint64_t seq)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_DEFERRAL);
	int ret = 0;

	mnl_attr_put_u32(nlh, KVC_A_DEFERRAL_NODE, node);
	if (key)
		ret = kvc_put_key(nlh, KVC_A_DEFERRAL_KEY, key, key_len);
	if (seq)
		mnl_attr_put_u64(nlh, KVC_A_DEFERRAL_SEQ, seq);
	mnl_attr_nest_end(nlh, nest);
	return ret;
}

KVC_API int kvc_deferral_add(struct kvc_ctl *ctl, const char *ring,
			     uint32_t node, const void *key, size_t key_len,
			     uint64_t lifetime)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_DEFERRAL_NEW);
	int ret = kvc_put_ring(nlh, ring);

	if (!ret)
		ret = put_deferral(nlh, node, key, key_len, 0);
	if (ret)
		return ret;
	if (lifetime)
		mnl_attr_put_u64(nlh, KVC_A_LIFETIME, lifetime);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

static int forget(struct kvc_ctl *ctl, const char *ring, uint32_t node,
		  const void *key, size_t key_len, uint64_t seq)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_DEFERRAL_DEL);
	int ret = kvc_put_ring(nlh, ring);

	if (!ret)
		ret = put_deferral(nlh, node, key, key_len, seq);
	return ret ? ret : kvc_ctl_do(ctl, nlh, NULL, NULL);
}

KVC_API int kvc_deferral_done(struct kvc_ctl *ctl, const char *ring,
			      const struct kvc_deferral *deferral)
{
	return forget(ctl, ring, deferral->node, deferral->key,
		      deferral->key_len, deferral->seq);
}

KVC_API int kvc_deferral_flushed(struct kvc_ctl *ctl, const char *ring,
				 uint32_t node, uint64_t flush)
{
	return forget(ctl, ring, node, NULL, 0, flush);
}

struct list {
	kvc_deferral_fn fn;
	void *arg;
};

static void take(struct kvc_deferral *deferral, const struct nlattr *attr)
{
	size_t len;
	const void *bytes = kvc_attr_bytes(attr, &len);

	switch (mnl_attr_get_type(attr)) {
	case KVC_A_DEFERRAL_NODE:
		if (len == sizeof(uint32_t))
			deferral->node = mnl_attr_get_u32(attr);
		break;
	case KVC_A_DEFERRAL_KEY:
		if (len > sizeof(deferral->key))
			break;
		memcpy(deferral->key, bytes, len);
		deferral->key_len = len;
		break;
	case KVC_A_DEFERRAL_SEQ:
		deferral->seq = kvc_attr_u64(attr);
		break;
	case KVC_A_DEFERRAL_LEFT:
		deferral->left = kvc_attr_u64(attr);
		break;
	}
}

static int list_one(const struct nlmsghdr *nlh, void *arg)
{
	const struct list *list = arg;
	struct kvc_deferral deferral;
	const struct nlattr *nest, *attr;
	int ret;

	mnl_attr_for_each(nest, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nest) != KVC_A_DEFERRAL)
			continue;
		memset(&deferral, 0, sizeof(deferral));
		mnl_attr_for_each_nested(attr, nest)
			take(&deferral, attr);
		ret = list->fn(&deferral, list->arg);
		if (ret)
			return ret;
	}
	return 0;
}

KVC_API int kvc_deferral_list(struct kvc_ctl *ctl, const char *ring,
			      uint32_t node, kvc_deferral_fn fn, void *arg)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_DEFERRAL_GET);
	struct list list = { fn, arg };
	int ret = kvc_put_ring(nlh, ring);

	if (!ret && node)
		ret = put_deferral(nlh, node, NULL, 0, 0);
	return ret ? ret : kvc_ctl_dump(ctl, nlh, list_one, &list);
}
