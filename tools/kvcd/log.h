/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages, on stderr: a line each.  Under systemd a line begins with its
 * priority, "<4>", which the journal takes off.
 */
#ifndef KVCD_LOG_H
#define KVCD_LOG_H

#include <syslog.h>

#include "util.h"

/* Messages up to this priority are written; LOG_INFO before the first call. */
void log_limit(int priority);

__printf(2, 3)
void log_say(int priority, const char *fmt, ...);

#endif /* KVCD_LOG_H */
