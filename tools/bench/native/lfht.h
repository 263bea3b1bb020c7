/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_BENCH_LFHT_H
#define _KVC_BENCH_LFHT_H

#include <stdint.h>

/* liburcu's hash table, with keys and values as in ../sequence.h */
struct cds_lfht *lfht_make(uint32_t entries);
void lfht_put(struct cds_lfht *table, uint32_t hash, const char *key,
	      const char *value);
/* Under rcu_read_lock().  Returns 0 when the key is there. */
long lfht_get(struct cds_lfht *table, uint32_t hash, const char *key,
	      char *value);
void lfht_end(struct cds_lfht *table);

#endif
