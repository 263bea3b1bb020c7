// SPDX-License-Identifier: LGPL-2.1-or-later
/* The store itself, past the cache: what an operator asks kvcd for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "kvcd_proto.h"

/* An answer in memory that is allocated for it. */
struct answer {
	struct kvcd_pair pair;
	char *bytes;		/* a NUL follows */
	size_t len;
};

static int take_bytes(struct kvc_conn *conn, struct kvc_ask *ask, uint32_t len)
{
	struct answer *answer = ask->arg;
	int ret;

	/* Of an attempt before, on a connection that was lost. */
	free(answer->bytes);
	answer->len = len;
	answer->bytes = malloc((size_t)len + 1);
	if (!answer->bytes)
		return -ENOMEM;
	ret = kvc_conn_read(conn, answer->bytes, len);
	answer->bytes[len] = '\0';
	return ret;
}

static int take_pair(struct kvc_conn *conn, struct kvc_ask *ask, uint32_t len)
{
	struct answer *answer = ask->arg;
	int ret;

	if (len < sizeof(answer->pair))
		return -EPROTO;
	len -= sizeof(answer->pair);
	ret = kvc_conn_read(conn, &answer->pair, sizeof(answer->pair));
	if (!ret && answer->pair.value_len != len)
		ret = -EPROTO;
	return ret ? ret : take_bytes(conn, ask, len);
}

KVC_API int kvc_store_get(struct kvc *kvc, const void *key, size_t key_len,
			  void **value, size_t *value_len,
			  struct kvc_meta *meta)
{
	struct answer answer = { 0 };
	struct kvc_ask ask = {
		.type = KVCD_STORE_GET,
		.len = key_len,
		.body = key,
		.take = take_pair,
		.arg = &answer,
	};
	int ret;

	if (!key_len)
		return -EINVAL;
	if (key_len > KVC_KEY_MAX)
		return -ENAMETOOLONG;
	ret = kvc_store_ask(kvc, &ask, 1);
	if (!ret)
		ret = ask.result;
	if (ret) {
		free(answer.bytes);
		return ret;
	}
	*value = answer.bytes;
	*value_len = answer.len;
	if (meta)
		*meta = (struct kvc_meta){
			.version = answer.pair.version,
			.expiry = answer.pair.expiry,
			.client_flags = answer.pair.client_flags,
		};
	return 0;
}

KVC_API int kvc_store_stats(struct kvc *kvc, char **json, size_t *len)
{
	struct answer answer = { 0 };
	struct kvc_ask ask = {
		.type = KVCD_STORE_STATS,
		.take = take_bytes,
		.arg = &answer,
	};
	int ret;

	ret = kvc_store_ask_bare(kvc, &ask);
	if (!ret)
		ret = ask.result;
	if (ret) {
		free(answer.bytes);
		return ret;
	}
	*json = answer.bytes;
	*len = answer.len;
	return 0;
}

KVC_API int kvc_store_compact(struct kvc *kvc)
{
	struct kvc_ask ask = { .type = KVCD_STORE_COMPACT, .patient = 1 };
	int ret;

	ret = kvc_store_ask(kvc, &ask, 1);
	return ret ? ret : ask.result;
}
