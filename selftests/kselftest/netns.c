// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches belong to a network namespace
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "control.h"
#include "harness.h"
#include "ringctl.h"

#define QUOTA	"/sys/module/kvcache/parameters/uid_quota"
#define USER	1000u

FIXTURE(netns) {
	struct kvc_config config;
	mode_t mode;
	int fd;
};

FIXTURE_SETUP(netns)
{
	struct stat st;

	ASSERT_EQ(0, stat(KVC_DEVICE, &st));
	self->mode = st.st_mode & 07777;
	ASSERT_EQ(0, chmod(KVC_DEVICE, 0666));
	kvc_config_init(&self->config, KVC_TEST_NAME, 1 << 20);
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(netns)
{
	close(self->fd);
	EXPECT_EQ(0, chmod(KVC_DEVICE, self->mode));
}

static void count_cache(void *arg, const struct kvc_config *config)
{
	++*(unsigned int *)arg;
}

TEST_F(netns, do_not_see_each_other)
{
	unsigned int count = 0;
	int fd;

	/* C2 */
	ASSERT_EQ(0, kvc_put(self->fd, "a", "outer"));
	ASSERT_EQ(0, kvc_fresh_netns());
	fd = kvc_open(O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOENT, kvc_attach(fd, KVC_TEST_NAME));
	EXPECT_EQ(-ENOENT, kvc_destroy(KVC_TEST_NAME));
	EXPECT_EQ(-ENOENT, kvc_set(KVC_SET_MODE, &self->config));
	EXPECT_EQ(0, kvc_list(count_cache, &count));
	EXPECT_EQ(0, count);
	/* The same name is another cache. */
	ASSERT_EQ(0, kvc_create(&self->config));
	ASSERT_EQ(0, kvc_attach(fd, KVC_TEST_NAME));
	EXPECT_EQ(-ENOENT, kvc_expect(fd, "a", "outer"));
	ASSERT_EQ(0, kvc_put(fd, "a", "inner"));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "outer"));
	EXPECT_EQ(0, kvc_destroy(KVC_TEST_NAME));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "outer"));
	close(fd);
}

TEST_F(netns, file_keeps_the_openers)
{
	int fd = kvc_open(O_RDWR);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvc_attach(fd, KVC_TEST_NAME));
	EXPECT_EQ(0, kvc_expect(fd, "a", "x"));
	/* A request is of the namespace that its sender is in. */
	EXPECT_EQ(0, kvc_create(&self->config));
	close(fd);
}

/* Leaves the namespace of its cache, holding only the file. */
TEST_F(netns, file_keeps_the_cache)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "x"));
}

/* The quota tells of caches that nobody can see any more. */
static bool quota_is_free(void *arg)
{
	return !kvc_create(arg);
}

static int hold_cache(const struct kvc_config *config, int other)
{
	char byte = 'r';
	int fd = kvc_setup(config);

	if (fd < 0 || kvc_put(fd, "a", "x") || write(other, &byte, 1) != 1)
		return 1;
	return read(other, &byte, 1) == 0 ? 0 : 2;
}

/*
 * A child that has a cache in a namespace of its own, when this returns, until
 * the socket is closed.
 */
static int fork_holder(const struct kvc_config *config, int *end)
{
	int ends[2], pid;
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return -errno;
	pid = fork();
	if (!pid) {
		close(ends[1]);
		_exit(hold_cache(config, ends[0]));
	}
	close(ends[0]);
	*end = ends[1];
	return read(*end, &byte, 1) == 1 ? pid : -EPIPE;
}

TEST_F(netns, caches_end_with_it)
{
	int pid, end;

	/* Whose caches of earlier tests are not waiting for their end. */
	self->config.uid = 100000 + getpid();
	self->config.name[0] = 'u';
	ASSERT_EQ(0, kvc_write_file(QUOTA, "1500000"));
	ASSERT_EQ(0, kvc_drop_cap(CAP_SYS_RESOURCE));
	pid = fork_holder(&self->config, &end);
	ASSERT_LE(0, pid);
	EXPECT_EQ(-EDQUOT, kvc_create(&self->config));
	close(end);
	EXPECT_EQ(0, kvc_wait(pid));
	EXPECT_TRUE(kvc_eventually(quota_is_free, &self->config));
	EXPECT_EQ(0, kvc_write_file(QUOTA, "0"));
}

