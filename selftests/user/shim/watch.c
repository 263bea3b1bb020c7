// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory whose stores are counted
 *
 * While it is watched it is read-only.  A store faults, is counted, and is then
 * carried out by itself, with the processor's trap flag; so one that changes no
 * bit is counted as well, which a comparison of the memory would not see.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <linux/bug.h>
#include <linux/kernel.h>
#include <shim/watch.h>

#define TRAP_FLAG	0x100

static u8 *memory;
static size_t size, used;
static unsigned long stores;

static void protect(int how)
{
	BUG_ON(mprotect(memory, size, how));
}

bool shim_watch_has(const void *p)
{
	return memory && (u8 *)p >= memory && (u8 *)p < memory + size;
}

static void see_store(int signal_, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	/* Of something else: it comes again, and ends the program. */
	if (!shim_watch_has(info->si_addr)) {
		signal(SIGSEGV, SIG_DFL);
		return;
	}
	stores++;
	protect(PROT_READ | PROT_WRITE);
	uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void see_step(int signal_, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	protect(PROT_READ);
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static void handle(int number, void (*fn)(int, siginfo_t *, void *))
{
	struct sigaction action = {
		.sa_sigaction = fn,
		.sa_flags = SA_SIGINFO,
	};

	BUG_ON(sigaction(number, &action, NULL));
}

void shim_watch_alloc(size_t bytes)
{
	handle(SIGSEGV, see_store);
	handle(SIGTRAP, see_step);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	BUG_ON(memory == MAP_FAILED);
	size = bytes;
	used = 0;
}

void shim_watch_free(void)
{
	BUG_ON(munmap(memory, size));
	memory = NULL;
}

void *shim_watch_take(size_t align, size_t bytes)
{
	size_t at = ALIGN(used, align);

	if (!memory)
		return NULL;
	BUG_ON(at + bytes > size);
	used = at + bytes;
	return memory + at;
}

void shim_watch_begin(void)
{
	stores = 0;
	protect(PROT_READ);
}

unsigned long shim_watch_end(void)
{
	protect(PROT_READ | PROT_WRITE);
	return stores;
}
