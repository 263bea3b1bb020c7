// SPDX-License-Identifier: LGPL-2.1-or-later
/* Subscriptions: which caches they are of, and where in their events they are. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "sub.h"

size_t kvc_sub_place(struct kvc_sub *sub, const char *name)
{
	struct kvc_place *place;
	size_t i;

	for (i = 0; i < sub->places; i++) {
		if (!strcmp(sub->place[i].name, name))
			return i;
	}
	place = reallocarray(sub->place, sub->places + 1, sizeof(*place));
	if (!place)
		return KVC_NO_PLACE;
	sub->place = place;
	memset(&place[i], 0, sizeof(*place));
	kvc_set_name(place[i].name, name);
	/* What was there at first has one: this one is new. */
	place[i].next = 1;
	sub->places++;
	return i;
}

void kvc_sub_forget(struct kvc_sub *sub, size_t at)
{
	sub->places--;
	memmove(&sub->place[at], &sub->place[at + 1],
		(sub->places - at) * sizeof(*sub->place));
}

/* Caches without a log send no events either. */
static int find_new(const struct kvc_config *config, void *arg)
{
	if (config->flags & KVC_CACHE_F_NOEVENTS)
		return 0;
	return kvc_sub_place(arg, config->name) == KVC_NO_PLACE ? -ENOMEM : 0;
}

int kvc_sub_all_behind(struct kvc_sub *sub)
{
	size_t i;
	int ret = sub->one ? 0 : kvc_cache_list(sub->log, find_new, sub);

	for (i = 0; i < sub->places; i++)
		sub->place[i].behind = true;
	return ret;
}

/* In the order of events: a cache that is gone meanwhile is none of ours. */
static int begin_at(struct kvc_sub *sub, size_t at, uint64_t since)
{
	struct kvc_place *place = &sub->place[at];
	struct kvc_stats stats;
	int ret = kvc_stats(sub->log, place->name, &stats);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	place->next = stats.events + 1;
	if (since && since < place->next)
		place->next = since;
	place->behind = true;
	return 0;
}

/* Joins first, so that nothing falls between the list and the first message. */
static int subscribe_all(struct kvc_sub *sub, uint64_t since)
{
	int group = sub->live->group;
	size_t i;
	int ret;

	if (!group)
		return -EOPNOTSUPP;
	if (mnl_socket_setsockopt(sub->live->nl, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)))
		return -errno;
	ret = kvc_cache_list(sub->log, find_new, sub);
	for (i = 0; !ret && i < sub->places; i++)
		ret = begin_at(sub, i, since);
	return ret;
}

static int read_since(const struct nlmsghdr *nlh, void *arg)
{
	*(uint64_t *)arg = kvc_attr_u64(kvc_ctl_attr(nlh, KVC_A_SINCE));
	return 0;
}

/* Events that came before the answer were skipped: the log has them. */
static int subscribe_one(struct kvc_sub *sub, const char *cache,
			 uint64_t since)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(sub->live, KVC_CMD_SUBSCRIBE);
	struct kvc_place *place = sub->place;
	uint64_t now = 0;
	int ret = kvc_put_cache(nlh, cache);

	if (!ret)
		ret = kvc_ctl_do(sub->live, nlh, read_since, &now);
	if (ret)
		return ret;
	if (!now)
		return -EBADMSG;
	if (since > now)
		return -EINVAL;
	place->next = since ? since : now;
	place->behind = true;
	return 0;
}

static int set_nonblocking(struct kvc_ctl *ctl)
{
	int fd = mnl_socket_get_fd(ctl->nl);
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return -errno;
	return 0;
}

static int make(const char *cache, struct kvc_sub **out)
{
	struct kvc_sub *sub;
	int ret;

	if (cache && strnlen(cache, KVC_NAME_MAX) == KVC_NAME_MAX)
		return -ENAMETOOLONG;
	sub = calloc(1, sizeof(*sub));
	if (!sub)
		return -ENOMEM;
	sub->replay = KVC_NO_PLACE;
	sub->one = cache;
	ret = kvc_ctl_open(&sub->log);
	if (!ret && cache && kvc_sub_place(sub, cache) == KVC_NO_PLACE)
		ret = -ENOMEM;
	if (ret)
		kvc_sub_close(sub);
	else
		*out = sub;
	return ret;
}

static int begin(struct kvc_sub *sub, const char *cache, uint64_t since)
{
	int ret = kvc_ctl_open(&sub->live);

	if (!ret)
		ret = cache ? subscribe_one(sub, cache, since) :
			      subscribe_all(sub, since);
	if (!ret)
		ret = set_nonblocking(sub->live);
	return ret;
}

KVC_API int kvc_sub_open(const char *cache, uint64_t since,
			 struct kvc_sub **out)
{
	int saved = errno, ret;
	struct kvc_sub *sub;

	ret = make(cache, &sub);
	if (!ret) {
		ret = begin(sub, cache, since);
		if (ret)
			kvc_sub_close(sub);
		else
			*out = sub;
	}
	errno = saved;
	return ret;
}

static int begin_log(struct kvc_sub *sub, uint64_t since)
{
	struct kvc_stats stats;
	int ret = kvc_stats(sub->log, sub->place->name, &stats);

	if (!ret && since > stats.events + 1)
		ret = -EINVAL;
	sub->place->next = since;
	sub->place->behind = true;
	return ret;
}

KVC_API int kvc_sub_open_log(const char *cache, uint64_t since,
			     struct kvc_sub **out)
{
	int saved = errno, ret;
	struct kvc_sub *sub;

	if (!cache || !since)
		return -EINVAL;
	ret = make(cache, &sub);
	if (!ret) {
		ret = begin_log(sub, since);
		if (ret)
			kvc_sub_close(sub);
		else
			*out = sub;
	}
	errno = saved;
	return ret;
}

KVC_API void kvc_sub_close(struct kvc_sub *sub)
{
	int saved = errno;

	if (!sub)
		return;
	kvc_ctl_close(sub->live);
	kvc_ctl_close(sub->log);
	free(sub->place);
	free(sub);
	errno = saved;
}

KVC_API int kvc_sub_fd(const struct kvc_sub *sub)
{
	return mnl_socket_get_fd((sub->live ? sub->live : sub->log)->nl);
}
