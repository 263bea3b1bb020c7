/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Version slots of the fake: each open file has its own copy in its memory
 * file, which libkvc maps as if it were the device.
 */
#ifndef SELFTESTS_FAKE_SLOTS_H
#define SELFTESTS_FAKE_SLOTS_H

#include <stdint.h>
#include <kvcache.h>

#define FAKE_SLOTS	8
#define FAKE_SLOTS_SIZE	8192

/* Makes those of a file, or ends them. */
struct kvc_slots *slots_begin(int fd);
void slots_end(struct kvc_slots *slots);

/* What a GET says of a key's slot */
uint64_t slots_read(const struct kvc_slots *slots, const void *key,
		    uint32_t len);
/* A key was changed; NULL: all were. */
void slots_change(struct kvc_slots *slots, const void *key, uint32_t len);
/* As when the cache is destroyed */
void slots_kill(struct kvc_slots *slots);

#endif /* SELFTESTS_FAKE_SLOTS_H */
