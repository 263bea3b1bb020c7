/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCD_STATS_H
#define KVCD_STATS_H

#include "body.h"
#include "server.h"

/* What KVCD_STORE_STATS answers: JSON.  0 or -ENOMEM. */
int stats_make(struct server *server, struct body **out);

#endif /* KVCD_STATS_H */
