// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may do what: owner, group, others, capabilities
 *
 * The device itself is opened to all while a test runs, so that the answers
 * are those of the cache.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "harness.h"
#include "kvctest.h"

#define OWNER	1000u
#define GROUP	2000u
#define OTHER	3000u

struct who {
	unsigned int uid;
	unsigned int gid;
	unsigned int group;	/* supplementary */
};

static const struct who owner = { OWNER, OTHER, OTHER };
static const struct who member = { OTHER, GROUP, OTHER };
static const struct who also_member = { OTHER, OTHER, GROUP };
static const struct who other = { OTHER, OTHER, OTHER };

FIXTURE(rights) {
	struct kvc_config config;
	mode_t mode;
	int fd;
};

FIXTURE_SETUP(rights)
{
	struct stat st;

	ASSERT_EQ(0, stat(KVC_DEVICE, &st));
	self->mode = st.st_mode & 07777;
	ASSERT_EQ(0, chmod(KVC_DEVICE, 0666));
	ASSERT_EQ(0, kvc_fresh_netns());
	self->fd = kvc_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	kvc_config_init(&self->config, KVC_TEST_NAME, 1 << 20);
	self->config.uid = OWNER;
	self->config.gid = GROUP;
	self->config.mode = 0640;
	ASSERT_EQ(0, kvc_create(&self->config));
}

FIXTURE_TEARDOWN(rights)
{
	close(self->fd);
	EXPECT_EQ(0, chmod(KVC_DEVICE, self->mode));
}

/* Runs a function as somebody else; returns what it did, 0 or -errno. */
static int as(const struct who *who, int (*act)(const void *arg),
	      const void *arg)
{
	int pid = fork(), ret;

	if (!pid) {
		ret = kvc_become(who->uid, who->gid, who->group);
		_exit(ret ? 255 : -act(arg));
	}
	ret = kvc_wait(pid);
	return ret < 0 ? ret : -ret;
}

static int act_attach(const void *arg)
{
	int fd = kvc_open_bound(*(const int *)arg, KVC_TEST_NAME);

	return fd < 0 ? fd : 0;
}

static int attach_as(const struct who *who, int flags)
{
	return as(who, act_attach, &flags);
}

TEST_F(rights, classes)
{
	/* C2 */
	EXPECT_EQ(0, attach_as(&owner, O_RDWR));
	EXPECT_EQ(0, attach_as(&owner, O_RDONLY));
	EXPECT_EQ(0, attach_as(&owner, O_WRONLY));
	EXPECT_EQ(0, attach_as(&member, O_RDONLY));
	EXPECT_EQ(-EACCES, attach_as(&member, O_RDWR));
	EXPECT_EQ(-EACCES, attach_as(&member, O_WRONLY));
	EXPECT_EQ(0, attach_as(&also_member, O_RDONLY));
	EXPECT_EQ(-EACCES, attach_as(&also_member, O_WRONLY));
	EXPECT_EQ(-EACCES, attach_as(&other, O_RDONLY));
	EXPECT_EQ(-EACCES, attach_as(&other, O_WRONLY));
	EXPECT_EQ(-EACCES, attach_as(&other, O_RDWR));
}

