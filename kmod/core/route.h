/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_ROUTE_H
#define _KVC_ROUTE_H

#include "ring.h"

int kvc_ring_route(struct kvc_ring *ring, u32 hash, u64 now, u32 *ids,
		   u32 most);

/* For the files of the ring: nodes in operation, the preferred one first */
u32 kvc_load_route(const struct kvc_ring_table *t, u32 *ids, u32 most);

#endif
