// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "device.h"
#include "error.h"

static int open_failed(const char *path, int err)
{
	switch (-err) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return fail(STATUS_NO_DEVICE, err,
			    "load the module: modprobe kvcache",
			    "%s: %s", path, strerror(-err));
	case ENOTTY:
		return fail(STATUS_NO_DEVICE, err,
			    "load the module: modprobe kvcache",
			    "%s: not a kvcache device", path);
	case EACCES:
		return fail(STATUS_REFUSED, err,
			    "be root or a member of the device's group",
			    "%s: %s", path, strerror(-err));
	default:
		return fail(STATUS_REFUSED, err, NULL, "%s: %s", path,
			    strerror(-err));
	}
}

int device_open(const struct options *opt, int mode, struct kvc **kvc)
{
	int ret;

	ret = kvc_open_at(opt->device, mode, kvc);
	return ret ? open_failed(opt->device, ret) : STATUS_OK;
}

static int attach_failed(const char *cache, int err)
{
	const char *hint = NULL;

	if (err == -ENOENT)
		hint = "'kvcctl cache list' shows the caches that there are";
	else if (err == -EACCES)
		hint = "the cache's owner, group and mode do not permit it";
	return fail(STATUS_REFUSED, err, hint, "cache '%s': %s", cache,
		    err == -ENOENT ? "no such cache" : strerror(-err));
}

/* What the options say about the store. */
static int set_store(const struct options *opt, struct kvc *kvc)
{
	struct kvc_store_opts how = {
		.path = opt->socket,
		.flags = opt->given & OPT_CACHE_ONLY ? KVC_STORE_F_OFF : 0,
	};
	int ret = kvc_store_set(kvc, &how);

	return ret ? fail(STATUS_REFUSED, ret, NULL, "%s: %s", opt->socket,
			  strerror(-ret)) : STATUS_OK;
}

int device_attach(const struct options *opt, int mode, const char *cache,
		  struct kvc **kvc)
{
	int status, ret;

	status = device_open(opt, mode, kvc);
	if (status)
		return status;
	ret = kvc_attach(*kvc, cache);
	status = ret ? attach_failed(cache, ret) : set_store(opt, *kvc);
	if (status)
		kvc_close(*kvc);
	return status;
}

int device_attach_cond(const struct options *opt, const char *cache,
		       struct kvc **kvc)
{
	struct kvc_info info;
	int status;

	status = device_attach(opt, O_WRONLY, cache, kvc);
	if (status || opt->given & OPT_CACHE_ONLY ||
	    kvc_info(*kvc, &info) || !(info.flags & KVC_INFO_F_WRITEBEHIND))
		return status;
	kvc_close(*kvc);
	return device_attach(opt, O_RDWR, cache, kvc);
}