TEST_F(rights, every_bit)
{
	static const struct {
		const struct who *who;
		unsigned int shift;
	} classes[] = {
		{ &owner, 6 }, { &member, 3 }, { &other, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		/* Only this class may read, then only it may write. */
		self->config.mode = 04 << classes[i].shift;
		ASSERT_EQ(0, kvc_set(KVC_SET_MODE, &self->config));
		EXPECT_EQ(0, attach_as(classes[i].who, O_RDONLY));
		EXPECT_EQ(-EACCES, attach_as(classes[i].who, O_WRONLY));
		self->config.mode = 02 << classes[i].shift;
		ASSERT_EQ(0, kvc_set(KVC_SET_MODE, &self->config));
		EXPECT_EQ(0, attach_as(classes[i].who, O_WRONLY));
		EXPECT_EQ(-EACCES, attach_as(classes[i].who, O_RDONLY));
		/* Everybody else may, this class may not. */
		self->config.mode = 0666 & ~(07 << classes[i].shift);
		ASSERT_EQ(0, kvc_set(KVC_SET_MODE, &self->config));
		EXPECT_EQ(-EACCES, attach_as(classes[i].who, O_RDONLY));
		EXPECT_EQ(-EACCES, attach_as(classes[i].who, O_WRONLY));
	}
}

/* As somebody whom the mode keeps out, with a file bound by another. */
static int act_get(const void *arg)
{
	return kvc_expect(*(const int *)arg, "a", "x");
}

TEST_F(rights, stay_with_the_file)
{
	int fd = kvc_open_bound(O_RDWR, KVC_TEST_NAME);

	ASSERT_LE(0, fd);
	self->config.mode = 0;
	ASSERT_EQ(0, kvc_set(KVC_SET_MODE, &self->config));
	EXPECT_EQ(-EACCES, attach_as(&owner, O_RDONLY));
	EXPECT_EQ(0, kvc_put(fd, "a", "x"));
	EXPECT_EQ(0, as(&other, act_get, &fd));
	close(fd);
}

static int act_create(const void *arg)
{
	return kvc_create(arg);
}

static int act_destroy(const void *arg)
{
	return kvc_destroy(arg);
}

struct set {
	__u32 given;
	const struct kvc_config *config;
};

static int act_set(const void *arg)
{
	const struct set *set = arg;

	return kvc_set(set->given, set->config);
}

static int set_as(const struct who *who, __u32 given,
		  const struct kvc_config *config)
{
	struct set set = { given, config };

	return as(who, act_set, &set);
}

TEST_F(rights, unprivileged)
{
	struct kvc_config config;

	kvc_config_init(&config, "new", 1 << 20);
	EXPECT_EQ(-EPERM, as(&other, act_create, &config));
	EXPECT_EQ(-EPERM, as(&owner, act_create, &config));
	EXPECT_EQ(-EPERM, as(&other, act_destroy, KVC_TEST_NAME));
	EXPECT_EQ(-EPERM, as(&member, act_destroy, KVC_TEST_NAME));
	EXPECT_EQ(-EPERM, set_as(&other, KVC_SET_MODE, &self->config));
	EXPECT_EQ(-EPERM, set_as(&member, KVC_SET_SIZE, &self->config));
	EXPECT_EQ(-EPERM, set_as(&member, KVC_SET_ADAPT, &self->config));
	EXPECT_EQ(-EPERM, set_as(&member, KVC_SET_OWNER, &self->config));
	/* The cache is there, unchanged. */
	EXPECT_EQ(0, attach_as(&owner, O_RDWR));
	EXPECT_EQ(-EACCES, attach_as(&other, O_RDONLY));
}

TEST_F(rights, of_the_owner)
{
	self->config.mode = 0600;
	EXPECT_EQ(0, set_as(&owner, KVC_SET_MODE, &self->config));
	EXPECT_EQ(-EACCES, attach_as(&member, O_RDONLY));
	EXPECT_EQ(0, set_as(&owner, KVC_SET_SIZE, &self->config));
	EXPECT_EQ(0, set_as(&owner, KVC_SET_ADAPT, &self->config));
	EXPECT_EQ(-EPERM, set_as(&owner, KVC_SET_OWNER, &self->config));
	EXPECT_EQ(-EPERM, set_as(&owner, KVC_SET_OWNER | KVC_SET_MODE,
				 &self->config));
	EXPECT_EQ(0, as(&owner, act_destroy, KVC_TEST_NAME));
	EXPECT_EQ(-ENOENT, kvc_destroy(KVC_TEST_NAME));
}

static int act_fence(const void *arg)
{
	return kvc_fence(arg, 0);
}

static int act_purge(const void *arg)
{
	return kvc_purge(arg, "a", false);
}

/* The fence is the owner's, as settings are; a purge is a write. */
TEST_F(rights, fence_and_purge)
{
	EXPECT_EQ(0, as(&owner, act_fence, KVC_TEST_NAME));
	EXPECT_EQ(-EPERM, as(&member, act_fence, KVC_TEST_NAME));
	EXPECT_EQ(-EPERM, as(&other, act_fence, KVC_TEST_NAME));
	EXPECT_EQ(0, as(&owner, act_purge, KVC_TEST_NAME));
	EXPECT_EQ(-EACCES, as(&member, act_purge, KVC_TEST_NAME));
	EXPECT_EQ(-EACCES, as(&other, act_purge, KVC_TEST_NAME));
	self->config.mode = 0426;
	ASSERT_EQ(0, kvc_set(KVC_SET_MODE, &self->config));
	EXPECT_EQ(-EACCES, as(&owner, act_purge, KVC_TEST_NAME));
	EXPECT_EQ(0, as(&member, act_purge, KVC_TEST_NAME));
	EXPECT_EQ(0, as(&also_member, act_purge, KVC_TEST_NAME));
	EXPECT_EQ(0, as(&other, act_purge, KVC_TEST_NAME));
}

/* A plain user to whom only CAP_NET_ADMIN was left. */
static int act_create_with_capability(const void *arg)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	__u32 mask = CAP_TO_MASK(CAP_NET_ADMIN);

	if (prctl(PR_SET_KEEPCAPS, 1) || setresuid(OTHER, OTHER, OTHER))
		return -EPROTO;
	data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective = mask;
	data[CAP_TO_INDEX(CAP_NET_ADMIN)].permitted = mask;
	if (syscall(SYS_capset, &head, data))
		return -EPROTO;
	return act_create(arg);
}

