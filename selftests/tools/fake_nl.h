/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's side of generic netlink in memory, behind libmnl's socket calls
 * (ld --wrap).  It keeps to Documentation/netlink/specs/kvcache.yaml.
 */
#ifndef SELFTESTS_FAKE_NL_H
#define SELFTESTS_FAKE_NL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/kvcache_netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_FAMILY	0x23
#define FAKE_GROUP	9

struct fake_sock;

/* A request, with its attributes by type. */
struct request {
	struct fake_sock *sock;
	const struct nlmsghdr *nlh;
	uint8_t cmd;
	bool dump;
	const struct nlattr *attr[KVC_A_MAX + 1];
	const char *text;		/* of the error */
	const struct nlattr *bad;	/* what it is about */
};

/* Begins an answer; fake_send() puts it into the socket's queue. */
struct nlmsghdr *fake_begin(const struct request *req);
void fake_send(const struct request *req, struct nlmsghdr *nlh);

/* What is inside of a nest of the request; NULL: it is not there. */
const struct nlattr *fake_inner(const struct nlattr *nest, int type);
const char *fake_text(const struct nlattr *nest, int type);

/* Handlers: 0 or a negative errno. */
int fake_cache_request(struct request *req);
int fake_event_request(struct request *req);
int fake_ring_request(struct request *req);

/* A socket's wish for the events of a cache, NULL: of all. */
void fake_subscribe(struct fake_sock *sock, const char *cache);
void fake_deliver(const char *cache, const struct nlmsghdr *nlh);

/* Forgets what the three above know. */
void fake_events_reset(void);
void fake_rings_reset(void);

/* An event of a cache. */
void fake_event(const char *cache, uint32_t reason, const char *key);
/* The log keeps no more than the last ones. */
void fake_log_trim(const char *cache, uint32_t keep);
/* A cache's events begin anew, as those of another of that name. */
void fake_log_renew(const char *cache);

#endif /* SELFTESTS_FAKE_NL_H */
