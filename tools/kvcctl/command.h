/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_COMMAND_H
#define KVCCTL_COMMAND_H

#include "options.h"

/* Each gives an exit status; @argv holds what is no option. */
int cmd_cache_create(const struct options *opt, int argc, char **argv);
int cmd_cache_destroy(const struct options *opt, int argc, char **argv);
int cmd_cache_list(const struct options *opt, int argc, char **argv);
int cmd_cache_show(const struct options *opt, int argc, char **argv);
int cmd_cache_set(const struct options *opt, int argc, char **argv);
int cmd_cache_clear(const struct options *opt, int argc, char **argv);
int cmd_cache_flush(const struct options *opt, int argc, char **argv);
int cmd_get(const struct options *opt, int argc, char **argv);
int cmd_put(const struct options *opt, int argc, char **argv);
int cmd_del(const struct options *opt, int argc, char **argv);
int cmd_touch(const struct options *opt, int argc, char **argv);
int cmd_scan(const struct options *opt, int argc, char **argv);
int cmd_load(const struct options *opt, int argc, char **argv);
int cmd_dump(const struct options *opt, int argc, char **argv);
int cmd_monitor(const struct options *opt, int argc, char **argv);
int cmd_events(const struct options *opt, int argc, char **argv);
int cmd_purge(const struct options *opt, int argc, char **argv);
int cmd_ring_create(const struct options *opt, int argc, char **argv);
int cmd_ring_destroy(const struct options *opt, int argc, char **argv);
int cmd_ring_list(const struct options *opt, int argc, char **argv);
int cmd_ring_show(const struct options *opt, int argc, char **argv);
int cmd_ring_set(const struct options *opt, int argc, char **argv);
int cmd_ring_add(const struct options *opt, int argc, char **argv);
int cmd_ring_remove(const struct options *opt, int argc, char **argv);
int cmd_ring_place(const struct options *opt, int argc, char **argv);
int cmd_ring_route(const struct options *opt, int argc, char **argv);
int cmd_ring_dump(const struct options *opt, int argc, char **argv);
int cmd_ring_load(const struct options *opt, int argc, char **argv);
int cmd_node_list(const struct options *opt, int argc, char **argv);
int cmd_node_up(const struct options *opt, int argc, char **argv);
int cmd_node_down(const struct options *opt, int argc, char **argv);
int cmd_node_set(const struct options *opt, int argc, char **argv);
int cmd_node_report(const struct options *opt, int argc, char **argv);
int cmd_deferred_list(const struct options *opt, int argc, char **argv);
int cmd_deferred_drain(const struct options *opt, int argc, char **argv);
int cmd_heartbeat(const struct options *opt, int argc, char **argv);
int cmd_fence(const struct options *opt, int argc, char **argv);
int cmd_store_stats(const struct options *opt, int argc, char **argv);
int cmd_store_get(const struct options *opt, int argc, char **argv);
int cmd_store_scan(const struct options *opt, int argc, char **argv);
int cmd_store_compact(const struct options *opt, int argc, char **argv);
int cmd_stats(const struct options *opt, int argc, char **argv);

#endif /* KVCCTL_COMMAND_H */
