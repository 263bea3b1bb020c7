/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SIM_STREAM_H
#define _KVC_SIM_STREAM_H

#include <linux/types.h>

#define REQUEST_GET	0u
#define REQUEST_SET	(1u << 30)
#define REQUEST_DEL	(2u << 30)
#define REQUEST_OP	(3u << 30)

/* What a workload does beside choosing keys by their rank */
enum kind {
	KIND_RANKS,
	KIND_LATEST,	/* ranks count back from the newest key; sets are new keys */
	KIND_SCAN,	/* 1 to 100 keys in order from the ranked one on; likewise */
	KIND_MODIFY,	/* what is set is read before */
};

/**
 * struct workload - the parameters of a stream of requests
 * @name: of its rows
 * @what: the same in words
 * @exponent: of the Zipf distribution of the keys
 * @kind: see there
 * @sets: of 1000 requests
 * @dels: of 1000 requests
 * @fresh: of 1000 requests, those whose key is never used again
 * @drift: by so many thousandths of the keys the ranks shift every 100,000
 *	requests: other keys become the hot ones
 * @key_len: bytes of a key; 0: keys and values have the lengths of Facebook's
 *	ETC pool
 * @value_len: bytes of a value
 */
struct workload {
	const char *name;
	const char *what;
	double exponent;
	enum kind kind;
	u16 sets;
	u16 dels;
	u16 fresh;
	u16 drift;
	u16 key_len;
	u32 value_len;
};

/**
 * struct pair - the lengths of a pair
 * @key_len: of its key
 * @value_len: of its value
 * @bytes: that kvcache counts for it
 */
struct pair {
	u16 key_len;
	u32 value_len;
	u32 bytes;
};

/**
 * struct stream - requests in their order
 * @keys: numbers of keys are less than this
 * @base: of these, the ones that there were at the beginning
 * @count: requests
 * @requests: number of a key, with REQUEST_*
 * @pairs: by number, or NULL: all are like @pair
 * @pair: if so
 */
struct stream {
	u32 keys;
	u32 base;
	size_t count;
	u32 *requests;
	struct pair *pairs;
	struct pair pair;
};

static inline struct pair stream_pair(const struct stream *st, u32 key)
{
	return st->pairs ? st->pairs[key] : st->pair;
}

static inline u32 request_key(u32 request)
{
	return request & ~REQUEST_OP;
}

void stream_make(struct stream *st, const struct workload *w, u32 keys,
		 size_t count, u32 seed);
void stream_free(struct stream *st);
/* Bytes of all pairs that there were at the beginning */
u64 stream_bytes(const struct stream *st);

#endif
