// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "mc.h"

#define KEY_MOST	250
#define LINE_MOST	512

bool mc_key_ok(const void *key, size_t len)
{
	const unsigned char *byte = key;
	size_t i;

	for (i = 0; i < len; i++) {
		if (byte[i] <= ' ' || byte[i] == 127)
			return false;
	}
	return len && len <= KEY_MOST;
}

static int wait_connected(int fd, uint64_t timeout_ns)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	const struct timespec left = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_nsec = timeout_ns % 1000000000,
	};
	socklen_t len = sizeof(int);
	int err = 0;

	switch (ppoll(&poller, 1, &left, NULL)) {
	case 0:
		return -ETIMEDOUT;
	case -1:
		return -errno;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -errno;
	return -err;
}

static int set_timeouts(int fd, uint64_t timeout_ns)
{
	struct timeval tv = {
		.tv_sec = timeout_ns / 1000000000,
		.tv_usec = timeout_ns % 1000000000 / 1000,
	};

	/* 0 would be for ever. */
	if (!tv.tv_sec && !tv.tv_usec)
		tv.tv_usec = 1;
	if (fcntl(fd, F_SETFL, 0) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)))
		return -errno;
	return 0;
}

static int connect_to(const struct sockaddr *to, socklen_t len,
		      uint64_t timeout_ns, int *out)
{
	int fd, ret = 0;

	fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd < 0)
		return -errno;
	if (connect(fd, to, len))
		ret = errno == EINPROGRESS ? wait_connected(fd, timeout_ns) :
					     -errno;
	if (!ret)
		ret = set_timeouts(fd, timeout_ns);
	if (ret)
		close(fd);
	else
		*out = fd;
	return ret;
}

static int open_path(const char *path, uint64_t timeout_ns, int *fd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	strcpy(to.sun_path, path);
	return connect_to((struct sockaddr *)&to, sizeof(to), timeout_ns, fd);
}

/* "host:port" or "[host]:port" in two. */
static int split(const char *address, char *host, size_t room,
		 const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t len;

	if (!colon || colon == address || !colon[1])
		return -EINVAL;
	len = colon - address;
	if (address[0] == '[' && colon[-1] == ']') {
		address++;
		len -= 2;
	}
	if (!len || len >= room)
		return -EINVAL;
	memcpy(host, address, len);
	host[len] = '\0';
	*port = colon + 1;
	return 0;
}

static int open_host(const char *address, uint64_t timeout_ns, int *fd)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *at;
	const char *port;
	char host[256];
	int ret;

	ret = split(address, host, sizeof(host), &port);
	if (ret)
		return ret;
	if (getaddrinfo(host, port, &hints, &list))
		return -EHOSTUNREACH;
	ret = -EHOSTUNREACH;
	for (at = list; at && ret; at = at->ai_next)
		ret = connect_to(at->ai_addr, at->ai_addrlen, timeout_ns, fd);
	freeaddrinfo(list);
	return ret;
}

int mc_open(const char *address, uint64_t timeout_ns, int *fd)
{
	if (address[0] == '/')
		return open_path(address, timeout_ns, fd);
	return open_host(address, timeout_ns, fd);
}

static int send_all(int fd, const char *data, size_t len)
{
	ssize_t done;

	while (len) {
		done = send(fd, data, len, MSG_NOSIGNAL);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		data += done;
		len -= done;
	}
	return 0;
}

/* A line without its end.  A byte at a time: what follows is not ours to read. */
static int read_line(int fd, char line[LINE_MOST])
{
	size_t len = 0;
	ssize_t ret;

	while (len < LINE_MOST - 1) {
		ret = recv(fd, line + len, 1, 0);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (!ret)
			return -ECONNRESET;
		if (line[len++] != '\n')
			continue;
		len -= len > 1 && line[len - 2] == '\r' ? 2 : 1;
		line[len] = '\0';
		return 0;
	}
	return -EPROTO;
}

static int ask(int fd, const char *command, size_t len, char line[LINE_MOST])
{
	int ret = send_all(fd, command, len);

	return ret ? ret : read_line(fd, line);
}

int mc_delete(int fd, const void *key, size_t len)
{
	char command[KEY_MOST + 16], line[LINE_MOST];
	int ret;

	if (!mc_key_ok(key, len))
		return -EINVAL;
	ret = snprintf(command, sizeof(command), "delete %.*s\r\n", (int)len,
		       (const char *)key);
	ret = ask(fd, command, ret, line);
	if (ret)
		return ret;
	if (!strcmp(line, "NOT_FOUND"))
		return -ENOENT;
	return strcmp(line, "DELETED") ? -EPROTO : 0;
}

int mc_flush_all(int fd)
{
	static const char command[] = "flush_all\r\n";
	char line[LINE_MOST];
	int ret = ask(fd, command, sizeof(command) - 1, line);

	if (ret)
		return ret;
	return strcmp(line, "OK") ? -EPROTO : 0;
}

int mc_version(int fd)
{
	static const char command[] = "version\r\n";
	char line[LINE_MOST];
	int ret = ask(fd, command, sizeof(command) - 1, line);

	if (ret)
		return ret;
	return strncmp(line, "VERSION ", 8) ? -EPROTO : 0;
}
