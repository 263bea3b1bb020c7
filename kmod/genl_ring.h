/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GENL_RING_H
#define _KVC_GENL_RING_H

#include "genl.h"
#include "rings.h"

int kvc_genl_ring_parse(struct netlink_ext_ack *extack, struct nlattr **attrs,
			struct nlattr **tb);
struct kvc_ringed *kvc_genl_ring_get(struct genl_info *info,
				     struct nlattr **tb);
#endif
