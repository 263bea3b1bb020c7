// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "error.h"
#include "storefail.h"
#include "walk.h"

/* A signal that did not end the program (a stop, say) does not end the scan. */
static int next(struct kvc_cursor *cursor, struct kvc_pair *pair)
{
	int ret;

	do {
		ret = kvc_scan_next(cursor, pair);
	} while (ret == -EINTR);
	return ret;
}

int walk(struct kvc *kvc, const char *cache, walk_open_fn open,
	 const struct kvc_range *range, walk_fn fn, void *arg)
{
	struct store_error error;
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	int ret;

	ret = open(kvc, range, &cursor);
	if (ret)
		goto open_failed;
	while ((ret = next(cursor, &pair)) > 0) {
		if (fn(&pair, arg)) {
			ret = 0;
			break;
		}
	}
	kvc_scan_close(cursor);
	if (!ret)
		return STATUS_OK;
open_failed:
	store_error(&error, kvc, ret);
	return fail(error.status, ret, error.hint, "scan of '%s': %s", cache,
		    error.text);
}
