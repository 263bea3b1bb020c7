// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least of a client of memcached: requests are made by the caller, before
 * time is taken, and an answer is received in one piece and not parsed.
 */
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memcached.h"

#define SOCKET_PATH	"/tmp/bench-memcached.sock"
#define ANSWER_MOST	(8 << 20)
#define TRIES		3000
#define TRY_US		10000

/**
 * struct memcached - the server and a connection to it
 * @pid: its
 * @fd: of the connection
 * @answer: what came
 */
struct memcached {
	pid_t pid;
	int fd;
	char *answer;
};

static void run_server(unsigned int megabytes)
{
	char memory[16];
	cpu_set_t all;
	int cpu;

	/* Not bound, as this program is: where it runs best */
	CPU_ZERO(&all);
	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++)
		CPU_SET(cpu, &all);
	sched_setaffinity(0, sizeof(all), &all);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(memory, sizeof(memory), "%u", megabytes);
	execlp("memcached", "memcached", "-u", "root", "-s", SOCKET_PATH, "-m",
	       memory, "-t", "2", "-I", "2m", NULL);
	err(1, "memcached");
}

static bool connected(int fd)
{
	struct sockaddr_un to = { AF_UNIX, SOCKET_PATH };

	return !connect(fd, (struct sockaddr *)&to, sizeof(to));
}

static int connect_to(pid_t server)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned int tries;

	if (fd < 0)
		err(1, "socket");
	for (tries = 0; !connected(fd); tries++) {
		if (waitpid(server, NULL, WNOHANG))
			errx(1, "memcached ended by itself");
		if (tries == TRIES)
			err(1, "memcached cannot be reached");
		usleep(TRY_US);
	}
	return fd;
}

bool memcached_is_there(void)
{
	return !system("command -v memcached >/dev/null");
}

struct memcached *memcached_start(unsigned int megabytes)
{
	struct memcached *m = calloc(1, sizeof(*m));

	if (m)
		m->answer = malloc(ANSWER_MOST);
	if (!m || !m->answer)
		err(1, "no memory");
	unlink(SOCKET_PATH);
	m->pid = fork();
	if (m->pid < 0)
		err(1, "fork");
	if (!m->pid)
		run_server(megabytes);
	m->fd = connect_to(m->pid);
	return m;
}

void memcached_stop(struct memcached *m)
{
	close(m->fd);
	if (kill(m->pid, SIGTERM) || waitpid(m->pid, NULL, 0) < 0)
		err(1, "memcached cannot be stopped");
	free(m->answer);
	free(m);
}

void memcached_send(struct memcached *m, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	for (; len; at += n, len -= n) {
		n = send(m->fd, at, len, MSG_NOSIGNAL);
		if (n < 0)
			err(1, "send to memcached");
	}
}

const char *memcached_answer(struct memcached *m, size_t len)
{
	size_t got = 0;
	ssize_t n;

	if (len > ANSWER_MOST)
		errx(1, "an answer of %zu bytes", len);
	while (got < len) {
		n = recv(m->fd, m->answer + got, ANSWER_MOST - got, 0);
		if (n <= 0)
			errx(1, "memcached closed the connection");
		got += n;
		/* A miss makes it shorter. */
		if (got < len && got >= MEMCACHED_END_LEN &&
		    !memcmp(m->answer + got - MEMCACHED_END_LEN, MEMCACHED_END,
			    MEMCACHED_END_LEN))
			return NULL;
	}
	if (got > len || memcmp(m->answer + len - MEMCACHED_END_LEN,
				MEMCACHED_END, MEMCACHED_END_LEN))
		return NULL;
	return m->answer;
}

void memcached_set(struct memcached *m, const char *key, size_t key_len,
		   const char *value, size_t value_len)
{
	char head[512];
	int len;

	len = snprintf(head, sizeof(head), "set %.*s 0 0 %zu noreply\r\n",
		       (int)key_len, key, value_len);
	memcached_send(m, head, len);
	memcached_send(m, value, value_len);
	memcached_send(m, "\r\n", 2);
}

void memcached_settle(struct memcached *m)
{
	static const char probe[] = "get probe\r\n";

	memcached_send(m, probe, strlen(probe));
	if (!memcached_answer(m, MEMCACHED_END_LEN))
		errx(1, "memcached did not store what it was sent");
}

size_t memcached_pair_len(size_t key_len, size_t value_len)
{
	char head[32];

	return snprintf(head, sizeof(head), "VALUE  0 %zu\r\n\r\n", value_len) +
	       key_len + value_len;
}
