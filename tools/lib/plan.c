// SPDX-License-Identifier: LGPL-2.1-or-later
/* The nodes for a key: routes and plans of purges. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

static const struct kvc_field step_field[] = {
	KVC_FIELD(KVC_A_STEP_NODE, struct kvc_step, node),
	KVC_FIELD(KVC_A_STEP_NAME, struct kvc_step, name),
	KVC_FIELD(KVC_A_STEP_ADDRESS, struct kvc_step, address),
	KVC_FIELD(KVC_A_STEP_ACTION, struct kvc_step, action),
};

static const struct kvc_fields step_fields =
	KVC_FIELDS(KVC_A_STEP, step_field);

struct steps {
	struct kvc_step *step;
	size_t count;
};

static int add_step(struct steps *steps, const struct nlattr *nest)
{
	struct kvc_step *step;

	step = reallocarray(steps->step, steps->count + 1, sizeof(*step));
	if (!step)
		return -ENOMEM;
	steps->step = step;
	memset(&step[steps->count], 0, sizeof(*step));
	kvc_fields_read(nest, &step_fields, &step[steps->count]);
	steps->count++;
	return 0;
}

static int read_steps(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr;
	int ret = 0;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (!ret && mnl_attr_get_type(attr) == KVC_A_STEP)
			ret = add_step(arg, attr);
	}
	return ret;
}

static int put_query(struct nlmsghdr *nlh, const struct kvc_query *query)
{
	int ret = kvc_put_ring(nlh, query->ring);

	if (!ret)
		ret = kvc_put_key(nlh, KVC_A_KEY, query->key, query->key_len);
	if (!ret && (query->flags & KVC_QUERY_F_HASH))
		mnl_attr_put_u32(nlh, KVC_A_HASH, query->hash);
	return ret;
}

static int ask(struct kvc_ctl *ctl, struct nlmsghdr *nlh,
	       struct kvc_step **out, size_t *count)
{
	int saved = errno;
	struct steps steps = { 0 };
	int ret = kvc_ctl_do(ctl, nlh, read_steps, &steps);

	if (ret) {
		free(steps.step);
	} else {
		*out = steps.step;
		*count = steps.count;
	}
	errno = saved;
	return ret;
}

KVC_API int kvc_route(struct kvc_ctl *ctl, const struct kvc_query *query,
		      struct kvc_step **steps, size_t *count)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_ROUTE);
	int ret = put_query(nlh, query);

	return ret ? ret : ask(ctl, nlh, steps, count);
}

KVC_API int kvc_plan(struct kvc_ctl *ctl, const struct kvc_query *query,
		     struct kvc_step **steps, size_t *count)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_PLAN);
	int ret = put_query(nlh, query);

	if (ret)
		return ret;
	mnl_attr_put_u64(nlh, KVC_A_LIFETIME,
			 query->lifetime ? query->lifetime : KVC_FOR_EVER);
	if (query->flags & KVC_QUERY_F_DRY_RUN)
		mnl_attr_put(nlh, KVC_A_DRY_RUN, 0, NULL);
	return ask(ctl, nlh, steps, count);
}
