// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control of a write-behind cache: settings, and an end that loses nothing unsaid
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "control.h"
#include "behindfixture.h"

TEST_F(behind, settings)
{
	struct kvc_config *config = &self->config;

	ASSERT_EQ(0, kvc_show("b", config));
	EXPECT_EQ(KVC_CACHE_F_WRITEBEHIND, config->flags);
	EXPECT_EQ(2, config->runs);
	EXPECT_EQ(FLUSH_NEVER, config->flush_ms);
	EXPECT_EQ(config->limit / 8, config->tier);
	EXPECT_EQ(config->limit / 3, config->tier + config->memtable);
	config->memtable = config->limit / 2;
	config->runs = 16;
	config->flush_ms = 10;
	EXPECT_EQ(0, kvc_set(KVC_SET_BEHIND, config));
	memset(config, 0, sizeof(*config));
	ASSERT_EQ(0, kvc_show("b", config));
	EXPECT_EQ(config->limit / 2, config->memtable);
	EXPECT_EQ(16, config->runs);
	EXPECT_EQ(10, config->flush_ms);
	/* The kind of the cache stays. */
	config->flags = 0;
	EXPECT_EQ(0, kvc_set(KVC_GIVEN(FLAGS), config));
	ASSERT_EQ(0, kvc_show("b", config));
	EXPECT_EQ(KVC_CACHE_F_WRITEBEHIND, config->flags);
}

static int refused(struct kvc_config config, __u32 given, const char *setting)
{
	struct kvcnl nl;
	int ret;

	ret = kvcnl_open(&nl);
	if (ret)
		return ret;
	if (given) {
		ret = kvc_set_on(&nl, given, &config);
	} else {
		config.name[0] = 'n';
		ret = kvc_create_on(&nl, &config);
	}
	if (ret == -ERANGE && strncmp(nl.text, setting, strlen(setting)))
		ret = -EPROTO;
	kvcnl_close(&nl);
	return ret;
}

TEST_F(behind, settings_out_of_range)
{
	struct kvc_config config;

	flush_config(&config, "b", KVC_TEST_LIMIT, 1000);
	config.runs = 17;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.runs"));
	EXPECT_EQ(-ERANGE, refused(config, KVC_GIVEN(RUNS), "cache.runs"));
	config.runs = 0;
	config.flush_ms = 9;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.flush-ms"));
	EXPECT_EQ(-ERANGE, refused(config, KVC_GIVEN(FLUSH_MS),
				   "cache.flush-ms"));
	config.flush_ms = FLUSH_NEVER + 1;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.flush-ms"));
	config.flush_ms = 0;
	config.memtable = KVC_TEST_LIMIT;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.memtable"));
	EXPECT_EQ(-ERANGE, refused(config, KVC_GIVEN(MEMTABLE),
				   "cache.memtable"));
	config.memtable = 1;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.memtable"));
	config.memtable = 0;
	/* Nothing acknowledged could be kept from eviction but by refusing. */
	config.flags |= KVC_CACHE_F_NOEVICT;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.flags"));
	EXPECT_EQ(-ERANGE, refused(config, KVC_GIVEN(FLAGS), "cache.flags"));
}

TEST_F(behind, settings_of_others)
{
	struct kvc_config config;

	kvc_config_init(&config, "p", KVC_TEST_LIMIT);
	ASSERT_EQ(0, kvc_create(&config));
	config.runs = 2;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.runs"));
	EXPECT_EQ(-ERANGE, refused(config, KVC_GIVEN(RUNS), "cache.runs"));
	config.runs = 0;
	config.flush_ms = 1000;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.flush-ms"));
	config.flush_ms = 0;
	config.memtable = KVC_TEST_LIMIT / 2;
	EXPECT_EQ(-ERANGE, refused(config, 0, "cache.memtable"));
	config.memtable = 0;
	config.flags = KVC_CACHE_F_WRITEBEHIND;
	EXPECT_EQ(0, kvc_set(KVC_GIVEN(FLAGS), &config));
	ASSERT_EQ(0, kvc_show("p", &config));
	EXPECT_EQ(0, config.flags);
	EXPECT_EQ(0, config.runs);
	EXPECT_EQ(0, config.flush_ms);
	EXPECT_EQ(0, config.memtable);
}

TEST_F(behind, destroy_keeps_what_is_dirty)
{
	struct kvcnl nl;

	ASSERT_EQ(0, kvcnl_open(&nl));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, kvc_del(self->fd, "b"));
	EXPECT_EQ(-EBUSY, kvc_destroy_on(&nl, "b"));
	EXPECT_STREQ("cache: 2 pairs are not in the store: flush, or give discard-dirty",
		     nl.text);
	/* It is as it was, for everybody. */
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "x"));
	EXPECT_EQ(0, kvc_put(self->fd, "c", "y"));
	/* Also what is in a run that waits */
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_EQ(-EBUSY, kvc_destroy_on(&nl, "b"));
	EXPECT_EQ(3, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&self->sync));
	EXPECT_EQ(0, kvc_destroy_on(&nl, "b"));
	EXPECT_EQ(-ESHUTDOWN, kvc_put(self->fd, "a", "x"));
	kvcnl_close(&nl);
}

