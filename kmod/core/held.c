// SPDX-License-Identifier: GPL-2.0-only
/*
 * A list of entries, and how it is sorted
 *
 * The keys come from outside, so no order of theirs may make the sort slow:
 * quicksort with a random pivot, whose partitions are sorted the smaller one
 * first.  Most comparisons look at the list only, not at the entries.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "held.h"

/* So few are sorted by insertion. */
#define FEW		12u
/* Ranges that wait: each is at most half of what was there when it came. */
#define RANGES		33
/* Entries whose keys are fetched from memory in advance */
#define AHEAD		16

/**
 * kvc_held_init - make an empty list
 * @h: the list
 * @room: for how many entries
 *
 * Context: may sleep.  Return: 0 or -ENOMEM, and then there is room for none.
 */
int kvc_held_init(struct kvc_held *h, u32 room)
{
	*h = (struct kvc_held){};
	if (!room)
		return 0;
	h->at = kvmalloc_array(room, sizeof(*h->at),
			       GFP_KERNEL_ACCOUNT | __GFP_NOWARN |
			       __GFP_RETRY_MAYFAIL);
	if (!h->at)
		return -ENOMEM;
	h->room = room;
	return 0;
}

void kvc_held_exit(struct kvc_held *h)
{
	kvfree(h->at);
	*h = (struct kvc_held){};
}

size_t kvc_held_bytes(const struct kvc_held *h)
{
	return h->room * sizeof(*h->at);
}

/**
 * kvc_held_add - add an entry
 * @h: the list
 * @e: the entry
 *
 * Return: false when there was no room.
 */
bool kvc_held_add(struct kvc_held *h, struct kvc_entry *e)
{
	if (h->count == h->room)
		return false;
	h->at[h->count++].e = e;
	return true;
}

static void fetch(const struct kvc_held *h, u32 i)
{
	if (i < h->count)
		prefetch(h->at[i].e->data);
}

/* How many bytes all keys begin with in common */
static u32 common_bytes(const struct kvc_held *h)
{
	const struct kvc_entry *first = h->at[0].e;
	u32 i, common = first->key_len;

	for (i = 1; i < h->count && common; i++) {
		fetch(h, i + AHEAD);
		common = kvc_entry_common(first, h->at[i].e, common);
	}
	return common;
}

static void take_heads(struct kvc_held *h, u32 common)
{
	u32 i;

	for (i = 0; i < h->count; i++) {
		fetch(h, i + AHEAD);
		h->at[i].head = kvc_entry_head(h->at[i].e, common);
	}
}

static bool is_before(const struct kvc_held_entry *a,
		      const struct kvc_held_entry *b)
{
	if (likely(a->head != b->head))
		return a->head < b->head;
	return kvc_entry_compare(a->e, b->e->data, b->e->key_len) < 0;
}

static void insertion_sort(struct kvc_held_entry *a, u32 n)
{
	struct kvc_held_entry x;
	u32 i, j;

	for (i = 1; i < n; i++) {
		x = a[i];
		for (j = i; j && is_before(&x, &a[j - 1]); j--)
			a[j] = a[j - 1];
		a[j] = x;
	}
}

/* Hoare's: afterwards none of the first ones, so many, is after any other. */
static u32 partition(struct kvc_held_entry *a, u32 n, u32 random)
{
	struct kvc_held_entry pivot;
	u32 i = 0, j = n - 1;

	/* The pivot in front: then neither part is empty. */
	swap(a[0], a[random % n]);
	pivot = a[0];
	for (;;) {
		while (is_before(&a[i], &pivot))
			i++;
		while (is_before(&pivot, &a[j]))
			j--;
		if (i >= j)
			return j + 1;
		swap(a[i], a[j]);
		i++;
		j--;
	}
}

static void sort(struct kvc_held_entry *a, u32 n)
{
	struct { struct kvc_held_entry *a; u32 n; } range[RANGES];
	u32 random, first, ranges = 0;

	get_random_bytes(&random, sizeof(random));
	for (;;) {
		while (n > FEW) {
			random = random * 1664525 + 1013904223;
			first = partition(a, n, random >> 4);
			/* The larger part waits. */
			range[ranges].a = first < n - first ? a + first : a;
			range[ranges++].n = max(first, n - first);
			a = first < n - first ? a : a + first;
			n = min(first, n - first);
			if (n > 1024)
				cond_resched();
		}
		insertion_sort(a, n);
		if (!ranges)
			return;
		a = range[--ranges].a;
		n = range[ranges].n;
	}
}

/**
 * kvc_held_sort - sort the list by key
 * @h: the list, of different keys
 *
 * Context: may sleep; the entries stay meanwhile.
 */
void kvc_held_sort(struct kvc_held *h)
{
	if (h->count < 2)
		return;
	take_heads(h, common_bytes(h));
	sort(h->at, h->count);
}
