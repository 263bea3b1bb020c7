// SPDX-License-Identifier: GPL-2.0-only
/* The daemon's answers. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "fake_kvcd_in.h"

static void add(struct made *made, const void *bytes, size_t len)
{
	made->bytes = realloc(made->bytes, made->len + len + 8);
	if (len)
		memcpy(made->bytes + made->len, bytes, len);
	made->len += len;
}

static int attach(struct session *session)
{
	if (fake_kvcd.attach_err)
		return fake_kvcd.attach_err;
	if (session->cache)
		return -EISCONN;
	if (session->file < 0)
		return -EBADF;
	session->cache = fake_bound(session->file, &session->mode);
	if (!session->cache)
		return -ENOTCONN;
	return is_behind(session->cache) ? 0 : -ENOENT;
}

static void add_pair(struct made *made, const struct pair *pair,
		     uint64_t version)
{
	struct kvcd_pair head = {
		.version = version,
		.expiry = pair->expiry,
		.client_flags = pair->client_flags,
		.value_len = pair->value_len,
	};

	add(made, &head, sizeof(head));
	add(made, pair->value, pair->value_len);
}

static const struct pair *stored(const struct cache *cache,
				 const struct wanted *wanted)
{
	const struct pair *pair;
	bool found;
	uint32_t at;

	at = pairs_place(cache->store, wanted->body, wanted->head.len, &found);
	pair = &cache->store->pairs[at];
	return found && !pairs_expired(pair) ? pair : NULL;
}

static int store_get(struct session *session, const struct wanted *wanted,
		     struct made *made)
{
	const struct pair *pair = stored(session->cache, wanted);

	if (!pair)
		return -ENOENT;
	add_pair(made, pair, pair->version);
	return 0;
}

/* What the kernel has, with its value. */
static int ask_kernel(struct session *session, struct kvc_op *op,
		      struct made *made)
{
	struct pair pair = { 0 };
	int ret;

	ret = behind_op(session->cache, op);
	if (ret == -ERANGE) {
		pair.value = malloc(op->value_len);
		op->value = (uintptr_t)pair.value;
		ret = behind_op(session->cache, op);
	}
	if (!ret) {
		pair.value_len = op->value_len;
		pair.expiry = op->expiry;
		pair.client_flags = op->client_flags;
		add_pair(made, &pair, op->version);
	}
	free(pair.value);
	return ret;
}

static void fill(struct session *session, const struct kvc_op *miss,
		 const struct pair *pair)
{
	struct kvc_op op = {
		.opcode = KVC_OP_PUT,
		.flags = KVC_OP_F_FILL | (pair ? 0 : KVC_OP_F_GONE),
		.key = miss->key,
		.key_len = miss->key_len,
		.version = miss->version,
	};
	void (*hook)(void) = fake_kvcd.on_fill;

	if (hook) {
		fake_kvcd.on_fill = NULL;
		hook();
	}
	if (fake_kvcd.no_fill) {
		fake_kvcd.no_fill--;
		return;
	}
	if (pair) {
		op.value = (uintptr_t)pair->value;
		op.value_len = pair->value_len;
		op.client_flags = pair->client_flags;
		op.expiry = pair->expiry;
	}
	behind_op(session->cache, &op);
}

static int get(struct session *session, const struct wanted *wanted,
	       struct made *made)
{
	struct kvc_op op = {
		.opcode = KVC_OP_GET,
		.key = (uintptr_t)wanted->body,
		.key_len = wanted->head.len,
	};
	const struct pair *pair;
	int ret;

	fake_kvcd.gets++;
	ret = ask_kernel(session, &op, made);
	if (ret != -ENOENT || !op.version)
		return ret;
	pair = stored(session->cache, wanted);
	if (pair)
		add_pair(made, pair, op.version);
	fill(session, &op, pair);
	return pair ? 0 : -ENOENT;
}

static int scan(struct session *session, const struct wanted *wanted,
		struct made *made)
{
	const struct kvcd_range *range = (const void *)wanted->body;
	const unsigned char *keys = (const void *)(range + 1);
	const struct cache *store = session->cache->store;
	struct kvcd_page page = { 0 };
	struct kvc_scan arg = {
		.start = (uintptr_t)keys,
		.end = (uintptr_t)(keys + range->start_len),
		.after = (uintptr_t)(keys + range->start_len + range->end_len),
		.start_len = range->start_len,
		.end_len = range->end_len,
		.after_len = range->after_len,
		.flags = (range->flags & KVCD_RANGE_PREFIX ?
			  KVC_SCAN_F_PREFIX : 0) |
			 (range->flags & KVCD_RANGE_KEYS ? KVC_SCAN_F_KEYS : 0),
	};
	unsigned char *buf = NULL;
	uint32_t i;

