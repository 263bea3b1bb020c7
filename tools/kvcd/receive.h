/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCD_RECEIVE_H
#define KVCD_RECEIVE_H

#include <sys/types.h>

#include "client.h"

/*
 * Reads what fits, and takes the file that may have come with it.  As read();
 * -errno.
 */
ssize_t client_receive(struct client *client, size_t room);

#endif /* KVCD_RECEIVE_H */