/* Past it the store would be asked for what is dirty here. */
TEST_F(behind, fence_is_refused)
{
	struct kvcnl nl;

	ASSERT_EQ(0, kvcnl_open(&nl));
	EXPECT_EQ(-EOPNOTSUPP, kvc_fence_on(&nl, "b", 1));
	EXPECT_STREQ("cache: a write-behind cache has no fence", nl.text);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "x"));
	kvcnl_close(&nl);
}

TEST_F(behind, destroy_discards_when_told)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(0, kvc_discard("b"));
	EXPECT_EQ(-ESHUTDOWN, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(-ENOENT, kvc_discard("b"));
	/* Of a cache without a store it means nothing. */
	kvc_config_init(&self->config, "plain", KVC_TEST_LIMIT);
	ASSERT_EQ(0, kvc_create(&self->config));
	EXPECT_EQ(0, kvc_discard("plain"));
}

/*
 * Puts until it is refused, with ever longer moments in between where all may
 * be clean.
 */
static int put_on(struct caller *c)
{
	struct timespec pause = { 0 };
	char key[KVC_TEST_KEY];
	int ret;

	while (!(ret = kvc_put(c->fd, kvc_key(key, c->count), "x"))) {
		c->count++;
		pause.tv_nsec = (pause.tv_nsec * 5 / 4 + 10000) % 900000000;
		nanosleep(&pause, NULL);
	}
	return ret;
}

/* What a writer was told is stored was flushed before the cache could go. */
TEST_F(behind, destroy_beside_a_writer)
{
	unsigned int round, flushed, refusals = 0;
	struct caller writer = { 0 };
	int ret, records;

	for (round = 0; round < 20; round++) {
		writer.count = 0;
		ASSERT_EQ(0, kvc_put(self->fd, "first", "x"));
		ASSERT_EQ(0, caller_start(&writer, put_on, self->fd));
		flushed = 0;
		while ((ret = kvc_destroy("b")) == -EBUSY) {
			records = flush_all(&self->sync, self->fd,
					    self->stream);
			ASSERT_LT(0, records);
			flushed += records;
			refusals++;
		}
		ASSERT_EQ(0, ret);
		ASSERT_EQ(-ESHUTDOWN, caller_join(&writer));
		EXPECT_EQ(writer.count + 1, flushed);
		close(self->stream);
		close(self->fd);
		self->fd = flush_cache("b", FLUSH_NEVER);
		ASSERT_LE(0, self->fd);
		self->stream = flush_open(self->fd);
		ASSERT_LE(0, self->stream);
	}
	EXPECT_LE(20, refusals);
}

/* Leaves a namespace with a cache of this name that has two dirty pairs. */
static int leave_dirty(const char *name)
{
	int pid = fork(), fd, ret;

	if (pid)
		return kvc_wait(pid);
	ret = kvc_fresh_netns();
	fd = ret ? ret : flush_cache(name, FLUSH_NEVER);
	if (fd >= 0)
		ret = kvc_put(fd, "a", "x");
	if (!ret)
		ret = kvc_del(fd, "b");
	_exit(!!ret);
}

struct log {
	int fd;
	const char *name;
};

static bool log_has(struct log *log)
{
	char line[1024], text[200];
	ssize_t len;

	snprintf(text, sizeof(text), "cache %s ends with its network namespace, and with it 2 pairs",
		 log->name);
	do {
		len = read(log->fd, line, sizeof(line) - 1);
		line[len < 0 ? 0 : len] = 0;
		if (strstr(line, text))
			return true;
	} while (len > 0 || (len < 0 && errno == EPIPE));
	return false;
}

/* The log takes only so many in a time, so it may need more than one. */
static bool is_told(void *arg)
{
	struct log *log = arg;

	return !leave_dirty(log->name) && log_has(log);
}

TEST_F(behind, end_of_a_namespace_is_told)
{
	struct log log = { .name = "doomed" };

	log.fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, log.fd);
	EXPECT_TRUE(kvc_eventually(is_told, &log));
	close(log.fd);
}

TEST_F(behind, keeps_the_module)
{
	close(self->stream);
	close(self->fd);
	self->stream = self->fd = -1;
	/* No file is open, but there is a write-behind cache. */
	EXPECT_EQ(-1, syscall(SYS_delete_module, "kvcache", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
}

TEST_HARNESS_MAIN
