/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_PERCPU_H
#define _SHIM_LINUX_PERCPU_H

#include <linux/compiler.h>
#include <linux/slab.h>
#include <linux/types.h>
#include <shim/context.h>

/* From one CPU's copy to the next one's */
#define SHIM_PERCPU_STRIDE	1024

void __percpu *shim_alloc_percpu(size_t size, gfp_t gfp);
void free_percpu(void __percpu *p);

#define alloc_percpu_gfp(type, gfp) \
	((typeof(type) __percpu *)shim_alloc_percpu(sizeof(type), gfp))
#define alloc_percpu(type)	alloc_percpu_gfp(type, GFP_KERNEL)

#define per_cpu_ptr(p, cpu)						\
	((typeof(p))(uintptr_t)((uintptr_t)(p) +			\
				(uintptr_t)(cpu) * SHIM_PERCPU_STRIDE))
#define this_cpu_ptr(p)		per_cpu_ptr(p, shim_cpu())
#define raw_cpu_ptr(p)		this_cpu_ptr(p)

#ifdef SHIM_UNCHECKED
#define this_cpu_add_return(pcp, n)	(*this_cpu_ptr(&(pcp)) += (n))
#else
/*
 * Threads outnumber CPUs and move at any moment, so the counts are exact only
 * if they are atomic, as a CPU's own are in the kernel.
 */
#define this_cpu_add_return(pcp, n) \
	__atomic_add_fetch(this_cpu_ptr(&(pcp)), n, __ATOMIC_RELAXED)
#endif
#define this_cpu_inc_return(pcp)	this_cpu_add_return(pcp, 1)
#define this_cpu_add(pcp, n)		((void)this_cpu_add_return(pcp, n))
#define this_cpu_inc(pcp)		this_cpu_add(pcp, 1)

#endif
