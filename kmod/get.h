/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GET_H
#define _KVC_GET_H

#include "session.h"

struct kvc_job;
struct kvc_key;
struct kvc_op;

bool kvc_get_hit(struct kvc_call *call, const struct kvc_job *job,
		 struct kvc_op __user *arg);
u32 kvc_get_hits(struct kvc_call *call, const struct kvc_job *job,
		 struct kvc_op __user *arg, u32 n);
int kvc_get_key(struct kvc_call *call, struct kvc_op *op,
		const struct kvc_key *key);

#endif
