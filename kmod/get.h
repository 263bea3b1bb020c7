/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GET_H
#define _KVC_GET_H

#include "core/entry.h"
#include "key.h"

/**
 * kvc_get_report - what a GET tells of an entry, except the value itself
 * @op: gets it
 * @e: the entry
 */
static inline void kvc_get_report(struct kvc_op *op, const struct kvc_entry *e)
{
	op->value_len = e->value_len;
	op->client_flags = e->client_flags;
	op->version = e->version;
	op->expiry = READ_ONCE(e->expiry);
}

int kvc_get_key(struct kvc_call *call, struct kvc_op *op,
		const struct kvc_key *key);

#endif
