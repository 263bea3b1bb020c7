// SPDX-License-Identifier: LGPL-2.1-or-later
/* The store daemon, as a handle knows it: its connections, and what fails. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "kvcd_proto.h"

/* Connections that are kept when nobody uses them. */
#define IDLE_MOST	16

void kvc_store_init(struct kvc_store *store)
{
	*store = (struct kvc_store){ .timeout = KVC_STORE_TIMEOUT };
	pthread_mutex_init(&store->lock, NULL);
}

static void drop(struct kvc_conn *conn)
{
	kvc_conn_close(conn);
	free(conn);
}

static void drop_list(struct kvc_conn *conn)
{
	struct kvc_conn *next;

	for (; conn; conn = next) {
		next = conn->next;
		drop(conn);
	}
}

/* When kvcd has ended, or is none, none of them is of use. */
static void drop_idle(struct kvc_store *store)
{
	struct kvc_conn *conn;

	pthread_mutex_lock(&store->lock);
	conn = store->idle;
	store->idle = NULL;
	store->idle_count = 0;
	pthread_mutex_unlock(&store->lock);
	drop_list(conn);
}

void kvc_store_exit(struct kvc_store *store)
{
	drop_idle(store);
	pthread_mutex_destroy(&store->lock);
}

static const char *path_of(const struct kvc_store *store)
{
	const char *path = store->path;

	if (!path[0])
		path = secure_getenv(KVCD_SOCKET_ENV);
	return path && path[0] ? path : KVCD_SOCKET;
}

/* Takes note of what went wrong, and gives what the caller is told. */
static int note(struct kvc_store *store, enum kvc_store_why why, int err)
{
	pthread_mutex_lock(&store->lock);
	store->why = why;
	store->err = -err;
	pthread_mutex_unlock(&store->lock);
	switch (why) {
	case KVC_STORE_SLOW:
		return -ETIMEDOUT;
	case KVC_STORE_NONSENSE:
		return -EPROTO;
	default:
		return -EHOSTDOWN;
	}
}

static int connect_failed(struct kvc_store *store, int err)
{
	switch (-err) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return err;
	case ETIMEDOUT:
		return note(store, KVC_STORE_SLOW, err);
	default:
		return note(store, KVC_STORE_ABSENT, err);
	}
}

static int talk_failed(struct kvc_store *store, int err)
{
	switch (-err) {
	case EPIPE:
		return note(store, KVC_STORE_LOST, err);
	case ETIMEDOUT:
		return note(store, KVC_STORE_SLOW, err);
	case EPROTO:
		return note(store, KVC_STORE_NONSENSE, err);
	default:
		return err;
	}
}

/* kvcd says no to the file; ENOENT must not be taken for a key's. */
static int refused(struct kvc_store *store, int err)
{
	if (err == -ENOTCONN || err == -ESHUTDOWN)
		return err;
	return note(store, KVC_STORE_REFUSED, err);
}

static struct kvc_conn *take_idle(struct kvc_store *store)
{
	struct kvc_conn *conn;

	pthread_mutex_lock(&store->lock);
	conn = store->idle;
	if (conn) {
		store->idle = conn->next;
		store->idle_count--;
	}
	pthread_mutex_unlock(&store->lock);
	return conn;
}

static void give_back(struct kvc_store *store, struct kvc_conn *conn)
{
	pthread_mutex_lock(&store->lock);
	if (store->idle_count < IDLE_MOST) {
		conn->next = store->idle;
		store->idle = conn;
		store->idle_count++;
		conn = NULL;
	}
	pthread_mutex_unlock(&store->lock);
	if (conn)
		drop(conn);
}

/* A connection; *err: what the caller is told when there is none. */
static struct kvc_conn *connect_one(struct kvc_store *store, int *err)
{
	struct kvc_conn *conn = malloc(sizeof(*conn));

	*err = -ENOMEM;
	if (!conn)
		return NULL;
	*err = kvc_conn_open(conn, path_of(store), store->timeout);
	if (!*err)
		return conn;
	*err = connect_failed(store, *err);
	free(conn);
	return NULL;
}

/* -EPIPE: it was lost, as another one may not be. */
static int ask_once(struct kvc *kvc, struct kvc_conn *conn, bool fresh,
		    struct kvc_ask *asks, size_t count)
{
	int ret = 0, said = 0;