	fake_kvcd.scans++;
	if (fake_kvcd.on_scan)
		fake_kvcd.on_scan();
	if (sizeof(*range) + range->start_len + range->end_len +
	    range->after_len != wanted->head.len || range->reserved)
		abort();
	if (range->start_len > KVC_KEY_MAX || range->end_len > KVC_KEY_MAX ||
	    range->after_len > KVC_KEY_MAX)
		return -ENAMETOOLONG;
	for (i = 0; i < store->count && !page.more; i++) {
		if (!pairs_in_range(&store->pairs[i], &arg) ||
		    pairs_expired(&store->pairs[i]))
			continue;
		arg.buf_len = arg.used + 65536 + store->pairs[i].value_len;
		buf = realloc(buf, arg.buf_len);
		arg.buf = (uintptr_t)buf;
		if (arg.count == fake_kvcd.page_max ||
		    (arg.count && arg.used >= range->room))
			page.more = 1;
		else
			pairs_add_record(&arg, &store->pairs[i]);
	}
	page.count = arg.count;
	add(made, &page, sizeof(page));
	add(made, buf, arg.used);
	free(buf);
	return 0;
}

static int dispatch(struct session *session, const struct wanted *wanted,
		    struct made *made)
{
	int writes = wanted->head.type == KVCD_STORE_COMPACT;

	if (wanted->head.type == KVCD_ATTACH)
		return attach(session);
	if (fake_kvcd.result)
		return fake_kvcd.result;
	if (wanted->head.type == KVCD_STORE_STATS) {
		add(made, fake_kvcd.stats, strlen(fake_kvcd.stats));
		return 0;
	}
	if (!session->cache)
		return -ENOTCONN;
	if (session->mode == (writes ? O_RDONLY : O_WRONLY))
		return -EBADF;
	switch (wanted->head.type) {
	case KVCD_GET:
		return get(session, wanted, made);
	case KVCD_STORE_GET:
		return store_get(session, wanted, made);
	case KVCD_STORE_SCAN:
		return scan(session, wanted, made);
	default:
		fake_kvcd.compacted++;
		return 0;
	}
}

void kvcd_serve(struct session *session, const struct wanted *wanted,
		struct made *made)
{
	fake_lock();
	made->result = dispatch(session, wanted, made);
	fake_unlock();
	if (made->result)
		made->len = 0;
}

/* A page with two records of the same lengths; spoils the first. */
static void spoil_page(struct made *made, enum kvcd_fault fault)
{
	struct kvcd_page *page = (void *)made->bytes;
	struct kvc_scan_rec *rec = (void *)(page + 1);

	switch (fault) {
	case FAULT_REC_LEN:
		rec->rec_len = made->len;
		break;
	case FAULT_REC_ODD:
		rec->rec_len += 4;
		break;
	case FAULT_KEY_LEN:
		rec->key_len = UINT32_MAX - 8;
		break;
	case FAULT_KEY_NONE:
		rec->key_len = 0;
		break;
	case FAULT_DATA_LEN:
		rec->data_len--;
		break;
	case FAULT_ORDER:
		memcpy((char *)rec + rec->rec_len, rec, sizeof(*rec));
		memcpy((char *)rec + rec->rec_len + sizeof(*rec), rec + 1,
		       rec->key_len);
		break;
	case FAULT_COUNT:
		page->count++;
		break;
	case FAULT_MORE:
		made->len = sizeof(*page);
		*page = (struct kvcd_page){ .more = 1 };
		break;
	default:
		break;
	}
}

void kvcd_spoil(struct made *made, enum kvcd_fault fault)
{
	if (fault == FAULT_VALUE_LEN && made->len >= sizeof(struct kvcd_pair))
		((struct kvcd_pair *)made->bytes)->value_len++;
	else if (fault >= FAULT_REC_LEN && made->len > sizeof(struct kvcd_page))
		spoil_page(made, fault);
}
