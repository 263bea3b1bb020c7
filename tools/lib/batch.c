// SPDX-License-Identifier: LGPL-2.1-or-later
/* Many operations in few calls. */
#include "internal.h"

static int one_batch(struct kvc *kvc, struct kvc_op *ops, uint32_t count,
		     size_t *done)
{
	struct kvc_batch arg = {
		.ops = kvc_u64(ops),
		.count = count,
		.op_size = sizeof(*ops),
	};
	int ret;

	ret = kvc_call(kvc, KVC_IOC_BATCH, &arg);
	*done += arg.done;
	return ret;
}

KVC_API int kvc_batch(struct kvc *kvc, struct kvc_op *ops, size_t count,
		      size_t *done)
{
	size_t at = 0, part;
	int ret = 0;

	while (at < count && !ret) {
		part = count - at;
		if (part > kvc->batch_max)
			part = kvc->batch_max;
		ret = one_batch(kvc, ops + at, part, &at);
	}
	if (done)
		*done = at;
	return ret;
}
