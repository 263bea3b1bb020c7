/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_BPFMAP_H
#define BENCH_BPFMAP_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel reads of the attributes of an operation on one element */
#define BPFMAP_ELEM_SIZE	(offsetof(union bpf_attr, flags) + sizeof(__u64))
/* And of one on many */
#define BPFMAP_BATCH_SIZE \
	(offsetof(union bpf_attr, batch.flags) + sizeof(__u64))

/* Creates a map; ends the program when that fails. */
int bpfmap_create(enum bpf_map_type type, uint32_t key_size,
		  uint32_t value_size, uint32_t entries, uint32_t flags);
/* The map's "memlock" in /proc/self/fdinfo, in bytes. */
uint64_t bpfmap_memlock(int fd);

/* As libbpf does it: no more is cleared and handed over than is needed. */
static inline long bpfmap_elem(int cmd, int fd, const void *key,
			       const void *value)
{
	union bpf_attr attr;

	memset(&attr, 0, BPFMAP_ELEM_SIZE);
	attr.map_fd = fd;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)value;
	return syscall(SYS_bpf, cmd, &attr, BPFMAP_ELEM_SIZE);
}

static inline long bpfmap_lookup(int fd, const void *key, void *value)
{
	return bpfmap_elem(BPF_MAP_LOOKUP_ELEM, fd, key, value);
}

/*
 * The next elements of a walk: @count in and out.  From the beginning if @from
 * is NULL; @next is for the next call.  -1 with ENOENT: these were the last.
 */
long bpfmap_lookup_batch(int fd, const uint32_t *from, uint32_t *next,
			 void *keys, void *values, uint32_t *count);
long bpfmap_update_batch(int fd, const void *keys, const void *values,
			 uint32_t *count);

static inline long bpfmap_update(int fd, const void *key, const void *value)
{
	return bpfmap_elem(BPF_MAP_UPDATE_ELEM, fd, key, value);
}

#endif
