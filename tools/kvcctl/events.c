// SPDX-License-Identifier: GPL-2.0-only
/* Events as lines of text or JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "escape.h"
#include "events.h"
#include "key.h"
#include "output.h"
#include "words.h"

/* By enum kvc_event_reason, which begins with 1. */
static const char *const reasons[] = {
	"none", "updated", "deleted", "expired", "evicted", "purged", "fenced",
	NULL,
};

static int take_reasons(struct event_filter *filter, const char *text)
{
	char name[16];
	uint64_t reason;
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, text);
		if (choice_parse(reasons, name, &reason) || !reason)
			return bad_usage("--reason: '%.*s' is not updated, deleted, expired, evicted, purged or fenced",
					 (int)len, text);
		filter->reasons |= 1u << reason;
		if (!text[len])
			return STATUS_OK;
	}
}

int event_filter_begin(struct event_filter *filter, const struct options *opt)
{
	int status = STATUS_OK;

	*filter = (struct event_filter){
		.opt = opt,
		.left = (opt->given & OPT_COUNT) ? opt->count : UINT64_MAX,
	};
	if (opt->given & OPT_REASON)
		status = take_reasons(filter, opt->reason);
	if (!status && (opt->given & OPT_PREFIX))
		status = key_decode(opt, "prefix", opt->prefix,
				    &filter->prefix);
	return status;
}

void event_filter_end(struct event_filter *filter)
{
	buf_free(&filter->prefix);
}

/* What is about all keys is about those that begin with the prefix, too. */
static bool wanted(const struct event_filter *filter,
		   const struct kvc_event *event)
{
	const struct buf *prefix = &filter->prefix;

	if (event->kind != KVC_SUB_EVENT)
		return true;
	if (filter->reasons && !(filter->reasons & 1u << event->reason))
		return false;
	if (!event->key || !prefix->len)
		return true;
	return event->key_len >= prefix->len &&
	       !memcmp(event->key, prefix->data, prefix->len);
}

static const char *what(const struct kvc_event *event)
{
	if (event->kind == KVC_SUB_OVERRUN)
		return "overrun";
	if (event->kind == KVC_SUB_RENEWED)
		return "renewed";
	return choice_text(reasons, event->reason);
}

static void print_json(const struct event_filter *filter,
		       const struct kvc_event *event)
{
	json_t *top = json_new();

	json_add(top, "event", json_string(what(event)));
	json_add(top, "cache", json_string(event->cache));
	if (event->kind == KVC_SUB_OVERRUN)
		json_add_u64(top, "lost", event->lost);
	if (event->kind == KVC_SUB_EVENT) {
		json_add_u64(top, "seq", event->seq);
		json_add_u64(top, "cas", event->version);
	}
	if (event->key)
		json_add_bytes(top, "key", filter->opt->coding, event->key,
			       event->key_len);
	output_json(filter->opt, top);
}

static void print_text(const struct event_filter *filter,
		       const struct kvc_event *event)
{
	struct buf key = { 0 };

	if (event->kind == KVC_SUB_OVERRUN) {
		printf("%s\t-\toverrun\t%" PRIu64 " events lost\n",
		       event->cache, event->lost);
		return;
	}
	if (event->kind == KVC_SUB_RENEWED) {
		printf("%s\t-\trenewed\tanother cache of that name\n",
		       event->cache);
		return;
	}
	if (!event->key)
		buf_add(&key, "*", 1);
	else if (filter->opt->coding == CODING_PLAIN)
		escape(&key, event->key, event->key_len);
	else
		coding_encode(&key, filter->opt->coding, event->key,
			      event->key_len);
	printf("%s\t%" PRIu64 "\t%s\t%.*s\n", event->cache, event->seq,
	       what(event), (int)key.len, (const char *)key.data);
	buf_free(&key);
}

void event_print(struct event_filter *filter, const struct kvc_event *event)
{
	if (!filter->left || !wanted(filter, event))
		return;
	if (filter->opt->json)
		print_json(filter, event);
	else
		print_text(filter, event);
	filter->left--;
}
