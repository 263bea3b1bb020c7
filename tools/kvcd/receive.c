// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel.h"
#include "receive.h"

static void take_file(struct client *client, int fd)
{
	struct server *server = client->server;

	if (!kernel_is_device(server->device, fd))
		closer_close(server->closer, fd);
	else if (client->passed >= 0)
		close(fd);
	else
		client->passed = fd;
}

static void take_files(struct client *client, struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int fd;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS ||
		    cmsg->cmsg_len < CMSG_LEN(sizeof(fd)))
			continue;
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
		take_file(client, fd);
	}
}

ssize_t client_receive(struct client *client, size_t room)
{
	struct iovec io = { client->in + client->in_len, room };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1 };
	ssize_t got;

	/* The kernel drops what there is no room for: one file, or none. */
	if (!client->front && closer_room(client->server->closer)) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_LEN(sizeof(int));
	}
	got = recvmsg(client->watch.fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (got < 0)
		return -errno;
	take_files(client, &msg);
	return got;
}
