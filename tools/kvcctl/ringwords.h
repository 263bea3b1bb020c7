/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_RINGWORDS_H
#define KVCCTL_RINGWORDS_H

#include <kvcache.h>

#include "words.h"

extern const struct words ring_words;	/* of struct kvc_ring */
extern const struct words node_words;	/* of struct kvc_node */

const char *node_status_text(uint32_t status);

/* What there is to say of a node beside its words. */
void node_json(json_t *object, const struct kvc_node *node);

#endif /* KVCCTL_RINGWORDS_H */
