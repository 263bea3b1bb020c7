// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "log.h"
#include "server.h"

static int address_of(const char *path, struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	strcpy(address->sun_path, path);
	return 0;
}

/* A socket that nobody listens on any more is in the way. */
static int clear_path(const struct sockaddr_un *address, struct why *why)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, ret;

	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		why_set(why, "%s is there and no socket: remove it, or set another path in [socket]",
			path);
		return -EEXIST;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	ret = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	close(fd);
	if (!ret) {
		why_set(why, "%s: another process listens there: stop it, or set another path in [socket]",
			path);
		return -EADDRINUSE;
	}
	return unlink(path) ? -errno : 0;
}

static int bind_socket(struct server *server, struct why *why)
{
	const struct config *config = server->config;
	struct sockaddr_un address;
	mode_t mask;
	int fd = server->listener.fd, ret;

	ret = address_of(config->socket, &address);
	why_set(why, "%s: cannot be listened on", config->socket);
	if (!ret)
		ret = clear_path(&address, why);
	if (ret)
		return ret;
	/* Nobody gets in before it has its group. */
	mask = umask(0777);
	ret = bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (!ret && config->gid != (gid_t)-1)
		ret = chown(config->socket, -1, config->gid);
	if (!ret)
		ret = chmod(config->socket, config->mode);
	if (!ret)
		ret = listen(fd, SOMAXCONN);
	if (!ret)
		return 0;
	ret = -errno;
	why_set(why, "%s: cannot be listened on: %s; its directory has to be there and writable",
		config->socket, strerror(-ret));
	return ret;
}

static void set_listening(struct server *server, bool on)
{
	loop_change(server->loop, &server->listener, on ? EPOLLIN : 0);
}

static void welcome(struct watch *watch, uint32_t events)
{
	struct server *server = container_of(watch, struct server, listener);
	int fd, ret;

	(void)events;
	fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		/* Out of files: those who are there go first. */
		if (errno == EMFILE || errno == ENFILE)
			set_listening(server, !server->connected);
		return;
	}
	ret = client_start(server, fd);
	if (ret) {
		log_say(LOG_ERR, "a client is turned away: %s", strerror(-ret));
		close(fd);
	}
}

/* The tick is only needed while somebody is connected. */
static void tick(void *arg)
{
	struct server *server = arg;
	struct client *client, *next;
	uint64_t now = clock_boot();

	for (client = server->clients; client; client = next) {
		next = client->next;
		client_check(client, now);
	}
}

void server_count(struct server *server, int by)
{
	server->connected += by;
	server->loop->tick = server->connected ? tick : NULL;
	server->loop->arg = server;
	if (server->listener.ready)
		set_listening(server,
			      server->connected < server->config->clients);
}

struct cache *server_cache(struct server *server, const char *name)
{
	size_t i;

	for (i = 0; i < server->count; i++) {
		if (!strcmp(server->caches[i].name, name))
			return &server->caches[i];
	}
	return NULL;
}

static int start_threads(struct server *server, struct why *why)
{
	int ret;

	why_set(why, "threads cannot be started");
	ret = pool_init(&server->readers, server->loop,
			server->config->readers);
	if (ret)
		return ret;
	ret = pool_init(&server->upkeep, server->loop, 1);
	if (!ret) {
		server->closer = closer_start();
		if (server->closer)
			return 0;
		ret = -ENOMEM;
		pool_exit(&server->upkeep, server->loop);
	}
	pool_exit(&server->readers, server->loop);
	return ret;
}

static void end_threads(struct server *server)
{
	closer_end(server->closer);
	pool_exit(&server->upkeep, server->loop);
	pool_exit(&server->readers, server->loop);
}

static int start_listening(struct server *server, struct why *why)
{
	int ret;

	server->listener.ready = welcome;
	server->listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
				     SOCK_NONBLOCK, 0);
	if (server->listener.fd < 0) {
		why_set(why, "socket: %s", strerror(errno));
		return -errno;
	}
	ret = bind_socket(server, why);
	if (!ret)
		ret = loop_watch(server->loop, &server->listener, EPOLLIN);
	if (ret)
		close(server->listener.fd);
	return ret;
}

int server_start(struct server *server, struct why *why)
{
	int ret;

	ret = start_threads(server, why);
	if (ret)
		return ret;
	lookups_init(&server->lookups, &server->readers);
	ret = start_listening(server, why);
	if (ret)
		end_threads(server);
	return ret;
}

void server_stop(struct server *server)
{
	loop_forget(server->loop, &server->listener);
	close(server->listener.fd);
	unlink(server->config->socket);
	while (server->clients)
		client_drop(server->clients);
	if (server->count)
		store_hurry(server->caches[0].store);
	end_threads(server);
}
