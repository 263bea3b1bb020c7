/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests on the store itself, which are done one by one */
#ifndef KVCD_TASK_H
#define KVCD_TASK_H

#include "cache.h"
#include "pool.h"
#include "request.h"
#include "server.h"

/* KVCD_STORE_*.  Answers the request when it is done; or -errno: it never will. */
int task_begin(struct server *server, struct request *request,
	       struct front *front, const unsigned char *data, uint32_t len);

#endif /* KVCD_TASK_H */
