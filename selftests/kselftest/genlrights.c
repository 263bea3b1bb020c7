// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may send which request, by whose socket
 */
#include <errno.h>

#include "genlfixture.h"

/* Runs in a child that has become a plain user. */
static int plain_user(struct kvcnl *outer)
{
	const struct request *r;
	struct kvcnl nl;
	int ret, want;

	if (kvc_become(1000, 1000, 1000) || kvcnl_open(&nl))
		return 1;
	FOR_EACH(r) {
		want = 0;
		if (r->admin || r->owner)
			want = -EPERM;
		else if (r->part[0].nest == KVC_A_CACHE)
			want = -EACCES;
		/* Neither with its own socket nor with one of root's. */
		ret = try_valid(&nl, r);
		if (ret == want)
			ret = try_valid(outer, r);
		if (ret != want) {
			fprintf(stderr, "# %s: %d\n", r->name, ret);
			return 2;
		}
	}
	if (kvcnl_join(&nl, KVCNL_INVALIDATE) != -EPERM ||
	    kvcnl_join(&nl, KVCNL_FLUSH) != -EPERM)
		return 3;
	return kvcnl_join(&nl, KVCNL_RING) ? 4 : 0;
}

TEST_F(genl, unprivileged)
{
	int pid = fork();

	if (!pid)
		_exit(plain_user(&self->nl));
	EXPECT_EQ(0, kvc_wait(pid));
	EXPECT_EQ(0, kvcnl_join(&self->nl, KVCNL_INVALIDATE));
}

/* A privileged program that writes what it was told to where it was told to */
static int misled_program(struct kvcnl *nl)
{
	const struct request *r;
	int ret, want;

	FOR_EACH(r) {
		want = 0;
		if (r->admin || r->owner)
			want = -EPERM;
		else if (r->part[0].nest == KVC_A_CACHE)
			want = -EACCES;
		ret = try_valid(nl, r);
		if (ret != want) {
			fprintf(stderr, "# %s: %d\n", r->name, ret);
			return 2;
		}
	}
	return 0;
}

/* The socket was opened by a plain user, root sends on it. */
TEST_F(genl, socket_of_another)
{
	struct kvcnl nl;
	int pid = fork();

	if (!pid) {
		/* seteuid() changes the fsuid, too, and takes the effective set. */
		if (seteuid(1000) || kvcnl_open(&nl) || seteuid(0))
			_exit(1);
		_exit(misled_program(&nl));
	}
	EXPECT_EQ(0, kvc_wait(pid));
}

TEST_HARNESS_MAIN
