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

#include "control.h"

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

int kvc_call(int fd, unsigned long cmd, void *arg);

/* A new network namespace: whatever a test creates there ends with it. */
int kvc_fresh_netns(void);

int kvc_open(int flags);
int kvc_attach(int fd, const char *name);
int kvc_open_bound(int flags, const char *name);

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

/* Writes a text to a file as root does with echo. */
int kvc_write_file(const char *path, const char *text);
/* Leaves the user's ids for others, without any capability. */
int kvc_become(unsigned int uid, unsigned int gid, unsigned int group);
/* Takes one capability away, keeps the others. */
int kvc_drop_cap(unsigned int cap);
/* The exit status of a child, or -EPROTO when it ended otherwise. */
int kvc_wait(int pid);

#endif /* KVCTEST_H */