TEST_F(rights, the_capability_is_enough)
{
	static const struct who root = { 0, 0, 0 };
	struct kvc_config config;

	kvc_config_init(&config, "new", 1 << 20);
	EXPECT_EQ(0, as(&root, act_create_with_capability, &config));
	/* -1 made the caller the owner. */
	EXPECT_EQ(0, as(&other, act_destroy, "new"));
}

/* The names that a dump gives, as bits of the letters they begin with. */
static void mark_name(void *arg, const struct kvc_config *config)
{
	*(int *)arg |= 1 << (config->name[0] - 'a');
}

static int act_list(const void *arg)
{
	int seen = 0, ret = kvc_list(mark_name, &seen);

	(void)arg;
	return ret ? ret : -seen;
}

TEST_F(rights, list_shows_what_may_be_read)
{
	static const unsigned int modes[] = { 0600, 0640, 0604, 0200 };
	static const char *const names[] = { "a", "b", "c", "d" };
	unsigned int i;

	ASSERT_EQ(0, kvc_destroy(KVC_TEST_NAME));
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		memset(self->config.name, 0, sizeof(self->config.name));
		strcpy(self->config.name, names[i]);
		self->config.mode = modes[i];
		ASSERT_EQ(0, kvc_create(&self->config));
	}
	EXPECT_EQ(-7, as(&owner, act_list, NULL));
	EXPECT_EQ(-2, as(&member, act_list, NULL));
	EXPECT_EQ(-4, as(&other, act_list, NULL));
}

static int act_stats(const void *arg)
{
	struct kvc_stats stats;

	return kvc_stats_of(arg, &stats);
}

TEST_F(rights, stats_need_reading)
{
	EXPECT_EQ(0, as(&owner, act_stats, KVC_TEST_NAME));
	EXPECT_EQ(0, as(&member, act_stats, KVC_TEST_NAME));
	EXPECT_EQ(-EACCES, as(&other, act_stats, KVC_TEST_NAME));
}

TEST_HARNESS_MAIN
