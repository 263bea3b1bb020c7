// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The near cache: answers of the kernel are kept, and given again without
 * asking it while the key's version slot, which is mapped, stays as it was
 *
 * Each thread keeps its own, so that a hit takes no lock and writes nothing
 * that another thread reads.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "near.h"
#include "nearown.h"

#define BYTES		(1u << 20)
#define BYTES_MIN	(1u << 12)
#define BYTES_MAX	(1ull << 32)
#define VALUE_MAX	4096u
/*
 * Of so many hits on a pair one is a question to the kernel, which evicts what
 * nobody seems to use.
 */
#define HITS_ASK	1024u

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Is the clock the kernel's?  Not in a time namespace. */
bool kvc_near_clock_ok(struct kvc *kvc)
{
	uint64_t before = now();
	struct kvc_info info;

	return !kvc_info(kvc, &info) && before <= info.now &&
	       info.now <= now();
}

static uint32_t count_of(const struct kvc_near *near, uint32_t slot)
{
	return __atomic_load_n(&near->slot[slot], __ATOMIC_ACQUIRE);
}

/* Has a moment come at which what is kept ends?  @at 0: never. */
static bool is_past(const struct kvc_near_own *own, uint64_t at, uint64_t *clock)
{
	if (likely(!at))
		return false;
	if (!own->clock_ok)
		return true;
	if (!*clock)
		*clock = now();
	return *clock >= at;
}

/* Is it what the kernel would answer now? */
static bool is_good(const struct kvc_near *near, const struct kvc_near_own *own,
		    const struct kvc_near_rec *rec)
{
	uint64_t clock = 0;

	if (count_of(near, rec->slot) != rec->count)
		return false;
	return !is_past(own, rec->expiry, &clock) &&
	       !is_past(own, __atomic_load_n(&near->slots->fence,
					     __ATOMIC_ACQUIRE), &clock);
}

/* Only the thread itself writes them. */
static void count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

static int give(const struct kvc_near_rec *rec, void *value, size_t *value_len,
		struct kvc_meta *meta)
{
	size_t room = *value_len;

	*value_len = rec->value_len;
	if (rec->value_len > room)
		return -ERANGE;
	if (rec->value_len)
		memcpy(value, rec->data + rec->key_len, rec->value_len);
	if (meta)
		*meta = (struct kvc_meta){
			.version = rec->version,
			.expiry = rec->expiry,
			.client_flags = rec->client_flags,
		};
	return 0;
}

static struct kvc_near_own *own_of(struct kvc *kvc)
{
	const struct kvc_near_hand *hand =
		&kvc_near_hands[kvc->near->id % KVC_NEAR_HANDS];

	if (likely(hand->id == kvc->near->id))
		return hand->own;
	return kvc_near_own_find(kvc);
}

/* The pair, if it is kept and good; else why not is counted. */
static struct kvc_near_rec *find(const struct kvc_near *near,
				 struct kvc_near_own *own, uint64_t hash,
				 const void *key, size_t key_len)
{
	struct kvc_near_rec *rec = kvc_near_find(&own->tab, hash, key, key_len);

	if (!rec) {
		count(&own->stats.misses);
		return NULL;
	}
	if (!is_good(near, own, rec)) {
		count(&own->stats.stale);
		return NULL;
	}
	if (unlikely(++rec->uses % HITS_ASK == 0)) {
		count(&own->stats.asked);
		return NULL;
	}
	count(&own->stats.hits);
	return rec;
}

int kvc_near_get(struct kvc *kvc, const void *key, size_t key_len, void *value,
		 size_t *value_len, struct kvc_meta *meta)
{
	struct kvc_near_own *own = own_of(kvc);
	struct kvc_near_key near = { .own = own };
	const struct kvc_near_rec *rec;

	if (unlikely(!own || !key_len || key_len > KVC_KEY_MAX))
		return kvc_pair_ask(kvc, NULL, key, key_len, value, value_len,
				    meta);
	near.hash = kvc_near_hash(key, key_len);
	rec = find(kvc->near, own, near.hash, key, key_len);
	if (rec)
		return give(rec, value, value_len, meta);
	return kvc_pair_ask(kvc, &near, key, key_len, value, value_len, meta);
}

