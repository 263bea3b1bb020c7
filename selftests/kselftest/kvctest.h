/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs of the device share
 *
 * Functions return 0 (or what they say) and a negative errno on failure, so
 * that a test compares one number.  -EPROTO is never the kernel's: it says
 * that an answer broke the ABI's own rules.
 */
#ifndef KVCTEST_H
#define KVCTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kvcache.h>
#include <linux/kvcache_netlink.h>

#define KVC_DEVICE	"/dev/kvcache"

/* The cache that most tests use. */
#define KVC_TEST_NAME	"t"
#define KVC_TEST_LIMIT	(16u << 20)

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/* Longest key that kvc_key() writes, with its NUL. */
#define KVC_TEST_KEY	16

#define KVC_NSEC	1000000000ull

static inline __u64 kvc_ptr(const void *p)
{
	return (uintptr_t)p;
}

/* In byioctl.c, and otherwise in byuring.c. */
int kvc_call(int fd, unsigned long cmd, void *arg);

/* A new network namespace: whatever a test creates there ends with it. */
int kvc_fresh_netns(void);

int kvc_open(int flags);
int kvc_attach(int fd, const char *name);
int kvc_open_bound(int flags, const char *name);

/* A cache's settings: 0, or -1 of an owner, is not given at creation. */
struct kvc_config {
	char name[KVC_NAME_MAX];
	__u32 uid;
	__u32 gid;
	__u32 mode;
	__u32 policy;
	__u32 flags;
	__u32 key_max;
	__u32 value_max;
	__u32 window;
	__u64 limit;
	__u64 tier;
	__u64 tier_min;
	__u64 tier_max;
	__u32 bypass_off;
	__u32 bypass_on;
	__u32 grow;
	__u32 events;
	__u64 memtable;
	__u32 runs;
	__u32 flush_ms;
};

/* A cache's figures, in the order of their attributes. */
struct kvc_stats {
	__u64 gets;
	__u64 hits_tier;
	__u64 hits_memtable;
	__u64 misses;
	__u64 puts;
	__u64 updates_tier;
	__u64 updates_memtable;
	__u64 deletes;
	__u64 touches;
	__u64 refused;
	__u64 migrated;
	__u64 promoted;
	__u64 evicted_limit;
	__u64 evicted_pressure;
	__u64 expired;
	__u64 cleared;
	__u64 purged;
	__u64 fenced;
	__u64 bypass_switches;
	__u64 tier_resizes;
	__u64 index_resizes;
	__u64 entries_tier;
	__u64 entries_memtable;
	__u64 bytes_tier;
	__u64 bytes_memtable;
	__u64 bytes_index;
	__u64 bytes_deferred;
	__u64 limit;
	__u64 tier_target;
	__u64 events;
	__u64 bytes_events;
	__u64 dirty_entries;
	__u64 dirty_bytes;
	__u64 runs_sealed;
	__u64 runs_committed;
	__u64 records_flushed;
	__u64 flush_waits;
	__u64 dirty_ms;
	__u32 shards;
	__u32 bypass;
	__u32 runs_waiting;
	__u32 flusher;
	__u32 flush_error;
};

/* Sets of settings, for kvc_set() */
#define KVC_GIVEN(name)	(1u << KVC_A_CACHE_##name)
#define KVC_SET_MODE	KVC_GIVEN(MODE)
#define KVC_SET_OWNER	(KVC_GIVEN(UID) | KVC_GIVEN(GID))
#define KVC_SET_SIZE	(KVC_GIVEN(LIMIT) | KVC_GIVEN(TIER) | \
			 KVC_GIVEN(TIER_MIN) | KVC_GIVEN(TIER_MAX))
#define KVC_SET_ADAPT	(KVC_GIVEN(FLAGS) | KVC_GIVEN(WINDOW) | \
			 KVC_GIVEN(BYPASS_OFF) | KVC_GIVEN(BYPASS_ON) | \
			 KVC_GIVEN(GROW))
#define KVC_SET_BEHIND	(KVC_GIVEN(MEMTABLE) | KVC_GIVEN(RUNS) | \
			 KVC_GIVEN(FLUSH_MS))

void kvc_config_init(struct kvc_config *config, const char *name, __u64 limit);

/* In control.c, over generic netlink: in the caller's network namespace. */
int kvc_create(const struct kvc_config *config);
int kvc_destroy(const char *name);
/* Even if the store has not seen all of it. */
int kvc_discard(const char *name);
int kvc_set(__u32 given, const struct kvc_config *config);
int kvc_show(const char *name, struct kvc_config *config);
int kvc_list(void (*each)(void *arg, const struct kvc_config *config),
	     void *arg);
int kvc_stats_of(const char *name, struct kvc_stats *stats);
int kvc_purge(const char *name, const char *key, bool prefix);
int kvc_fence(const char *name, __u64 fence);
/* Of the cache that a file is bound to; -ENOTCONN: it is to none. */
int kvc_stats(int fd, struct kvc_stats *stats);

int kvc_clear(int fd);
/* Fresh namespace, cache, file open for both and bound: the file. */
int kvc_setup(const struct kvc_config *config);
int kvc_setup_default(void);

/* Operations on raw bytes: fill in the op, carry it out. */
void kvc_op_init(struct kvc_op *op, __u32 opcode, const void *key, __u32 len);
void kvc_op_value(struct kvc_op *op, const void *value, __u32 len);
int kvc_do(int fd, struct kvc_op *op);

/* Operations on strings. */
int kvc_put(int fd, const char *key, const char *value);
int kvc_put_len(int fd, const char *key, const void *value, __u32 len);
int kvc_get(int fd, const char *key, struct kvc_op *op);
int kvc_del(int fd, const char *key);
/* 0 when the key's value is this one; -EPROTO when it is another. */
int kvc_expect(int fd, const char *key, const char *value);

/* "k" and seven digits: the order of numbers is the order of keys. */
const char *kvc_key(char *buf, unsigned int number);

/* A value that says how long it is and whose: every byte follows from that. */
void kvc_pattern(void *value, __u32 len, __u32 seed);
bool kvc_pattern_ok(const void *value, __u32 len, __u32 seed);

/* A debugging kernel takes many times as long: it does a fifth of @count. */
unsigned int kvc_effort(unsigned int count);

__u64 kvc_now(void);
/* Polls until it holds; false when it did not within a minute or so. */
bool kvc_eventually(bool (*holds)(void *arg), void *arg);

void kvc_scan_init(struct kvc_scan *scan, void *buf, __u32 len);
static inline const void *kvc_rec_key(const struct kvc_scan_rec *rec)
{
	return rec + 1;
}

static inline const void *kvc_rec_value(const struct kvc_scan_rec *rec)
{
	return (const char *)(rec + 1) + rec->key_len;
}

/* All pages of a range: how many records; checks their form and order. */
int kvc_scan_all(int fd, struct kvc_scan *scan,
		 void (*each)(void *arg, const struct kvc_scan_rec *rec),
		 void *arg);

/* How much of the module is in use: files, write-behind caches; no more of it */
long kvc_references(void);
bool kvc_eventually_referenced(long count);

/* Writes a text to a file as root does with echo. */
int kvc_write_file(const char *path, const char *text);
/* Leaves the user's ids for others, without any capability. */
int kvc_become(unsigned int uid, unsigned int gid, unsigned int group);
/* Takes one capability away, keeps the others. */
int kvc_drop_cap(unsigned int cap);
/* The exit status of a child, or -EPROTO when it ended otherwise. */
int kvc_wait(int pid);

#endif /* KVCTEST_H */
