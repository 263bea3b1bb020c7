/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_THROUGH_H
#define KVC_THROUGH_H

#include <stddef.h>

#include "internal.h"

/* Carries an operation out, with the store's help; its result. */
int kvc_through_op(struct kvc *kvc, struct kvc_op *op);

/*
 * Asks the store for those of operations that the kernel has carried out which
 * need it, and ends them.  *err: what keeps the store from being asked, now or
 * before: then they all get it.
 */
void kvc_through_ops(struct kvc *kvc, struct kvc_op *ops, size_t count,
		     int *err);

/* May the operation have to ask the store? */
bool kvc_through_cond(const struct kvc_op *op);

#endif /* KVC_THROUGH_H */