void kvc_near_keep(struct kvc *kvc, const struct kvc_near_key *key,
		   const struct kvc_op *op)
{
	struct kvc_near *near = kvc->near;
	uint32_t slot = KVC_SLOT_NUMBER(op->slot);
	struct kvc_near_own *own = key->own;

	if (op->value_len > near->value_max || slot >= near->count ||
	    !kvc_near_fits(&own->tab, op->key_len, op->value_len))
		return;
	if (op->expiry && !own->clock_ok)
		return;
	/* It is odd, or what it counted is not what it counts any more. */
	if (KVC_SLOT_COUNT(op->slot) & 1 ||
	    KVC_SLOT_COUNT(op->slot) != count_of(near, slot))
		return;
	kvc_near_add(&own->tab, key->hash, op);
	count(&own->stats.kept);
}

static bool slots_ok(const struct kvc_slots *slots, size_t size)
{
	return slots->offset >= sizeof(*slots) && !(slots->offset % 4) &&
	       slots->offset <= size &&
	       slots->count <= (size - slots->offset) / sizeof(uint32_t);
}

static int map_slots(struct kvc *kvc, struct kvc_near *near)
{
	struct kvc_info info;
	int saved = errno;
	void *slots;
	int ret;

	ret = kvc_info(kvc, &info);
	if (ret)
		return ret;
	if (!(info.features & KVC_FEATURE_SLOTS))
		return -EOPNOTSUPP;
	if (!info.cache)
		return -ENOTCONN;
	if (!(info.rights & KVC_RIGHT_READ))
		return -EBADF;
	slots = mmap(NULL, info.slots, PROT_READ, MAP_SHARED, kvc->fd, 0);
	if (slots == MAP_FAILED) {
		ret = -errno;
		errno = saved;
		return ret;
	}
	near->slots = slots;
	near->size = info.slots;
	near->slot = (const void *)((const char *)slots + near->slots->offset);
	near->count = near->slots->count;
	return slots_ok(slots, info.slots) ? 0 : -EPROTO;
}

/* The largest power of two that is no more. */
static size_t round_down(uint64_t bytes)
{
	return 1ull << (63 - __builtin_clzll(bytes));
}

static int take_opts(struct kvc_near *near, const struct kvc_near_opts *opts)
{
	uint64_t bytes = opts->bytes ? opts->bytes : BYTES;

	if (opts->flags || opts->reserved[0] || opts->reserved[1] ||
	    bytes < BYTES_MIN || bytes > BYTES_MAX)
		return -EINVAL;
	near->bytes = round_down(bytes);
	near->value_max = opts->value_max ? opts->value_max : VALUE_MAX;
	return 0;
}

static void free_near(struct kvc_near *near)
{
	int saved = errno;

	if (near->slots)
		munmap((void *)near->slots, near->size);
	free(near);
	errno = saved;
}

static int make_near(struct kvc *kvc, const struct kvc_near_opts *opts)
{
	struct kvc_near *near = calloc(1, sizeof(*near));
	int ret;

	if (!near)
		return -ENOMEM;
	ret = take_opts(near, opts);
	if (!ret)
		ret = map_slots(kvc, near);
	if (!ret)
		ret = kvc_near_own_begin(near);
	if (ret) {
		free_near(near);
		return ret;
	}
	kvc->near = near;
	return 0;
}

void kvc_near_end(struct kvc *kvc)
{
	struct kvc_near *near = kvc->near;

	if (!near)
		return;
	kvc->near = NULL;
	kvc_near_own_end(near);
	free_near(near);
}

KVC_API int kvc_near_set(struct kvc *kvc, const struct kvc_near_opts *opts)
{
	kvc_near_end(kvc);
	return opts ? make_near(kvc, opts) : 0;
}

KVC_API int kvc_near_stats(struct kvc *kvc, struct kvc_near_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	if (!kvc->near)
		return -ENOENT;
	kvc_near_own_sum(kvc->near, stats);
	return 0;
}
