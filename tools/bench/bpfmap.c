// SPDX-License-Identifier: GPL-2.0-only
/* BPF maps by the bare system call */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include "bpfmap.h"

/* Kernels before 5.11 count maps against it. */
static void unlock_memory(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &unlimited))
		err(1, "setrlimit(RLIMIT_MEMLOCK)");
}

int bpfmap_create(enum bpf_map_type type, uint32_t key_size,
		  uint32_t value_size, uint32_t entries, uint32_t flags)
{
	union bpf_attr attr;
	int fd;

	unlock_memory();
	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = entries;
	attr.map_flags = flags;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		err(1, "bpf(BPF_MAP_CREATE) for %u elements", entries);
	return fd;
}

long bpfmap_lookup_batch(int fd, const uint32_t *from, uint32_t *next,
			 void *keys, void *values, uint32_t *count)
{
	union bpf_attr attr;
	long ret;

	memset(&attr, 0, BPFMAP_BATCH_SIZE);
	attr.batch.map_fd = fd;
	attr.batch.in_batch = (uintptr_t)from;
	attr.batch.out_batch = (uintptr_t)next;
	attr.batch.keys = (uintptr_t)keys;
	attr.batch.values = (uintptr_t)values;
	attr.batch.count = *count;
	ret = syscall(SYS_bpf, BPF_MAP_LOOKUP_BATCH, &attr, BPFMAP_BATCH_SIZE);
	*count = attr.batch.count;
	return ret;
}

long bpfmap_update_batch(int fd, const void *keys, const void *values,
			 uint32_t *count)
{
	union bpf_attr attr;
	long ret;

	memset(&attr, 0, BPFMAP_BATCH_SIZE);
	attr.batch.map_fd = fd;
	attr.batch.keys = (uintptr_t)keys;
	attr.batch.values = (uintptr_t)values;
	attr.batch.count = *count;
	ret = syscall(SYS_bpf, BPF_MAP_UPDATE_BATCH, &attr, BPFMAP_BATCH_SIZE);
	*count = attr.batch.count;
	return ret;
}

uint64_t bpfmap_memlock(int fd)
{
	char path[64], line[256];
	uint64_t bytes;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (!file)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "memlock: %" SCNu64, &bytes) == 1) {
			fclose(file);
			return bytes;
		}
	}
	errx(1, "no memlock in %s", path);
}