	if (fresh)
		ret = kvc_conn_attach(conn, kvc->fd, &said);
	if (!ret && said) {
		drop(conn);
		return refused(&kvc->store, said);
	}
	if (!ret)
		ret = kvc_conn_ask(conn, asks, count);
	if (!ret)
		give_back(&kvc->store, conn);
	else
		drop(conn);
	return ret == -EPIPE ? ret : talk_failed(&kvc->store, ret);
}

int kvc_store_ask(struct kvc *kvc, struct kvc_ask *asks, size_t count)
{
	struct kvc_store *store = &kvc->store;
	struct kvc_conn *conn;
	bool fresh;
	int tries = 2, ret;

	do {
		conn = take_idle(store);
		/* A parent's: its answers would come to either of us. */
		if (conn && conn->pid != getpid()) {
			drop(conn);
			drop_idle(store);
			conn = NULL;
		}
		fresh = !conn;
		if (fresh)
			conn = connect_one(store, &ret);
		if (!conn)
			return ret;
		ret = ask_once(kvc, conn, fresh, asks, count);
		if (ret == -EPIPE)
			drop_idle(store);
	} while (ret == -EPIPE && --tries);
	return ret == -EPIPE ? talk_failed(store, ret) : ret;
}

int kvc_store_ask_bare(struct kvc *kvc, struct kvc_ask *ask)
{
	struct kvc_store *store = &kvc->store;
	struct kvc_conn *conn;
	int ret;

	conn = connect_one(store, &ret);
	if (!conn)
		return ret;
	ret = kvc_conn_ask(conn, ask, 1);
	drop(conn);
	return ret ? talk_failed(store, ret) : 0;
}

int kvc_store_nonsense(struct kvc *kvc)
{
	drop_idle(&kvc->store);
	return note(&kvc->store, KVC_STORE_NONSENSE, -EPROTO);
}

KVC_API int kvc_store_set(struct kvc *kvc, const struct kvc_store_opts *opts)
{
	const char *path = opts->path ? opts->path : "";
	size_t len = strlen(path);

	if (opts->flags & ~KVC_STORE_F_OFF || opts->reserved0 ||
	    opts->reserved[0] || opts->reserved[1])
		return -EINVAL;
	if (len >= sizeof(kvc->store.path))
		return -ENAMETOOLONG;
	memcpy(kvc->store.path, path, len + 1);
	kvc->store.timeout = opts->timeout ? opts->timeout : KVC_STORE_TIMEOUT;
	kvc->cache_only = opts->flags & KVC_STORE_F_OFF;
	drop_idle(&kvc->store);
	return 0;
}

static void absent_text(const char *path, int err, char *text, size_t len)
{
	if (err == EACCES)
		snprintf(text, len,
			 "kvcd's socket %s: %s: be root or a member of its group",
			 path, strerror(err));
	else
		snprintf(text, len,
			 "kvcd does not answer at %s (%s): start kvcd, or say by "
			 KVCD_SOCKET_ENV " where it listens",
			 path, strerror(err));
}

static void refused_text(const char *path, int err, char *text, size_t len)
{
	if (err == ENOENT)
		snprintf(text, len,
			 "kvcd at %s does not serve this cache: name it in kvcd's configuration",
			 path);
	else
		snprintf(text, len, "kvcd at %s refuses this cache: %s", path,
			 strerror(err));
}

KVC_API const char *kvc_store_error(struct kvc *kvc, char *text, size_t len)
{
	struct kvc_store *store = &kvc->store;
	const char *path = path_of(store);
	enum kvc_store_why why;
	int err;

	pthread_mutex_lock(&store->lock);
	why = store->why;
	err = store->err;
	pthread_mutex_unlock(&store->lock);
	if (len)
		text[0] = '\0';
	switch (why) {
	case KVC_STORE_FINE:
		break;
	case KVC_STORE_ABSENT:
		absent_text(path, err, text, len);
		break;
	case KVC_STORE_REFUSED:
		refused_text(path, err, text, len);
		break;
	case KVC_STORE_LOST:
		snprintf(text, len,
			 "kvcd at %s closed the connection: its log may say why",
			 path);
		break;
	case KVC_STORE_SLOW:
		snprintf(text, len, "kvcd at %s did not answer in %g s", path,
			 store->timeout / 1e9);
		break;
	case KVC_STORE_NONSENSE:
		snprintf(text, len,
			 "what answers at %s is not kvcd, or of another version",
			 path);
		break;
	}
	return text;
}
