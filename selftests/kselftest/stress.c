// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several CPUs on the same keys
 *
 * Work is counted in operations.  A value says which key it belongs to and how
 * long it is, and every byte follows from that and from a number of its own,
 * so a value that two writers mixed does not pass.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/sysinfo.h>

#include "harness.h"
#include "kvctest.h"

#define KEYS	64u
#define LONGEST	3000u
#define OPS	kvc_effort(30000)
#define THREADS	16u

struct header {
	__u32 key;
	__u32 len;
	__u32 seed;
};

struct worker {
	pthread_t thread;
	int fd;
	unsigned int number;
	__u64 random;
	__u64 newest[KEYS];	/* version that this thread has seen */
	unsigned int wrong;
	int ret;		/* the first answer that should not be */
	atomic_uint done;	/* operations */
};

struct crew {
	struct worker workers[THREADS];
	unsigned int count;
};

FIXTURE(stress) {
	struct crew crew;
	struct kvc_stats stats;
	int fd;
};

FIXTURE_SETUP(stress)
{
	struct kvc_config config;

	kvc_config_init(&config, KVC_TEST_NAME, 1 << 20);
	config.value_max = 8192;
	config.tier = 96 << 10;
	config.window = 1024;
	self->fd = kvc_setup(&config);
	ASSERT_LE(0, self->fd);
	self->crew.count = 2 * get_nprocs();
	if (self->crew.count > THREADS)
		self->crew.count = THREADS;
}

FIXTURE_TEARDOWN(stress)
{
	close(self->fd);
}

static __u32 next_random(struct worker *w)
{
	w->random = w->random * 6364136223846793005ull + 1442695040888963407ull;
	return w->random >> 33;
}

static void note(struct worker *w, int ret)
{
	if (!w->ret)
		w->ret = ret;
}

static void make_value(struct worker *w, char *value, __u32 key, __u32 *len)
{
	struct header header = {
		.key = key, .len = next_random(w) % LONGEST,
		.seed = next_random(w),
	};

	memcpy(value, &header, sizeof(header));
	kvc_pattern(value + sizeof(header), header.len, header.seed);
	*len = sizeof(header) + header.len;
}

static bool value_ok(const char *value, __u32 len, __u32 key)
{
	struct header header;

	if (len < sizeof(header))
		return false;
	memcpy(&header, value, sizeof(header));
	return header.key == key && header.len == len - sizeof(header) &&
	       kvc_pattern_ok(value + sizeof(header), header.len, header.seed);
}

/* Versions of one key only grow, whoever looks. */
static void see_version(struct worker *w, __u32 key, __u64 version)
{
	if (version < w->newest[key])
		w->wrong++;
	else
		w->newest[key] = version;
}

static void work_put(struct worker *w, struct kvc_op *op, __u32 key)
{
	char value[sizeof(struct header) + LONGEST];
	__u32 len;
	int ret;

	make_value(w, value, key, &len);
	op->opcode = KVC_OP_PUT;
	kvc_op_value(op, value, len);
	if (next_random(w) % 4 == 0) {
		op->flags = KVC_OP_F_CAS;
		op->version = w->newest[key];
	}
	ret = kvc_do(w->fd, op);
	if (!ret)
		see_version(w, key, op->version);
	else if (!op->flags || (ret != -ESTALE && ret != -ENOENT))
		note(w, ret);
}

static void work_get(struct worker *w, struct kvc_op *op, __u32 key)
{
	char value[sizeof(struct header) + LONGEST] = "";
	int ret;

	op->opcode = KVC_OP_GET;
	kvc_op_value(op, value, sizeof(value));
	ret = kvc_do(w->fd, op);
	if (!ret) {
		see_version(w, key, op->version);
		w->wrong += !value_ok(value, op->value_len, key);
	} else if (ret != -ENOENT) {
		note(w, ret);
	}
}

static void work_other(struct worker *w, struct kvc_op *op, __u32 key,
		       __u32 opcode)
{
	int ret;

	op->opcode = opcode;
	if (opcode == KVC_OP_TOUCH)
		op->expiry = next_random(w) % 2 ? 0 : 1ull << 60;
	ret = kvc_do(w->fd, op);
	if (!ret)
		see_version(w, key, op->version);
	else if (ret != -ENOENT)
		note(w, ret);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	char name[KVC_TEST_KEY];
	struct kvc_op op;
	__u32 key, kind;

	for (; w->done < OPS; w->done++) {
		key = next_random(w) % KEYS;
		kind = next_random(w) % 16;
		kvc_op_init(&op, 0, kvc_key(name, key), 8);
		if (kind < 6)
			work_put(w, &op, key);
		else if (kind < 13)
			work_get(w, &op, key);
		else if (kind < 15)
			work_other(w, &op, key, KVC_OP_TOUCH);
		else
			work_other(w, &op, key, KVC_OP_DEL);
	}
	return NULL;
}

static int crew_start(struct crew *crew, int fd, void *(*job)(void *arg))
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < crew->count && !ret; i++) {
		crew->workers[i].fd = fd;
		crew->workers[i].number = i;
		crew->workers[i].random = i * 7777 + 1;
		ret = pthread_create(&crew->workers[i].thread, NULL, job,
				     &crew->workers[i]);
	}
	return ret;
}

static void crew_expect(struct __test_metadata *_metadata, struct crew *crew)
{
	unsigned int i;

	for (i = 0; i < crew->count; i++) {
		ASSERT_EQ(0, pthread_join(crew->workers[i].thread, NULL));
		EXPECT_EQ(0, crew->workers[i].wrong);
		EXPECT_EQ(0, crew->workers[i].ret);
		EXPECT_EQ(OPS, atomic_load(&crew->workers[i].done));
	}
}

