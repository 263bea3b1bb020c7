// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "error.h"

int control_open(struct kvc_ctl **ctl)
{
	int ret = kvc_ctl_open(ctl);

	if (!ret)
		return STATUS_OK;
	if (ret == -ENOENT)
		return fail(STATUS_NO_DEVICE, ret,
			    "load the module: modprobe kvcache",
			    "the kernel has no kvcache");
	return fail(STATUS_REFUSED, ret, NULL, "cannot open a netlink socket: %s",
		    strerror(-ret));
}

int control_failed(const struct kvc_ctl *ctl, int err, const char *hint,
		   const char *fmt, ...)
{
	const char *said = ctl ? kvc_ctl_error(ctl) : "";
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return fail(STATUS_REFUSED, err, hint, "%s: %s", what,
		    said[0] ? said : strerror(-err));
}

int take_name(char to[KVC_NAME_MAX], const char *what, const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= KVC_NAME_MAX)
		return bad_usage("the name of a %s has 1 to %d characters",
				 what, KVC_NAME_MAX - 1);
	memcpy(to, name, len + 1);
	return STATUS_OK;
}
