// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <unistd.h>

#include "error.h"
#include "mc.h"
#include "ring.h"
#include "target.h"

#define TIMEOUT_NS	2000000000ull

int reach_begin(const struct options *opt, struct kvc_ctl *ctl,
		const char *name, struct reach *reach)
{
	struct kvc_ring ring;
	int ret = kvc_ring_get(ctl, name, &ring);

	if (ret)
		return ring_failed(ctl, "ring", name, ret);
	*reach = (struct reach){
		.ctl = ctl,
		.cache = opt->cache,
		.self = ring.self,
		.timeout = opt->timeout ? opt->timeout : TIMEOUT_NS,
	};
	if (ring.self && !opt->cache)
		return bad_usage("this host is a node of '%s': say by --cache which cache that is",
				 name);
	return STATUS_OK;
}

int target_open(const struct reach *reach, uint32_t node, const char *address,
		struct target *target)
{
	*target = (struct target){ .ctl = reach->ctl, .fd = -1 };
	if (reach->self && node == reach->self) {
		target->cache = reach->cache;
		return 0;
	}
	return mc_open(address, reach->timeout, &target->fd);
}

/* A purge goes on after a signal that did not end the program. */
static int purge(const struct target *target, const void *key, size_t len,
		 uint32_t flags)
{
	uint64_t count;
	int ret;

	do {
		ret = kvc_purge(target->ctl, target->cache, key, len, flags, 0,
				&count);
	} while (ret == -EINTR);
	return ret;
}

int target_delete(const struct target *target, const void *key, size_t len)
{
	int ret;

	if (target->cache)
		return purge(target, key, len, 0);
	ret = mc_delete(target->fd, key, len);
	return ret == -ENOENT ? 0 : ret;
}

int target_flush(const struct target *target)
{
	if (target->cache)
		return purge(target, "", 0, KVC_PURGE_F_PREFIX);
	return mc_flush_all(target->fd);
}

void target_close(struct target *target)
{
	if (target->fd >= 0)
		close(target->fd);
	target->fd = -1;
}