TEST_F_TIMEOUT(stress, same_keys, 600)
{
	/* C1, L9 */
	ASSERT_EQ(0, crew_start(&self->crew, self->fd, work));
	crew_expect(_metadata, &self->crew);
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_GE(KEYS,
		  self->stats.entries_tier + self->stats.entries_memtable);
	EXPECT_EQ(self->stats.gets, self->stats.hits_tier +
		  self->stats.hits_memtable + self->stats.misses);
}

static bool crew_at_work(struct crew *crew)
{
	unsigned int i;

	for (i = 0; i < crew->count; i++)
		if (atomic_load(&crew->workers[i].done) < OPS)
			return true;
	return false;
}

static void check_record(void *arg, const struct kvc_scan_rec *rec)
{
	const char *name = kvc_rec_key(rec);
	char text[KVC_TEST_KEY] = "";
	unsigned int *wrong = arg;

	memcpy(text, name, 8);
	*wrong += !value_ok(kvc_rec_value(rec), rec->value_len,
			    strtoul(text + 1, NULL, 10));
}

TEST_F_TIMEOUT(stress, with_scan_clear_and_stats_beside, 600)
{
	unsigned int wrong = 0, rounds = 0;
	struct kvc_scan scan;
	__aligned_u64 buf[1024];

	ASSERT_EQ(0, crew_start(&self->crew, self->fd, work));
	while (crew_at_work(&self->crew)) {
		kvc_scan_init(&scan, buf, sizeof(buf));
		ASSERT_LE(0, kvc_scan_all(self->fd, &scan, check_record,
					  &wrong));
		ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
		if (++rounds % 16 == 0)
			ASSERT_EQ(0, kvc_clear(self->fd));
	}
	crew_expect(_metadata, &self->crew);
	EXPECT_EQ(0, wrong);
	EXPECT_LT(0, rounds);
}

TEST_F_TIMEOUT(stress, with_changing_sizes_beside, 600)
{
	struct kvc_config config;
	unsigned int rounds = 0;

	kvc_config_init(&config, KVC_TEST_NAME, 0);
	ASSERT_EQ(0, crew_start(&self->crew, self->fd, work));
	while (crew_at_work(&self->crew)) {
		config.limit = ++rounds % 2 ? 128 << 10 : 1 << 20;
		ASSERT_EQ(0, kvc_set(KVC_SET_SIZE, &config));
	}
	crew_expect(_metadata, &self->crew);
	EXPECT_LT(0, rounds);
}

#define INCREMENTS	kvc_effort(3000)

static int increment(int fd)
{
	struct kvc_op op;
	__u64 count = 0;
	int ret;

	do {
		kvc_op_value(&op, &count, sizeof(count));
		ret = kvc_get(fd, "counter", &op);
		if (ret)
			return ret;
		count++;
		op.opcode = KVC_OP_PUT;
		op.flags = KVC_OP_F_CAS;
		op.expiry = 0;
		ret = kvc_do(fd, &op);
	} while (ret == -ESTALE);
	return ret;
}

static void *work_increment(void *arg)
{
	struct worker *w = arg;
	unsigned int i;

	for (i = 0; i < INCREMENTS; i++)
		note(w, increment(w->fd));
	w->done = OPS;
	return NULL;
}

TEST_F_TIMEOUT(stress, compare_and_swap_adds_up, 600)
{
	struct kvc_op op;
	__u64 count = 0;

	ASSERT_EQ(0, kvc_put_len(self->fd, "counter", &count, sizeof(count)));
	ASSERT_EQ(0, crew_start(&self->crew, self->fd, work_increment));
	crew_expect(_metadata, &self->crew);
	kvc_op_value(&op, &count, sizeof(count));
	ASSERT_EQ(0, kvc_get(self->fd, "counter", &op));
	EXPECT_EQ((__u64)self->crew.count * INCREMENTS, count);
}

#define CREATIONS	200u

/* Every thread wants to create the same keys; "random" counts its own. */
static void *work_create(void *arg)
{
	struct worker *w = arg;
	char name[KVC_TEST_KEY];
	struct kvc_op op;
	unsigned int i;
	int ret;

	w->random = 0;
	for (i = 0; i < CREATIONS; i++) {
		kvc_op_init(&op, KVC_OP_PUT, kvc_key(name, i), 8);
		op.flags = KVC_OP_F_CREATE;
		ret = kvc_do(w->fd, &op);
		w->random += !ret;
		if (ret != -EEXIST)
			note(w, ret);
	}
	w->done = OPS;
	return NULL;
}

TEST_F_TIMEOUT(stress, each_key_is_created_once, 600)
{
	unsigned int i;
	__u64 won = 0;

	ASSERT_EQ(0, crew_start(&self->crew, self->fd, work_create));
	crew_expect(_metadata, &self->crew);
	for (i = 0; i < self->crew.count; i++)
		won += self->crew.workers[i].random;
	EXPECT_EQ(CREATIONS, won);
}

TEST_F_TIMEOUT(stress, overwrites_leave_memory_flat, 600)
{
	char name[KVC_TEST_KEY], value[200] = "";
	unsigned int i;

	for (i = 0; i < kvc_effort(200000); i++) {
		ASSERT_EQ(0, kvc_put_len(self->fd, kvc_key(name, i % 1000),
					 value, sizeof(value)));
		if (i % 500)
			continue;
		ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
		ASSERT_GE(64u << 20, self->stats.bytes_deferred);
		ASSERT_GE(1u << 20, self->stats.bytes_tier +
				    self->stats.bytes_memtable);
	}
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1000,
		  self->stats.entries_tier + self->stats.entries_memtable);
}

TEST_HARNESS_MAIN
