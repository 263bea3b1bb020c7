// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "error.h"
#include "storefail.h"

static const struct {
	int err;
	const char *text;
	const char *hint;	/* NULL: the library knows */
} known[] = {
	{ EHOSTDOWN, "the store daemon does not answer", NULL },
	{ ETIMEDOUT, "the store daemon did not answer in time", NULL },
	{ EPROTO, "the store daemon's answer makes no sense", NULL },
	{ EIO, "the store cannot be read",
	  "'kvcctl store stats' and kvcd's log tell more" },
	{ ENODATA, "the cache knows nothing of the key",
	  "the store may have it: leave --cache-only out" },
	{ EAGAIN, "what the store has could not be kept in the cache",
	  "try again; 'kvcctl stats' tells how much waits for the store" },
};

void store_error(struct store_error *error, struct kvc *kvc, int err)
{
	size_t i;

	*error = (struct store_error){
		.status = err == -EHOSTDOWN ? STATUS_NO_DEVICE : STATUS_REFUSED,
		.text = strerror(-err),
	};
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].err != -err)
			continue;
		error->text = known[i].text;
		error->hint = known[i].hint ? known[i].hint :
			      kvc_store_error(kvc, error->room,
					      sizeof(error->room));
	}
}
