// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_slots.h"

#define OFFSET	4096

static uint32_t *slot_at(const struct kvc_slots *slots, uint32_t number)
{
	return (uint32_t *)((char *)slots + OFFSET) + number;
}

static uint32_t number_of(const void *key, uint32_t len)
{
	const unsigned char *byte = key;
	uint32_t hash = 0;

	while (len--)
		hash = hash * 31 + *byte++;
	return hash % FAKE_SLOTS;
}

struct kvc_slots *slots_begin(int fd)
{
	struct kvc_slots *slots;

	if (ftruncate(fd, FAKE_SLOTS_SIZE))
		abort();
	slots = mmap(NULL, FAKE_SLOTS_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	if (slots == MAP_FAILED)
		abort();
	*slots = (struct kvc_slots){
		.abi_level = KVC_ABI_LEVEL,
		.count = FAKE_SLOTS,
		.offset = OFFSET,
		.cache = 1,
	};
	return slots;
}

void slots_end(struct kvc_slots *slots)
{
	munmap(slots, FAKE_SLOTS_SIZE);
}

uint64_t slots_read(const struct kvc_slots *slots, const void *key,
		    uint32_t len)
{
	uint32_t number = number_of(key, len);

	return (uint64_t)*slot_at(slots, number) << 32 | number;
}

void slots_change(struct kvc_slots *slots, const void *key, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < FAKE_SLOTS; i++)
		if (!key || i == number_of(key, len))
			__atomic_fetch_add(slot_at(slots, i), 2,
					   __ATOMIC_RELEASE);
}

void slots_kill(struct kvc_slots *slots)
{
	uint32_t i;

	slots->flags = KVC_SLOTS_F_DEAD;
	for (i = 0; i < FAKE_SLOTS; i++)
		__atomic_fetch_or(slot_at(slots, i), 1, __ATOMIC_RELEASE);
}