static int map_self_to_root(void)
{
	char map[32];
	int ret;

	snprintf(map, sizeof(map), "0 %u 1", USER);
	ret = kvc_write_file("/proc/self/setgroups", "deny");
	if (!ret)
		ret = kvc_write_file("/proc/self/uid_map", map);
	if (!ret)
		ret = kvc_write_file("/proc/self/gid_map", map);
	return ret;
}

/* A plain user becomes root of a user namespace with a network of its own. */
static int become_inner_root(void)
{
	int ret = kvc_become(USER, USER, USER);

	if (ret)
		return ret;
	/* Changing ids made the process undumpable, its maps root's. */
	if (prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return -errno;
	return map_self_to_root();
}

static int inner_root_creates(void)
{
	struct kvc_config config, seen;
	int fd = kvc_open(O_RDWR);

	kvc_config_init(&config, "inner", 1 << 20);
	if (fd < 0 || kvc_create(&config) || kvc_attach(fd, "inner"))
		return 2;
	if (kvc_put(fd, "a", "x") || kvc_expect(fd, "a", "x"))
		return 3;
	/* Ids are those of the user namespace. */
	if (kvc_show("inner", &seen) || seen.uid || seen.gid)
		return 4;
	config.uid = 5;
	config.name[0] = 'u';
	if (kvc_create(&config) != -EINVAL)
		return 5;
	return kvc_destroy("inner") ? 6 : 0;
}

TEST_F(netns, root_of_a_user_namespace_may_create)
{
	int pid = fork();

	if (!pid)
		_exit(become_inner_root() ? 1 : inner_root_creates());
	EXPECT_EQ(0, kvc_wait(pid));
}

/* With a file and a socket opened outside, where this root is nobody. */
static int inner_root_outside(int fd, struct kvcnl *nl)
{
	struct kvc_config config;
	struct kvc_stats stats;

	kvc_config_init(&config, "outer", 1 << 20);
	if (kvc_create_on(nl, &config) != -EPERM)
		return 2;
	if (kvc_destroy_on(nl, KVC_TEST_NAME) != -EPERM)
		return 3;
	kvc_config_init(&config, KVC_TEST_NAME, 1 << 20);
	if (kvc_set_on(nl, KVC_SET_MODE, &config) != -EPERM)
		return 4;
	if (kvc_stats_on(nl, KVC_TEST_NAME, &stats) != -EACCES)
		return 5;
	return kvc_attach(fd, KVC_TEST_NAME) == -EACCES ? 0 : 6;
}

TEST_F(netns, root_of_a_user_namespace_has_no_say_outside)
{
	int fd = kvc_open(O_RDWR), pid;
	struct kvcnl nl;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvcnl_open(&nl));
	pid = fork();
	if (!pid)
		_exit(become_inner_root() ? 1 : inner_root_outside(fd, &nl));
	EXPECT_EQ(0, kvc_wait(pid));
	kvcnl_close(&nl);
	close(fd);
}

/* In a user namespace, but still in the network of outside */
static int become_root_of_no_network(void)
{
	int ret = kvc_become(USER, USER, USER);

	if (ret)
		return ret;
	if (prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER))
		return -errno;
	return map_self_to_root();
}

static int inner_root_with_the_network_of_outside(void)
{
	struct kvc_config config;

	kvc_config_init(&config, "outer", 1 << 20);
	if (kvc_create(&config) != -EPERM)
		return 2;
	if (kvc_destroy(KVC_TEST_NAME) != -EPERM)
		return 3;
	return kvc_ring_simple("r", 0) == -EPERM ? 0 : 4;
}

TEST_F(netns, root_of_a_user_namespace_without_a_network)
{
	int pid = fork();

	if (!pid)
		_exit(become_root_of_no_network() ? 1 :
		      inner_root_with_the_network_of_outside());
	EXPECT_EQ(0, kvc_wait(pid));
}

TEST_HARNESS_MAIN
