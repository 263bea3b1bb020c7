/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GENL_EVENT_H
#define _KVC_GENL_EVENT_H

#include <linux/skbuff.h>
#include "registry.h"

struct sk_buff *kvc_genl_event_message(struct kvc_instance *inst,
				       const void *events, size_t bytes,
				       u64 next, u64 lost);

#endif
